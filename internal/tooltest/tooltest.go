// Package tooltest finds what tests of several packages share: the real programs that
// they hand our output to, and the golden profiles. A test names the tool it needs and
// gets its path; without it the test is skipped loudly, or fails where every tool must
// be there (CI). It installs nothing on this machine; what only another release of
// Debian has lives in a directory of its own.
package tooltest

import (
	"os"
	"os/exec"
	"testing"
)

// Need returns the path of the program name, or skips the test; with
// VMLOOM_REQUIRE_TOOLS=1 a missing program is a failure.
func Need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	Absent(t, name)
	return ""
}

// Absent skips the test for what it needs and has not, or fails it where every tool must be there.
func Absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("VMLOOM_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is not here, and VMLOOM_REQUIRE_TOOLS=1", what)
	}
	t.Skipf("SKIPPED: %s is not here", what)
}

// Full reports whether the dear tests run whole: VMLOOM_FULL=1.
func Full() bool { return os.Getenv("VMLOOM_FULL") == "1" }

// Whole skips a test that is too dear for CI: only VMLOOM_FULL=1 runs it. It says what it costs.
func Whole(t testing.TB, cost string) {
	t.Helper()
	if !Full() {
		t.Skipf("SKIPPED: %s; VMLOOM_FULL=1 runs it", cost)
	}
}

// Dear skips a test that boots a VM for minutes, unless everything is to run: with
// VMLOOM_FULL=1, and where every tool must be there (CI). Go ends a package after ten minutes.
func Dear(t testing.TB) {
	t.Helper()
	if !Full() && os.Getenv("VMLOOM_REQUIRE_TOOLS") != "1" {
		t.Skip("SKIPPED: boots a VM for minutes: VMLOOM_FULL=1 runs it, and so does .ci/run")
	}
}
