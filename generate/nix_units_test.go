package generate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestUnitsRecorded holds what was recorded with a whole nixpkgs, and is booted by TestNixOSUnits, to what the stubs
// make of the modules of today.
func TestUnitsRecorded(t *testing.T) {
	n := needNix(t)
	dir := filepath.Join(tooltest.Repository(t), "testdata", "nixunits")
	parts, err := os.ReadFile(filepath.Join(dir, "parts.nix"))
	if err != nil {
		t.Fatal(err)
	}
	for recording, profile := range map[string]string{
		"atelier": "testdata/golden/nixos-own", "ascalon": "examples/ascalon-nixos", "lab": "testdata/golden/nixos-linux", "team": "testdata/golden/shared-nixos",
	} {
		t.Run(recording, func(t *testing.T) {
			t.Parallel()
			recorded, err := os.ReadFile(filepath.Join(dir, recording, "parts.json"))
			if err != nil {
				t.Fatal(err)
			}
			tree := newNixTree(t, profile)
			unlinked(t, tree)
			got := n.eval(t, tree.root, "path:.#nixosConfigurations."+tree.name+".config", string(parts))
			differ(t, "", got, fromJSON(t, string(recorded)))
			if t.Failed() {
				t.Log("the modules have changed: testdata/nixunits/record.sh records again what NixOS makes of them")
			}
		})
	}
}

// unlinked has the flake read no module that lies above the profile, where no link reaches; none is of the recording.
func unlinked(t *testing.T, tree nixTree) {
	t.Helper()
	file := filepath.Join(tree.flake, "flake.nix")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.Replace(string(data), `"/../shared.nix"`, `"/local.nix"`, 1))
}

// differ names the deepest places where two values differ.
func differ(t *testing.T, place string, got, want any) {
	t.Helper()
	g, here := got.(map[string]any)
	w, there := want.(map[string]any)
	if !here || !there {
		if !reflect.DeepEqual(got, want) {
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			t.Errorf("%s:\n     now %s\nrecorded %s", place, a, b)
		}
		return
	}
	for name := range g {
		differ(t, place+"/"+name, g[name], w[name])
	}
	for name := range w {
		if _, both := g[name]; !both {
			differ(t, place+"/"+name, nil, w[name])
		}
	}
}
