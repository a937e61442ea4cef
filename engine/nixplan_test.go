package engine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/process"

	"github.com/google/go-cmp/cmp"
)

// nixTools makes PATH a directory of the test's own, with a nix or without.
func nixTools(t *testing.T, scripts map[string]string) {
	t.Helper()
	bin := t.TempDir()
	for name, text := range scripts {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	if scripts["nix"] == "" { // Debian's nix is beside cat and sh
		t.Setenv("PATH", bin)
	}
}

func touch(t *testing.T, base string, files ...string) {
	t.Helper()
	for _, name := range files {
		name, text, _ := strings.Cut(name, "=")
		file := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNixPlan holds every command of every place, as --dry-run prints them.
func TestNixPlan(t *testing.T) {
	for _, c := range []struct {
		name, modules, place  string
		here                  bool // nix is
		lock, locked, compare bool
	}{
		{"local", "", "local", true, false, false, false},
		{"local-locked-check", "", "local", true, true, true, true},
		{"local-modules", `, modules: [./local.nix, "./it's ${here}/other.nix"], homeManager: true`, "local", true, true, false, false},
		{"ssh-store", "", "ssh://ada@big:2222", true, true, false, false},
		{"ssh-store-check", "", "ssh://big", true, true, true, true},
		{"ssh-alone", "", "ssh://ada@big", false, true, false, false},
		{"lima", "", "lima:tools", true, false, false, false},
		{"lima-locked-check", "", "lima:tools", true, true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			nixTools(t, map[string]string{"nix": map[bool]string{true: "exit 9\n"}[c.here]})
			j := nixJob(t, c.modules)
			touch(t, j.Base, "local.nix={ imports = [ ./more.nix ]; }", "more.nix", "unused.nix", "it's ${here}/other.nix")
			if c.lock {
				touch(t, j.Base, "generated/ascalon/flake.lock={}")
			}
			var err error
			if j.Place, err = ParsePlace(c.place); err != nil {
				t.Fatal(err)
			}
			j.Locked, j.Check = c.locked, c.compare
			steps, err := nixPlan(j)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(process.Script(steps), j.Base, "/BASE")
			golden := "testdata/nix/plan-" + c.name + ".sh"
			if *updateNix {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("-want +got; go test ./engine -run TestNixPlan -update-nix rewrites, then read:\n%s", d)
			}
		})
	}
}

// TestNixPlanRefuses what cannot become a build.
func TestNixPlanRefuses(t *testing.T) {
	j := nixJob(t, ", modules: [./a.nix]")
	touch(t, j.Base, "a.nix=\n{ imports = [ ../c.nix ]; }")
	_, err := nixPlan(j)
	var f *Failure
	if !errors.As(err, &f) || f.Field != "nix.modules" || !strings.Contains(f.Cause, "a.nix:2: ../c.nix: lies outside of nix.root") {
		t.Errorf("%+v", err)
	}
	j = nixJob(t, "")
	j.Locked = true
	if _, err = nixPlan(j); !errors.As(err, &f) || !strings.HasPrefix(f.Cause, "flake.lock: is not there") {
		t.Errorf("%+v", err)
	}
}

// TestNixInputs: what modules speak of is an input too, in turn, and nothing
// else of the directory.
func TestNixInputs(t *testing.T) {
	j := nixJob(t, ", modules: [./local.nix, ./sub/own.nix]")
	outside := filepath.Join(filepath.Dir(j.Base), "outside.nix")
	touch(t, filepath.Dir(j.Base), "outside.nix")
	touch(t, j.Base,
		"local.nix={ imports = [ ./a.nix ./dir (./. + \"/x\") ../../outside.nix ./generated ./images ]; x = ./key.pub; y = ./missing.nix; url = \"https://a/./no.nix\"; }",
		"a.nix={a=../"+filepath.Base(j.Base)+"/b.nix;}", "b.nix", "dir/default.nix=[./deep/c.nix]", "dir/deep/c.nix=./c.nix", "key.pub=./unused.nix",
		"sub/own.nix= ../a.nix", "unused.nix", "images/huge.qcow2", "generated/ascalon/docs/x.md", "no.nix")
	if err := os.Symlink(outside, filepath.Join(j.Base, "dir/link")); err != nil {
		t.Fatal(err)
	}
	got := nixEngine().Inputs(j)
	want := []string{
		"a.nix", "dir/deep/c.nix", "dir/default.nix", "dir/link", "generated/ascalon/flake.lock", "generated/ascalon/flake.nix",
		"generated/ascalon/nix/nixos.nix", "generated/ascalon/nix/nixpkgs.nix", "generated/ascalon/nix/own.nix", "key.pub", "local.nix", "missing.nix", "sub/own.nix", "x",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
