package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/generate"
	"vmloom/profile"
)

// TestExamples holds each example to the preset that vmloom init writes, with
// the values of the machine it was made for.
func TestExamples(t *testing.T) {
	hosts := map[string]generate.PresetHost{
		"ascalon": {
			OS: "macos", Arch: "aarch64", User: "rbha18", Home: "/Users/rbha18", GuestUser: "rbha18",
			Mount: "~/github/personal/roshbhatia/sysinit", Timezone: "America/Los_Angeles",
		},
	}
	hosts["ascalon-nixos"] = hosts["ascalon"]
	hosts["dev-vm"] = generate.PresetHost{OS: "linux", Arch: "x86_64", Mount: "~/src/qbuf"}
	for _, preset := range generate.Presets() {
		text, err := generate.Preset(preset, hosts[preset])
		if err != nil {
			t.Fatal(err)
		}
		for file, want := range map[string]string{
			"vmloom.yaml":        string(text),
			"vmloom.schema.json": profile.Schema,
		} {
			path := "../../examples/" + preset + "/" + file
			if *update {
				if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, string(got)); d != "" {
				t.Errorf("%s is not what the preset says; go test ./cmd/vmloom -update renews it:\n%s", path, d)
			}
		}
	}
}
