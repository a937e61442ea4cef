package verify

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"vmloom/process"
)

// inLane parts a framed command into the one that opens a shell where it runs, and its line there; ok is false for any other.
func inLane(c process.Cmd) (open process.Cmd, line string, ok bool) {
	if c.Dir != "" || c.Stdin != "" || c.Stdout != "" || c.Input != "" || !isFramed(c) {
		return open, "", false
	}
	open = c
	if at := slices.Index(c.Args, frame); at >= 2 { // limactl shell … sh -c FRAME …
		open.Args = append(slices.Clone(c.Args[:at-2]), "sh", "-s", "lane")
		return open, remoteWords(c.Args[at-2:]), true
	}
	last := len(c.Args) - 1 // ssh … alias LINE
	open.Args = append(slices.Clone(c.Args[:last]), "exec sh -s lane")
	return open, "sh -c " + remoteWord(c.Args[last]), true
}

// lane is a shell in the guest. A line of its name and the number of a question ends what is said to that, in both streams.
type lane struct {
	in       *os.File
	name     string
	asked    int
	out      until
	talk     until
	greeting string // what others said before it, as they would in a process of its own for each question
	began    time.Time
	cost     time.Duration // until it had answered once; 0: it has not
	ended    chan struct{}
	stop     func()
	lost     bool
}

func (l *lane) said(line string) { l.talk.Write([]byte(line + "\n")) }

// ask gives the answer to a line that runs framed words; without ok there is none, and no further question may be asked. The
// first of the lines may stand behind what a login script has printed.
func (l *lane) ask(ctx context.Context, c process.Cmd, line string) (a answer, ok bool) {
	l.asked++
	end, hello := fmt.Sprintf("%s-%d", l.name, l.asked), ""
	if l.asked == 1 {
		hello = "echo; echo " + l.name + "; "
	}
	out, talk := l.out.next(end), l.talk.next(end)
	if _, err := fmt.Fprintf(l.in, "%secho; %s </dev/null; echo; echo %s; { echo; echo %s; } >&2\n", hello, line, end, end); err != nil {
		return a, false
	}
	a.cmd = c.Args[0]
	for _, over := range []chan struct{}{out, talk} {
		select {
		case <-over:
		case <-l.ended:
			return a, false
		case <-ctx.Done():
			a.status, a.err = -1, &process.ExitError{Cmd: c, Status: -1, Err: context.Cause(ctx)}
			a.lost = a.why()
			return a, false
		}
	}
	a.out, a.talk = l.out.text(), strings.Trim(l.talk.text(), "\n")
	if hello != "" {
		l.greeting, a.out, _ = strings.Cut(a.out, "\n"+l.name+"\n")
	}
	a.unframe(c)
	if a.lost != "" {
		return answer{}, false
	}
	a.before = l.greeting + a.before
	return a, true
}

// until is a stream up to a line.
type until struct {
	mu   sync.Mutex
	kept limited
	end  []byte
	over chan struct{}
}

// next forgets what came before, and tells when a line has come.
func (u *until) next(line string) (over chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept, u.end, u.over = limited{}, []byte("\n"+line+"\n"), make(chan struct{})
	return u.over
}

func (u *until) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over == nil {
		return len(p), nil // before the first question, or after the last
	}
	before := len(u.kept.kept)
	u.kept.Write(p)
	from := max(0, before-len(u.end))
	if len(u.kept.kept) != before+len(p) {
		from = 0 // what is kept was cut
	}
	if at := bytes.Index(u.kept.kept[from:], u.end); at >= 0 {
		u.kept.kept = u.kept.kept[:from+at]
		close(u.over)
		u.over = nil
	}
	return len(p), nil
}

func (u *until) text() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.kept.String()
}
