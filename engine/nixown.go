package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/flake"
	"vmloom/profile"
	"vmloom/seen"
)

// maxOwn bounds what a profile's own modules may bring along.
const maxOwn = 1000

// ownFiles are the user's files that travel with the flake: to where the image is built, and into the guest.
type ownFiles struct {
	profile  *profile.Profile
	base     string          // the profile's directory
	names    []string        // relative to it, clean
	seen     map[string]bool // the same
	findings []Finding
	looks    *seen.Looks // what is asked for
}

// NixOwn are the user's files that the flake reads, relative to the profile's directory, sorted: the modules that the
// profile names, and what these name in turn. One that is not there is named all the same. What a
// module reads and no flake can is a finding.
func NixOwn(p *profile.Profile, base string, looks *seen.Looks) ([]string, []Finding) {
	o := &ownFiles{profile: p, base: base, seen: map[string]bool{}, looks: looks}
	for _, own := range p.Nix.OwnFiles() {
		o.add(path.Clean(own.File))
		if there, err := exists(o.file(path.Clean(own.File))); err == nil && !there {
			field, _, _ := strings.Cut(own.Field, "[")
			o.fatal(own.Field, field+": "+own.File+": no such file", "it is looked for beside the profile; write it, or take it out of "+field)
		}
	}
	for i := 0; i < len(o.names) && i < maxOwn; i++ {
		if path.Ext(o.names[i]) == ".nix" {
			o.read(o.names[i])
		}
	}
	slices.Sort(o.names)
	return o.names, o.findings
}

func nixFound(j *Job) []string {
	names, _ := NixOwn(j.Profile, j.Base, nil)
	return names
}

// file is where a file is, which is about to be asked for.
func (o *ownFiles) file(name string) string {
	file := filepath.Join(o.base, filepath.FromSlash(name))
	o.looks.Look(file)
	return file
}

// named is a file by its path from the profile.
func (o *ownFiles) named(file string) string {
	if rel, err := filepath.Rel(o.base, file); err == nil {
		return filepath.ToSlash(rel)
	}
	return file
}

func (o *ownFiles) add(name string) {
	if !o.seen[name] {
		o.seen[name] = true
		o.names = append(o.names, name)
	}
}

func (o *ownFiles) fatal(field, cause, hint string) {
	o.findings = append(o.findings, Finding{true, Failure{Cause: cause, Hint: hint, Field: field}})
}

// read follows the paths that a Nix file names.
func (o *ownFiles) read(name string) {
	text, err := atomic.Read(o.file(name), atomic.Most)
	if err != nil {
		return // it is missing, which is said, or fails where it is needed
	}
	paths := flake.Paths(string(text))
	guarded := map[string]bool{} // what the file asks for before it reads it
	for _, p := range paths {
		guarded[p.Text] = guarded[p.Text] || p.By == "pathExists"
	}
	for _, p := range paths {
		o.follow(name, p, guarded[p.Text])
	}
}

func (o *ownFiles) follow(by string, p flake.Path, guarded bool) {
	at := fmt.Sprintf("%s:%d: %s: ", by, p.Line, p.Text)
	if strings.HasPrefix(p.Text, "/") || strings.HasPrefix(p.Text, "~") {
		if slices.Contains([]string{"import", "readFile", "readDir"}, p.By) {
			o.fatal("nix.modules", at+"a flake reads no file outside of itself", "put it beside the module, and write ./"+path.Base(p.Text))
		}
		return
	}
	name := path.Join(path.Dir(by), p.Text)
	switch info, err := os.Stat(o.file(name)); {
	case guarded && err != nil:
	case !o.profile.Nix.InRoot(name):
		o.fatal("nix.modules", at+"lies outside of nix.root, and a flake reads no file outside of itself", "nix: {root: ...} of the profile names a directory that has it")
	case err != nil:
		o.add(name)
		o.fatal("nix.modules", at+whyNot(err), "write it, or take it out of "+by)
	case info.Mode().IsRegular():
		o.add(name)
	case info.IsDir():
		o.below("nix.modules", name)
	}
}

// whyNot is what the error about a file tells: one that cannot be looked at may be there.
func whyNot(err error) string {
	var of *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.As(err, &of):
		return of.Err.Error()
	}
	return err.Error()
}

// below adds the files of a directory; nothing of what holds the profile itself, where images lie.
func (o *ownFiles) below(field, name string) {
	if rel, err := filepath.Rel(o.file(name), o.base); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
		return
	}
	filepath.WalkDir(o.file(name), func(file string, d fs.DirEntry, err error) error {
		switch {
		case len(o.names) >= maxOwn:
			return fs.SkipAll
		case err != nil:
			o.fatal(field, field+": "+o.named(file)+": "+whyNot(err), "all of "+name+" goes along: let it be read, or take it out")
			return nil
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ImagesDir || d.Name() == profile.SharedTree || d.Name() == profile.LocalTree):
			return fs.SkipDir
		}
		o.looks.Look(file)
		rel, err := filepath.Rel(o.base, file)
		if info, bad := os.Stat(file); err == nil && bad == nil && info.Mode().IsRegular() {
			o.add(filepath.ToSlash(rel))
		}
		return nil
	})
}
