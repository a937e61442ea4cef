package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
)

// TestNixOwnUnread: a file that cannot be looked at is not said to be absent, and one directory that may not be read takes
// no other with it.
func TestNixOwnUnread(t *testing.T) {
	base, err := os.MkdirTemp("/tmp", "own")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(base)
	for _, name := range []string{"top.nix", "parts/a.nix", "parts/closed/b.nix", "parts/z.nix"} {
		file := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("{ imports = [ ./parts ./round.nix ./gone.nix ]; }\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"": 0o755, "parts/closed": 0} {
		if err := os.Chmod(filepath.Join(base, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("round.nix", filepath.Join(base, "round.nix")); err != nil {
		t.Fatal(err)
	}
	p := loadProfile(t, "version: 1\nname: a\nhost: {os: linux}\nguest: {system: nixos, user: {name: me}}\nnix: {modules: [./top.nix]}\n")
	if os.Getuid() == 0 { // whom no mode keeps out
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setfsuid(0)
	}
	names, findings := NixOwn(p, base, nil)
	var said []string
	for _, f := range findings {
		said = append(said, f.Cause)
	}
	for _, want := range []string{"nix.modules: parts/closed: permission denied", "top.nix:1: ./round.nix: too many levels of symbolic links", "top.nix:1: ./gone.nix: no such file"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not said: %q", want, said)
		}
	}
	if !slices.Contains(names, "parts/z.nix") {
		t.Errorf("what comes after the closed one is left out: %q", names)
	}
}
