package main

import (
	"fmt"
	"os"
	"slices"
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
	// of builds, so many are done, and so many of these failed.
	of, done, failed int
	stop             chan struct{}
	ended            sync.WaitGroup
}

type row struct {
	name  string
	now   engine.Progress
	watch func(engine.Progress)
	done  func(error)
}

func newScreen(u *ui, of int) *screen {
	s := &screen{ui: u, of: of, stop: make(chan struct{})}
	if u.live != nil && !u.quiet {
		s.tty = u.live
		s.ended.Go(s.live)
	}
	return s
}

// line is that of a build, which calls watch with its progress, and done at its end.
func (s *screen) line(name string) *row {
	r := &row{name: name}
	s.mu.Lock()
	s.rows = append(s.rows, r)
	s.mu.Unlock()
	r.done = func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rows = slices.DeleteFunc(s.rows, func(other *row) bool { return other == r })
		if s.done++; err != nil {
			s.failed++
		}
	}
	r.watch = func(p engine.Progress) {
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
	return r
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
	if s.of > 1 {
		out.WriteString(cut(s.total(), width-1) + "\n")
		s.drawn++
	}
	fmt.Fprint(s.tty, out.String())
}

// total is the last line of several.
func (s *screen) total() string {
	text := fmt.Sprintf("[%d of %d]", s.done, s.of)
	if s.failed > 0 {
		text += fmt.Sprintf(" %d failed", s.failed)
	}
	return text
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
