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
type Pos struct {
	// File is that of another file than the profile's own, relative to its directory; see Layers.
	File      string
	Line, Col int
}

func posAt(line, col int) Pos { return Pos{Line: line, Col: col} }

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

// String gives "LINE:COL: PATH: REASON", after the file's name where that is not the profile's.
func (p Problem) String() string {
	s := fmt.Sprintf("%d:%d: ", p.Line, p.Col)
	if p.File != "" {
		s = p.File + ":" + s
	}
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

// sort puts problems into file order, the files in that of sources, and shows each its place. What it takes
// is in proportion to the texts and the number of problems, whatever they point at.
func (ps Problems) sort(sources []Source) {
	texts := map[string]*lines{}
	for i, s := range sources {
		texts[s.File] = newLines(i, s.Text)
	}
	for i := range ps {
		texts[ps[i].File].clamp(&ps[i].Pos)
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(texts[a.File].number, texts[b.File].number), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	for i := range ps {
		ps[i].Source, ps[i].Caret = texts[ps[i].File].excerpt(ps[i].Pos)
	}
}

// lines are those of one source that problems point into.
type lines struct {
	number int // of the source
	text   []string
	length map[int]int // in characters, of those that were asked for
	line   int         // that at is in
	at     cursor
}

func newLines(number int, src []byte) *lines {
	return &lines{number: number, text: strings.Split(string(bytes.TrimPrefix(src, bom)), "\n"), length: map[int]int{}}
}

// clamp moves a place into the text: the parser counts one after the last line end, and after a CR.
func (l *lines) clamp(p *Pos) {
	p.Line = min(max(p.Line, 1), len(l.text))
	if _, counted := l.length[p.Line]; !counted {
		l.text[p.Line-1] = HideSecrets(strings.TrimRight(l.text[p.Line-1], "\r"))
		l.length[p.Line] = utf8.RuneCountInString(l.text[p.Line-1])
	}
	p.Col = min(max(p.Col, 1), l.length[p.Line]+1)
}

// excerpt shows a place that was clamped, and is not before the last one.
func (l *lines) excerpt(p Pos) (source string, caret int) {
	if p.Line != l.line {
		l.line, l.at = p.Line, cursor{line: l.text[p.Line-1]}
	}
	return l.at.excerpt(p.Col)
}
