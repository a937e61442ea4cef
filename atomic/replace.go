// Package atomic changes files so that whoever looks, the next run after a
// crash too, finds the old content or the new one, and never a part. In go a
// name and bytes; Lock keeps other processes out meanwhile, Hash tells one
// content from another. It never decides what belongs into a file.
package atomic

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// tempPrefix begins the name of a file that is not complete yet. Neither launchd
// nor systemd takes such a name for a job's.
const tempPrefix = ".vmloom-"

// How says how a file is replaced.
type How struct {
	// Mode of the new file, whatever the umask.
	Mode fs.FileMode
	// Temp is what the new file is called until it is complete: a path in the
	// same root, reserved by a lock that the caller holds. What a killed run has
	// left there is removed. Empty: a name of its own beside the file.
	Temp string
	// Sync waits until the content is on the disk, so that it outlives a crash of
	// the machine; without it only one of the process.
	Sync bool
}

// Replace writes data to a file below root, whose directory is there, by a
// temporary name and a rename.
func Replace(root *os.Root, name string, data []byte, how How) error {
	temp, err := write(root, name, data, how)
	if err != nil {
		return err
	}
	if err = root.Rename(temp, name); err != nil {
		root.Remove(temp)
	}
	return err
}

// write puts the data under the temporary name, which is gone where that fails.
func write(root *os.Root, name string, data []byte, how How) (temp string, err error) {
	temp = how.Temp
	if temp == "" {
		temp = path.Join(path.Dir(name), tempPrefix+rand.Text())
	} else if err := root.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(how.Mode)) // the umask may have taken bits
	if how.Sync {
		err = errors.Join(err, f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		root.Remove(temp)
	}
	return temp, err
}

// ReplaceFile is Replace for a file anywhere; How.Temp is a name in its directory.
func ReplaceFile(file string, data []byte, how How) error {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer root.Close()
	return Replace(root, filepath.Base(file), data, how)
}

// CreateFile writes a file anywhere that must not be there yet: it is whole or
// not there, and the error is fs.ErrExist where somebody has it already.
func CreateFile(file string, data []byte, how How) error {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer root.Close()
	temp, err := write(root, filepath.Base(file), data, how)
	if err != nil {
		return err
	}
	defer root.Remove(temp)
	return root.Link(temp, filepath.Base(file))
}
