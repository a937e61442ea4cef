package atomic

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// stageLock is held while its directory is in use, by which one that a killed run has left is known.
const stageLock = ".lock"

// stageName is what a directory for staging is called.
var stageName = regexp.MustCompile(`^\.?vmloom-.+-[0-9]+$`)

// Stage makes a directory below root for what a run stages, vmloom-NAME-NUMBER, and removes those of runs that were
// killed. Done removes it. Where root is the user's own, a name that begins with a dot makes it .vmloom-NAME-NUMBER.
func Stage(root, name string) (dir string, done func(), err error) {
	clearStages(root)
	prefix := "vmloom-" + name + "-"
	if plain, hidden := strings.CutPrefix(name, "."); hidden {
		prefix = ".vmloom-" + plain + "-"
	}
	for {
		if dir, err = os.MkdirTemp(root, prefix); err != nil {
			return "", nil, err
		}
		lock, err := os.OpenFile(filepath.Join(dir, stageLock), os.O_CREATE|os.O_RDWR, 0o600)
		if errors.Is(err, os.ErrNotExist) {
			continue // somebody who clears took it for one that was left
		}
		if err != nil {
			RemoveTree(dir)
			return "", nil, err
		}
		taken, err := TryLock(lock)
		if _, gone := os.Stat(lock.Name()); gone == nil && (taken || err != nil) { // without locks nobody clears
			return dir, func() { RemoveTree(dir); lock.Close() }, nil
		}
		lock.Close()
	}
}

// clearStages removes what killed runs have left: directories with a lock that nobody holds.
func clearStages(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !stageName.MatchString(e.Name()) {
			continue
		}
		dir := filepath.Join(root, e.Name())
		lock, err := os.OpenFile(filepath.Join(dir, stageLock), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if info, err := lock.Stat(); err == nil && info.Mode().IsRegular() {
			if taken, err := TryLock(lock); taken && err == nil {
				RemoveTree(dir)
			}
		}
		lock.Close()
	}
}

// RemoveTree removes a staged tree, whose directories may be read-only.
func RemoveTree(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			os.Chmod(path, 0o755)
		}
		return nil
	})
	os.RemoveAll(dir)
}
