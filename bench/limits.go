package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// meter adds up what parts of a process take.
type meter struct{ total cost }

// count runs f, and counts it.
func (m *meter) count(f func() error) error {
	var before, after syscall.Rusage
	began := time.Now()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		return err
	}
	err := f()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		return err
	}
	m.total.Wall += time.Since(began)
	m.total.CPU += used(after) - used(before)
	return err
}

func used(u syscall.Rusage) time.Duration {
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// beLimit does what gen cannot do without, and prints what it took.
func beLimit(name string, dirs []string) error {
	var m meter
	var err error
	switch {
	case name == "write" && len(dirs) == 2:
		err = m.write(dirs[0], dirs[1])
	case name == "stat" && len(dirs) == 1:
		err = m.count(func() error { return each(dirs[0], func(string) error { return nil }) })
	case name == "read" && len(dirs) == 2:
		err = m.read(dirs[0], dirs[1])
	default:
		err = fmt.Errorf("limit %s: must be write FROM TO, stat DIR or read DIR DIR", name)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m.total)
}

// each calls f with every generated file, by its path from dir on, which is asked for its size and time first.
func each(dir string, f func(file string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == profileName {
			return err
		}
		if _, err := os.Lstat(path); err != nil {
			return err
		}
		file, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return f(file)
	})
}

// write writes the files of from to to, each under another name first. Reading them is not counted.
func (m *meter) write(from, to string) error {
	type written struct {
		file string
		data []byte
	}
	var batch []written
	flush := func() error {
		err := m.count(func() error {
			for _, w := range batch {
				path := filepath.Join(to, w.file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(path+".new", w.data, 0o644); err != nil {
					return err
				}
				if err := os.Rename(path+".new", path); err != nil {
					return err
				}
			}
			return nil
		})
		batch = batch[:0]
		return err
	}
	err := each(from, func(file string) error {
		data, err := content(filepath.Join(from, file), nil)
		if err != nil {
			return err
		}
		if batch = append(batch, written{file, data}); len(batch) < 1000 {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// read reads each file, and compares it with what it should be, whose reading is counted too: gen has it in memory, made.
func (m *meter) read(dir, want string) error {
	var have, made []byte // used again
	return m.count(func() error {
		return each(want, func(file string) (err error) {
			if have, err = content(filepath.Join(dir, file), have); err != nil {
				return err
			}
			made, err = content(filepath.Join(want, file), made)
			if err == nil && !bytes.Equal(have, made) {
				err = fmt.Errorf("%s: is not as it was made", file)
			}
			return err
		})
	})
}

// content is a file's, in buf where that is large enough.
func content(path string, buf []byte) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if n := int(info.Size()); n <= cap(buf) {
		buf = buf[:n]
	} else {
		buf = make([]byte, n)
	}
	_, err = io.ReadFull(f, buf)
	return buf, err
}

// count tells how many files there are, and how large they are together.
func count(dir string) (files int, size int64, err error) {
	err = each(dir, func(file string) error {
		info, err := os.Lstat(filepath.Join(dir, file))
		if err == nil {
			files, size = files+1, size+info.Size()
		}
		return err
	})
	return files, size, err
}
