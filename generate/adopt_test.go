package generate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/adopt"
	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// limaTemplateOf is the template that a profile makes.
func limaTemplateOf(p *profile.Profile) ([]byte, error) {
	files, err := generate.Files(p, nil)
	for _, f := range files {
		if strings.HasPrefix(f.Path, "lima/") {
			return f.Data, err
		}
	}
	return nil, fmt.Errorf("no template: %w", err)
}

// adopted takes a template in as the command does, and gives what the profile
// regenerates, and what still differs.
func adopted(t *testing.T, in adopt.Input) (a *adopt.Adoption, p *profile.Profile, text, template []byte, ds []adopt.Difference) {
	t.Helper()
	a, err := adopt.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	for round := 0; ; round++ {
		if text, p, err = a.Profile("vmloom.yaml"); err != nil {
			t.Fatal(err)
		}
		if template, err = limaTemplateOf(p); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if ds, err = a.Compare(template); err != nil {
			t.Fatal(err)
		}
		if round == 8 || !a.Keep(ds) {
			return a, p, text, template, ds
		}
	}
}

// ofExtraMount are the differences of a golden whose lima.extra has a mount: adopted it is one of
// the profile's own, which has a probe and a directory that is closed without it.
var ofExtraMount = map[string][]string{
	"full": {"probes[/Volumes/data is mounted]", "provision[vmloom's boot].script"},
}

// TestAdoptGoldens: what vmloom makes is what it adopts. The template of every
// golden profile becomes a profile that makes the same template, and a second
// adoption changes nothing more.
func TestAdoptGoldens(t *testing.T) {
	n := 0
	for _, file := range tooltest.Goldens(t) {
		p, err := load(file)
		if err != nil {
			t.Fatal(err)
		}
		template := filepath.Join(filepath.Dir(file), "generated", p.Name, "lima", p.Lima.Instance+".yaml")
		old, err := os.ReadFile(template)
		if os.IsNotExist(err) {
			continue // made for qemu
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			host := adopt.Host{OS: p.Host.OS, Arch: p.Guest.Arch, User: p.Host.User, Home: p.Host.Home}
			in := adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: old}, Instance: p.Lima.Instance, Host: host}
			if p.HasImage() { // which tells nothing
				in.Guest = strings.TrimSuffix(p.Guest.System+":"+p.Guest.Release, ":")
			}
			a, got, text, template, ds := adopted(t, in)
			known := func(d adopt.Difference) bool {
				return slices.Contains(ofExtraMount[filepath.Base(filepath.Dir(file))], d.Path)
			}
			for _, d := range slices.DeleteFunc(ds, known) {
				t.Errorf("%s: %q -> %q (%s)", d.Path, d.Old, d.New, d.Why)
			}
			if t.Failed() {
				t.Logf("%s", text)
			}
			if ds, err := adopt.Diff(template, old, host); err != nil || len(slices.DeleteFunc(ds, known)) > 0 {
				t.Errorf("the other way round: %v %+v", err, ds)
			}
			for _, f := range a.Findings {
				if f.ID == "unknown-key" || f.ID == "socket-mount" || f.ID == "template-braces" {
					t.Errorf("found in vmloom's own template: %+v", f)
				}
			}
			if mounts := func(p *profile.Profile) (at []string) {
				for _, d := range p.Disks {
					at = append(at, d.Name+" "+d.Mount)
				}
				return at
			}; !slices.Equal(mounts(got), mounts(p)) {
				t.Errorf("disks %v, want %v", mounts(got), mounts(p))
			}
			if got.Name != p.Name || got.Guest.System != p.Guest.System || got.Home.Disk > 0 != (p.Home.Disk > 0) {
				t.Errorf("name %s, system %s, home %s; want %s, %s, %s", got.Name, got.Guest.System, got.Home.Disk, p.Name, p.Guest.System, p.Home.Disk)
			}
		})
	}
	if n < 5 {
		t.Errorf("only %d goldens have a Lima template", n)
	}
}

// answers say what a template's images do not: the system that runs.
var answers = map[string]string{
	"booted.yaml": "debian:12", "macos.yaml": "nixos", "prd-current.yaml": "ubuntu:25.10", "prd-target.yaml": "nixos",
}

// TestAdoptTemplates takes templates in that others wrote: nothing that differs
// afterwards is without an explanation, and Lima takes what comes out.
func TestAdoptTemplates(t *testing.T) {
	files, err := filepath.Glob("../testdata/adopt/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			host := adopt.Host{OS: "linux", Arch: "x86_64", User: "dev", Home: "/home/dev", UID: 1000}
			a, p, text, template, ds := adopted(t, adopt.Input{Lima: adopt.File{Name: file, Data: old}, Instance: "default", Host: host, Guest: answers[filepath.Base(file)]})
			for _, d := range ds {
				if d.Why == "" && !a.HoldsSecret(d) {
					t.Errorf("%s: %q -> %q: not explained\n%s", d.Path, d.Old, d.New, text)
				}
			}
			if strings.Contains(fmt.Sprint(string(text), ds, a.Findings), "not-shown-anywhere") {
				t.Errorf("a secret is shown:\n%s\n%+v\n%+v", text, ds, a.Findings)
			}
			if problems := limaKeys(string(template)); problems != nil && !strings.Contains(file, "wrong") {
				t.Errorf("%q\n%s", problems, template)
			}
			for _, l := range profile.Lint(p, nil) {
				if slices.Contains([]string{"socket-mount", "1password-app-socket", "wezterm-shadow"}, l.ID) {
					t.Errorf("avoidable: %s", l)
				}
			}
			t.Run("limactl", func(t *testing.T) { limactlValidate(t, string(template)) })
		})
	}
}
