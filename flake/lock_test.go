package flake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lockText is as nix 2.8 writes it, shortened.
const lockText = `{
  "nodes": {
    "home-manager": {
      "inputs": {"nixpkgs": ["nixpkgs"], "utils": "utils"},
      "locked": {"lastModified": 1780000000, "narHash": "sha256-A", "owner": "nix-community", "repo": "home-manager", "rev": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "type": "github"},
      "original": {"owner": "nix-community", "ref": "release-26.05", "repo": "home-manager", "type": "github"}
    },
    "nixpkgs": {
      "locked": {"lastModified": 1780272000, "narHash": "sha256-B", "owner": "NixOS", "repo": "nixpkgs", "rev": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "type": "github"},
      "original": {"owner": "NixOS", "ref": "nixos-26.05", "repo": "nixpkgs", "type": "github"}
    },
    "utils": {
      "locked": {"lastModified": 1, "narHash": "sha256-C", "path": "/u", "type": "path"},
      "original": {"path": "/u", "type": "path"}
    },
    "root": {"inputs": {"home-manager": "home-manager", "nixpkgs": "nixpkgs"}}
  },
  "root": "root",
  "version": 7
}`

func read(t *testing.T, text string) Lock {
	t.Helper()
	l, err := ReadLock([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestMisfits(t *testing.T) {
	l := read(t, lockText)
	moved, missing := l.Misfits([]Input{
		{Name: "nixpkgs", URL: "github:NixOS/nixpkgs/nixos-unstable"},
		{Name: "home-manager", URL: "github:nix-community/home-manager?ref=release-26.05"},
		{Name: "nixos-lima", URL: "github:nixos-lima/nixos-lima/v0.2.1"},
	})
	if d := cmp.Diff([][]string{{"nixpkgs"}, {"nixos-lima"}}, [][]string{moved, missing}); d != "" {
		t.Error(d)
	}
}

func TestCompare(t *testing.T) {
	before := read(t, lockText)
	after := read(t, strings.NewReplacer("bbbbbbb", "ccccccc", "1780272000", "1782864000", `"utils": "utils"`, `"tools": "utils"`).Replace(lockText))
	want := []Change{
		{"home-manager/tools", "", "path:/u sha256-C (1970-01-01)"},
		{"home-manager/utils", "path:/u sha256-C (1970-01-01)", ""},
		{"nixpkgs", "github:NixOS/nixpkgs/bbbbbbb (2026-06-01)", "github:NixOS/nixpkgs/ccccccc (2026-07-01)"},
	}
	if d := cmp.Diff(want, Compare(before, after)); d != "" {
		t.Error(d)
	}
	if got := Compare(before, before); got != nil {
		t.Errorf("nothing moved: %v", got)
	}
}

func TestWithout(t *testing.T) {
	text, err := Without([]byte(lockText), []string{"nixpkgs"})
	if err != nil {
		t.Fatal(err)
	}
	pins := read(t, string(text)).Pins()
	if _, still := pins["nixpkgs"]; still || pins["home-manager"].At != "github:nix-community/home-manager/aaaaaaa (2026-05-28)" {
		t.Errorf("%v\n%s", pins, text)
	}
	if !strings.Contains(string(text), "1780000000") {
		t.Errorf("a number was rewritten:\n%s", text)
	}
}

func TestBadLocks(t *testing.T) {
	for text, want := range map[string]string{
		`{"nodes": {}, "root": "root", "version": 9}`:                  "has format 9 of a newer nix; up to 7 is known",
		"<<<<<<< HEAD\n" + lockText + "\n=======\n{}\n>>>>>>> other\n": "holds a conflict of a merge",
		`{"nodes": `:                  "is not JSON as nix writes it",
		`{"nodes": {}, "version": 7}`: "names no inputs",
		"":                            "is not JSON as nix writes it",
	} {
		if _, err := ReadLock([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}
