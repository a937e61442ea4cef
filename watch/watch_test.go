package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"vmloom/seen"
)

// patience is for what must come; no test waits for it to pass unless it fails.
const patience = time.Minute

// started is a watcher of one key, "box", that looked at files of a directory.
type started struct {
	*Watcher
	t   *testing.T
	dir string
	at  []string
}

func start(t *testing.T, h how, dir string, files ...string) *started {
	t.Helper()
	s := &started{newWatcher(h), t, dir, files}
	t.Cleanup(s.Close)
	s.look()
	return s
}

// look is what gen does before it waits.
func (s *started) look() {
	looks := seen.NewLooks()
	for _, file := range s.at {
		looks.Look(filepath.Join(s.dir, file))
	}
	s.Follow("box", looks)
}

// hears is a change that must be told of.
func (s *started) hears(what string, change func()) {
	s.t.Helper()
	change()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if keys := s.Wait(ctx); !slices.Equal(keys, []string{"box"}) {
		s.t.Fatalf("%s: woke %q", what, keys)
	}
	s.look()
	s.quiet(what)
}

// quiet holds that nothing is left to be told of: what follows is told of alone.
func (s *started) quiet(what string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*fold)
	defer cancel()
	if keys := s.Wait(ctx); len(keys) > 0 {
		s.t.Errorf("%s: woke %q once more", what, keys)
	}
}

func events() how { return how{fsnotify.NewWatcher, func(string) string { return "" }, often} }

// silent is a system that has no events.
func silent() how {
	return how{func() (*fsnotify.Watcher, error) { return nil, syscall.EMFILE }, mute, 5 * time.Millisecond}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// TestSaved goes through the ways in which editors save and people move things about, with events and without.
func TestSaved(t *testing.T) {
	for name, h := range map[string]how{"events": events(), "looking": silent()} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "a", "b")
			file := filepath.Join(dir, "vmloom.yaml")
			write(t, file, "1")
			write(t, filepath.Join(top, "real", "linked.yaml"), "1")
			do(t, os.Symlink("../../real/linked.yaml", filepath.Join(dir, "link.yaml")))
			s := start(t, h, dir, "vmloom.yaml", "layers/base.yaml", "link.yaml", "../../vmloom.fleet.yaml")
			s.quiet("start")

			s.hears("written in place", func() { write(t, file, "2") })
			s.hears("replaced by a rename", func() {
				write(t, filepath.Join(dir, ".vmloom.yaml.swp"), "3")
				do(t, os.Rename(filepath.Join(dir, ".vmloom.yaml.swp"), file))
			})
			s.hears("moved to a backup, and written", func() { // vim with backupcopy=no
				do(t, os.Rename(file, file+"~"))
				write(t, file, "4")
			})
			s.hears("deleted", func() { do(t, os.Remove(file)) })
			s.hears("created", func() { write(t, file, "5") })
			s.hears("deleted and created", func() { do(t, os.Remove(file)); write(t, file, "6") })
			s.hears("a layer in a new directory", func() { write(t, filepath.Join(dir, "layers", "base.yaml"), "1") })
			s.hears("that layer", func() { write(t, filepath.Join(dir, "layers", "base.yaml"), "2") })
			s.hears("a fleet above", func() { write(t, filepath.Join(top, "vmloom.fleet.yaml"), "1") })
			s.hears("what a link leads to", func() { write(t, filepath.Join(top, "real", "linked.yaml"), "22") })
			s.hears("the link", func() {
				do(t, os.Symlink("vmloom.yaml", filepath.Join(dir, "new")), os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "link.yaml")))
			})
			s.hears("its directory away", func() { do(t, os.Rename(dir, dir+"2")) })
			s.hears("and back", func() { do(t, os.Rename(dir+"2", dir)) })
			s.hears("a write there", func() { write(t, file, "7") })
			s.hears("the one above away", func() { do(t, os.Rename(filepath.Join(top, "a"), filepath.Join(top, "c"))) })
			s.hears("and back", func() { do(t, os.Rename(filepath.Join(top, "c"), filepath.Join(top, "a"))) })
			s.hears("a write there", func() { write(t, file, "8") })
			s.hears("removed and made anew", func() { do(t, os.RemoveAll(dir)); write(t, file, "9") })
			s.hears("a write there", func() { write(t, file, "10") })
		})
	}
}

// TestBurst: what an editor does in one go is told of once, and what concerns nobody never.
func TestBurst(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "vmloom.yaml")
	write(t, file, "1")
	s := start(t, events(), dir, "vmloom.yaml")
	s.hears("a burst", func() {
		for i := range 200 {
			write(t, file+".tmp", fmt.Sprint("burst ", i))
			do(t, os.Rename(file+".tmp", file))
		}
	})
	write(t, filepath.Join(dir, "generated", "box", "flake.nix"), "made")
	write(t, filepath.Join(dir, "README.md"), "else")
	s.quiet("other files")
	do(t, os.Chtimes(file, time.Time{}, time.Time{})) // an event, and all as it was
	s.quiet("nothing")
}

// TestSince: what changes between the look and the watch is told of, too.
func TestSince(t *testing.T) {
	dir := t.TempDir()
	s := start(t, events(), dir)
	looks := seen.NewLooks()
	looks.Look(filepath.Join(dir, "vmloom.yaml"))
	write(t, filepath.Join(dir, "vmloom.yaml"), "1")
	s.at = []string{"vmloom.yaml"}
	s.hears("since the look", func() { s.Follow("box", looks) })
}

