package tooltest

import (
	"os"
	"path/filepath"
	"testing"
)

// Repository is the directory of go.mod, above the one that a test runs in.
func Repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = filepath.Dir(dir)
	}
}

// Goldens are the profiles whose generated/ trees are kept, by their paths: small ones
// for the differences between hosts and guests, and the examples.
func Goldens(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"testdata/golden/*/vmloom.yaml", "examples/*/vmloom.yaml"} {
		found, err := filepath.Glob(filepath.Join(Repository(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	if len(out) < 2 {
		t.Fatalf("goldens: only %d profiles found", len(out))
	}
	return out
}
