package verify

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vmloom/process"
)

func shell(lines ...string) func(*Site) []process.Step {
	return func(*Site) (out []process.Step) {
		for _, line := range lines {
			rest, cleans := strings.CutPrefix(line, "clean: ")
			out = append(out, process.Step{Cmd: process.Cmd{Args: []string{"sh", "-c", rest}}, Cleanup: cleans})
		}
		return out
	}
}

func outcome(results []Result) string {
	var out []string
	for _, r := range results {
		out = append(out, r.ID+" "+string(r.Status)+" "+r.Seen)
	}
	return strings.Join(out, "\n")
}

func site(t *testing.T) *Site { return &Site{Home: t.TempDir(), Now: time.Now} }

// TestRun: the order is the table's, what cannot be looked at says why, equal
// commands run once, what cleans up runs in any case.
func TestRun(t *testing.T) {
	s := site(t)
	once, left := filepath.Join(s.Home, "once"), filepath.Join(s.Home, "left")
	count := "echo >>" + once + "; wc -l <" + once
	table := []Check{
		{ID: "slow", steps: shell("sleep 0.3; echo slow")},
		{ID: "a/one", Needs: []string{"slow"}, steps: shell(count)},
		{ID: "a/two", steps: shell(count)},
		{ID: "bad", Title: "all is bad", steps: shell("touch "+left, "echo gone wrong >&2; exit 3", "echo not reached", "clean: rm "+left)},
		{ID: "c", Needs: []string{"bad"}, steps: shell("echo never")},
		{ID: "d", Needs: []string{"c", "slow"}, steps: shell("echo never")},
		{ID: "late", Restart: true, Needs: []string{"a/two"}, steps: shell(count)},
		{ID: "home", look: func(_ context.Context, s *session) verdict { return good("%s/x is\n  here", s.Home) }},
	}
	want := `slow ok slow
a/one ok 1
a/two ok 1
bad failed gone wrong
c skipped needs: all is bad
d skipped needs: all is bad
late ok 2
home ok ~/x is here`
	if got := outcome(Run(t.Context(), s, table, "")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("not cleaned up")
	}
	for _, c := range []struct{ only, want string }{ // in this order: they count
		{"a", "a/one ok 3\na/two ok 3"},
		{"a/two", "a/two ok 4"},
		{"d", "bad failed gone wrong\nd skipped needs: all is bad"}, // why it is skipped is told as well
		{"a/t", ""},
	} {
		if got := outcome(Run(t.Context(), s, table, c.only)); got != c.want {
			t.Errorf("only %s: got\n%s\nwant\n%s", c.only, got, c.want)
		}
	}
}

// TestRunEnds: a command that hangs is ended with all that it started.
func TestRunEnds(t *testing.T) {
	s := site(t)
	table := []Check{
		{ID: "hangs", Timeout: 300 * time.Millisecond, steps: shell("sleep 10000; echo late", "clean: echo clean >"+filepath.Join(s.Home, "clean"))},
		{ID: "none", steps: func(*Site) []process.Step {
			return []process.Step{{Cmd: process.Cmd{Args: []string{"vmloom-no-such-program"}}}}
		}},
	}
	want := "hangs unknown sh: no answer within 300ms\nnone failed vmloom-no-such-program: not found"
	if got := outcome(Run(t.Context(), s, table, "")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(s.Home, "clean")); err != nil {
		t.Error("not cleaned up: ", err)
	}
	// Ctrl-C: nothing more is looked at.
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	table = []Check{
		{ID: "hangs", steps: shell("sleep 10000", "clean: touch "+filepath.Join(s.Home, "cut"))},
		{ID: "after", Needs: []string{"hangs"}, steps: shell("echo never")},
		{ID: "late", Restart: true, steps: shell("echo never")},
	}
	want = "hangs skipped interrupted\nafter skipped interrupted\nlate skipped interrupted"
	if got := outcome(Run(ctx, s, table, "")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(s.Home, "cut")); err != nil {
		t.Error("not cleaned up: ", err)
	}
}

// TestRunAnything: what a tool says may be without end and no text; a row stays a line.
func TestRunAnything(t *testing.T) {
	table := []Check{
		{ID: "escape", steps: shell(`printf '\033]0;owned\007 \377\342\200\256 ok'`)},
		{ID: "long", steps: shell("head -c 2000000 /dev/zero | tr '\\0' x")},
		{ID: "much", steps: shell("head -c 40000000 /dev/zero | tr '\\0' '\\n'; echo the end")},
		{ID: "loud", steps: shell("head -c 40000000 /dev/zero | tr '\\0' x | fold -w 1000 >&2; echo >&2; echo the reason >&2; exit 1")},
	}
	want := []string{"?]0;owned? ?? ok", strings.Repeat("x", mostSeen) + "…", "the end", "the reason"}
	for i, r := range Run(context.Background(), site(t), table, "") {
		if r.Seen != want[i] {
			t.Errorf("%s: %.80q, want %.80q", r.ID, r.Seen, want[i])
		}
	}
	var l limited
	for range 100 {
		l.Write(make([]byte, 1<<20))
	}
	if len(l.kept) > 2*mostKept+1<<20 {
		t.Errorf("%d bytes are kept", len(l.kept))
	}
}

// TestSharedAnswers: what two machines ask their host alike is asked once; what was asked of others, by themselves.
func TestSharedAnswers(t *testing.T) {
	asked := map[string]int{}
	var mu sync.Mutex
	run := func(_ context.Context, c process.Cmd) answer {
		mu.Lock()
		defer mu.Unlock()
		asked[c.String()]++
		return answer{cmd: c.Args[0], out: "yes"}
	}
	table := func(own string) []Check {
		steps := func(words ...string) func(*Site) []process.Step {
			return func(*Site) []process.Step { return []process.Step{{Cmd: process.Cmd{Args: words}}} }
		}
		return []Check{{ID: "host", steps: steps("host")}, {ID: "own", steps: steps("guest", own)}}
	}
	shared := NewAnswers()
	for _, name := range []string{"a", "b"} {
		Run(context.Background(), &Site{run: run, Shared: shared}, table(name), "")
	}
	Run(context.Background(), &Site{run: run}, table("a"), "")
	if want := map[string]int{"host": 2, "guest a": 2, "guest b": 1}; !maps.Equal(asked, want) {
		t.Errorf("%v, want %v", asked, want)
	}
}
