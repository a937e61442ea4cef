package flake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fleetText is the lock of a fleet, in which cedar's nixpkgs is one of two. Its home-manager has two inputs of its own,
// of which one follows the other, and its utils is another than that of the root.
const fleetText = `{
  "nodes": {
    "cedar-nixpkgs": {"locked": {"narHash": "sha256-N", "rev": "1111111111111111111111111111111111111111", "type": "github"}, "original": {"owner": "NixOS", "ref": "nixos-unstable", "repo": "nixpkgs", "type": "github"}},
    "home-manager": {
      "inputs": {"nixpkgs": ["cedar-nixpkgs"], "tools": ["home-manager", "utils"], "utils": "utils_2"},
      "locked": {"lastModified": 1785000000, "narHash": "sha256-H", "rev": "2222222222222222222222222222222222222222", "type": "github"},
      "original": {"owner": "nix-community", "repo": "home-manager", "type": "github"}
    },
    "nixpkgs": {"locked": {"narHash": "sha256-O", "rev": "3333333333333333333333333333333333333333", "type": "github"}, "original": {"owner": "NixOS", "ref": "nixos-26.05", "repo": "nixpkgs", "type": "github"}},
    "near": {"locked": {"path": "../near", "type": "path"}, "original": {"path": "../near", "type": "path"}},
    "lost": {"inputs": {"nixpkgs": ["gone"]}, "locked": {"path": "/lost", "type": "path"}, "original": {"path": "/lost", "type": "path"}},
    "utils": {"locked": {"path": "/u", "type": "path"}, "original": {"path": "/u", "type": "path"}},
    "utils_2": {"locked": {"path": "/hm-utils", "type": "path"}, "original": {"path": "/hm-utils", "type": "path"}},
    "root": {"inputs": {"cedar-nixpkgs": "cedar-nixpkgs", "home-manager": "home-manager", "lost": "lost", "near": "near", "nixpkgs": "nixpkgs", "utils": "utils"}}
  },
  "root": "root",
  "version": 7
}`

func TestFollow(t *testing.T) {
	nixpkgs := Input{Name: "nixpkgs", URL: "github:NixOS/nixpkgs/nixos-unstable"}
	home := Input{Name: "home-manager", URL: "github:nix-community/home-manager"}
	same := func(in ...Input) map[string]string {
		names := map[string]string{}
		for _, one := range in {
			names[one.Name] = one.Name
		}
		return names
	}
	cedar := same(home)
	cedar["nixpkgs"] = "cedar-nixpkgs"
	for name, c := range map[string]struct {
		mine   string
		inputs []Input
		names  map[string]string
		pins   map[string]string // of the outcome, by what is in the line
		own    []string
	}{
		"none yet":         {"", []Input{home, nixpkgs}, cedar, map[string]string{"home-manager": "2222222", "home-manager/utils": "/hm-utils", "nixpkgs": "1111111"}, nil},
		"another nixpkgs":  {lockText, []Input{home, nixpkgs}, cedar, map[string]string{"home-manager": "2222222", "home-manager/utils": "/hm-utils", "nixpkgs": "1111111"}, nil},
		"its own stay":     {lockText, []Input{nixpkgs}, cedar, map[string]string{"home-manager": "aaaaaaa", "home-manager/utils": "/u", "nixpkgs": "1111111"}, nil},
		"two of one name":  {lockText, []Input{{Name: "utils", URL: "path:/u"}}, same(Input{Name: "utils"}), map[string]string{"home-manager": "aaaaaaa", "home-manager/utils": "/u", "nixpkgs": "bbbbbbb", "utils": "/u"}, nil},
		"not pinned there": {lockText, []Input{{Name: "new", URL: "github:a/b"}}, same(Input{Name: "new"}), map[string]string{"home-manager": "aaaaaaa", "home-manager/utils": "/u", "nixpkgs": "bbbbbbb"}, []string{"new"}},
		"another reference": {lockText, []Input{{Name: "nixpkgs", URL: "github:NixOS/nixpkgs/nixos-25.11"}}, cedar,
			map[string]string{"home-manager": "aaaaaaa", "home-manager/utils": "/u", "nixpkgs": "bbbbbbb"}, []string{"cedar-nixpkgs"}},
		"a path from another directory": {lockText, []Input{{Name: "near", URL: "path:../near"}}, same(Input{Name: "near"}),
			map[string]string{"home-manager": "aaaaaaa", "home-manager/utils": "/u", "nixpkgs": "bbbbbbb"}, []string{"near"}},
		"leads nowhere": {"", []Input{nixpkgs, {Name: "lost", URL: "path:/lost"}}, map[string]string{"nixpkgs": "cedar-nixpkgs", "lost": "lost"},
			map[string]string{"nixpkgs": "1111111"}, []string{"lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			var mine []byte
			if c.mine != "" {
				mine = []byte(c.mine)
			}
			text, own, err := leader(t, fleetText).Follow(mine, c.inputs, c.names)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.own, own); d != "" {
				t.Error(d)
			}
			got := read(t, string(text)).deep()
			for input, at := range c.pins {
				if !strings.Contains(got[input].At, at) {
					t.Errorf("%s: %q, want %s", input, got[input].At, at)
				}
			}
			if len(got) != len(c.pins) {
				t.Errorf("%v\n%s", got, text)
			}
			if strings.Contains(string(text), "cedar") || strings.Contains(string(text), "e+09") {
				t.Errorf("has a name of the fleet's, or a number in another form:\n%s", text)
			}
			again, _, err := leader(t, fleetText).Follow(text, c.inputs, c.names)
			if err != nil || string(again) != string(text) {
				t.Errorf("moves once more: %v\n%s", err, again)
			}
		})
	}
}

