package seen

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"vmloom/atomic"
)

// Index is what earlier runs remember, and what this one adds. A nil one knows nothing.
type Index struct {
	dir    string
	tool   string // the hash of the program that asks
	began  int64  // when this run did, in nanoseconds
	shards map[byte]*shard
	shared map[string]state // what several profiles look at, asked once a run
	buffer []byte           // for a shard's file

	away     func(dir string) string // Away; tests have their own
	awayDirs map[string]bool         // what it told of directories that several profiles look into
}

// Open gives the index in a directory of the user's cache, for the program of that file. It is nil, and the run remembers
// nothing, where there can be none.
func Open(dir, program string, began time.Time) *Index {
	x := newIndex(dir, began)
	if os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	if x.tool = x.hashOf(program); x.tool == "" {
		return nil
	}
	return x
}

// Reading is Open for a run that only asks: it leaves nothing in the directory, which need not be there.
func Reading(dir, program string, began time.Time) *Index {
	x := newIndex(dir, began)
	state, _ := stateOf(program)
	if x.tool = x.knownHash(state); x.tool == "" {
		return nil
	}
	return x
}

func newIndex(dir string, began time.Time) *Index {
	return &Index{
		dir: dir, began: began.UnixNano(), shards: map[byte]*shard{}, shared: map[string]state{},
		away: Away, awayDirs: map[string]bool{},
	}
}

// Known gives what was noted of a profile, by its absolute path, as long as all that was looked at then is as it was.
func (x *Index) Known(profile string) (facts []byte, ok bool) {
	if x == nil {
		return nil, false
	}
	body, ok := x.shard(profile).body(profile)
	if !ok {
		return nil, false
	}
	e := decoder{rest: body}
	began, facts := e.int(), e.bytes()
	if began > x.began { // the clock has gone back: a change since may bear any time
		return nil, false
	}
	dir := filepath.Dir(profile) + "/"
	for n := e.int(); n > 0; n-- {
		one := e.look(dir)
		if e.broken || !x.holds(one, strings.HasPrefix(one.path, dir)) {
			return nil, false
		}
	}
	return facts, !e.broken && len(e.rest) == 0
}

// holds reports whether the state of a path is still the one noted.
func (x *Index) holds(one look, own bool) bool {
	key := one.path
	if one.through {
		key += "\x00"
	}
	now, asked := state{}, false
	if !own {
		now, asked = x.shared[key]
	}
	if !asked {
		var err error
		if now, err = stat(one.path, one.through); err != nil {
			return false
		}
		if !own {
			x.shared[key] = now
		}
	}
	if one.dir {
		now = now.itself()
	}
	return now == one.state
}

// Unread gives what was noted of a profile while its own file alone is as it was: enough for what stands in that.
func (x *Index) Unread(profile string) (facts []byte, ok bool) {
	if x == nil {
		return nil, false
	}
	body, ok := x.shard(profile).body(profile)
	if !ok {
		return nil, false
	}
	e := decoder{rest: body}
	began, facts, n := e.int(), e.bytes(), e.int()
	one := e.look(filepath.Dir(profile) + "/")
	return facts, !e.broken && n > 0 && began <= x.began && one.path == profile && x.holds(one, true)
}

// Changed says that this run has changed files, which other profiles may have looked at.
func (x *Index) Changed() {
	if x != nil {
		clear(x.shared)
	}
}

// Note remembers what came out of a profile, unless some of what was looked at is so new, or on such a file system, that
// it could change unseen.
func (x *Index) Note(profile string, looks *Looks, facts []byte) {
	if x == nil || looks == nil {
		return
	}
	s := x.shard(profile)
	dir := filepath.Dir(profile) + "/"
	if !looks.settled(x.began) || x.outOfSight(dir, looks) {
		s.drop(profile)
		return
	}
	var e encoder
	e.int(x.began)
	e.bytes(facts)
	e.int(int64(len(looks.list)))
	for _, one := range looks.list {
		path, err := filepath.Abs(one.path)
		if err != nil {
			s.drop(profile)
			return
		}
		one.path = path
		e.look(dir, one)
	}
	if s.set(profile, e.out); s.size > maxAdded {
		x.save(s)
	}
}

// outOfSight reports whether some of what was looked at is where others may change it unheard. What is in the profile's
// own directory is where that is.
func (x *Index) outOfSight(dir string, looks *Looks) bool {
	if x.away(dir) != "" {
		return true
	}
	for _, one := range looks.list {
		path, err := filepath.Abs(one.path)
		if err != nil {
			return true
		}
		at := filepath.Dir(path)
		switch {
		case one.through:
			at = path
		case strings.HasPrefix(path, dir):
			continue
		}
		away, asked := x.awayDirs[at]
		if !asked {
			away = x.away(at) != ""
			x.awayDirs[at] = away
		}
		if away {
			return true
		}
	}
	return false
}

// Save writes what this run has added. Two runs at once each leave a whole file; what one of them
// noted may be lost, and is found out anew.
func (x *Index) Save() {
	if x == nil {
		return
	}
	for _, s := range x.shards {
		x.save(s)
	}
}

// stateOf is all that the program's file shows of itself, and whether it may change again and show the same.
func stateOf(program string) (string, *Looks) {
	looks := NewLooks()
	looks.Look(program)
	var e encoder
	for _, one := range looks.list {
		e.look("", one)
	}
	return string(e.out), looks
}

// knownHash is the hash of the program that an earlier run has noted for this state of its file; empty: none has.
func (x *Index) knownHash(state string) string {
	text, err := atomic.Read(x.programFile(), atomic.Most)
	if err != nil {
		return ""
	}
	d := decoder{rest: text}
	if sum, of := string(d.bytes()), string(d.bytes()); !d.broken && of == state {
		return sum
	}
	return ""
}

func (x *Index) programFile() string { return filepath.Join(x.dir, "program") }

// hashOf is the hash of the program, which is computed once for each that is installed; empty where it cannot be told.
func (x *Index) hashOf(program string) string {
	state, looks := stateOf(program)
	if sum := x.knownHash(state); sum != "" {
		return sum
	}
	data, err := hashFile(program)
	if err != nil || looks.unsure {
		return ""
	}
	if looks.settled(x.began) {
		var out encoder
		out.bytes([]byte(data))
		out.bytes([]byte(state))
		_ = atomic.ReplaceFile(x.programFile(), out.out, atomic.How{Mode: 0o600})
	}
	return data
}
