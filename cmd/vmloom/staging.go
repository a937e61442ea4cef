package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"vmloom/atomic"
)

// stagingLock is held while its directory is in use, by which one that a killed run has left is known.
const stagingLock = ".lock"

// stagingName is what a directory for staging is called.
var stagingName = regexp.MustCompile(`^vmloom-.+-[0-9]+$`)

// staging makes a directory below root for what a run stages, and removes those of runs that were killed. Done
// removes it.
func staging(root, name string) (dir string, done func(), err error) {
	clearStaging(root)
	for {
		if dir, err = os.MkdirTemp(root, "vmloom-"+name+"-"); err != nil {
			return "", nil, err
		}
		lock, err := os.OpenFile(filepath.Join(dir, stagingLock), os.O_CREATE|os.O_RDWR, 0o600)
		if errors.Is(err, os.ErrNotExist) {
			continue // somebody who clears took it for one that was left
		}
		if err != nil {
			removeAll(dir)
			return "", nil, err
		}
		taken, err := atomic.TryLock(lock)
		if _, gone := os.Stat(lock.Name()); gone == nil && (taken || err != nil) { // without locks nobody clears
			return dir, func() { removeAll(dir); lock.Close() }, nil
		}
		lock.Close()
	}
}

// clearStaging removes what killed runs have left: directories with a lock that nobody holds.
func clearStaging(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !stagingName.MatchString(e.Name()) {
			continue
		}
		dir := filepath.Join(root, e.Name())
		lock, err := os.OpenFile(filepath.Join(dir, stagingLock), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if info, err := lock.Stat(); err == nil && info.Mode().IsRegular() {
			if taken, err := atomic.TryLock(lock); taken && err == nil {
				removeAll(dir)
			}
		}
		lock.Close()
	}
}
