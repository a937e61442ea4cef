package vmloom_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/internal/tooltest"
)

// releaseConfig is what the tests take of .goreleaser.yaml.
type releaseConfig struct {
	Builds []struct {
		Main           string
		Env            []string
		GOOS           []string `yaml:"goos"`
		GOARCH         []string `yaml:"goarch"`
		Flags, LDFlags []string
	}
	Archives []struct {
		Files []yaml.Node
		Wrap  bool `yaml:"wrap_in_directory"`
	}
	Casks []struct {
		Manpages    []string
		Completions map[string]string
	} `yaml:"homebrew_casks"`
	Nix []struct {
		Install string `yaml:"extra_install"`
	}
}

func readRelease(t *testing.T) (c releaseConfig) {
	t.Helper()
	text, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Archives) != 1 {
		t.Fatalf("builds and archives: %+v", c)
	}
	return c
}

// buildRelease builds the program in a directory as .goreleaser.yaml says, with further variables.
func buildRelease(t *testing.T, dir, to string, env ...string) {
	t.Helper()
	b := readRelease(t).Builds[0]
	args := append([]string{"build", "-o", to}, b.Flags...)
	for _, flags := range b.LDFlags {
		args = append(args, "-ldflags", strings.ReplaceAll(flags, "{{ .Version }}", "1.2.3"))
	}
	cmd := exec.Command("go", append(args, b.Main)...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), b.Env...), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestReproducible: the same sources give the same bytes, wherever they lie; with VMLOOM_FULL=1 also if nothing was compiled before.
func TestReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: builds the program twice")
	}
	elsewhere, fresh := t.TempDir(), []string{"GOFLAGS=-buildvcs=false"}
	tooltest.CopyModule(t, elsewhere)
	if tooltest.Full() {
		fresh = append(fresh, "GOCACHE="+t.TempDir())
	}
	out := t.TempDir()
	one, other := filepath.Join(out, "one"), filepath.Join(out, "other")
	buildRelease(t, ".", one, "GOFLAGS=-buildvcs=false")
	buildRelease(t, elsewhere, other, fresh...)
	a, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("%d bytes and %d bytes that differ", len(a), len(b))
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(a, []byte(here+"/")) {
		t.Errorf("the program has %s in it", here)
	}
}

// TestArchive lays an archive out as .goreleaser.yaml says, and uses it as somebody does who has no Go: the
// README's main job, in the directory that was unpacked.
func TestArchive(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: builds the program")
	}
	dir := filepath.Join(t.TempDir(), "vmloom_1.2.3")
	unpacked(t, dir)
	buildRelease(t, ".", filepath.Join(dir, "vmloom"))
	for _, file := range []string{"LICENSE", "README.md", "CHANGELOG.md", "share/vmloom.1", "share/vmloom.bash", "share/vmloom.fish", "share/_vmloom"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() < 100 {
			t.Errorf("%s: %v", file, err)
		}
	}
	recipes(t, dir)
	run := func(line string) (string, error) {
		cmd := exec.Command("/bin/sh", "-c", line)
		cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, step := range []struct{ line, want string }{
		{"command -v go || echo no Go", "no Go"},
		{"./vmloom version", "vmloom 1.2.3, "},
		{"./vmloom gen examples/ascalon/vmloom.yaml", "unchanged"},
		{"sed -i.bak 's/cpus: 6/cpus: 5/' examples/ascalon/vmloom.yaml && ./vmloom gen examples/ascalon/vmloom.yaml", "lima/default.yaml"},
		{"./vmloom gen --check examples/ascalon/vmloom.yaml", "unchanged"},
		{"mkdir my-vm && ./vmloom init --yes my-vm && ./vmloom gen my-vm && ./vmloom check my-vm", "changed, 0 unchanged"},
	} {
		if out, err := run(step.line); err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%s: %v, want %q\n%s", step.line, err, step.want, out)
		}
	}
}

