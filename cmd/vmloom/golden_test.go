package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/generate"
)

// goldens are the profiles whose generated/ trees are kept: small ones for the
// differences between hosts and guests, and the examples.
func goldens(t testing.TB) []string {
	var out []string
	for _, pattern := range []string{"../../testdata/golden/*/vmloom.yaml", "../../examples/*/vmloom.yaml"} {
		found, err := filepath.Glob(pattern)
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

// tree reads every file below dir; the mode's x stands before the content.
func tree(t testing.TB, dir string) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if info.Mode()&0o100 != 0 {
			data = append([]byte("(executable) "), data...)
		}
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGolden generates each tree anew, elsewhere, and compares: no file missing,
// none too many, every byte and mode the same.
func TestGolden(t *testing.T) {
	for _, path := range goldens(t) {
		name := strings.TrimPrefix(filepath.Dir(path), "../../")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			fresh := filepath.Join(dir, "vmloom.yaml")
			if err := os.WriteFile(fresh, src, 0o644); err != nil {
				t.Fatal(err)
			}
			p, _, err := load(fresh)
			if err != nil {
				t.Fatal(err)
			}
			files, err := generate.Files(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := generate.Compare(dir, p.Name, p.File(), files, false)
			if err == nil {
				err = plan.Apply(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(filepath.Dir(path), "generated")
			if *update {
				if err = os.RemoveAll(golden); err == nil {
					err = os.CopyFS(golden, os.DirFS(filepath.Join(dir, "generated")))
				}
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(tree(t, golden), tree(t, filepath.Join(dir, "generated"))); d != "" {
				t.Errorf("golden is stale; go test ./cmd/vmloom -update rewrites it, then read it:\n%s", d)
			}
		})
	}
}
