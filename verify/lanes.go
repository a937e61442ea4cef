package verify

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"vmloom/process"
)

// lanes are shells in the guest, each of which is asked one question after the other: a connection and two processes of this
// host for each question would cost more than all of the answers. What a lane does not answer is asked by a process of its own.
type lanes struct {
	mu      sync.Mutex
	idle    map[string][]*lane // by the command that opened them
	all     []*lane
	running sync.WaitGroup
	slots   chan struct{}
}

// lanesAtOnce is how many of them there are, but that a question waits for one no longer than lanePatience: those there are
// may hang. So long has each to end, too.
const (
	lanesAtOnce  = 2
	lanePatience = 15 * time.Second
)

func newLanes() *lanes {
	return &lanes{idle: map[string][]*lane{}, slots: make(chan struct{}, lanesAtOnce)}
}

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

// ask has a lane answer; ok is false where it has not, though there was time.
func (ls *lanes) ask(ctx context.Context, c process.Cmd) (a answer, ok bool) {
	open, line, ok := inLane(c)
	if ls == nil || !ok {
		return a, false
	}
	select {
	case ls.slots <- struct{}{}:
		defer func() { <-ls.slots }()
	case <-time.After(lanePatience):
	case <-ctx.Done():
		return a, false
	}
	l, err := ls.take(open)
	if err != nil {
		return a, false
	}
	a, ok = l.ask(ctx, c, line)
	if !ok {
		l.stop() // nobody knows where it stands
		return a, a.lost != ""
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.idle[open.String()] = append(ls.idle[open.String()], l)
	return a, true
}

// take gives a lane that nobody uses.
func (ls *lanes) take(open process.Cmd) (*lane, error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	key := open.String()
	if idle := ls.idle[key]; len(idle) > 0 {
		ls.idle[key] = idle[:len(idle)-1]
		return idle[len(idle)-1], nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	l := &lane{in: write, name: fmt.Sprintf("%slane-%s", frameName, rand.Text()[:12]), ended: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	ls.all = append(ls.all, l)
	ls.running.Go(func() {
		defer stop()
		defer read.Close()
		defer close(l.ended)
		open.Env = append(slices.Clone(open.Env), "LC_ALL=C")
		_ = process.Feed(ctx, open, read, &l.out, l.said) // whatever ended it: the questions are asked otherwise
	})
	return l, nil
}

// close ends all lanes, and waits for that.
func (ls *lanes) close() {
	for _, l := range ls.all {
		l.in.Close() // its end
		defer time.AfterFunc(lanePatience, l.stop).Stop()
	}
	ls.running.Wait()
}

// lane is one of them. A line of its name and the number of a question ends what is said to that, in both streams.
type lane struct {
	in    *os.File
	name  string
	asked int
	out   until
	talk  until
	ended chan struct{}
	stop  func()
}

func (l *lane) said(line string) { l.talk.Write([]byte(line + "\n")) }

// ask gives the answer to a line that runs framed words; without ok there is none, and no further question may be asked. The
// first of the lines may stand behind what a login script has printed.
func (l *lane) ask(ctx context.Context, c process.Cmd, line string) (a answer, ok bool) {
	l.asked++
	end := fmt.Sprintf("%s-%d", l.name, l.asked)
	out, talk := l.out.next(end), l.talk.next(end)
	if _, err := fmt.Fprintf(l.in, "echo; %s </dev/null; echo; echo %s; { echo; echo %s; } >&2\n", line, end, end); err != nil {
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
	a.unframe(c)
	if a.lost != "" {
		return answer{}, false
	}
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
