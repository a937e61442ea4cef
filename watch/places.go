package watch

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Tree is a directory below which files may appear that nobody has looked at.
type Tree struct {
	Dir  string
	Skip func(name string) bool // directories that are not gone into
	Want func(name string) bool // files that count
	// Depth is how many directories below Dir are gone into; negative: all.
	Depth int
}

// dir is a directory that is watched, with whom each name in it concerns.
type dir struct {
	names map[string][]*follow
	all   []*follow // whom every name concerns
	trees []inTree
	uses  int
	mute  string // why it does not tell all; empty: it does
	// refused is why the system gives no events of it now, such as that it may not be read; empty: it does.
	refused string
	wide    bool // it is better not watched
	asked   bool // its events were asked for
}

type inTree struct {
	*follow
	tree Tree
}

// place is one name in a directory that a follow is about: that of a file, or of a directory on the way to it.
type place struct {
	dir, name string
	kind      kind
}

type kind byte

const (
	named kind = iota
	whole      // all names of it
	tree       // those that its trees ask for
)

// maxLinks is how many symbolic links are followed on the way to a file.
const maxLinks = 40

// round is one renewal of what is watched for a follow.
type round struct {
	w     *Watcher
	f     *follow
	has   map[place]bool
	asked map[string]bool   // directories whose events were asked for
	real  map[string]string // where directories are, by the paths that led to them; empty: nowhere
	last  *dir              // that of the last name
}

// renew has exactly those directories be watched that the follow is about now.
func (w *Watcher) renew(f *follow) {
	old := f.places
	f.places, f.mute = nil, ""
	r := &round{w: w, f: f, has: map[place]bool{}, asked: map[string]bool{}, real: map[string]string{}}
	for path, holds := range f.looks.Paths() {
		r.path(path, holds)
	}
	for _, t := range f.trees {
		r.tree(t)
	}
	for _, p := range old { // after what is new, so that what stays is never unwatched
		w.leave(f, p)
	}
}

// path watches for a path: in its directory, and in those above for a part of it that is moved away or back. Where
// links are on the way, both they and what they lead to are. What a directory holds counts as well with holds.
func (r *round) path(path string, holds bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return // the present directory is gone
	}
	r.last = nil
	real, info := r.resolve(path, maxLinks)
	if holds && info != nil && info.IsDir() {
		r.last = r.place(place{real, "", whole})
	}
	if r.last != nil && (info != nil || !r.last.wide) { // that a file appears where so much else does is not waited for
		r.needs(r.last)
	}
}

// needs notes that events of a directory are not all that there is to hear, if so. Of those above it, which are watched
// in case one is moved, that is taken as it is.
func (r *round) needs(d *dir) {
	if r.f.mute == "" {
		r.f.mute = cmp.Or(d.mute, d.refused)
	}
}

// resolve gives where a path really is, and what is there; nil: nothing.
func (r *round) resolve(path string, links int) (string, os.FileInfo) {
	parent, name := filepath.Split(path)
	if name == "" { // the root
		info, _ := os.Lstat(path)
		return path, info
	}
	in := r.directory(filepath.Clean(parent), links)
	if in == "" {
		return "", nil
	}
	r.last = r.place(place{in, name, named})
	path = filepath.Join(in, name)
	info, err := os.Lstat(path) // after it is watched: what changes from here on is heard
	if err != nil {
		return "", nil
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return path, info
	}
	to, err := os.Readlink(path)
	if err != nil || links == 0 {
		return "", nil
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(in, to)
	}
	return r.resolve(filepath.Clean(to), links-1)
}

// directory gives where a directory really is; empty where there is none.
func (r *round) directory(path string, links int) string {
	if real, known := r.real[path]; known {
		return real
	}
	real, info := r.resolve(path, links)
	if info == nil || !info.IsDir() {
		real = ""
	}
	r.real[path] = real
	return real
}

// tree watches the directories of a tree.
func (r *round) tree(t Tree) {
	path, err := filepath.Abs(t.Dir)
	if err != nil {
		return
	}
	if top := r.directory(path, maxLinks); top != "" {
		r.below(top, t)
	}
}

// below goes into a directory that is watched from here on, so that none is missed that is made meanwhile.
func (r *round) below(in string, t Tree) {
	p := place{in, "", tree}
	if r.has[p] {
		return
	}
	d := r.place(p)
	d.trees = append(d.trees, inTree{r.f, t})
	entries, err := os.ReadDir(in)
	if !errors.Is(err, fs.ErrPermission) { // nothing is found there until that changes, of which the directory above tells
		r.needs(d)
	}
	if t.Depth == 0 {
		return
	}
	t.Depth--
	for _, e := range entries {
		if e.IsDir() && !t.Skip(e.Name()) {
			r.below(filepath.Join(in, e.Name()), t)
		}
	}
}

// place has a directory be watched for the follow.
func (r *round) place(p place) *dir {
	d := r.w.dirs[p.dir]
	if r.has[p] {
		return d
	}
	r.has[p] = true
	if d == nil {
		d = &dir{names: map[string][]*follow{}, mute: r.w.how.mute(p.dir), wide: wide(p.dir)}
		r.w.dirs[p.dir] = d
	}
	d.uses++
	r.f.places = append(r.f.places, p)
	switch p.kind {
	case named:
		d.names[p.name] = append(d.names[p.name], r.f)
	case whole:
		d.all = append(d.all, r.f)
	}
	if !r.asked[p.dir] { // once a round: another directory may have taken its place since the last
		r.asked[p.dir] = true
		r.w.ask(p.dir, d)
	}
	return d
}

// leave ends that a directory is watched for the follow.
func (w *Watcher) leave(f *follow, p place) {
	d := w.dirs[p.dir]
	switch p.kind {
	case named:
		if d.names[p.name] = without(d.names[p.name], f); len(d.names[p.name]) == 0 {
			delete(d.names, p.name)
		}
	case whole:
		d.all = without(d.all, f)
	case tree:
		if i := slices.IndexFunc(d.trees, func(one inTree) bool { return one.follow == f }); i >= 0 {
			d.trees = slices.Delete(d.trees, i, i+1)
		}
	}
	if d.uses--; d.uses == 0 {
		delete(w.dirs, p.dir)
		if w.events != nil {
			_ = w.events.Remove(p.dir) // of one that is gone the system has ended it
		}
	}
}

func without(list []*follow, f *follow) []*follow {
	if i := slices.Index(list, f); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// heard wakes whom a change at a path concerns.
func (w *Watcher) heard(path string) {
	in, name := filepath.Dir(path), filepath.Base(path)
	d := w.dirs[in]
	if d == nil {
		return
	}
	for _, f := range d.names[name] {
		w.woken[f] = true
	}
	for _, f := range d.all {
		w.woken[f] = true
	}
	for _, one := range d.trees {
		if one.tree.Want(name) || one.tree.Depth != 0 && !one.tree.Skip(name) && w.isDir(path) {
			w.woken[one.follow] = true
		}
	}
}

// isDir reports whether a path is that of a directory, or was.
func (w *Watcher) isDir(path string) bool {
	if w.dirs[path] != nil {
		return true
	}
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
