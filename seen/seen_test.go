package seen

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vmloom/atomic"
)

// bed is a profile with a file that it reads, one that it does not find, and one that is written.
type bed struct {
	t         *testing.T
	dir, work string
	program   string
	now       time.Time
}

func newBed(t *testing.T) *bed {
	b := &bed{t: t, dir: filepath.Join(t.TempDir(), "index"), work: t.TempDir(), now: time.Now().Add(time.Minute)}
	b.program = b.file("vmloom", "a program")
	b.file("profile", "text")
	b.file("own/module", "text")
	b.file("out/a/b", "text")
	return b
}

func (b *bed) at(name string) string { return filepath.Join(b.work, name) }

func (b *bed) file(name, text string) string {
	b.t.Helper()
	path := b.at(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b *bed) looks() *Looks {
	l := NewLooks()
	for _, name := range []string{"profile", "own/module", "local", "own"} {
		l.Look(b.at(name))
	}
	l.Within(b.work, "out/a/b")
	l.Look(b.at("out/a/b"))
	return l
}

// run notes the profile as a run a minute later does, so that all of it is old enough.
func (b *bed) run() {
	x := Open(b.dir, b.program, b.now)
	x.Note(b.at("profile"), b.looks(), []byte("facts"))
	x.Save()
}

func (b *bed) known(at time.Time) bool {
	facts, ok := Open(b.dir, b.program, at).Known(b.at("profile"))
	if read, known := Reading(b.dir, b.program, at).Known(b.at("profile")); known != ok || string(read) != string(facts) {
		b.t.Errorf("who only asks hears %q, %v", read, known)
	}
	if ok && string(facts) != "facts" {
		b.t.Errorf("the facts are %q", facts)
	}
	return ok
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestChanges: whatever becomes of what was looked at is seen, also where size and time are kept.
func TestChanges(t *testing.T) {
	for name, change := range map[string]func(*bed) error{
		"nothing": func(b *bed) error { return nil },
		"others":  func(b *bed) error { return os.WriteFile(b.at("out/a/other"), nil, 0o644) }, // a directory of outputs may hold more
		"content": func(b *bed) error { return os.WriteFile(b.at("profile"), []byte("more text"), 0o644) },
		"same size and time": func(b *bed) error {
			info, err := os.Stat(b.at("profile"))
			must(b.t, err)
			must(b.t, os.WriteFile(b.at("profile"), []byte("tex2"), 0o644))
			return os.Chtimes(b.at("profile"), info.ModTime(), info.ModTime())
		},
		"replaced": func(b *bed) error {
			return os.Rename(b.file("new", "text"), b.at("out/a/b"))
		},
		"mode":              func(b *bed) error { return os.Chmod(b.at("out/a/b"), 0o600) },
		"gone":              func(b *bed) error { return os.Remove(b.at("own/module")) },
		"come":              func(b *bed) error { return os.WriteFile(b.at("local"), nil, 0o644) },
		"a link to nowhere": func(b *bed) error { return os.Symlink("nowhere", b.at("local")) },
		"in a directory that was read": func(b *bed) error {
			return os.WriteFile(b.at("own/second"), nil, 0o644)
		},
		"a link for a directory": func(b *bed) error {
			must(b.t, os.Rename(b.at("out/a"), b.at("elsewhere")))
			return os.Symlink(b.at("elsewhere"), b.at("out/a"))
		},
		"another program": func(b *bed) error { return os.WriteFile(b.program, []byte("b program"), 0o755) },
	} {
		b := newBed(t)
		b.run()
		must(t, change(b))
		if got, want := b.known(b.now.Add(time.Second)), name == "nothing" || name == "others"; got != want {
			t.Errorf("%s: known: %t", name, got)
		}
	}
}

// TestClocks: neither a clock that goes back nor a change within one tick passes unseen.
func TestClocks(t *testing.T) {
	b := newBed(t)
	b.run()
	if b.known(b.now.Add(-time.Second)) {
		t.Error("known to a run before it was noted")
	}
	if !b.known(b.now) {
		t.Error("not known in the same instant")
	}
	b = newBed(t)
	b.now = time.Now() // what is there is new
	b.run()
	if b.known(b.now.Add(time.Hour)) {
		t.Error("what was written a moment ago may change unseen, and is trusted")
	}
}

// TestAway: what others may change unheard is not trusted, be it the profile's directory, what a link leads to, or a file elsewhere.
func TestAway(t *testing.T) {
	b := newBed(t)
	must(t, os.Mkdir(b.at("p"), 0o755))
	b.file("p/vmloom.yaml", "text")
	must(t, os.Symlink("../own/module", b.at("p/link")))
	for _, one := range []struct {
		away string
		want bool
	}{{"nowhere", true}, {"p", false}, {"out/a", false}, {"p/link", false}} {
		x := Open(b.dir, b.program, b.now)
		x.away = func(dir string) string { return map[string]string{b.at(one.away): "nfs"}[filepath.Clean(dir)] }
		l := NewLooks()
		l.Look(b.at("p/vmloom.yaml"))
		l.Look(b.at("p/link"))
		l.Look(b.at("out/a/b"))
		x.Note(b.at("p/vmloom.yaml"), l, nil)
		if _, ok := x.Known(b.at("p/vmloom.yaml")); ok != one.want {
			t.Errorf("%s is away: known: %t", one.away, ok)
		}
	}
	if kind := Away(b.work); kind != "" {
		t.Logf("the tests' own directory is on %s", kind)
	}
}

// TestWrote: what was written by the run itself is trusted at once, since a change within the same tick gives it another time.
func TestWrote(t *testing.T) {
	b := newBed(t)
	root, err := os.OpenRoot(b.work)
	must(t, err)
	defer root.Close()
	write := func(text string) (stamp time.Time) {
		must(t, atomic.Replace(root, "out/a/b", []byte(text), atomic.How{Mode: 0o644, Temp: "tmp", Stamp: &stamp}))
		return stamp
	}
	note := func(between func()) bool {
		x := Open(b.dir, b.program, b.now)
		l := NewLooks()
		stamp := write("made")
		between()
		l.Wrote(b.work, "out/a/b", stamp)
		x.Note(b.at("profile"), l, nil)
		_, ok := x.Known(b.at("profile"))
		return ok
	}
	b.now = time.Now()
	stamp := write("made")
	if info, err := os.Stat(b.at("out/a/b")); err != nil || !info.ModTime().Equal(stamp) {
		t.Log("this file system keeps no time of nanoseconds: nothing here is trusted at once")
	} else if !note(func() {}) {
		t.Error("not known")
	}
	if note(func() { must(t, os.WriteFile(b.at("out/a/b"), []byte("EDIT"), 0o644)) }) {
		t.Error("somebody wrote before it was noted")
	}
	for range 200 { // in the same tick, most of them
		x := Open(b.dir, b.program, b.now)
		l := NewLooks()
		l.Wrote(b.work, "out/a/b", write("made"))
		x.Note(b.at("profile"), l, nil)
		must(t, os.WriteFile(b.at("out/a/b"), []byte("EDIT"), 0o644))
		if _, ok := x.Known(b.at("profile")); ok {
			t.Fatal("a change within the tick was not seen")
		}
	}
}

// TestBroken: a file of the index that is not as it was written says nothing, and is written anew.
func TestBroken(t *testing.T) {
	b := newBed(t)
	b.run()
	files, err := filepath.Glob(filepath.Join(b.dir, "??"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	must(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 120 {
		text := []byte(strings.Clone(string(whole)))
		switch i % 3 {
		case 0:
			text[random.IntN(len(text))] ^= byte(1 + random.IntN(255))
		case 1:
			text = text[:random.IntN(len(text))]
		case 2:
			text = append(text, byte(random.IntN(256)))
		}
		must(t, os.WriteFile(files[0], text, 0o600))
		if b.known(b.now.Add(time.Second)) {
			t.Fatalf("%d: a broken file is believed", i)
		}
	}
	b.run()
	if !b.known(b.now) {
		t.Error("it was not written anew")
	}
}

// TestTogether: runs at once leave whole files, and the size of the index is bounded.
func TestTogether(t *testing.T) {
	b := newBed(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 5 {
				x := Open(b.dir, b.program, b.now)
				for n := range 40 {
					x.Note(b.at(fmt.Sprint("p", i, "-", k, "-", n)), b.looks(), []byte(strings.Repeat("x", 4000)))
				}
				x.Save()
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(b.dir)
	must(t, err)
	found := 0
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if info.Size() > maxShard {
			t.Errorf("%s has %d bytes", e.Name(), info.Size())
		}
		data, err := os.ReadFile(filepath.Join(b.dir, e.Name()))
		must(t, err)
		if e.Name() != "program" {
			found += len(decodeShard(data, Open(b.dir, b.program, b.now).tool))
		}
	}
	if found == 0 || len(entries) > shards+1 {
		t.Errorf("%d files hold %d entries", len(entries), found)
	}
}

// TestLong: a run over many profiles writes what it adds as it goes, and knows all of it.
func TestLong(t *testing.T) {
	b := newBed(t)
	x := Open(b.dir, b.program, b.now)
	const n = 3 * shards * maxAdded / 4000 / 2 // of 4 KB, so that each shard is written once at least
	for i := range n {
		x.Note(b.at(fmt.Sprint("p", i)), b.looks(), []byte(strings.Repeat("x", 4000)))
	}
	for _, s := range x.shards {
		if s.size > maxAdded {
			t.Errorf("%d bytes are kept", s.size)
		}
	}
	for range 2 {
		for i := range n {
			if facts, ok := x.Known(b.at(fmt.Sprint("p", i))); !ok || len(facts) != 4000 {
				t.Fatalf("p%d: %d bytes, %t", i, len(facts), ok)
			}
		}
		x.Save()
		x = Open(b.dir, b.program, b.now)
	}
}

// TestNone: where nothing can be remembered, nothing is, and nobody minds.
func TestNone(t *testing.T) {
	b := newBed(t)
	x := Open(b.file("a file", ""), b.program, b.now)
	if x != nil {
		t.Fatal("an index where a file is")
	}
	if Reading(b.at("no index"), b.program, b.now) != nil {
		t.Error("who only asks knows of a program that nobody has noted")
	}
	if _, err := os.Lstat(b.at("no index")); err == nil {
		t.Error("who only asks has made a directory")
	}
	var l *Looks
	l.Look("x")
	l.Within("x", "y/z")
	l.Wrote("x", "y", b.now)
	l.Doubt()
	x.Note("x", l, nil)
	if _, ok := x.Known("x"); ok {
		t.Error("known")
	}
	x.Save()
	if x := Open(b.dir, b.at("none"), b.now); x != nil {
		t.Error("an index of no program")
	}
}
