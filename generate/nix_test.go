package generate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vmloom/internal/stubflakes"
	"vmloom/internal/tooltest"
)

// realNix is the real nix, with the stubs for inputs.
type realNix struct{ stubflakes.Nix }

func needNix(t testing.TB) realNix {
	t.Helper()
	return realNix{stubflakes.Need(t)}
}

// eval gives the value of a Nix function applied to an output of the flake in dir.
func (n realNix) eval(t *testing.T, dir, ref, apply string) any {
	t.Helper()
	out, errs, err := n.Eval(dir, ref, apply)
	if err != nil {
		t.Fatalf("%s: %v\n%s", ref, err, errs)
	}
	if strings.Contains(errs, "trace:") || strings.Contains(errs, "evaluation warning") {
		t.Errorf("%s: the evaluation warns:\n%s", ref, errs)
	}
	return fromJSON(t, out)
}

func fromJSON(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return v
}

func (n realNix) wantAt(t *testing.T, dir, ref, apply, want string) {
	t.Helper()
	got := n.eval(t, dir, ref, apply)
	if !reflect.DeepEqual(got, fromJSON(t, want)) {
		text, _ := json.Marshal(got)
		t.Errorf("%s: %s:\n got %s\nwant %s", ref, apply, text, want)
	}
}

// nixTree is a profile's directory with what vmloom makes in it.
type nixTree struct {
	name    string            // of the machine
	profile string            // the profile's directory
	flake   string            // generated/<name>
	root    string            // from where nix finds the user's modules too
	systems map[string]string // the names of its configurations, by system
}

// ownModules are files of the users of our golden profiles.
var ownModules = map[string]string{
	"local.nix":               `{ environment.etc."own/local".text = "local"; }`,
	"it's ${here}/other.nix":  `{ lib, ... }: { networking.hostName = lib.mkForce "other"; }`,
	"../shared.nix":           `{ inputs, ... }: { environment.etc."own/shared".text = "shared ${inputs.plain.word} ${builtins.readFile (inputs.dotfiles + "/gitconfig")}"; }`,
	"home/own.nix":            `{ inputs, ... }: { home.sessionVariables.PLAIN = inputs.plain.word; }`,
	"overlay.nix":             `final: prev: { own-tool = prev.git; }`,
	"vmloom.yaml":             "",
	"images/huge-image.qcow2": "never read",
}

// newNixTree generates the tree of a golden profile again, in a directory whose
// name has a blank. A profile with modules gets the link that flake.nix speaks of.
func newNixTree(t testing.TB, golden string) nixTree {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", golden, "vmloom.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return newNixTreeOf(t, src)
}

