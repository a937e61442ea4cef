package generate

import (
	"os"
	"testing"
	"time"

	"vmloom/seen"
)

// TestAppeared: of a tree that another run makes meanwhile nobody has noted what it was, so none of it is remembered.
func TestAppeared(t *testing.T) {
	a, b := plain("a.txt", "a\n"), plain("sub/b.txt", "b\n")
	for _, meanwhile := range []bool{false, true} {
		base := t.TempDir()
		looks := seen.NewLooks()
		Look(looks, base, named(testName), []File{a, b})
		p := plan(t, base, false, a, b)
		if meanwhile {
			write(t, base, false, a)
		}
		if err := p.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.NoteWritten(looks)
		x := seen.Open(t.TempDir(), os.Args[0], time.Now().Add(time.Minute))
		x.Note(base+"/profile", looks, nil)
		if _, known := x.Known(base + "/profile"); known == meanwhile {
			t.Errorf("made meanwhile: %v, remembered: %v", meanwhile, known)
		}
		put(t, at(base, "sub/b.txt"), "edited\n")
		if _, known := x.Known(base + "/profile"); known {
			t.Errorf("made meanwhile: %v, an edit is not seen", meanwhile)
		}
	}
}