// recipes holds what Homebrew's and nixpkgs' recipes install to what lies in an archive: the manual page, and the
// completions of three shells.
func recipes(t *testing.T, dir string) {
	t.Helper()
	c := readRelease(t)
	if len(c.Casks) != 1 || len(c.Nix) != 1 || c.Archives[0].Wrap {
		t.Fatalf("a cask, a recipe for nix, and an archive without a directory around it are wanted: %+v", c)
	}
	cask := append(slices.Clone(c.Casks[0].Manpages), slices.Collect(maps.Values(c.Casks[0].Completions))...)
	nix := slices.DeleteFunc(strings.Fields(c.Nix[0].Install), func(word string) bool { return !strings.Contains(word, "/") })
	for name, files := range map[string][]string{"cask": cask, "nix": nix} {
		if len(files) != 4 {
			t.Errorf("%s installs %q, want a manual page and three completions", name, files)
		}
		for _, file := range files {
			if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() < 100 {
				t.Errorf("%s installs %s: %v", name, file, err)
			}
		}
	}
}

// unpacked is what an archive has beside the program.
func unpacked(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(t.TempDir(), "made")
	if out, err := exec.Command("sh", "release/extras.sh", made).CombinedOutput(); err != nil {
		t.Fatalf("release/extras.sh: %v\n%s", err, out)
	}
	for _, node := range readRelease(t).Archives[0].Files {
		var with struct{ Src, Dst string }
		pattern := node.Value
		if node.Kind == yaml.MappingNode {
			if err := node.Decode(&with); err != nil {
				t.Fatal(err)
			}
			pattern = with.Src
		}
		switch {
		case pattern == "release/made/*" && with.Dst != "":
			copyInto(t, made, filepath.Join(dir, with.Dst))
		case strings.HasSuffix(pattern, "/**/*"):
			tree := strings.TrimSuffix(pattern, "/**/*")
			copyInto(t, tree, filepath.Join(dir, tree))
		default:
			text, err := os.ReadFile(pattern)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, pattern), text, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// copyInto copies a tree whole: goreleaser's patterns take what begins with a dot, too.
func copyInto(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestGoreleaser: the real goreleaser takes the configuration. It is compiled for that, for minutes.
func TestGoreleaser(t *testing.T) {
	tooltest.Whole(t, "compiles goreleaser for minutes")
	cmd := exec.Command("go", "run", "github.com/goreleaser/goreleaser/v2@v2.15.1", "check")
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPackaged: the real nix evaluates flake, package and shell with stand-ins that take the arguments of
// nixpkgs' own functions, and the modules' hash is the one that nixpkgs would find.
func TestPackaged(t *testing.T) {
	nix := tooltest.Need(t, "nix")
	dir := t.TempDir()
	for _, file := range []string{"flake.nix", "package.nix", "shell.nix"} {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(args ...string) string {
		cmd := exec.Command(nix, append([]string{"--extra-experimental-features", "nix-command flakes"}, args...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+t.TempDir())
		var talk strings.Builder
		cmd.Stderr = &talk
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("nix %q: %v\n%s", args, err, talk.String())
		}
		return strings.TrimSpace(string(out))
	}
	const attrs = `flake: let
	  outputs = (import ./flake.nix).outputs { self.shortRev = "abc1234"; nixpkgs = import ./stub.nix; };
	  p = outputs.packages.x86_64-linux.default;
	in [ (builtins.attrNames outputs) (builtins.attrNames outputs.packages) p.version p.ldflags p.vendorHash
	     ((outputs.overlays.default (import ./stub.nix).legacyPackages.x86_64-linux { }).vmloom.pname)
	     (map (x: builtins.elem "strace" outputs.devShells.${x}.default.packages) [ "x86_64-linux" "aarch64-darwin" ]) ]`
	if err := os.WriteFile(filepath.Join(dir, "stub.nix"), []byte(stubNixpkgs), 0o644); err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(dir, "vendor")
	if out, err := exec.Command("go", "mod", "vendor", "-o", modules).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	hash := ask("hash", "path", modules)
	want := `[["devShells","overlays","packages"],["aarch64-darwin","aarch64-linux","x86_64-darwin","x86_64-linux"],"abc1234",["-s","-X main.release=abc1234"],"` +
		hash + `","vmloom",[true,false]]`
	if got := ask("eval", "--impure", "--json", "--expr", "("+attrs+") null"); got != want {
		t.Errorf("got  %s\nwant %s\n(vendorHash of package.nix belongs to go.mod and go.sum)", got, want)
	}
}

// stubNixpkgs has what the package and the shell ask of nixpkgs, and no more: a name that nixpkgs need not have is an error.
const stubNixpkgs = `let
  lib = {
    genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
    cleanSource = x: x;
    optional = c: x: if c then [ x ] else [ ];
    licenses.mit = { };
  };
  names = [ "installShellFiles" "go" "git" "groff" "guile" "lua5_4" "openssh" "qemu" "shellcheck" "zsh" "fish" "dash" "strace" ];
  on = system: let
    pkgs = lib.genAttrs names (name: name) // {
      inherit lib;
      stdenv.hostPlatform.isLinux = builtins.match ".*-linux" system != null;
      buildGoModule = { pname, version, src, vendorHash, subPackages, env, ldflags, doCheck, nativeBuildInputs, postInstall, meta }@args: args;
      mkShell = { packages }@args: args;
      callPackage = file: args: let f = import file; in f (builtins.intersectAttrs (builtins.functionArgs f) pkgs // args);
    };
  in pkgs;
in { inherit lib; legacyPackages = lib.genAttrs [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ] on; }
`

// TestGuixManifest: the real Guix has every package of the manifest.
func TestGuixManifest(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: asks the real Guix")
	}
	guix, _ := tooltest.Guix(t)
	dir := t.TempDir()
	text, err := os.ReadFile("guix.manifest.scm")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(manifest string) (string, error) {
		script := "(use-modules (guix profiles) (gnu packages))\n(define (manifest)\n" + manifest + ")\n" +
			"(for-each (lambda (e) (display (manifest-entry-name e)) (newline)) (manifest-entries (manifest)))\n"
		if err := os.WriteFile(filepath.Join(dir, "ask.scm"), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := guix.Command(dir, "guix", "repl", "ask.scm").CombinedOutput()
		return string(out), err
	}
	out, err := ask(string(text))
	if err != nil || !strings.HasPrefix(out, "go\n") || strings.Count(out, "\n") < 15 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := ask(strings.Replace(string(text), "shellcheck", "shellchek", 1)); err == nil {
		t.Errorf("a package that there is not is taken:\n%s", out)
	}
}

// TestWorkflows: actionlint takes the workflows, and refuses a broken one; what they run of the repository is there.
func TestWorkflows(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: compiles actionlint")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, ".github"), os.DirFS(".github")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil { // by which it knows a project
		t.Fatal(err)
	}
	if out, err := tooltest.Actionlint(t, dir); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	err := filepath.WalkDir(filepath.Join(dir, ".github"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for word := range strings.FieldsSeq(string(text)) {
			if strings.HasPrefix(word, "./cmd/") || strings.HasPrefix(word, "testdata/") || strings.HasPrefix(word, "examples/") || strings.HasPrefix(word, ".ci/") {
				if found, err := filepath.Glob(word); err != nil || len(found) == 0 {
					t.Errorf("%s: %s is not in the repository", filepath.Base(file), word)
				}
			}
		}
		return os.WriteFile(file, bytes.Replace(text, []byte("runs-on:"), []byte("run-on:"), 1), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := tooltest.Actionlint(t, dir); err == nil || !strings.Contains(out, "run-on") {
		t.Errorf("broken workflows are taken: %v\n%s", err, out)
	}
}
