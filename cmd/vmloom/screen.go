package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"vmloom/engine"
)

// redraw is how often the live display changes at most.
const redraw = 100 * time.Millisecond

// screen shows builds under way: on a terminal a line each, redrawn; else a
// line for each new step and each thing that is built.
type screen struct {
	ui   *ui
	tty  *os.File // nil: not a terminal
	mu   sync.Mutex
	rows []*row
	// drawn is how many lines stand on the terminal.
	drawn int
	stop  chan struct{}
	ended sync.WaitGroup
}

type row struct {
	name string
	now  engine.Progress
}

func newScreen(u *ui) *screen {
	s := &screen{ui: u, stop: make(chan struct{})}
	if u.live != nil && !u.quiet {
		s.tty = u.live
		s.ended.Go(s.live)
	}
	return s
}

// line gives what a build calls with its progress.
func (s *screen) line(name string) func(engine.Progress) {
	r := &row{name: name}
	s.mu.Lock()
	s.rows = append(s.rows, r)
	s.mu.Unlock()
	return func(p engine.Progress) {
		s.mu.Lock()
		defer s.mu.Unlock()
		before := r.now
		r.now = p
		if s.tty != nil {
			return
		}
		if p.Step != before.Step {
			s.ui.say("%s: %s", name, p.Step)
		}
		if p.Now != before.Now && p.Now != "" {
			s.ui.say("%s: %s%s", name, counts(p), p.Now)
		}
	}
}

func (s *screen) live() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.draw()
		}
	}
}

func (s *screen) draw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	width := columns(s.tty)
	var out strings.Builder
	s.erase(&out)
	for _, r := range s.rows {
		out.WriteString(cut(r.text(), width-1) + "\n")
	}
	s.drawn = len(s.rows)
	fmt.Fprint(s.tty, out.String())
}

// erase goes back over what was drawn.
func (s *screen) erase(out *strings.Builder) {
	if s.drawn > 0 {
		fmt.Fprintf(out, "\x1b[%dA\x1b[J", s.drawn)
	}
	s.drawn = 0
}

// close takes the display away; what happened is said elsewhere.
func (s *screen) close() {
	close(s.stop)
	s.ended.Wait()
	if s.tty != nil {
		var out strings.Builder
		s.erase(&out)
		fmt.Fprint(s.tty, out.String())
	}
}

func (r *row) text() string {
	p := r.now
	text := r.name + ": " + counts(p)
	if p.Now == "" {
		return text + p.Step
	}
	text += p.Now
	if p.Phase != "" {
		text += " (" + p.Phase + ")"
	}
	if p.Line != "" {
		text += ": " + p.Line
	}
	return text
}

// counts words what is done of what is to do, as far as it is known.
func counts(p engine.Progress) string {
	var parts []string
	if p.Builds > 0 {
		parts = append(parts, fmt.Sprintf("%d/%d built", p.Built, p.Builds))
	}
	if p.Fetch > 0 {
		parts = append(parts, inUnits(p.Fetched)+" of "+inUnits(p.Fetch))
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, ", ") + "] "
}

// cut shortens a line to a width, and shows what would move the cursor out of it.
func cut(s string, width int) string {
	s = strings.ReplaceAll(oneLine(s), "\t", " ")
	if cells(s) <= width {
		return s
	}
	return first(s, max(1, width-1)) + "…"
}