// TestFollowPaths: what follows another input follows that of the same meaning, and the text is as nix writes it.
func TestFollowPaths(t *testing.T) {
	inputs := []Input{{Name: "hm", URL: "github:nix-community/home-manager"}, {Name: "nixpkgs", URL: "github:NixOS/nixpkgs/nixos-unstable"}}
	text, _, err := leader(t, fleetText).Follow(nil, inputs, map[string]string{"hm": "home-manager", "nixpkgs": "cedar-nixpkgs"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "nodes": {
    "hm": {
      "inputs": {
        "nixpkgs": [
          "nixpkgs"
        ],
        "tools": [
          "hm",
          "utils"
        ],
        "utils": "utils"
      },
      "locked": {
        "lastModified": 1785000000,
        "narHash": "sha256-H",
        "rev": "2222222222222222222222222222222222222222",
        "type": "github"
      },
`
	if !strings.HasPrefix(string(text), want) || !strings.HasSuffix(string(text), "\n}\n") {
		t.Errorf("%s", text)
	}
}

// TestFollowStays: a lock that pins the same is not written anew, however it is written.
func TestFollowStays(t *testing.T) {
	odd := strings.NewReplacer(`"nixpkgs": "nixpkgs"`, `"nixpkgs": "n"`, `"nixpkgs": {`, `"n": {`).Replace(lockText)
	inputs := []Input{{Name: "nixpkgs", URL: "github:NixOS/nixpkgs/nixos-26.05"}}
	text, own, err := leader(t, lockText).Follow([]byte(odd), inputs, map[string]string{"nixpkgs": "nixpkgs"})
	if err != nil || own != nil || string(text) != odd {
		t.Errorf("%v %v\n%s", err, own, text)
	}
	if text, own, err := leader(t, lockText).Follow(nil, nil, nil); text != nil || own != nil || err != nil {
		t.Errorf("no lock, and nothing to pin: %s %v %v", text, own, err)
	}
	if _, _, err := leader(t, lockText).Follow([]byte("<<<<<<< "), inputs, nil); err == nil {
		t.Error("takes a conflict for a lock")
	}
}

func leader(t *testing.T, text string) Leader {
	t.Helper()
	l, err := ReadLeader([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
