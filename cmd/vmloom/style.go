package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// style is how a terminal shows a word: the numbers of an escape sequence.
type style string

// The styles. Colour says again what a word says: nothing is told by it alone.
const (
	plain   style = ""
	faint   style = "2"
	red     style = "1;31"
	green   style = "32"
	yellow  style = "33"
	cyan    style = "36"
	pointer style = "1"
)

// colours reports whether a terminal is to be given colour (no-color.org).
func colours() bool { return os.Getenv("NO_COLOR") == "" && !dumb() }

// dumb reports whether the terminal only writes: it has no colour, and nothing on it is redrawn.
func dumb() bool { return os.Getenv("TERM") == "dumb" }

// styled writes a text in a style, where that is a terminal which shows any.
func styled(w io.Writer, s style, text string) {
	if e, ok := w.(*eyes); ok && e.colour && s != plain {
		e.escape("\x1b[" + string(s) + "m" + shown(text) + "\x1b[m")
		return
	}
	io.WriteString(w, text)
}

// windowOf is how many columns the terminal has that w is; 0: it is none, and lines are as long as they are.
func windowOf(w io.Writer) int {
	e, ok := w.(*eyes)
	if !ok || e.tty == nil {
		return 0
	}
	return columns(e.tty)
}

func columns(tty *os.File) int {
	n, _, err := term.GetSize(int(tty.Fd()))
	if err != nil || n < 20 {
		n = 80
	}
	return n
}

// diffLine is the style of a line of a difference.
func diffLine(line string) style {
	switch cmp.Or(line, " ")[0] {
	case '+':
		return green
	case '-':
		return red
	case '@':
		return cyan
	}
	return plain
}

// label writes the beginning of a line of talk: vmloom: hint: …
func label(w io.Writer, word string, s style) {
	fmt.Fprint(w, "vmloom: ")
	styled(w, s, word)
	fmt.Fprint(w, " ")
}
