package guest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/process"
)

// here is a guest that is this machine.
func here(words ...string) Guest {
	return Guest{Cmd: process.Cmd{Args: append([]string{"env", "HOME=/home/of mine"}, words...)}}
}

// TestRun: only the lines with the run's own token are heard, from both streams, and
// everything else is talk.
func TestRun(t *testing.T) {
	l := NewLines()
	var talk []string
	err := here().Run(context.Background(), `echo noise; echo "$0 home $4"; echo "$0 arg $5"; echo "$0 arg $6" >&2; echo vmloom-other arg no; cat >&2`,
		l, strings.NewReader("read\n"), func(line string) { talk = append(talk, line) }, "a b", "$c")
	if err != nil {
		t.Fatal(err)
	}
	if l.One("home") != "/home/of mine" || len(l.All("arg")) != 2 || l.One("arg") != "" || l.Has("no") {
		t.Errorf("%q %q", l.All("home"), l.All("arg"))
	}
	for _, want := range []string{"noise", "vmloom-other arg no", "read"} {
		if !strings.Contains(strings.Join(talk, "\n"), want) {
			t.Errorf("%q is not among %q", want, talk)
		}
	}
}

// TestRunFails in the last words of what failed.
func TestRunFails(t *testing.T) {
	err := here().Run(context.Background(), `echo 'first' >&2; echo 'no room' >&2; exit 3`, NewLines(), nil, nil)
	if diff := cmp.Diff("no room", err.Error()); diff != "" {
		t.Error(diff)
	}
	if err := (Guest{Cmd: process.Cmd{Args: []string{"no-such-program"}}}).Run(context.Background(), "true", NewLines(), nil, nil); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Error(err)
	}
}
