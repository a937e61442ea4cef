// Package seen remembers, from one run to the next, that there was nothing to do about a profile. In go the paths that
// a run looked at, whether it read them, found nothing there or wrote them, and a few facts of what came out; out come
// these facts, as long as each of the paths is as it was. It knows no profile and no output, reads no content of
// either, and whatever is doubtful about its own files counts as nothing known: that costs time alone.
package seen

import (
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vmloom/atomic"
)

// state tells what is at a path from what was there. Whoever changes a file changes its ctime,
// which nobody can set; the zero state is that of nothing there.
type state struct {
	size, mtime, ctime int64 // times in nanoseconds
	inode              uint64
	mode               uint32
}

// itself is the state without what changes with the files of a directory.
func (s state) itself() state { return state{inode: s.inode, mode: s.mode} }

func (s state) isLink() bool { return s.mode&syscall.S_IFMT == syscall.S_IFLNK }

// look is one path with what was there; through reports whether links were followed.
type look struct {
	path    string
	through bool
	dir     bool // what it is counts, and not what it holds
	state   state
	// sure is set for what need not be old to be trusted: a directory as such, and what this run wrote, with a time that no clock gave.
	sure bool
}

// Looks are the paths that the work on one profile looked at. A nil one notes nothing.
type Looks struct {
	list   []look
	at     map[string]int // the first of each path in list
	unsure bool           // one could not be looked at, so nothing may be remembered
}

// NewLooks is for one profile, and for one goroutine at a time.
func NewLooks() *Looks { return &Looks{at: map[string]int{}} }

// Look notes what is at a path, which the caller is about to ask for: a change from now on will be seen. What a link
// leads to is noted as well.
func (l *Looks) Look(path string) {
	if l == nil {
		return
	}
	if i, known := l.at[path]; known && !l.list[i].dir {
		return
	}
	s, err := stat(path, false)
	l.at[path] = len(l.list)
	l.list = append(l.list, look{path: path, state: s})
	if err == nil && s.isLink() {
		s, err = stat(path, true)
		l.list = append(l.list, look{path: path, through: true, state: s})
	}
	l.unsure = l.unsure || err != nil
}

// Is notes what is at a path as such, a directory, a file or nothing, and what a link leads to. What is in it does not count.
func (l *Looks) Is(path string) {
	if l == nil {
		return
	}
	if _, known := l.at[path]; known {
		return
	}
	s, err := stat(path, false)
	l.unsure = l.unsure || err != nil
	l.set(look{path: path, state: s.itself(), dir: true, sure: true})
	if err == nil && s.isLink() {
		s, err = stat(path, true)
		l.list = append(l.list, look{path: path, through: true, state: s.itself(), dir: true, sure: true})
	}
	l.unsure = l.unsure || err != nil
}

// Within notes that the directories between root and a path below it, with slashes, are directories and no links.
// What is in them does not count. One that was not there is asked for again.
func (l *Looks) Within(root, path string) {
	if l == nil {
		return
	}
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		dir := filepath.Join(root, path[:i])
		if n, known := l.at[dir]; known && l.list[n].state != (state{}) {
			continue
		}
		s, err := stat(dir, false)
		l.unsure = l.unsure || err != nil
		l.set(look{path: dir, state: s.itself(), dir: true, sure: true})
	}
}

// Found reports whether something was at a path when it was last looked at; so it does for one that was not looked at.
func (l *Looks) Found(path string) bool {
	if l == nil {
		return true
	}
	i, known := l.at[path]
	return !known || l.list[i].state != (state{})
}

// Outside are those of the paths that are in none of the directories.
func (l *Looks) Outside(dirs ...string) *Looks {
	out := &Looks{}
	for _, one := range l.list {
		if !slices.ContainsFunc(dirs, func(dir string) bool { return one.path == dir || strings.HasPrefix(one.path, dir+"/") }) {
			out.list = append(out.list, one)
		}
	}
	return out
}

// Paths are those that were looked at, each once or twice, and whether it counts what each holds if it is a directory.
func (l *Looks) Paths() iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if l == nil {
			return
		}
		for _, one := range l.list {
			if !yield(one.path, !one.dir) {
				return
			}
		}
	}
}

// Changed reports whether one of the paths is not as it was.
func (l *Looks) Changed() bool {
	return l != nil && slices.ContainsFunc(l.list, func(one look) bool {
		now, _ := stat(one.path, one.through) // what could not be told and still cannot is as it was
		if one.dir {
			now = now.itself()
		}
		return now != one.state
	})
}

// Read is atomic.Read of a path that is noted.
func (l *Looks) Read(path string, limit int64) ([]byte, error) {
	l.Look(path)
	return atomic.Read(path, limit)
}

// Wrote notes a file below root that this run has replaced, with the time that it gave it (atomic.How), and
// the directories that it has made for it.
func (l *Looks) Wrote(root, file string, stamp time.Time) {
	if l == nil {
		return
	}
	l.Within(root, file)
	path := filepath.Join(root, filepath.FromSlash(file))
	s, err := stat(path, false)
	if err != nil || s.mtime != stamp.UnixNano() {
		l.unsure = true // somebody was there already
		return
	}
	l.set(look{path: path, state: s, sure: true})
}

func (l *Looks) set(one look) {
	if i, known := l.at[one.path]; known {
		l.list[i] = one
		return
	}
	l.at[one.path] = len(l.list)
	l.list = append(l.list, one)
}

// The age from which a file's ctime shows a later change. A file system keeps its times by a tick of its own: where
// there are nanoseconds it is some milliseconds, else up to two seconds.
const (
	tick       = int64(50 * time.Millisecond)
	coarseTick = int64(3 * time.Second)
)

// Doubt says that nothing is to be remembered.
func (l *Looks) Doubt() {
	if l != nil {
		l.unsure = true
	}
}

// settled reports whether every later change of what was looked at gives it another state than that noted: what is
// changed within the tick in which it was looked at may keep it.
func (l *Looks) settled(began int64) bool {
	for _, one := range l.list {
		age := tick
		if one.state.ctime%int64(time.Second) == 0 {
			age = coarseTick
		}
		if one.state != (state{}) && !one.sure && one.state.ctime > began-age {
			return false
		}
	}
	return !l.unsure
}

// stat is the state of a path; an error is what cannot be told from a change.
func stat(path string, through bool) (state, error) {
	var s unix.Stat_t
	ask := unix.Lstat
	if through {
		ask = unix.Stat
	}
	err := ask(path, &s)
	for errors.Is(err, unix.EINTR) {
		err = ask(path, &s)
	}
	switch {
	case err == nil:
		return state{int64(s.Size), unix.TimespecToNsec(s.Mtim), unix.TimespecToNsec(s.Ctim), uint64(s.Ino), uint32(s.Mode)}, nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return state{}, nil
	}
	return state{}, &fs.PathError{Op: "stat", Path: path, Err: err}
}
