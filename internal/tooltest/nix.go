package tooltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Releases of Debian whose nix is of another age than the 2.8 of Debian 12.
const (
	NixMiddle = "trixie" // 2.26
	NixNewest = "forky"  // 2.34, and it moves
)

// Nix is the chroot of a release that has its nix, and the ssh by which that reaches other machines.
func Nix(t testing.TB, suite string) Chroot {
	t.Helper()
	return Debian(t, suite, "nix-bin", "openssh-client")
}

// WithNix runs words of this machine with the chroot's nix first on PATH, and an empty /nix that is gone afterwards.
func (c Chroot) WithNix(words ...string) *exec.Cmd {
	return exec.Command(filepath.Join(filepath.Dir(c.run), "nix.sh"), append([]string{c.Root}, words...)...)
}

// NixAge runs tests of this very package once more, with the nix of a release for the one on PATH, and says which nix that was:
// no test may insist on a version. sample are the tests that are run anyhow, whole those that VMLOOM_FULL=1 runs: patterns of
// names as -run takes them. Flags go to that run as they are.
func NixAge(t *testing.T, suite, sample, whole string, flags ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: tests once more with the nix of Debian " + suite)
	}
	if Full() {
		sample = whole
	}
	nix := Nix(t, suite)
	version, err := nix.WithNix("nix", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := nix.WithNix(append([]string{self, "-test.v", "-test.timeout=20m", "-test.run=" + sample}, flags...)...).CombinedOutput()
	said := string(out)
	passed := strings.Count("\n"+said, "\n--- PASS: ")
	t.Logf("%s: %d tests pass", strings.TrimSpace(string(version)), passed)
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, unpassed(said))
	case passed == 0 || strings.Contains(said, "--- SKIP: "):
		t.Errorf("nothing ran, or not all:\n%s", unpassed(said))
	}
}
