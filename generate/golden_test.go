package generate_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

var update = flag.Bool("update", false, "rewrite the golden trees of testdata and examples")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// load reads a profile, as everybody has it.
func load(path string) (*profile.Profile, error) { return loadWith(path, false) }

// loadWith reads a profile, with its local file if so wanted.
func loadWith(path string, local bool) (*profile.Profile, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := func(file string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(path), file)) }
	return profile.Layers{Read: read, Local: local}.Load(filepath.Base(path), src)
}

// nameOf is a golden profile's directory, as seen from the repository's.
func nameOf(t testing.TB, path string) string {
	t.Helper()
	name, err := filepath.Rel(tooltest.Repository(t), filepath.Dir(path))
	must(t, err)
	return filepath.ToSlash(name)
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

// TestGolden regenerates each tree elsewhere, and compares: no file missing,
// none too many, every byte and mode the same. A profile with a local file has two.
func TestGolden(t *testing.T) {
	for _, path := range tooltest.Goldens(t) {
		name := nameOf(t, path)
		t.Run(name, func(t *testing.T) {
			goldenTree(t, path, profile.SharedTree, false)
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "vmloom.local.yaml")); err == nil {
				goldenTree(t, path, profile.LocalTree, true)
			}
		})
	}
}

func goldenTree(t *testing.T, path, kind string, local bool) {
	t.Helper()
	dir := t.TempDir()
	p, err := loadWith(path, local)
	must(t, err)
	files, err := generate.Files(p, nil)
	must(t, err)
	plan, err := generate.Compare(dir, p, files, false)
	if err == nil {
		err = plan.Apply(t.Context())
	}
	must(t, err)
	golden := filepath.Join(filepath.Dir(path), kind)
	if *update {
		must(t, os.RemoveAll(golden))
		must(t, os.CopyFS(golden, os.DirFS(filepath.Join(dir, kind))))
		return
	}
	if d := cmp.Diff(tree(t, golden), tree(t, filepath.Join(dir, kind))); d != "" {
		t.Errorf("golden is stale; go test ./generate -update rewrites it, then read it:\n%s", d)
	}
}