// TestTrees finds files that appear below a directory, but in no directory that is skipped, nor deeper than is asked.
func TestTrees(t *testing.T) {
	for name, h := range map[string]how{"events": events(), "looking": silent()} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			h.often = time.Hour // looking would find anything
			if name == "looking" {
				h.often = 5 * time.Millisecond
			}
			w := newWatcher(h)
			t.Cleanup(w.Close)
			trees := []Tree{{
				Dir: filepath.Join(top, "boxes"), Depth: 2,
				Skip: func(name string) bool { return name == "generated" },
				Want: func(name string) bool { return strings.HasSuffix(name, ".yaml") },
			}}
			w.FollowTrees("list", trees)
			wakes := func(path string) {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if keys := w.Wait(ctx); !slices.Equal(keys, []string{"list"}) {
					t.Fatalf("%s: woke %q", path, keys)
				}
				w.FollowTrees("list", trees)
			}
			for _, path := range []string{"boxes", "boxes/a", "boxes/a/b", "boxes/a/b/x.yaml", "boxes/y.yaml"} {
				if strings.HasSuffix(path, ".yaml") {
					write(t, filepath.Join(top, path), "1")
				} else {
					do(t, os.Mkdir(filepath.Join(top, path), 0o755))
				}
				wakes(path)
			}
			do(t, os.RemoveAll(filepath.Join(top, "boxes", "a")))
			wakes("removed")
			if name == "looking" {
				return
			}
			write(t, filepath.Join(top, "boxes", "notes.txt"), "1")
			write(t, filepath.Join(top, "boxes", "generated", "box.yaml"), "1")
			ctx, cancel := context.WithTimeout(t.Context(), 3*fold)
			defer cancel()
			if keys := w.Wait(ctx); len(keys) > 0 {
				t.Errorf("woke %q", keys)
			}
		})
	}
}

// TestIdle: with a thousand directories and nothing to tell it sleeps without a clock, and is not woken.
func TestIdle(t *testing.T) {
	top := t.TempDir()
	for i := range 1000 {
		write(t, filepath.Join(top, fmt.Sprint(i), "vmloom.yaml"), "1")
	}
	w := newWatcher(events())
	t.Cleanup(w.Close)
	for i := range 1000 {
		key := filepath.Join(top, fmt.Sprint(i), "vmloom.yaml")
		looks := seen.NewLooks()
		looks.Look(key)
		looks.Look(filepath.Join(top, "vmloom.fleet.yaml"))
		w.Follow(key, looks)
	}
	w.FollowTrees("list", []Tree{{Dir: top, Depth: -1, Skip: func(string) bool { return false }, Want: func(string) bool { return true }}})
	if len(w.dirs) < 1000 {
		t.Fatalf("watches %d directories", len(w.dirs))
	}
	if pause := w.pause(); pause != 0 {
		t.Errorf("would look again after %v", pause)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(3*fold, cancel)
	if keys := w.Wait(ctx); len(keys) > 0 || w.looked {
		t.Errorf("woke %q", keys)
	}
	write(t, filepath.Join(top, "7", "vmloom.yaml"), "22")
	if keys := w.Wait(t.Context()); !slices.Equal(keys, []string{filepath.Join(top, "7", "vmloom.yaml"), "list"}) {
		t.Errorf("woke %q", keys)
	}
	for key := range w.follows {
		w.Drop(key)
	}
	if len(w.dirs) > 0 || len(w.events.WatchList()) > 0 {
		t.Errorf("%d directories are watched for nobody, %d by the system", len(w.dirs), len(w.events.WatchList()))
	}
}

// TestUnheard: one key whose directory has no events is looked at, and the reason said; the others are not.
func TestUnheard(t *testing.T) {
	dir := t.TempDir()
	far := filepath.Join(dir, "far")
	write(t, filepath.Join(far, "vmloom.yaml"), "1")
	h := events()
	h.often = 5 * time.Millisecond
	h.mute = func(dir string) string {
		if filepath.Base(dir) == "far" {
			return "on nfs others change files unheard"
		}
		return ""
	}
	s := start(t, h, dir, "vmloom.yaml")
	if why := s.Unheard(); len(why) > 0 || s.pause() != 0 {
		t.Errorf("looks again: %q", why)
	}
	s.at = []string{"far/vmloom.yaml"}
	s.look()
	if why := s.Unheard(); !slices.Equal(why, []string{"on nfs others change files unheard"}) || s.pause() == 0 {
		t.Errorf("does not look again: %q", why)
	}
	clear(s.dirs[far].names) // as if nothing were told of
	s.hears("unheard", func() { write(t, filepath.Join(far, "vmloom.yaml"), "2") })
}

// TestLimit: where the system has no more watches to give, it looks again, and leaves those that there are to others.
func TestLimit(t *testing.T) {
	for _, err := range []error{syscall.ENOSPC, syscall.EMFILE} {
		h := silent()
		h.open = func() (*fsnotify.Watcher, error) { return nil, fmt.Errorf("inotify: %w", err) }
		w := newWatcher(h)
		if why := w.Unheard(); len(why) != 1 || !strings.Contains(why[0], "fs.inotify.max_user_") {
			t.Errorf("%v: %q", err, why)
		}
	}
	dir := t.TempDir()
	s := start(t, events(), dir, "vmloom.yaml")
	s.how.often = 5 * time.Millisecond
	s.giveUp(limit(syscall.ENOSPC))
	if s.events != nil || len(s.Unheard()) != 1 {
		t.Errorf("goes on: %q", s.Unheard())
	}
	s.hears("without", func() { write(t, filepath.Join(dir, "vmloom.yaml"), "1") })
}
