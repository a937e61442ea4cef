package atomic

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(at("ten"), []byte("0123456789"), 0o600))
	must(os.WriteFile(at("empty"), nil, 0o600))
	must(os.Symlink("ten", at("link")))
	must(os.Mkdir(at("dir"), 0o700))
	must(syscall.Mkfifo(at("pipe"), 0o600))
	must(os.Symlink("pipe", at("link to a pipe")))
	socket, err := net.Listen("unix", at("socket"))
	must(err)
	defer socket.Close()
	sparse, err := os.Create(at("sparse"))
	must(err)
	must(sparse.Truncate(1 << 30))
	must(sparse.Close())
	root, err := os.OpenRoot(dir)
	must(err)
	defer root.Close()
	for name, want := range map[string]error{
		"ten": nil, "empty": nil, "link": nil, "none": fs.ErrNotExist, "dir": syscall.EISDIR, "sparse": ErrLarge,
		"pipe": ErrIrregular, "link to a pipe": ErrIrregular, "socket": ErrIrregular,
	} {
		for how, read := range map[string]func() ([]byte, error){
			"Read": func() ([]byte, error) { return Read(at(name), 10) }, "ReadIn": func() ([]byte, error) { return ReadIn(root, name, 10) },
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			data, err := read()
			runtime.ReadMemStats(&after)
			if !errors.Is(err, want) || err == nil && string(data) != map[bool]string{true: "", false: "0123456789"}[name == "empty"] {
				t.Errorf("%s of %s: %q, %v; want %v", how, name, data, err, want)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%s of %s takes %d bytes", how, name, n)
			}
		}
	}
	if _, err := Read(at("ten"), 9); !errors.Is(err, ErrLarge) {
		t.Errorf("ten bytes where nine are the most: %v", err)
	}
	if _, err := Read("/dev/zero", 10); !errors.Is(err, ErrIrregular) {
		t.Errorf("a device: %v", err)
	}
	if _, _, err := HashFile(t.Context(), at("pipe")); !errors.Is(err, ErrIrregular) {
		t.Errorf("the hash of a pipe: %v", err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, _, err := HashFile(ctx, at("sparse")); !errors.Is(err, why) {
		t.Errorf("the hash of a file that nobody waits for: %v", err)
	}
	// What calls itself empty, as the files of /proc do, is bounded too.
	if data, err := Read("/proc/self/status", Most); runtime.GOOS == "linux" && (err != nil || len(data) == 0) {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := Read("/proc/self/status", 10); runtime.GOOS == "linux" && !errors.Is(err, ErrLarge) {
		t.Errorf("beyond the limit: %v", err)
	}
	if data, err := ReadFrom(strings.NewReader("0123456789"), 10); string(data) != "0123456789" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := ReadFrom(strings.NewReader("0123456789"), 9); !errors.Is(err, ErrLarge) || err.Error() != "is larger than 0 MiB" {
		t.Errorf("beyond the limit: %v", err)
	}
}

// TestLitter: what a killed run has left is removed by the next; what a living one
// is writing is not.
func TestLitter(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	dead, err := own(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close() // as the kernel does
	living, err := own(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	defer living.Close()
	const theirs = ".vmloom-notes" // not a name of ours
	if err := os.WriteFile(filepath.Join(dir, theirs), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(filepath.Join(dir, "a"), []byte("x"), How{Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.Lstat(dead.name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the litter is there: %v", err)
	}
	for _, name := range []string{living.name, theirs, "a"} {
		if _, err := root.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}

// TestTogether: many that write in one directory do not take each other's for litter.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 25 {
				if err := ReplaceFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), How{Mode: 0o644}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if entries, _ := os.ReadDir(dir); len(entries) != 8 {
		t.Errorf("left: %v", entries)
	}
}
