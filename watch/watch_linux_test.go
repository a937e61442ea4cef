package watch

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// mayRead takes from this thread the right to read what nobody may, which root has.
func mayRead(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // it ends with the test
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	do(t, unix.Capget(&head, &caps[0]))
	caps[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	do(t, unix.Capset(&head, &caps[0]))
}

// TestShut: a directory of a tree that may not be read is none to look at again and again: the one above tells when it may be.
func TestShut(t *testing.T) {
	mayRead(t)
	top := t.TempDir()
	shut := filepath.Join(top, "shut")
	write(t, filepath.Join(shut, "vmloom.yaml"), "1")
	do(t, os.Chmod(shut, 0))
	defer os.Chmod(shut, 0o755)
	w := newWatcher(events())
	t.Cleanup(w.Close)
	trees := []Tree{{Dir: top, Depth: -1, Skip: func(string) bool { return false }, Want: func(name string) bool { return name == "vmloom.yaml" }}}
	w.FollowTrees("list", trees)
	for _, mode := range []os.FileMode{0o755, 0, 0o755} {
		if why := w.Unheard(); len(why) > 0 || w.pause() != 0 {
			t.Errorf("looks again: %q", why)
		}
		do(t, os.Chmod(shut, mode))
		if keys := w.Wait(t.Context()); !slices.Equal(keys, []string{"list"}) {
			t.Fatalf("woke %q", keys)
		}
		w.FollowTrees("list", trees)
	}
	if why := w.Unheard(); len(why) > 0 {
		t.Errorf("looks again: %q", why)
	}
	write(t, filepath.Join(shut, "vmloom.yaml"), "2")
	if keys := w.Wait(t.Context()); !slices.Equal(keys, []string{"list"}) {
		t.Errorf("woke %q", keys)
	}
}
