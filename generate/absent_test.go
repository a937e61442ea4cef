package generate

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAbsentTree: what came into a tree between Compare and Apply is looked at, although Compare found no tree.
func TestAbsentTree(t *testing.T) {
	files := []File{{Path: "d/a", Data: []byte("made\n"), Mode: 0o644}, {Path: "d/b", Data: []byte("made\n"), Mode: 0o644}}
	for name, meanwhile := range map[string]string{"nothing": "", "an edit": "mine\n", "the same": "made\n"} {
		base := t.TempDir()
		p, err := Compare(base, named(testName), files, false)
		if err != nil {
			t.Fatal(err)
		}
		a := filepath.Join(base, p.Dir, "d", "a")
		if meanwhile != "" {
			if err := os.MkdirAll(filepath.Dir(a), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(a, []byte(meanwhile), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := meanwhile
		if want == "" {
			want = "made\n"
		}
		if got, err := os.ReadFile(a); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if kept := p.Count(Kept); (kept == 1) != (meanwhile == "mine\n") {
			t.Errorf("%s: %d kept", name, kept)
		}
	}
}
