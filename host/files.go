package host

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// fileState is a file as it is compared with what belongs there.
type fileState int

const (
	absent    fileState = iota
	same                // it is as it should be
	stale               // vmloom's own, from an earlier profile
	edited              // vmloom's own, changed since
	foreign             // the user's
	elsewhere           // a link, or no file at all
)

// look compares a file with the bytes that belong there and with what the record tells.
func look(path string, want []byte, had *item) fileState {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	if to, err := os.Stat(path); err == nil && !to.Mode().IsRegular() {
		return elsewhere // reading a pipe would never end
	}
	data, readErr := os.ReadFile(path)
	known := had != nil && had.Files[path] != nil
	switch {
	case err == nil && readErr == nil && want != nil && bytes.Equal(data, want):
		return same
	case err != nil || readErr != nil || !info.Mode().IsRegular():
		return elsewhere
	case known && slices.Contains(had.Files[path], hash(data)):
		return stale
	case known:
		return edited
	case ours(data): // copied by hand, as the guide has it
		return stale
	}
	return foreign
}

// newSuffix is what a file is called until it is complete. Neither launchd nor
// systemd takes such a name for a job.
const newSuffix = ".vmloom-new"

// replace writes a file by rename: cut off at any moment, it is the old or the
// new one. The lock keeps two runs from sharing the temporary name.
func replace(path string, data []byte, mode fs.FileMode) error {
	temp := path + newSuffix
	os.Remove(temp) // of a run that was killed
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}
