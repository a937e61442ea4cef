package tooltest

import (
	"strings"
	"testing"
)

// TestUnpassed: of thousands of lines those are kept that somebody has to read.
func TestUnpassed(t *testing.T) {
	noise := "=== RUN   TestGood\n" + strings.Repeat("    good_test.go:1: said\n", 3000) + "--- PASS: TestGood (1.00s)\n"
	for _, c := range []struct{ name, said, want string }{
		{"a failure among others", noise + "=== RUN   TestBad\n=== RUN   TestBad/one\n=== RUN   TestBad/two\n    bad_test.go:2: why\n        more of it\n=== NAME  TestBad/one\n    bad_test.go:1: fine\n--- FAIL: TestBad (0.10s)\n    --- PASS: TestBad/one (0.00s)\n    --- FAIL: TestBad/two (0.10s)\nFAIL\n",
			"    bad_test.go:2: why\n        more of it\n--- FAIL: TestBad (0.10s)\n    --- FAIL: TestBad/two (0.10s)\nFAIL\n"},
		{"skipped", noise + "=== RUN   TestLater\n    later_test.go:9: SKIPPED: nix is not here\n--- SKIP: TestLater (0.00s)\nPASS\n",
			"    later_test.go:9: SKIPPED: nix is not here\n--- SKIP: TestLater (0.00s)\nPASS\n"},
		{"a panic of whoever ran", "=== RUN   TestSlow\n" + noise + "panic: test timed out after 20m0s\n\trunning tests:\n\t\tTestSlow (20m0s)\n",
			"panic: test timed out after 20m0s\n\trunning tests:\n\t\tTestSlow (20m0s)\n"},
		{"no test", "nix.sh: no room on /nix\n", "nix.sh: no room on /nix\n"},
		{"killed", strings.Repeat("    said\n", 100) + "the end\n", strings.Repeat("    said\n", window-2) + "the end\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := unpassed(c.said); got != c.want {
				t.Errorf("%q", got)
			}
		})
	}
}
