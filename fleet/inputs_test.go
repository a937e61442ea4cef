package fleet

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/flake"
)

// TestInputsApart has no input of a machine take the place of another, whatever they are called.
func TestInputsApart(t *testing.T) {
	all := inputs{}
	all.add("birch", []flake.Input{{Name: "nixpkgs", URL: "one"}})
	got := all.add("cedar", []flake.Input{{Name: "cedar-nixpkgs", URL: "mine"}, {Name: "nixpkgs", URL: "two"}})
	want := map[string]string{"cedar-nixpkgs": "cedar-nixpkgs", "nixpkgs": "cedar-cedar-nixpkgs"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	urls := map[string]string{}
	for name, in := range all {
		urls[name] = in.URL
	}
	if d := cmp.Diff(map[string]string{"nixpkgs": "one", "cedar-nixpkgs": "mine", "cedar-cedar-nixpkgs": "two"}, urls); d != "" {
		t.Error(d)
	}
}
