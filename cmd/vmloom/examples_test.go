package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/generate"
	"vmloom/profile"
)

// TestExamples holds each example, and a golden of each further preset, to what
// vmloom init writes with the values of the machine it was made for.
func TestExamples(t *testing.T) {
	mac := generate.PresetHost{
		OS: "macos", Arch: "aarch64", User: "rbha18", Home: "/Users/rbha18", GuestUser: "rbha18", Name: "ascalon", Instance: "default",
		UID: 1000, Shell: "zsh", CPUs: 6, Memory: 12 << 30, Mount: "~/github/personal/roshbhatia/sysinit", Timezone: "America/Los_Angeles",
		NewTab: []string{"CMD+SHIFT+T", "CTRL+SHIFT+T"},
	}
	linux := generate.PresetHost{
		OS: "linux", Arch: "x86_64", User: "rosh", Home: "/home/rosh", GuestUser: "rosh", Name: "qbuf", Instance: "qbuf",
		UID: 1234, Shell: "fish", CPUs: 2, Memory: 3 << 30, Mount: "~/src/qbuf", Timezone: "Europe/Berlin",
	}
	project := linux
	project.Name, project.Manifest, project.Project, project.CPUs, project.Memory = "dev-vm", "./manifest.scm", "./guix.scm", 4, 4<<30
	for _, of := range []struct {
		preset, dir string
		host        generate.PresetHost
	}{
		{"ascalon", "examples/ascalon", mac}, {"ascalon-nixos", "examples/ascalon-nixos", mac}, {"dev-vm", "testdata/presets/project", project},
		{"linux", "testdata/presets/linux", linux}, {"team", "testdata/presets/team", linux}, {"dev-vm", "testdata/presets/dev-vm", linux},
	} {
		text, err := generate.Preset(of.preset, of.host)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, "../../"+of.dir+"/vmloom.yaml", string(text))
		if strings.HasPrefix(of.dir, "examples/") {
			holds(t, "../../"+of.dir+"/vmloom.schema.json", profile.Schema)
		}
	}
	holds(t, "../../examples/dev-vm/vmloom.schema.json", profile.Schema)
	p, err := load("../../examples/dev-vm/vmloom.yaml")
	must(t, err)
	snippet, err := generate.Snippet(p)
	must(t, err)
	holds(t, "../../examples/dev-vm/AGENTS.md", string(snippet))
}

// holds compares a golden file, or renews it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("%s is not what the preset says; go test ./cmd/vmloom -update renews it:\n%s", path, d)
	}
}
