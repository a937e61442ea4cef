package atomic

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStage: a directory that a killed run has left goes, one in use and what is not vmloom's stay.
func TestStage(t *testing.T) {
	root := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	there := func(file string) bool { _, err := os.Lstat(file); return err == nil }
	dead := filepath.Join(root, "vmloom-dev-123")
	for _, file := range []string{"vmloom-dev-123/.lock", "vmloom-dev-123/flake/sub/x", "vmloom-dev-456/x", ".vmloom-clone-7/.lock", ".vmloom-clone-7/home.tar", "vmloom-dev-new/.lock", "other-dev-123/.lock"} {
		must(os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755))
		must(os.WriteFile(filepath.Join(root, file), nil, 0o600))
	}
	must(os.Chmod(filepath.Join(dead, "flake/sub"), 0o555))
	first, done, err := Stage(root, "dev")
	must(err)
	second, doneToo, err := Stage(root, "dev")
	must(err)
	if there(filepath.Join(root, ".vmloom-clone-7")) {
		t.Error("a hidden one is left")
	}
	hidden, doneHidden, err := Stage(root, ".clone")
	must(err)
	if filepath.Base(hidden)[:len(".vmloom-clone-")] != ".vmloom-clone-" || !there(first) {
		t.Errorf("%s is not hidden, or one in use is gone", hidden)
	}
	doneHidden()
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
