// Package atomic changes files so that whoever looks, the next run after a
// crash too, finds the old content or the new one, and never a part. In go a
// name and bytes; Lock keeps other processes out meanwhile, Hash tells one
// content from another. It never decides what belongs into a file.
package atomic

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
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
	// Stamp, where it is not nil, gets the time that the file was given, the least before that of its writing: whoever
	// writes to it in the same tick of the clock gives it another. Where the file system keeps no such times the file has
	// another at once.
	Stamp *time.Time
}

// Replace writes data to a file below root, whose directory is there, by a
// temporary name and a rename.
func Replace(root *os.Root, name string, data []byte, how How) error {
	temp, err := write(root, name, whole(data), how)
	if err != nil {
		return err
	}
	defer temp.Close()
	if err = root.Rename(temp.name, name); err != nil {
		root.Remove(temp.name)
	}
	return err
}

// temporary is a file that is not complete yet, or not in its place. It is open
// and locked until it is: that shows it from what a killed run has left.
type temporary struct {
	*os.File
	name string
}

// whole is what fills a file whose content is known.
func whole(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// write fills a file under the temporary name, which is gone where that fails.
func write(root *os.Root, name string, fill func(io.Writer) error, how How) (temp temporary, err error) {
	if how.Temp == "" {
		clean(root, path.Dir(name))
		temp, err = own(root, path.Dir(name))
	} else {
		temp, err = reserved(root, how.Temp, how.Mode)
	}
	if err != nil {
		return temp, err
	}
	if err = fill(temp); err == nil {
		err = temp.dress(root, how)
	}
	if err == nil && how.Sync {
		err = temp.Sync()
	}
	if err != nil {
		root.Remove(temp.name)
		temp.Close()
	}
	return temp, err
}

// reserved makes a temporary file of a name that is the caller's. Of what a killed run has left there it hears when it
// makes its own, which nearly always is the first.
func reserved(root *os.Root, name string, mode fs.FileMode) (temporary, error) {
	f, err := root.OpenFile(name, anew, mode)
	if errors.Is(err, fs.ErrExist) {
		if err = root.Remove(name); err == nil {
			f, err = root.OpenFile(name, anew, mode)
		}
	}
	return temporary{f, name}, err
}

// anew makes a file. It would not wait for a regular one anyway, and Go is spared four calls of the kernel to learn that.
const anew = os.O_WRONLY | os.O_CREATE | os.O_EXCL | syscall.O_NONBLOCK

// dress gives a file that is written its mode, of which the umask may have taken bits, and its time.
func (t temporary) dress(root *os.Root, how How) error {
	info, err := t.Stat()
	if err == nil && info.Mode() != how.Mode {
		err = t.Chmod(how.Mode)
	}
	if err != nil || how.Stamp == nil {
		return err
	}
	if stamp := info.ModTime().Add(-time.Nanosecond); root.Chtimes(t.name, time.Time{}, stamp) == nil {
		*how.Stamp = stamp
	}
	return nil
}

// own makes a temporary file of a name of its own, locked.
func own(root *os.Root, dir string) (temporary, error) {
	for {
		name := path.Join(dir, tempPrefix+rand.Text())
		f, err := root.OpenFile(name, anew, 0o600)
		if err != nil {
			return temporary{}, err
		}
		taken, err := TryLock(f)
		if err != nil { // no locks on this file system: nobody cleans here either
			return temporary{f, name}, nil
		}
		// Somebody who cleans may have seen it before it was locked.
		if now, err := root.Lstat(name); taken && err == nil {
			if was, err := f.Stat(); err == nil && os.SameFile(was, now) {
				return temporary{f, name}, nil
			}
		}
		f.Close()
	}
}

// clean removes from a directory the temporary files of runs that were killed.
func clean(root *os.Root, dir string) {
	d, err := root.Open(dir)
	if err != nil {
		return
	}
	names, _ := d.Readdirnames(-1)
	d.Close()
	for _, base := range names {
		name := path.Join(dir, base)
		if !strings.HasPrefix(base, tempPrefix) || len(base) != len(tempPrefix)+len(rand.Text()) {
			continue
		}
		if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if taken, _ := TryLock(f); taken {
			root.Remove(name)
		}
		f.Close()
	}
}

// Clean removes from a directory what killed runs have left there; who writes a file does so anyway.
func Clean(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	clean(root, ".")
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
	return CreateFrom(file, whole(data), how)
}

// CreateFrom is CreateFile for a content that comes bit by bit. What fill returns is
// returned, and there is no file then.
func CreateFrom(file string, fill func(io.Writer) error, how How) error {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.Base(file)
	temp, err := write(root, name, fill, how)
	if err != nil {
		return err
	}
	defer temp.Close()
	defer root.Remove(temp.name)
	err = root.Link(temp.name, name)
	if _, there := root.Lstat(name); err != nil && errors.Is(there, fs.ErrNotExist) {
		return root.Rename(temp.name, name) // a file system without links
	}
	return err
}
