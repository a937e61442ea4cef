package indexes

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// attributes says of each attribute path whether nixpkgs has it under this very name, for
// a system.
const attributes = `{ tree, system, names }:
let
  # impure.nix is the way in that asks for no newer Nix.
  pkgs = import (tree + "/pkgs/top-level/impure.nix") { inherit system; overlays = [ ]; config = { allowAliases = false; allowUnfree = true; }; };
  lib = import (tree + "/lib");
  path = name: lib.splitString "." name;
  one = name:
    let package = lib.getAttrFromPath (path name) pkgs;
    in lib.hasAttrByPath (path name) pkgs && lib.isDerivation package
      && lib.meta.availableOn pkgs.stdenv.hostPlatform package && !(package.meta.broken or false);
  answer = name: let said = builtins.tryEval (one name); in said.success && said.value;
in
map answer names
`

// Nixpkgs is the index of a tree of nixpkgs for some names. Where the tree lacks a file
// that a package is made of, only the package's name can be asked for; blind are those.
func Nixpkgs(t testing.TB, tree string, names []string) (x Index, blind []string) {
	t.Helper()
	q := nixQuery{t, tooltest.Need(t, "nix-instantiate"), filepath.Join(t.TempDir(), "attributes.nix"), tree}
	if err := os.WriteFile(q.file, []byte(attributes), 0o644); err != nil {
		t.Fatal(err)
	}
	x = Index{"nix", "", map[string][]string{}}
	seen := map[string]bool{}
	for _, arch := range []string{"aarch64", "x86_64"} {
		for name, there := range q.ask(arch+"-linux", names) {
			if there == nil && !seen[name] {
				seen[name] = true
				blind = append(blind, name)
			}
			if there == nil || *there {
				x.Has[name] = append(x.Has[name], arch)
			}
		}
	}
	return x, blind
}

// paths are attribute paths as Nix writes them, of nixpkgs and of two sets in it that
// have names which Nix wants in quotes.
const paths = `{ tree }:
let
  pkgs = import (tree + "/pkgs/top-level/impure.nix") { system = "x86_64-linux"; overlays = [ ]; config = { }; };
  lib = import (tree + "/lib");
  below = set: map (name: "${set}.${lib.strings.escapeNixIdentifier name}") (builtins.attrNames pkgs.${set});
in
map lib.strings.escapeNixIdentifier (builtins.attrNames pkgs) ++ below "emacsPackages" ++ below "vimPlugins"
`

// NixPaths lists them.
func NixPaths(t testing.TB, tree string) (out []string) {
	t.Helper()
	cmd := exec.Command(tooltest.Need(t, "nix-instantiate"), "--eval", "--strict", "--json", "--arg", "tree", tree, "--expr", paths)
	var talk strings.Builder
	cmd.Stderr = &talk
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("nix-instantiate: %v\n%s", err, talk.String())
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type nixQuery struct {
	t                testing.TB
	tool, file, tree string
}

// ask answers for each name; nil where the tree cannot be evaluated for it. An error that
// Nix cannot catch ends a whole evaluation: halves find out whose it is.
func (q nixQuery) ask(system string, names []string) map[string]*bool {
	q.t.Helper()
	list, err := json.Marshal(names)
	if err != nil {
		q.t.Fatal(err)
	}
	cmd := exec.Command(q.tool, "--eval", "--strict", "--json", q.file, "--arg", "tree", q.tree, "--argstr", "system", system,
		"--arg", "names", "builtins.fromJSON ''"+string(list)+"''")
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	answers := map[string]*bool{}
	switch {
	case err == nil:
		var said []bool
		if err := json.Unmarshal(out, &said); err != nil || len(said) != len(names) {
			q.t.Fatalf("nix-instantiate: %v: %s", err, out)
		}
		for i, name := range names {
			answers[name] = &said[i]
		}
	case len(names) == 1 && strings.Contains(talk.String(), "No such file or directory"):
		answers[names[0]] = nil
	case len(names) == 1:
		q.t.Fatalf("nix-instantiate: %s: %v\n%s", names[0], err, talk.String())
	default:
		for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
			for name, said := range q.ask(system, half) {
				answers[name] = said
			}
		}
	}
	return answers
}
