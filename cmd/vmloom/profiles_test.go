package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestProfilesBelow: a directory means the profiles of its projects, and neither what tools keep there, nor what was made, nor
// what a link leads to, which may be the directory again.
func TestProfilesBelow(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{
		"vmloom.yaml", "b/vmloom.yaml", "b/c/two.vmloom.yaml", "b/vmloom.local.yaml", "b/other.yaml", "b/c/._two.vmloom.yaml", "generated-by-hand/vmloom.yaml",
		".git/vmloom.yaml", "b/.git/modules/vmloom.yaml", ".direnv/vmloom.yaml", "generated/vm/vmloom.yaml", "b/generated/vm/vmloom.yaml",
		"b/generated.local/vm/vmloom.yaml", "node_modules/tool/vmloom.yaml", "b/c/node_modules/vmloom.yaml",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		writeFile(t, filepath.Join(dir, file), "version: 1\nname: vm\n")
	}
	must(t, os.Symlink("..", filepath.Join(dir, "b", "up")))
	must(t, os.Symlink("around", filepath.Join(dir, "around")))
	must(t, os.Symlink("../vmloom.yaml", filepath.Join(dir, "b", "link.vmloom.yaml")))
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	for _, top := range []string{dir, link, filepath.Join(dir, "b", "up")} {
		found, err := profilesBelow(t.Context(), top, nil)
		must(t, err)
		for i := range found {
			found[i], err = filepath.Rel(top, found[i])
			must(t, err)
		}
		if want := []string{"b/c/two.vmloom.yaml", "b/vmloom.yaml", "generated-by-hand/vmloom.yaml", "vmloom.yaml"}; !slices.Equal(found, want) {
			t.Errorf("%s: %q, want %q", top, found, want)
		}
	}
	// What is named is taken, wherever it is.
	if found, err := profilesBelow(t.Context(), filepath.Join(dir, "generated"), nil); err != nil || len(found) != 1 {
		t.Errorf("%q, %v", found, err)
	}
	// A profile that is a link is not said to be none.
	linked := t.TempDir()
	must(t, os.Symlink(filepath.Join(dir, "vmloom.yaml"), filepath.Join(linked, "vmloom.yaml")))
	_, err := profilePaths(t.Context(), []string{linked})
	if f := (*failure)(nil); !errors.As(err, &f) || f.hint != filepath.Join(linked, "vmloom.yaml")+" is a link, which a directory does not stand for: name it" {
		t.Errorf("%v", err)
	}
}
