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
	// Source is the line it points into, without its line end; of a long one, what is round the place.
	Source string
	// Caret is how many characters of Source stand before the place.
	Caret int
	// More are the places of the same cause that Merge has left out.
	More []Pos
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

// sort puts problems into file order, and shows each its place. What it takes is
// in proportion to the text and the number of problems, whatever they point at.
func (ps Problems) sort(src []byte) {
	lines := strings.Split(string(bytes.TrimPrefix(src, bom)), "\n")
	lengths := map[int]int{}
	for i := range ps {
		p := &ps[i]
		// The parser counts a place after the last line end, and after a CR.
		p.Line = min(max(p.Line, 1), len(lines))
		if _, counted := lengths[p.Line]; !counted {
			lines[p.Line-1] = HideSecrets(strings.TrimRight(lines[p.Line-1], "\r"))
			lengths[p.Line] = utf8.RuneCountInString(lines[p.Line-1])
		}
		p.Col = min(max(p.Col, 1), lengths[p.Line]+1)
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	number, at := 0, cursor{}
	for i := range ps {
		p := &ps[i]
		if p.Line != number {
			number, at = p.Line, cursor{line: lines[p.Line-1]}
		}
		p.Source, p.Caret = at.excerpt(p.Col)
	}
}
