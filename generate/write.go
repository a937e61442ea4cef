package generate

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"vmloom/atomic"
	"vmloom/profile"
)

// Op is what a Plan does to one file.
type Op string

// The operations of a Plan. Kept files are the user's: edited since vmloom wrote
// them, or never written by it.
const (
	Create    Op = "create"
	Update    Op = "update"
	Remove    Op = "remove"
	Unchanged Op = "unchanged"
	Kept      Op = "kept"
)

// Change is what a Plan does to one file.
type Change struct {
	Path string
	Op   Op
	// Old is what is on disk, nil where there is nothing to read; New is what
	// belongs there, nil for a removal.
	Old, New []byte
	Mode     fs.FileMode
	// Why says in words why a file is kept.
	Why     string
	tighten bool // others may read it, who should not; no drift, since Git does not keep it
	// Err is why what is there cannot be read; nil: it can, and a kept file is an edit.
	Err error
}

// Plan is the difference between the files of a profile and what is on disk.
type Plan struct {
	// Dir is generated/<name>, or generated.local/<name>, relative to the profile's directory.
	Dir string
	// Changes in the order of their paths.
	Changes []Change

	base     string // the profile's directory
	from     origin
	files    []File
	force    bool
	manifest manifest
	written  int                  // as Written tells
	stale    bool                 // the manifest itself needs to be written
	gone     []string             // files of the old manifest that are neither wanted nor there
	wrote    map[string]time.Time // the files that Apply has written, with the times that it gave them
	absent   bool                 // there was no tree
	appeared bool                 // another run has made it since
}

// Compare looks at the directory of the profile's files below base, the profile's
// directory, and plans how to bring files there. With force, files of the user are
// planned away too. Nothing is written.
func Compare(base string, of *profile.Profile, files []File, force bool) (*Plan, error) {
	return compareIn(of.FilesDir(), base, originOf(of), files, force)
}

// Leftover plans how to remove the tree of a local file that is gone; nil: there is none.
func Leftover(base string, of *profile.Profile, force bool) (*Plan, error) {
	dir := profile.LocalTree + "/" + of.Name
	if _, err := os.Lstat(filepath.Join(base, dir, ManifestName)); of.HasLocal() || err != nil {
		return nil, nil
	}
	return compareIn(dir, base, originOf(of), nil, force)
}

// Former plans how to remove the tree dir, of a name that the profile had before; nil: there is none.
func Former(base string, of *profile.Profile, dir string) (*Plan, error) {
	if _, err := os.Lstat(filepath.Join(base, dir, ManifestName)); err != nil {
		return nil, nil
	}
	return compareIn(dir, base, originOf(of), nil, false)
}

// origin is what the files of a directory are made from.
type origin struct {
	file    string            // the profile's, or the fleet's
	sources map[string]string // as in manifest
}

func originOf(p *profile.Profile) origin { return origin{p.File(), sourcesOf(p)} }

// CompareFleet is Compare for the files of a fleet, whose file is in base.
func CompareFleet(base string, of *profile.Fleet, files []File, force bool) (*Plan, error) {
	return compareIn(profile.FleetTree, base, origin{file: of.File()}, files, force)
}

