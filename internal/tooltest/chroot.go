package tooltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Chroot is another release of Debian in a directory, for programs that this machine's
// own release lacks.
type Chroot struct {
	Root string // the directory
	run  string
}

// Debian gives the suite with the packages in it, for the tests of all packages and of
// later runs: it is made once, in the directory VMLOOM_CHROOTS or in the user's cache, from
// the mirror that apt uses here. It needs root on Linux and mmdebstrap; without them the
// test is skipped, or fails where every tool must be there.
func Debian(t testing.TB, suite string, packages ...string) Chroot {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		Absent(t, "root on Linux, for the programs of Debian "+suite+",")
	}
	Need(t, "mmdebstrap")
	Need(t, "unshare")
	scripts := filepath.Join(Repository(t), "testdata", "chroot")
	c := Chroot{filepath.Join(chroots(t), suite+"-"+strings.Join(packages, "-")), filepath.Join(scripts, "run.sh")}
	if out, err := exec.Command(filepath.Join(scripts, "make.sh"), append([]string{suite, c.Root}, packages...)...).CombinedOutput(); err != nil {
		t.Fatalf("debian %s with %q: %v\n%s", suite, packages, err, out)
	}
	return c
}

func chroots(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("VMLOOM_CHROOTS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "vmloom-tests")
}

// Command runs words in the chroot, with dir for /work and no network.
func (c Chroot) Command(dir string, words ...string) *exec.Cmd {
	return exec.Command(c.run, append([]string{c.Root, dir}, words...)...)
}

// Guix is the Guix of Debian sid, and the version it has: sid moves, so no test may insist on one.
func Guix(t testing.TB) (c Chroot, version string) {
	t.Helper()
	c = Debian(t, "sid", "guix")
	out, err := c.Command(t.TempDir(), "guix", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, _, _ = strings.Cut(string(out), "\n")
	t.Log(version)
	return c, version
}

// Guix is a Command that has a guix-daemon to talk to.
func (c Chroot) Guix(dir string, words ...string) *exec.Cmd {
	cmd := c.Command(dir, words...)
	cmd.Env = append(os.Environ(), "DAEMON=guix")
	return cmd
}
