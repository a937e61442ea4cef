package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// acts reports whether a terminal would act on a character instead of showing
// it, or turn or hide what is around it. Line ends and tabs are layout; the
// joiners and the soft hyphen belong to writing.
func acts(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == 0xad || r == 0x200c || r == 0x200d:
		return false
	case r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef: // noncharacters
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// shown is text that a terminal takes for nothing but text: ESC is \u001b.
func shown(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || acts(r) }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case acts(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case acts(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// oneLine is shown for what must not begin a line of its own.
func oneLine(s string) string { return strings.ReplaceAll(shown(s), "\n", `\u000a`) }

// eyes is where all that people read goes: whatever profiles, names of files and
// tools say, the terminal does nothing but show it.
type eyes struct {
	mu     sync.Mutex
	w      io.Writer
	rest   []byte   // the beginning of a character
	tty    *os.File // the terminal that w is, or nil
	colour bool     // and whether it shows any
}

func newEyes(w io.Writer) *eyes {
	tty := terminal(w)
	return &eyes{w: w, tty: tty, colour: tty != nil && colours()}
}

// escape writes what the terminal is to act on.
func (e *eyes) escape(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	io.WriteString(e.w, text)
}

func (e *eyes) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := append(e.rest, p...)
	end := len(text)
	for i := max(0, end-utf8.UTFMax+1); i < end; i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRune(text[i:]) {
			end = i
		}
	}
	e.rest = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(e.w, shown(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}
