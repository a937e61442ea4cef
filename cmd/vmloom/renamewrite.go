package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// write puts the names into the profile and its local file, and takes them back where the result is not what is meant.
func (r *renameRun) write() (*setup, error) {
	s := r.before
	edits, err := r.edits()
	if err != nil || len(edits) == 0 {
		return s, err
	}
	home := r.home()
	put := func(text func(edit) []byte) error {
		var failed error
		for _, e := range edits {
			failed = errors.Join(failed, atomic.ReplaceFile(e.file, text(e), atomic.How{Mode: e.mode, Sync: true}))
		}
		return failed
	}
	back := func() error { return put(func(e edit) []byte { return e.was }) }
	if err := put(func(e edit) []byte { return e.is }); err != nil {
		return nil, errors.Join(err, back())
	}
	after, err := loadSetup(s.path)
	if err == nil && after.Name == r.name && (s.Home.Disk == 0 && len(s.Disks) == 0 || after.Home.Name == home) {
		return after, nil
	}
	return nil, errors.Join(hinted(fmt.Errorf("%s: the names could not be written into it: it is as it was", s.path),
		"write name: "+r.name+" and home: {name: "+home+"} into it yourself, then: "+process.Cmd{Args: []string{"vmloom", "rename", r.old, r.name}}.String()), back())
}

// home is the name that the home's disk keeps.
func (r *renameRun) home() string {
	if r.before.Given("home.name") {
		return r.before.Home.Name
	}
	return r.old
}

// edit is a file as it was, and as it is to be.
type edit struct {
	file    string // with links followed
	mode    os.FileMode
	was, is []byte
}

// edits are what makes the old name the new one: in the profile, and in the local file where that has its part in it.
// What one of the extended files says is over-ruled, and not changed: others extend it, too.
func (r *renameRun) edits() (out []edit, err error) {
	s := r.before
	for _, at := range []struct {
		file   string
		of     *profile.Profile
		source string
	}{
		{s.path, s.shared, ""},
		{filepath.Join(filepath.Dir(s.path), profile.LocalName(filepath.Base(s.path))), s.Profile, profile.LocalName(filepath.Base(s.path))},
	} {
		if at.source != "" && !s.HasLocal() {
			continue
		}
		e := edit{file: at.file}
		if e.file, err = filepath.EvalSymlinks(at.file); err != nil {
			return nil, err
		}
		info, err := os.Stat(e.file)
		if err != nil {
			return nil, err
		}
		if e.was, err = atomic.Read(e.file, profile.MaxBytes); err != nil {
			return nil, err
		}
		e.mode, e.is = info.Mode().Perm(), r.edited(e.was, at.of, at.source)
		if !bytes.Equal(e.was, e.is) {
			out = append(out, e)
		}
	}
	return out, nil
}

// edited is the text of the source of a form of the profile.
func (r *renameRun) edited(src []byte, of *profile.Profile, source string) []byte {
	shared := r.before.shared
	if name := of.At("name"); name.File == source {
		src = inLine(src, name, r.old, r.name)
	}
	home := of.At("home")
	switch {
	case of.Given("home.name") || of.Home.Disk == 0 && len(of.Disks) == 0: // they have their name, or there is none
	case source != "" && (shared.Home.Disk > 0 || len(shared.Disks) > 0): // the profile has it
	case home.File == source && of.Given("home"):
		src = intoMapping(src, home, "name: "+r.old)
	case source == "":
		end := lineEnd(src)
		src = append(bytes.TrimSuffix(src, []byte(end)), end+"home: {name: "+r.old+"}"+end...)
	}
	return src
}

// inLine replaces a word in the line of a place.
func inLine(src []byte, at profile.Pos, old, text string) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	if at.Line < 1 || at.Line > len(lines) {
		return src
	}
	line := lines[at.Line-1]
	from := min(at.Col-1, len(line))
	lines[at.Line-1] = slices.Concat(line[:from], bytes.Replace(line[from:], []byte(old), []byte(text), 1))
	return bytes.Join(lines, nil)
}

// intoMapping writes a key into the mapping that begins at a place: in braces, or a line of its own before the first.
func intoMapping(src []byte, at profile.Pos, entry string) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	if at.Line < 1 || at.Line > len(lines) {
		return src
	}
	line := lines[at.Line-1]
	from := min(at.Col-1, len(line))
	if bytes.HasPrefix(line[from:], []byte("{")) {
		lines[at.Line-1] = slices.Concat(line[:from+1], []byte(entry+", "), line[from+1:])
	} else {
		lines[at.Line-1] = slices.Concat([]byte(strings.Repeat(" ", from)+entry+lineEnd(line)), line)
	}
	return bytes.Join(lines, nil)
}

// lineEnd is how a text ends its lines.
func lineEnd(src []byte) string {
	if bytes.Contains(src, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}
