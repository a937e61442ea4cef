package tooltest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// CopyModule copies to a directory what the go command reads of this module, and what it embeds.
func CopyModule(t testing.TB, to string) {
	t.Helper()
	from := Repository(t)
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(from, file)
		switch {
		case err != nil || relErr != nil:
			return errors.Join(err, relErr)
		case d.IsDir() && file != from && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || rel == "docs" || rel == "examples"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
