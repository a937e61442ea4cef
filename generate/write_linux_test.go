package generate

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestReadOnly: root may write anywhere, so this runs on a thread that counts
// as nobody to the file system.
func TestReadOnly(t *testing.T) {
	base := t.TempDir()
	for dir := base; len(dir) > 4; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755)
	}
	a := plain("sub/a.txt", "a\n")
	write(t, base, false, a)
	if os.Getuid() != 0 {
		for _, dir := range []string{"sub", "", ".."} {
			os.Chmod(at(base, dir), 0o555)
			defer os.Chmod(at(base, dir), 0o755)
		}
	}
	type result struct{ create, update error }
	got := make(chan result)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Getuid() == 0 {
			syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
		}
		var r result
		p, err := Compare(base, named("other"), []File{a}, false)
		if r.create = err; err == nil {
			r.create = p.Apply(t.Context())
		}
		p, err = Compare(base, named(testName), []File{plain("sub/a.txt", "new\n")}, false)
		if r.update = err; err == nil {
			r.update = p.Apply(t.Context())
		}
		got <- r
	}()
	r := <-got
	for what, err := range map[string]error{"create": r.create, "update": r.update} {
		if err == nil || !strings.Contains(err.Error(), "permission denied") || !strings.Contains(err.Error(), "generated/") {
			t.Errorf("%s: %v", what, err)
		}
	}
	want(t, "tree", onDisk(t, base), map[string]string{"sub/": "", "sub/a.txt": "a\n"})
}
