package host

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vmloom/atomic"
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
	data, readErr := atomic.Read(path, atomic.Most)
	known := had != nil && had.Files[path] != nil
	switch {
	case err == nil && readErr == nil && want != nil && bytes.Equal(data, want):
		return same
	case err != nil || readErr != nil || !info.Mode().IsRegular():
		return elsewhere
	case known && slices.Contains(had.Files[path], atomic.Hash(data)):
		return stale
	case known:
		return edited
	case ours(data): // copied by hand, as the guide has it
		return stale
	}
	return foreign
}

// newSuffix ends what a file is called until it is complete. Neither launchd nor
// systemd takes such a name for a job.
const newSuffix = ".vmloom-new"

// replace writes a file by rename. The host's lock keeps two runs from sharing the temporary name.
func replace(path string, data []byte, mode fs.FileMode) error {
	return atomic.ReplaceFile(path, data, atomic.How{Mode: mode, Temp: filepath.Base(path) + newSuffix, Sync: true})
}