func compareIn(dir, base string, from origin, files []File, force bool) (*Plan, error) {
	p := &Plan{Dir: dir, base: base, from: from, files: files, force: force, written: Format, wrote: map[string]time.Time{}}
	root, err := p.open(false)
	if err != nil {
		return nil, err
	}
	old := manifest{}
	cutOff := false
	p.absent = root == nil
	if root != nil {
		defer root.Close()
		if old, err = readManifest(root); err != nil && !force {
			return nil, fmt.Errorf("%s/%s: %w", p.Dir, ManifestName, err)
		}
		if old.Profile != "" && old.Profile != from.file && !force {
			return nil, fmt.Errorf("%s: belongs to the profile %s, which has the same name", p.Dir, old.Profile)
		}
		_, err := root.Lstat(tempName)
		cutOff = err == nil
	}
	p.manifest = manifest{Version: 1, Format: Format, Profile: from.file, Sources: from.sources, Files: map[string][]string{}}
	for _, f := range files {
		if root == nil {
			p.Changes = append(p.Changes, Change{Path: f.Path, Op: Create, New: f.Data, Mode: f.Mode})
		} else {
			p.Changes = append(p.Changes, compare(root, f, old.Files[f.Path], force))
		}
		p.manifest.Files[f.Path] = []string{atomic.Hash(f.Data)}
	}
	for gone, hashes := range old.Files {
		if _, wanted := p.manifest.Files[gone]; !wanted {
			if c := remove(root, gone, hashes, force); c.Op != Unchanged {
				p.Changes = append(p.Changes, c)
			} else {
				p.gone = append(p.gone, gone)
			}
		}
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	for _, c := range p.Changes {
		if c.Op == Kept {
			p.keep(c.Path, old.Files[c.Path])
		}
	}
	if len(old.Files) > 0 {
		if p.written = old.Format; !p.Drift() {
			p.manifest.Format = old.Format // its files are the same in both
		}
	}
	p.stale = cutOff || !sameManifest(old, p.manifest)
	return p, nil
}

// keep leaves a kept file's entry as it was, so that it stays known as edited.
func (p *Plan) keep(file string, hashes []string) {
	if hashes == nil {
		delete(p.manifest.Files, file)
		return
	}
	p.manifest.Files[file] = hashes
}

func compare(root *os.Root, f File, known []string, force bool) Change {
	c := Change{Path: f.Path, New: f.Data, Mode: f.Mode}
	old, mode, err := read(root, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Op = Create
	case err != nil && (!force || errors.Is(err, syscall.EISDIR)): // a directory is more than a file's worth
		c.Op, c.Why, c.Err = Kept, unread(err), err
	case err != nil:
		c.Op = Update
	case bytes.Equal(old, f.Data) && mode&0o100 == f.Mode&0o100: // the rest is the umask's
		c.Op, c.Old = Unchanged, old
		c.tighten = f.Mode&0o077 == 0 && mode&0o077 != 0
	case bytes.Equal(old, f.Data), ours(old, known), force:
		c.Op, c.Old = Update, old
	case known == nil:
		c.Op, c.Old, c.Why = Kept, old, "was not made by vmloom"
	default:
		c.Op, c.Old, c.Why = Kept, old, "was edited by hand"
	}
	return c
}

func remove(root *os.Root, file string, known []string, force bool) Change {
	old, _, err := read(root, file)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errElsewhere) && force:
		return Change{Path: file, Op: Unchanged}
	case err != nil && (!force || errors.Is(err, syscall.EISDIR)):
		return Change{Path: file, Op: Kept, Why: unread(err), Err: err}
	case err == nil && !ours(old, known) && !force:
		return Change{Path: file, Op: Kept, Old: old, Why: "is no longer generated, but was edited by hand"}
	}
	return Change{Path: file, Op: Remove, Old: old}
}

// ours reports whether a text is one that vmloom wrote. With core.autocrlf Git gives its lines other ends: that is
// nobody's edit, and no shell reads such a script.
func ours(text []byte, known []string) bool {
	return slices.Contains(known, atomic.Hash(text)) ||
		bytes.Contains(text, []byte("\r\n")) && slices.Contains(known, atomic.Hash(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
}

// unread words an error of reading.
func unread(err error) string {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err.Error()
	case errors.Is(err, syscall.EISDIR), errors.Is(err, atomic.ErrIrregular), errors.Is(err, atomic.ErrLarge):
		return at.Err.Error()
	}
	return "cannot be read: " + at.Err.Error()
}

// Drift reports whether applying the plan would change or keep anything.
func (p *Plan) Drift() bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Op != Unchanged })
}