// newNixTreeOf does so with a profile's text.
func newNixTreeOf(t testing.TB, src []byte) nixTree {
	t.Helper()
	p, files, err := build(src)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a profile")
	tree := nixTree{name: p.Name, profile: dir, flake: filepath.Join(dir, "generated", p.Name), systems: map[string]string{}}
	for _, arch := range p.Guest.Arches() {
		tree.systems[arch+"-linux"] = p.Name
		if p.Guest.ArchOfHost() {
			tree.systems[arch+"-linux"] += "-" + arch
		}
	}
	tree.root = tree.flake
	for file, text := range ownModules {
		writeFile(t, filepath.Join(dir, file), text)
	}
	for _, f := range files {
		writeFile(t, filepath.Join(tree.flake, f.Path), string(f.Data))
	}
	if p.HasOwnNix() {
		tree.root = filepath.Join(dir, p.Nix.Root)
		made, err := filepath.Rel(tree.root, filepath.Join(tree.flake, "flake.nix"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(made, filepath.Join(tree.root, "flake.nix")); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// nixGoldens are the profiles that get a flake.
func nixGoldens(t testing.TB) (out []string) {
	for name, files := range goldenTrees(t) {
		if slices.ContainsFunc(files, func(a artefact) bool { return a.path == "flake.nix" }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) < 5 {
		t.Fatalf("only %d flakes: %v", len(out), out)
	}
	return out
}

// TestNixFlakes has nix show, check and evaluate each flake, and build its image.
func TestNixFlakes(t *testing.T) {
	n := needNix(t)
	for _, golden := range nixGoldens(t) {
		t.Run(golden, func(t *testing.T) {
			t.Parallel()
			tree := newNixTree(t, golden)
			t.Run("show", func(t *testing.T) { showFlake(t, n, tree) })
			t.Run("check", func(t *testing.T) {
				_, errs, err := n.Run(tree.root, "flake", "check", "--no-build", "path:.")
				if err != nil {
					t.Errorf("%v\n%s", err, errs)
				}
				if strings.Contains(errs, "trace:") {
					t.Errorf("the evaluation warns:\n%s", errs)
				}
			})
			t.Run("toplevel", func(t *testing.T) {
				for system, name := range tree.systems {
					n.wantAt(t, tree.root, "path:.#nixosConfigurations."+name+".config",
						"c: builtins.seq c.system.build.toplevel.drvPath c.nixpkgs.hostPlatform.system or c.nixpkgs.hostPlatform", strconv.Quote(system))
				}
			})
			t.Run("image", func(t *testing.T) {
				for system := range tree.systems {
					buildImage(t, n, tree, system)
				}
			})
		})
	}
}

func showFlake(t *testing.T, n realNix, tree nixTree) {
	args := []string{"flake", "show", "--json", "path:."}
	if n.Takes("flake", "show", "--all-systems") { // else a newer nix is silent on what is of another system than this machine
		args = append(args, "--all-systems")
	}
	out, errs, err := n.Run(tree.root, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	configurations, packages := map[string]any{}, map[string]any{}
	for system, name := range tree.systems {
		configurations[name] = map[string]any{"type": "nixos-configuration"}
		packages[system] = map[string]any{tree.name + "-image": map[string]any{"type": "derivation", "name": tree.name}}
	}
	shown := fromJSON(t, strings.ReplaceAll(out, `"description":"",`, "")).(map[string]any) // a newer nix has it
	for key, want := range map[string]any{
		"nixosConfigurations": configurations,
		"nixosModules":        map[string]any{"default": map[string]any{"type": "nixos-module"}, "nixpkgs": map[string]any{"type": "nixos-module"}},
		"packages":            packages,
	} {
		if !reflect.DeepEqual(shown[key], want) {
			t.Errorf("%s: got %v, want %v", key, shown[key], want)
		}
	}
	if _, err := os.Stat(filepath.Join(tree.flake, "nix/darwin.nix")); shown["homeModules"] == nil || (shown["darwinModules"] == nil) != (err != nil) {
		t.Errorf("homeModules %v, darwinModules %v", shown["homeModules"], shown["darwinModules"])
	}
}

// buildImage has the real nix build the image for the guest's processor, and
// again with equal bytes. The stub's image lists what the system holds.
func buildImage(t *testing.T, n realNix, tree nixTree, system string) {
	attr := fmt.Sprintf("path:.#packages.%s.%s-image", system, tree.name)
	link := filepath.Join(t.TempDir(), "result")
	if _, errs, err := n.Run(tree.root, "build", attr, "--out-link", link); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	image, err := os.ReadFile(filepath.Join(link, tree.name+".qcow2"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(image), "/mnt/lima-cidata") {
		t.Errorf("Lima's own mount is not in the image: %.300s", image)
	}
	if _, errs, err := n.Run(tree.root, "build", attr, "--rebuild", "--no-link"); err != nil {
		t.Errorf("rebuild: %v\n%s", err, errs)
	}
}

// TestNixModulesOutside holds the ways by which the profile's own modules are
// seen: the link (TestNixFlakes), a Git repository, and else a message.
func TestNixModulesOutside(t *testing.T) {
	n := needNix(t)
	tree := newNixTree(t, "testdata/golden/nixos-linux")
	if err := os.Remove(filepath.Join(tree.root, "flake.nix")); err != nil {
		t.Fatal(err)
	}
	const attr = "nixosConfigurations.lab.config.environment.etc"
	_, errs, err := n.Run(tree.flake, "eval", "path:.#"+attr, "--apply", "e: e ? \"own/shared\"")
	want := "nix.modules[0]: ./../shared.nix is not seen by this flake, whose first lines tell why"
	if err == nil || !strings.Contains(errs, want) {
		t.Errorf("no %q in:\n%s", want, errs)
	}
	for _, args := range [][]string{{"init", "-q", ".."}, {"add", "-A", ".."}} {
		git := exec.Command(tooltest.Need(t, "git"), args...)
		git.Dir = tree.profile
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	n.wantAt(t, tree.flake, ".#"+attr, `e: e."own/shared".text`, `"shared plain [user]\n"`)
}

var blankRuns = regexp.MustCompile(`\n{3}|\{\n\n|\n\n *\}|\[\n\n|[ \t]\n`)

// TestNixLayout holds the rules of nixfmt that can be told without it.
func TestNixLayout(t *testing.T) {
	for tree, files := range goldenTrees(t) {
		for _, a := range files {
			if filepath.Ext(a.path) != ".nix" {
				continue
			}
			tokens, err := nixTokens(a.data)
			if err != nil {
				t.Errorf("%s: %s: %v", tree, a.path, err)
			}
			if m := blankRuns.FindString(a.data); m != "" {
				t.Errorf("%s: %s: blank lines: %q", tree, a.path, m)
			}
			for i, line := range strings.Split(a.data, "\n") {
				if strings.Contains(line, "\t") || len(line) > 100 && !strings.Contains(line, `"`) && !strings.Contains(line, "#") && !inText(a.data, i) {
					t.Errorf("%s: %s:%d: %s", tree, a.path, i+1, line)
				}
			}
			for i, tok := range tokens {
				if tok.text == "with" && !tok.isString || tok.text == "rec" && !tok.isString {
					t.Errorf("%s: %s: token %d: %s", tree, a.path, i, tok.text)
				}
			}
		}
	}
}

// inText reports whether line i is inside an indented string.
func inText(data string, i int) bool {
	before := strings.Join(strings.Split(data, "\n")[:i], "\n")
	return strings.Count(textEscapes.ReplaceAllString(before, ""), "''")%2 == 1
}

// textEscapes are the escapes of an indented string; ”\ takes the character
// after it along, which may be a quote.
var textEscapes = regexp.MustCompile(`(?s)'''|''\$|''\\.`)
