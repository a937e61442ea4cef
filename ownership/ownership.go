// Package ownership shows whose a VM is. In goes a profile with its path, and the mark that the generated
// scripts leave in what they make (templates/shared/_owner.sh.tmpl: both say the same); out comes whether
// the two belong together. It never writes: the scripts take over, in words.
package ownership

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
)

// MarkName is the file's name in whatever is marked.
const MarkName = "vmloom.owner"

// mostRead is far more than a mark or an id holds.
const mostRead = 64 << 10

// Self is a profile as marks know it.
type Self struct {
	// ID is empty where this checkout has made no VM.
	ID string
	// Path of the profile, absolute, with links followed.
	Path string
}

// Of reads the id that is kept beside a profile.
func Of(path, name string) (Self, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Self{}, err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return Self{}, err
	}
	id, err := lines(filepath.Join(dir, ".vmloom", name+".id"))
	if err != nil && !atomic.Gone(err) {
		return Self{}, err
	}
	return Self{strings.Join(id, ""), filepath.Join(dir, filepath.Base(path))}, nil
}

// State is whose a thing is.
type State string

// What Whose finds. Moved: of this project, which has moved since. Foreign: of another project, which is
// there. Unowned: of a project that is gone, or a copy of something else. Unmarked: there is no mark.
const (
	Ours     State = "ours"
	Moved    State = "moved"
	Foreign  State = "foreign"
	Unowned  State = "unowned"
	Unmarked State = "unmarked"
)

// Mark is what stands in one.
type Mark struct{ ID, Profile, Of string }

// ReadMark reads the mark in a file.
func ReadMark(file string) (m Mark, err error) {
	text, err := lines(file)
	for _, line := range text {
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "id":
			m.ID = value
		case "profile":
			m.Profile = value
		case "of":
			m.Of = value
		}
	}
	return m, err
}

// Whose reads the mark of a thing, such as an instance by its name. An error says that whose it is cannot be told.
func (s Self) Whose(file, thing string) (State, Mark, error) {
	m, err := ReadMark(file)
	if atomic.Gone(err) {
		return Unmarked, Mark{}, nil
	}
	if err != nil {
		return "", Mark{}, err
	}
	here := filepath.Dir(m.Profile) == filepath.Dir(s.Path)
	switch {
	case m.ID == "" || m.Of != thing:
		return Unowned, m, nil
	case m.ID == s.ID && m.Profile == s.Path:
		return Ours, m, nil
	case m.ID == s.ID && here:
		return Moved, m, nil
	}
	lives, err := m.Lives()
	switch {
	case err != nil:
		return "", m, err
	case lives:
		return Foreign, m, nil
	case m.ID == s.ID:
		return Moved, m, nil
	}
	return Unowned, m, nil
}

// Lives reports whether the project of the mark is there and still has its id. What may not be looked at is not gone:
// that is an error.
func (m Mark) Lives() (bool, error) {
	info, err := os.Stat(m.Profile)
	if atomic.Gone(err) || err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	dir := filepath.Join(filepath.Dir(m.Profile), ".vmloom")
	entries, err := os.ReadDir(dir)
	if atomic.Gone(err) {
		return false, nil
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".id" {
			continue
		}
		text, errID := lines(filepath.Join(dir, e.Name()))
		if errID == nil && slices.Contains(text, m.ID) {
			return true, nil
		}
		if err == nil && !atomic.Gone(errID) {
			err = errID
		}
	}
	return false, err
}

func lines(file string) ([]string, error) {
	data, err := atomic.Read(file, mostRead)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), nil
}
