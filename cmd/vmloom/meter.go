package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// meter shows on a terminal how far a run over many things is, in one line that
// is redrawn; elsewhere it shows nothing.
type meter struct {
	mu    sync.Mutex
	to    *os.File
	drawn time.Time
	shows bool
}

// meter of a run over so many things; it begins to show when redraw has passed,
// so that what is done at once shows none.
func (u *ui) meter(of int) *meter {
	m := &meter{drawn: time.Now()}
	if !u.quiet && of > 1 {
		m.to = u.live
	}
	return m
}

// at says how many things are done of how many, and which it is about.
func (m *meter) at(done, of int, what string) { m.line(fmt.Sprintf("[%d of %d] %s", done, of, what)) }

// line says how far it is in words.
func (m *meter) line(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to == nil || time.Since(m.drawn) < redraw {
		return
	}
	m.drawn, m.shows = time.Now(), true
	fmt.Fprintf(m.to, "\r\x1b[K%s", cut(text, columns(m.to)-1))
}

// clear takes the line away, before anything else is printed and at the end.
func (m *meter) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shows {
		fmt.Fprint(m.to, "\r\x1b[K")
	}
	m.shows = false
}