// Count is the number of changes of one kind.
func (p *Plan) Count(op Op) int {
	n := 0
	for _, c := range p.Changes {
		if c.Op == op {
			n++
		}
	}
	return n
}

// Apply brings the plan to disk. Each file is replaced by a rename; cut off at
// any moment, every file is the old or the new one, and the next run knows both
// for vmloom's own. It waits for another run that writes there, until ctx ends.
func (p *Plan) Apply(ctx context.Context) error {
	tighten := slices.ContainsFunc(p.Changes, func(c Change) bool { return c.tighten })
	if p.Count(Create)+p.Count(Update)+p.Count(Remove) == 0 && !p.stale && !tighten {
		return nil
	}
	if p.Newer() && !p.force {
		return p.newer()
	}
	root, err := p.open(true)
	if err != nil {
		return err
	}
	defer root.Close()
	unlock, err := lock(ctx, root)
	if err != nil {
		return err
	}
	defer unlock()
	if err := p.again(root); err != nil {
		return err
	}
	if p.Newer() && !p.force {
		return p.newer()
	}
	root.Remove(tempName) // of a run that was cut off; the lock is ours
	if err := p.writeManifest(root, p.interim()); err != nil {
		return err
	}
	way := "" // the directory that the last file went into
	for _, c := range p.Changes {
		switch {
		case c.tighten:
			err = root.Chmod(c.Path, c.Mode)
		case c.Op == Create, c.Op == Update:
			if dir := path.Dir(c.Path); dir != way {
				way, err = dir, p.makeWay(root, dir)
			}
			if err == nil {
				err = p.replace(root, c.Path, c.New, c.Mode)
			}
		case c.Op == Remove:
			way = "" // it may go with the file
			if err = root.Remove(c.Path); err == nil {
				prune(root, c.Path)
			}
		}
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.Dir, c.Path, err)
		}
	}
	for _, file := range p.gone {
		prune(root, file)
	}
	if len(p.manifest.Files) == 0 {
		return p.leave(root)
	}
	return p.writeManifest(root, p.manifest)
}

// leave removes what is left of a tree that nothing is in any more.
func (p *Plan) leave(root *os.Root) error {
	if err := root.Remove(ManifestName); err != nil {
		return err
	}
	dir := filepath.Join(p.base, filepath.FromSlash(p.Dir))
	if os.Remove(dir) == nil { // else it holds files that vmloom did not make
		os.Remove(filepath.Dir(dir))
	}
	return nil
}

// sourcesOf are the hashes of the files that a tree with a local file is made of; the others have none in
// their manifest, which Git keeps.
func sourcesOf(p *profile.Profile) map[string]string {
	if !p.HasLocal() {
		return nil
	}
	sources := map[string]string{}
	for _, s := range p.Sources() {
		sources[cmp.Or(s.File, p.File())] = atomic.Hash(s.Text)
	}
	return sources
}

// again looks again, now that no other run can write: what one did since Compare
// would pass for edits by hand otherwise. Of a tree that there was not, and that is
// empty, there is nothing to look at.
func (p *Plan) again(root *os.Root) error {
	if p.absent && empty(root) {
		return nil
	}
	fresh, err := compareIn(p.Dir, p.base, p.from, p.files, p.force)
	if err == nil {
		fresh.appeared = p.absent
		*p = *fresh
	}
	return err
}

// makeWay makes the directory of files, and sees to it that no symbolic link leads to it; with force, what
// is in the place of a directory goes.
func (p *Plan) makeWay(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	for dir := range steps(dir) {
		info, err := root.Lstat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir():
		case err != nil:
			return err
		case !p.force:
			return fmt.Errorf("%s: %w", dir, errElsewhere)
		default:
			if err := root.Remove(dir); err != nil {
				return err
			}
		}
	}
	return root.MkdirAll(dir, 0o755)
}
