// Package stubflakes runs the real nix for tests, without a network: each input of a
// flake is its stub in testdata/flakes, which knows the options of nixpkgs, nixos-lima,
// home-manager, nix-darwin or flake-parts and refuses all others in their words;
// options.json has the types and priorities of NixOS's as a whole nixpkgs has them. A
// directory and nix's arguments go in, what nix says comes out. It never writes a lock.
package stubflakes

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// Nix is the real nix with a home of its own.
type Nix struct {
	Path, Home string
	Stubs      string // the directory of the stubs
}

// Inputs are the flakes that have a stub.
func Inputs() []string {
	return []string{"nixpkgs", "nixos-lima", "home-manager", "nix-darwin", "flake-parts", "sops-nix", "dotfiles", "plain"}
}

// Need gives the real nix, or skips the test.
func Need(t testing.TB) Nix {
	t.Helper()
	return Nix{tooltest.Need(t, "nix"), t.TempDir(), filepath.Join(tooltest.Repository(t), "testdata", "flakes")}
}

// Takes reports whether this nix knows a flag of a command: older ones lack some.
func (n Nix) Takes(words ...string) bool {
	args := append([]string{"--extra-experimental-features", "nix-command flakes"}, words...)
	out, _ := exec.Command(n.Path, append(args, "path:/nonexistent")...).CombinedOutput()
	return !strings.Contains(string(out), "unrecognised flag")
}

// Run gives what nix says on stderr too: evaluation must not warn.
func (n Nix) Run(dir string, args ...string) (stdout, stderr string, err error) {
	args = append([]string{"--extra-experimental-features", "nix-command flakes"}, args...)
	args = append(args, "--offline", "--no-write-lock-file", "--option", "substitute", "false",
		// Root without a daemon has neither nixbld users nor, in a container, namespaces.
		"--option", "build-users-group", "", "--option", "sandbox", "false",
		"--option", "extra-platforms", "aarch64-linux",
		// Two at once that fill it for one flake spoil it for one another: "attribute … is unexpectedly missing".
		"--option", "eval-cache", "false")
	for _, name := range Inputs() {
		args = append(args, "--override-input", name, "path:"+filepath.Join(n.Stubs, name))
	}
	cmd := exec.Command(n.Path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+n.Home, "LANG=C", "GIT_CONFIG_NOSYSTEM=1")
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// Eval gives a Nix function's value of an output of the flake in dir, as JSON.
func (n Nix) Eval(dir, ref, apply string) (stdout, stderr string, err error) {
	return n.Run(dir, "eval", "--json", ref, "--apply", apply)
}
