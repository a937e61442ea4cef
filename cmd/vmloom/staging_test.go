package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStaging: a directory that a killed run has left goes, one in use and what is not vmloom's stay.
func TestStaging(t *testing.T) {
	root := t.TempDir()
	dead := filepath.Join(root, "vmloom-dev-123")
	for _, file := range []string{"vmloom-dev-123/.lock", "vmloom-dev-123/flake/sub/x", "vmloom-dev-456/x", "vmloom-dev-new/.lock", "other-dev-123/.lock"} {
		writeFile(t, filepath.Join(root, file), "")
	}
	must(t, os.Chmod(filepath.Join(dead, "flake/sub"), 0o555))
	first, done, err := staging(root, "dev")
	must(t, err)
	second, doneToo, err := staging(root, "dev")
	must(t, err)
	if there(dead) || !there(first) || !there(second) || first == second {
		t.Errorf("%s, %s, left: %v", first, second, there(dead))
	}
	for _, kept := range []string{"vmloom-dev-456", "vmloom-dev-new", "other-dev-123"} {
		if !there(filepath.Join(root, kept)) {
			t.Errorf("%s is gone", kept)
		}
	}
	done()
	doneToo()
	if there(first) || there(second) {
		t.Error("what was staged is left")
	}
}
