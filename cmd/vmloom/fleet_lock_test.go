package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// newFleetLockSeam is a fleet of two machines with a nixpkgs each, and with stubs of both that a test may move on.
func newFleetLockSeam(t *testing.T) (s *nixSeam, second string) {
	t.Helper()
	s = newNixSeam(t, "")
	s.dir = filepath.Join(filepath.Dir(s.dir), "the fleet")
	own := filepath.Join(t.TempDir(), "stubs")
	second = filepath.Join(t.TempDir(), "second")
	must(t, os.CopyFS(own, os.DirFS(s.Stubs)))
	must(t, os.CopyFS(second, os.DirFS(s.Stubs)))
	s.Stubs = own
	s.wrap(t)
	nix, err := os.ReadFile(filepath.Join(s.bin, "nix"))
	must(t, err)
	more := "more=\"$more --override-input b-nixpkgs path:" + second + "/nixpkgs --override-input b-nixos-lima path:" + second + "/nixos-lima\"\nesac\n"
	writeFile(t, filepath.Join(s.bin, "nix"), strings.Replace(string(nix), "esac\n", more, 1))
	writeFile(t, filepath.Join(s.dir, "vmloom.fleet.yaml"), `version: 1
machines: ["machines/*"]
defaults:
  version: 1
  host: {os: linux, user: dev, home: /home/dev}
  guest: {system: nixos, arch: x86_64, user: {name: dev}}
  home: {disk: 10GiB}
  resources: {memory: 8GiB}
  nix: {base: own}
`)
	writeFile(t, filepath.Join(s.dir, "machines/a/vmloom.yaml"), "name: a\n")
	writeFile(t, filepath.Join(s.dir, "machines/b/vmloom.yaml"), "name: b\nnix: {nixpkgs: github:NixOS/nixpkgs/nixos-unstable}\n")
	return s, second
}

// TestNixFleetLock: the fleet's lock pins for all of its machines, and nix finds nothing to pin in theirs.
func TestNixFleetLock(t *testing.T) {
	s, second := newFleetLockSeam(t)
	const shared, a, b = "generated/fleet/flake.lock", "machines/a/generated/a/flake.lock", "machines/b/generated/b/flake.lock"
	s.want(t, true, []string{"gen"})
	s.want(t, false, []string{"lock", "nixpgs"}, "input nixpgs: the flake of the fleet has none of that name", "did you mean nixpkgs?")
	out, _ := s.want(t, true, []string{"lock", "vmloom.fleet.yaml"}, shared+": commit it", a+": follows it", b+": follows it")
	if !strings.Contains(out, "b-nixpkgs: pinned: path:") {
		t.Errorf("says not what it pins:\n%s", out)
	}
	for _, lock := range []string{shared, a, b} {
		before := s.read(t, lock)
		cmd := exec.Command(s.Path, "--extra-experimental-features", "nix-command flakes", "flake", "lock", "path:.", "--offline")
		cmd.Dir, cmd.Env = filepath.Join(s.dir, filepath.Dir(lock)), s.env
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "lock file") {
			t.Errorf("%s: %v\n%s", lock, err, out)
		}
		if s.read(t, lock) != before || !strings.Contains(before, "narHash") {
			t.Errorf("%s: nix writes it anew", lock)
		}
	}
	s.want(t, true, []string{"gen", "--check"})

	// One moves, and its machine alone.
	writeFile(t, filepath.Join(second, "nixpkgs/moved.txt"), "on\n")
	locks := map[string]string{a: s.read(t, a), b: s.read(t, b)}
	out, said := s.want(t, true, []string{"lock", "b-nixpkgs"}, b+": follows it")
	if !strings.HasPrefix(out, "b-nixpkgs: path:") || strings.Contains(said, a) || s.read(t, a) != locks[a] || s.read(t, b) == locks[b] {
		t.Errorf("what moves:\n%s%s", out, said)
	}
	// A machine's own lock that has gone another way comes back.
	writeFile(t, filepath.Join(s.dir, b), locks[b])
	out, _ = s.want(t, false, []string{"gen", "--check"})
	if strings.TrimSpace(out) != b {
		t.Errorf("a check finds:\n%s", out)
	}
	writeFile(t, filepath.Join(s.Stubs, "nixpkgs/moved.txt"), "on\n")
	s.want(t, true, []string{"lock", "machines/a"}, a+": commit it", "machines/a/vmloom.yaml: this lock follows that of the fleet", "vmloom lock vmloom.fleet.yaml pins for all")
	s.want(t, true, []string{"gen"})
	if s.read(t, a) != locks[a] || s.read(t, b) == locks[b] {
		t.Error("the machines do not follow")
	}
	out, _ = s.want(t, true, []string{"lock", "--json"})
	if err := readDocument("lock", out); err != nil {
		t.Error(err)
	}
}
