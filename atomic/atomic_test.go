package atomic

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	for _, how := range []How{{Mode: 0o600}, {Mode: 0o755, Sync: true}, {Mode: 0o644, Temp: "a.new"}} {
		// What a killed run has left under a reserved name, read-only at that, is no obstacle.
		if how.Temp != "" {
			if err := os.WriteFile(filepath.Join(dir, how.Temp), []byte("half"), 0o444); err != nil {
				t.Fatal(err)
			}
		}
		if err := ReplaceFile(file, []byte("new\n"), how); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		info, _ := os.Stat(file)
		if err != nil || string(got) != "new\n" || info.Mode() != how.Mode {
			t.Errorf("%+v: %q, %v, %v", how, got, info.Mode(), err)
		}
		onlyFile(t, dir, "a")
	}
	// A directory in the file's place: an error, and nothing left beside it.
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(filepath.Join(dir, "d"), []byte("new\n"), How{Mode: 0o644}); err == nil {
		t.Error("a directory was replaced")
	}
	onlyFile(t, dir, "a", "d")
	if err := ReplaceFile(filepath.Join(dir, "no", "a"), nil, How{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	if err := CreateFile(file, []byte("first"), How{Mode: 0o640}); err != nil {
		t.Fatal(err)
	}
	if err := CreateFile(file, []byte("second"), How{Mode: 0o640}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	got, err := os.ReadFile(file)
	if info, _ := os.Stat(file); err != nil || string(got) != "first" || info.Mode() != 0o640 {
		t.Errorf("%q, %v, %v", got, info.Mode(), err)
	}
	onlyFile(t, dir, "a")
}

// TestReplaceStays: a root's file is never outside of it, even through a link.
func TestReplaceStays(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := Replace(root, "link/a", []byte("x"), How{Mode: 0o644}); err == nil {
		t.Error("it was written outside of its root")
	}
	onlyFile(t, outside)
}

func onlyFile(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Fatalf("%v, %v; want %v", entries, err, want)
	}
	for i, e := range entries {
		if e.Name() != want[i] {
			t.Errorf("%s is there", e.Name())
		}
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	open := func() *os.File {
		f, err := os.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second := open(), open()
	if err := Lock(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if taken, err := TryLock(second); taken || err != nil {
		t.Fatal("two have the lock", err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := Lock(ctx, second); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	closed := make(chan error, 1)
	go func() { time.Sleep(10 * time.Millisecond); closed <- first.Close() }()
	if err := Lock(t.Context(), second); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := TryLock(first); err == nil {
		t.Error("a closed file was locked")
	}
}

func TestHash(t *testing.T) {
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // sha256sum of hello
	file := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, size, err := HashFile(t.Context(), file); got != sum || size != 5 || err != nil {
		t.Errorf("%s, %d, %v", got, size, err)
	}
	if got := Hash([]byte("hello")); got != "sha256:"+sum {
		t.Error(got)
	}
}

// TestMode: a file has the mode that it was asked for, whatever the umask, and a time that no clock gave.
func TestMode(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	for _, umask := range []int{0, 0o022, 0o077, 0o277} {
		syscall.Umask(umask)
		for _, mode := range []os.FileMode{0o600, 0o644, 0o755, 0o444} {
			for _, temp := range []string{"", "tmp"} {
				var stamp time.Time
				if err := Replace(root, "a", []byte("x"), How{Mode: mode, Temp: temp, Stamp: &stamp}); err != nil {
					t.Fatal(err)
				}
				info, err := root.Stat("a")
				if err != nil || info.Mode() != mode {
					t.Errorf("umask %o: %v, want %v (%v)", umask, info.Mode(), mode, err)
				}
				if stamp.IsZero() {
					t.Errorf("umask %o, mode %v: no time was set", umask, mode)
				}
			}
		}
	}
}
