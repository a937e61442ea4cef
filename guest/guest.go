// Package guest runs scripts in a guest. In goes the command that reaches it, and a text
// of sh; out come the lines that the script means for the host, whatever else is printed
// on the way. It knows no profile and changes nothing by itself.
package guest

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"vmloom/process"
)

// Guest reaches a guest: what follows its words runs there, as its user.
type Guest struct{ process.Cmd }

//go:embed become.sh
var become string

// Lines are those of one run that are meant for the host: each begins with a token that
// only this run knows, a word, and what is said of it. Both streams may bring some.
type Lines struct {
	Token string

	mu    sync.Mutex
	words map[string][]string
}

// NewLines has heard nothing yet.
func NewLines() *Lines {
	return &Lines{Token: "vmloom-" + rand.Text()[:12], words: map[string][]string{}}
}

// Command runs a script in the guest, as root where its user may be: $0 is the token of
// the lines, $1 to $4 are the user's name, his numbers and his home, and then come args.
func (g Guest) Command(script string, l *Lines, args ...string) process.Cmd {
	c := g.Cmd
	c.Args = slices.Concat(c.Args, []string{"sh", "-c", become, "sh", script, l.Token}, args)
	return c
}

// Hear takes a line, and reports whether it was meant for the host.
func (l *Lines) Hear(line string) bool {
	rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), l.Token+" ")
	if ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		word, text, _ := strings.Cut(rest, " ")
		l.words[word] = append(l.words[word], text)
	}
	return ok
}

// All are the texts that a word came with, in order.
func (l *Lines) All(word string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.words[word]
}

// One is the text of the only line with a word, or nothing.
func (l *Lines) One(word string) string {
	if got := l.All(word); len(got) == 1 {
		return got[0]
	}
	return ""
}

// Has reports whether a word has come.
func (l *Lines) Has(word string) bool { return l.All(word) != nil }

// Run runs a script in the guest. It reads stdin, which may be nil; talk, which may be nil
// too, hears what it and its tools say, one line at a time. The error is in the last words of what failed.
func (g Guest) Run(ctx context.Context, script string, l *Lines, stdin io.Reader, talk func(string), args ...string) error {
	var one sync.Mutex // both streams talk
	each := func(line string) {
		one.Lock()
		defer one.Unlock()
		if !l.Hear(line) && talk != nil {
			talk(line)
		}
	}
	out := &split{each: each}
	err := process.Feed(ctx, g.Command(script, l, args...), stdin, out, each)
	return InWords(err)
}

// InWords is how a run ended, in its own last words where it said some.
func InWords(err error) error {
	var exit *process.ExitError
	if errors.As(err, &exit) && exit.Err == nil && len(exit.Last) > 0 {
		return errors.New(exit.Last[len(exit.Last)-1])
	}
	return err
}

// mostLine is more than any line of ours has.
const mostLine = 64 << 10

// split hands on what is written, line by line.
type split struct {
	each func(string)
	part []byte
}

func (s *split) Write(p []byte) (int, error) {
	for _, b := range p {
		if b != '\n' {
			if len(s.part) < mostLine {
				s.part = append(s.part, b)
			}
			continue
		}
		s.each(string(s.part))
		s.part = s.part[:0]
	}
	return len(p), nil
}
