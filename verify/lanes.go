package verify

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"vmloom/process"
)

// lanes are shells in the guest, each of which is asked one question after the other: a connection and two processes of this
// host for each question would cost more than all of the answers. What a lane does not answer is asked by a process of its own.
type lanes struct {
	mu      sync.Mutex
	now     func() time.Time
	ways    map[string]*way // by the command that opens a lane
	all     []*lane
	running sync.WaitGroup

	// leads is the first lane by ssh, whose connection the next has too, at dir; and, by their numbers there, sockets of the guest.
	leads   *lane
	sockets []string
	dir     string
	done    func()
}

// way is a way into the guest, which its lanes go.
type way struct {
	open process.Cmd
	// idle are its lanes that nobody asks; a nil stands for one that may be opened.
	idle chan *lane
	// known is closed when the first lane has answered, which took cost, or has ended.
	known  chan struct{}
	cost   time.Duration
	opened int
	// mute: the first lane ended before it answered anything, and no further one is opened.
	mute bool
}

// lanesAtOnce is how many of them a way has, but that a question waits for one no longer than lanePatience: those there are
// may hang. So long has each to end, too.
const (
	lanesAtOnce  = 2
	lanePatience = 15 * time.Second
)

// newLanes are none yet; sockets are those of the guest that will be asked for, now is the clock.
func newLanes(sockets []string, now func() time.Time) *lanes {
	return &lanes{now: now, ways: map[string]*way{}, sockets: sockets, done: func() {}}
}

// ask has a lane answer; ok is false where it has not, though there was time.
func (ls *lanes) ask(ctx context.Context, c process.Cmd) (a answer, ok bool) {
	open, line, ok := inLane(c)
	if ls == nil || !ok {
		return a, false
	}
	w := ls.way(open)
	l, ok := w.take(ctx, ls)
	if !ok {
		return a, false
	}
	if l == nil {
		l = ls.open(w)
	}
	if l == nil {
		w.idle <- nil
		return a, false
	}
	if a, ok = l.ask(ctx, c, line); !ok {
		ls.lost(w, l, a.lost == "")
		w.idle <- nil
		return a, a.lost != ""
	}
	ls.answered(w, l)
	w.idle <- l
	return a, true
}

func (ls *lanes) way(open process.Cmd) *way {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	key := open.String()
	if ls.ways[key] == nil {
		w := &way{open: open, idle: make(chan *lane, 1000), known: make(chan struct{})} // far more than there are questions at a time
		w.idle <- nil
		ls.ways[key] = w
	}
	return ls.ways[key]
}

// take gives a lane that nobody asks, or nil where one is to be opened. A second is opened only where a question has waited
// as long as that would take.
func (w *way) take(ctx context.Context, ls *lanes) (l *lane, ok bool) {
	known, soon, late := w.known, (<-chan time.Time)(nil), time.After(lanePatience)
	for {
		select {
		case l := <-w.idle:
			return l, true
		case <-known:
			known, soon = nil, time.After(w.cost)
		case <-soon:
			soon = nil
			ls.mu.Lock()
			more := w.opened < lanesAtOnce
			ls.mu.Unlock()
			if more {
				return nil, true
			}
		case <-late:
			return nil, true
		case <-ctx.Done():
			return nil, false
		}
	}
}

// open starts a lane; nil: it cannot, or the way has none.
func (ls *lanes) open(w *way) *lane {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if w.mute {
		return nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil
	}
	l := &lane{in: write, name: fmt.Sprintf("%slane-%s", frameName, rand.Text()[:12]), ended: make(chan struct{}), began: ls.now()}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	open := w.open
	if open.Args[0] == "ssh" {
		open.Args = ls.connecting(open.Args, w, l)
	}
	open.Env = append(slices.Clone(open.Env), "LC_ALL=C")
	ls.all = append(ls.all, l)
	w.opened++
	ls.running.Go(func() {
		defer stop()
		defer read.Close()
		defer close(l.ended)
		_ = process.Feed(ctx, open, read, &l.out, l.said) // whatever ended it: the questions are asked otherwise
	})
	return l
}

func (ls *lanes) answered(w *way, l *lane) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l.cost == 0 {
		l.cost = max(1, ls.now().Sub(l.began))
	}
	if !w.isKnown() {
		w.cost = l.cost
		close(w.known)
	}
}

// lost gives up a lane, which has ended or of which nobody knows where it stands. A connection that leads to sockets goes on doing that.
func (ls *lanes) lost(w *way, l *lane, ended bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	w.opened--
	l.lost = true
	if l != ls.leads {
		l.stop()
	}
	if ended && !w.isKnown() {
		w.mute = true
		close(w.known)
	}
}

func (w *way) isKnown() bool {
	select {
	case <-w.known:
		return true
	default:
		return false
	}
}

// close ends all lanes, and waits for that.
func (ls *lanes) close() {
	hangs := slices.ContainsFunc(ls.all, func(l *lane) bool { return l.lost })
	for _, l := range ls.all {
		l.in.Close()                          // its end
		if l.lost || hangs && l == ls.leads { // which would wait for what hangs there
			l.stop()
		}
		defer time.AfterFunc(lanePatience, l.stop).Stop()
	}
	ls.running.Wait()
	ls.done()
}
