package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/engine"
)

// TestRenameImage: an image in which nothing of the name is stays up to date under the new one; one with the host
// name in it is another.
func TestRenameImage(t *testing.T) {
	for _, c := range []struct {
		hostname string
		want     engine.State
	}{{", hostname: here", engine.UpToDate}, {"", engine.Stale}} {
		dir := t.TempDir()
		t.Setenv("HOME", dir)
		t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
		file := filepath.Join(dir, "vmloom.yaml")
		writeFile(t, file, "version: 1\nname: old\nhost: {os: linux}\nguest: {system: nixos, user: {name: dev}"+c.hostname+"}\nnix: {base: own}\n")
		rename := func(args ...string) {
			t.Helper()
			var out, said strings.Builder
			if status := run(append([]string{"vmloom"}, args...), &out, &said); status != 0 {
				t.Fatalf("%q: %s", args, said.String())
			}
		}
		rename("gen", file)
		s, err := loadSetup(file)
		must(t, err)
		r := &renameRun{ui: &ui{}}
		inputs, err := r.inputs(t.Context(), s, s.Profile)
		must(t, err)
		image := "an image\n"
		writeFile(t, filepath.Join(dir, engine.ImageFile(s.Profile)), image)
		writeFile(t, filepath.Join(dir, engine.LockFile(s.Profile)), fmt.Sprintf(`{"version": 1, "file": %q, "sha256": "%x", "size": %d, "engine": "nix", "place": "local", "inputs": %q}`,
			engine.ImageFile(s.Profile), sha256.Sum256([]byte(image)), len(image), inputs))

		rename("rename", "old", "new", file)
		s, err = loadSetup(file)
		must(t, err)
		inputs, err = r.inputs(t.Context(), s, s.Profile)
		must(t, err)
		record, err := engine.Pinned(dir, s.Profile, nil)
		must(t, err)
		locks, _ := filepath.Glob(filepath.Join(dir, engine.ImagesDir, "*.lock.json"))
		if state, err := engine.Compare(t.Context(), dir, s.Profile, record, inputs); state != c.want || err != nil || len(locks) != 1 {
			t.Errorf("%q: the image %s (%v): %v; want: %s", c.hostname, state, err, locks, c.want)
		}
	}
}
