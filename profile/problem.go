package profile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pos is a place in a profile: line and column, counted from 1, in characters.
type Pos struct{ Line, Col int }

// Problem is one thing that is wrong in a profile, or, from Lint, one that is
// legal and cannot work.
type Problem struct {
	Pos
	// Path of the field, such as mounts[0].host; empty for the file as a whole.
	Path string
	// Reason is lower case, without a full stop.
	Reason string
	// Hint says what to write or run; may be empty.
	Hint string
	// ID names a lint; empty for an error.
	ID string
	// Source is the line it points into, without its line end.
	Source string
}

// String gives "LINE:COL: PATH: REASON".
func (p Problem) String() string {
	s := fmt.Sprintf("%d:%d: ", p.Line, p.Col)
	if p.Path != "" {
		s += p.Path + ": "
	}
	return s + p.Reason
}

// Problems is the error of Load: everything wrong in one file, in file order.
type Problems []Problem

// Error gives every problem, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort(src []byte) {
	lines := bytes.Split(bytes.TrimPrefix(src, bom), []byte("\n"))
	for i := range ps {
		p := &ps[i]
		// The parser counts a place after the last line end, and after a CR.
		p.Line = min(max(p.Line, 1), len(lines))
		p.Source = string(bytes.TrimRight(lines[p.Line-1], "\r"))
		p.Col = min(max(p.Col, 1), utf8.RuneCountInString(p.Source)+1)
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}
