package fleet

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/profile"
)

var update = flag.Bool("update", false, "rewrite the goldens of testdata/fleet")

// golden is the fleet of testdata/fleet, with its machines.
func golden(t *testing.T) (*profile.Fleet, []Machine) {
	t.Helper()
	const dir = "../testdata/fleet"
	read := func(file string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	f, err := profile.LoadFleet(profile.FleetName, read(profile.FleetName))
	if err != nil {
		t.Fatal(err)
	}
	var machines []Machine
	for _, name := range []string{"amber", "box", "cedar", "den"} {
		file := "machines/" + name + "/vmloom.yaml"
		p, err := profile.Layers{Fleet: f, FleetFile: "../../vmloom.fleet.yaml"}.Load("vmloom.yaml", read(file))
		if err != nil {
			t.Fatal(err)
		}
		machines = append(machines, Machine{p, file})
	}
	return f, machines
}

// TestGolden: the files of the fleet of testdata/fleet.
func TestGolden(t *testing.T) {
	f, machines := golden(t)
	files, err := Files(f, machines)
	if err != nil {
		t.Fatal(err)
	}
	dir := "../testdata/fleet/generated/fleet"
	if *update {
		os.RemoveAll(dir)
		for _, file := range files {
			to := filepath.Join(dir, file.Path)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, file.Data, file.Mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	var there []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			there = append(there, rel)
		}
		return err
	})
	var made []string
	for _, file := range files {
		made = append(made, file.Path)
		text, err := os.ReadFile(filepath.Join(dir, file.Path))
		if diff := cmp.Diff(string(text), string(file.Data)); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", file.Path, err, diff)
		}
	}
	slices.Sort(there)
	slices.Sort(made)
	if diff := cmp.Diff(there, made); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestInputs: what two machines have alike is one input; what differs, and what follows it, is each one's own.
func TestInputs(t *testing.T) {
	_, machines := golden(t)
	got := map[string]string{}
	for _, in := range newFlakes(machines).Inputs {
		got[in.Name] = in.URL
		for _, f := range in.Follows {
			got[in.Name] += " " + f.Input + "->" + f.To
		}
	}
	want := map[string]string{
		"nixpkgs":    "github:NixOS/nixpkgs/nixos-26.05",
		"nixos-lima": "github:nixos-lima/nixos-lima/v0.2.1 nixpkgs->nixpkgs",
		// cedar's
		"cedar-nixpkgs":    "github:NixOS/nixpkgs/nixos-unstable",
		"cedar-nixos-lima": "github:nixos-lima/nixos-lima/v0.2.1 nixpkgs->cedar-nixpkgs",
		"home-manager":     "github:nix-community/home-manager nixpkgs->cedar-nixpkgs",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
