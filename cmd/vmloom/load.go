package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/profile"
	"vmloom/seen"
)

// load reads a profile as it is on this machine: with its local file.
func load(path string) (*profile.Profile, error) {
	p, _, err := loadBoth(path, nil)
	return p, err
}

// loadBoth reads a profile as it is on this machine and as everybody has it, which
// must be whole for itself. They are the same where there is no local file. All that is asked for is noted.
func loadBoth(path string, looks *seen.Looks) (here, shared *profile.Profile, err error) {
	src, err := looks.Read(path, profile.MaxBytes)
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		err = at.Err // whoever says about it names the path
	}
	if err != nil {
		return nil, nil, err
	}
	name := filepath.Base(path)
	over, err := fleetAbove(path, looks)
	if err != nil {
		return nil, nil, err
	}
	if shared, err = over.layers(path, false, looks).Load(name, src); err != nil {
		return nil, nil, err
	}
	local := filepath.Join(filepath.Dir(path), profile.LocalName(name))
	looks.Look(local)
	if _, err := os.Lstat(local); errors.Is(err, fs.ErrNotExist) {
		return shared, shared, nil
	}
	here, err = over.layers(path, true, looks).Load(name, src)
	return here, shared, err
}

// layers is where the further files of a profile are read from: its local file
// beside it, and what it extends in its project.
func layers(path string, local bool, looks *seen.Looks) profile.Layers {
	dir := filepath.Dir(path)
	read := func(file string) ([]byte, error) {
		if file == profile.LocalName(filepath.Base(path)) {
			text, err := looks.Read(filepath.Join(dir, file), profile.MaxBytes) // a link may lead anywhere, as that of a profile
			if _, there := os.Lstat(filepath.Join(dir, file)); there == nil && errors.Is(err, fs.ErrNotExist) {
				return nil, errors.New("is a link that leads nowhere")
			}
			return text, err
		}
		return readInProject(dir, filepath.FromSlash(file), looks)
	}
	return profile.Layers{Local: local, Read: func(file string) ([]byte, error) {
		text, err := read(file)
		if errors.Is(err, atomic.ErrLarge) {
			return nil, profile.ErrLarge
		}
		return text, err
	}}
}

// readInProject reads a file of the project that dir belongs to, and of no other.
func readInProject(dir, file string, looks *seen.Looks) ([]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	top, found := projectOf(dir, looks)
	name, err := filepath.Rel(top, filepath.Join(dir, file))
	if err != nil {
		return nil, err
	}
	if !filepath.IsLocal(name) {
		if found {
			return nil, errors.New("lies outside of the repository")
		}
		return nil, errors.New("lies outside of the profile's directory, which no repository holds (git init makes one)")
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	looks.Within(top, filepath.ToSlash(name))
	looks.Look(filepath.Join(top, name))
	text, err := atomic.ReadIn(root, name, profile.MaxBytes)
	if err != nil && leadsOut(top, name) {
		return nil, errors.New("is a link that leads out of the project")
	}
	return text, err
}

// projectOf is the directory of the repository that dir is in: the nearest above
// with a .git, which is a file in a worktree. Where none is found it is dir itself.
func projectOf(dir string, looks *seen.Looks) (top string, found bool) {
	for at := dir; ; at = filepath.Dir(at) {
		looks.Is(filepath.Join(at, ".git"))
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at, true
		}
		if at == filepath.Dir(at) {
			return dir, false
		}
	}
}

// leadsOut reports whether a symbolic link on the way to a file of a directory leads out of it.
func leadsOut(top, name string) bool {
	real, err := filepath.EvalSymlinks(filepath.Join(top, name))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(top, real)
	return err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
