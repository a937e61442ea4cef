// Package watch tells when something about a profile may have changed. In go the paths that the work on each looked at
// (seen.Looks), and trees in which profiles may appear; out come the keys of those about which something is not as it
// was. It hears of changes by the system's events (inotify, kqueue) and sleeps in between; where there are none, as on
// the mounts of a network, or no more to be had, it looks again and again, at a pace that its own cost sets. It watches
// directories and no files, so that a file that an editor replaces, or that is not there yet, is one that it hears of.
// It reads no file, and knows no profile.
package watch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"vmloom/seen"
)

const (
	// fold is how long after the first event others are taken with it: an editor that saves makes several.
	fold = 30 * time.Millisecond
	// often is how soon what has no events is looked at again, and most which part of the time that may take.
	often, most = time.Second, 20
)

// Watcher watches for one goroutine.
type Watcher struct {
	how     how
	events  *fsnotify.Watcher // nil: the system has none to give
	without string            // why it has none
	spent   int               // descriptors that watching takes
	dirs    map[string]*dir   // by their real paths
	follows map[string]*follow
	woken   map[*follow]bool

	looked bool      // the last to end a sleep was the clock
	since  time.Time // when what that found was first asked for
}

// how are the system's ways; tests have their own.
type how struct {
	open  func() (*fsnotify.Watcher, error)
	mute  func(dir string) string // why events do not tell all of a directory; empty: they do
	often time.Duration
}

// follow is what is watched for one key.
type follow struct {
	key    string
	looks  *seen.Looks
	trees  []Tree
	places []place
	mute   string // why events do not tell all of it; empty: they do
}

// New is a watcher of nothing yet.
func New() *Watcher { return newWatcher(how{fsnotify.NewWatcher, mute, often}) }

func newWatcher(h how) *Watcher {
	w := &Watcher{how: h, dirs: map[string]*dir{}, follows: map[string]*follow{}, woken: map[*follow]bool{}}
	events, err := h.open()
	if err != nil {
		w.without = cmp.Or(limit(err), err.Error())
		return w
	}
	w.events = events
	return w
}

// Close ends it.
func (w *Watcher) Close() {
	if w.events != nil {
		w.events.Close()
		w.events = nil
	}
}

// Follow has what is watched for a key be what was looked at. What has changed since is told at the next Wait.
func (w *Watcher) Follow(key string, looks *seen.Looks) {
	f := w.follow(key)
	f.looks = looks
	w.renew(f)
	if looks.Changed() {
		w.woken[f] = true
	}
}

// FollowTrees adds the directories of trees to what is watched for a key, and replaces those of before.
func (w *Watcher) FollowTrees(key string, trees []Tree) {
	f := w.follow(key)
	f.trees = trees
	w.renew(f)
}

// Drop ends the watch for a key.
func (w *Watcher) Drop(key string) {
	if f := w.follows[key]; f != nil {
		for _, p := range f.places {
			w.leave(f, p)
		}
		delete(w.follows, key)
		delete(w.woken, f)
	}
}

func (w *Watcher) follow(key string) *follow {
	f := w.follows[key]
	if f == nil {
		f = &follow{key: key}
		w.follows[key] = f
	}
	return f
}

// Unheard are the reasons for which it looks again and again, sorted; empty: the system tells of everything.
func (w *Watcher) Unheard() []string {
	if w.without != "" {
		return []string{w.without}
	}
	why := map[string]bool{}
	for _, f := range w.follows {
		if f.mute != "" {
			why[f.mute] = true
		}
	}
	return slices.Sorted(maps.Keys(why))
}

// Wait sleeps until something may have changed, and gives the keys that it is about, sorted: none once the context is done.
func (w *Watcher) Wait(ctx context.Context) []string {
	for {
		if len(w.woken) == 0 {
			w.sleep(ctx)
		}
		if ctx.Err() != nil {
			return nil
		}
		if keys := w.changed(ctx); len(keys) > 0 {
			return keys
		}
	}
}

// sleep ends when an event is about something that is followed, when it is time to look, or with the context.
func (w *Watcher) sleep(ctx context.Context) {
	var due <-chan time.Time
	if pause := w.pause(); pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		due = timer.C
	}
	for w.looked = false; len(w.woken) == 0; {
		events, errs := w.channels()
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			w.heard(e.Name)
		case <-errs: // some events are lost, so anything may have happened
			w.wakeAll(func(*follow) bool { return true })
		case w.since = <-due:
			w.looked = true
			w.wakeAll(w.unheard)
		}
	}
}

// channels are those of the events; nil, which never has one, where there are none.
func (w *Watcher) channels() (chan fsnotify.Event, chan error) {
	if w.events == nil {
		return nil, nil
	}
	return w.events.Events, w.events.Errors
}

// pause is how long to sleep at most, so that looking takes a small part of the time whatever it costs; 0: as long as it takes.
func (w *Watcher) pause() time.Duration {
	if !slices.ContainsFunc(slices.Collect(maps.Values(w.follows)), w.unheard) {
		return 0
	}
	pause := w.how.often
	if w.looked {
		pause = max(pause, most*time.Since(w.since))
	}
	return pause
}

func (w *Watcher) unheard(f *follow) bool { return w.events == nil || f.mute != "" }

func (w *Watcher) wakeAll(which func(*follow) bool) {
	for _, f := range w.follows {
		if which(f) {
			w.woken[f] = true
		}
	}
}

// changed takes further events for a moment, and gives the keys for which something is not as it was. Each is watched
// anew before it is asked: directories may be others by now. Trees are not, for that is the dear part: their keys are
// always given, and whoever follows them does it again when the rest is done.
func (w *Watcher) changed(ctx context.Context) (keys []string) {
	w.gather(ctx)
	for f := range w.woken {
		if len(f.trees) == 0 {
			w.renew(f)
		}
		if len(f.trees) > 0 || f.looks.Changed() {
			keys = append(keys, f.key)
		}
	}
	clear(w.woken)
	slices.Sort(keys)
	return keys
}

// gather takes what events there are in a moment.
func (w *Watcher) gather(ctx context.Context) {
	if w.events == nil {
		return
	}
	timer := time.NewTimer(fold)
	defer timer.Stop()
	for {
		events, errs := w.channels()
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case e := <-events:
			w.heard(e.Name)
		case <-errs:
			w.wakeAll(func(*follow) bool { return true })
		}
	}
}
