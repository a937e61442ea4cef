package profile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Of a line that is longer than wide, in characters, an excerpt shows a part:
// lead of them stand before the place.
const (
	wide = 200
	lead = 80
)

// Excerpt gives what of a line is shown for a column, and how many characters of
// that stand before it. Dots stand where it is cut.
func Excerpt(line string, col int) (source string, caret int) {
	c := cursor{line: line}
	return c.excerpt(col)
}

// cursor is a place in a line that only goes forward, so that many problems of
// one line do not each count it from its start.
type cursor struct {
	line     string
	chars, n int // characters and bytes before it
}

func (c *cursor) excerpt(col int) (source string, caret int) {
	for c.chars < col-1 && c.n < len(c.line) {
		_, size := utf8.DecodeRuneInString(c.line[c.n:])
		c.chars, c.n = c.chars+1, c.n+size
	}
	from, before := c.n, 0
	for ; before < lead && from > 0; before++ {
		_, size := utf8.DecodeLastRuneInString(c.line[:from])
		from -= size
	}
	if from > 0 && short(c.line) {
		return c.line, c.chars
	}
	to := from
	for shown := 0; shown < wide && to < len(c.line); shown++ {
		_, size := utf8.DecodeRuneInString(c.line[to:])
		to += size
	}
	source, caret = c.line[from:to], before
	if from > 0 {
		source, caret = "…"+source, caret+1
	}
	if to < len(c.line) {
		source += "…"
	}
	return source, caret
}

// short reports whether a line is shown whole.
func short(line string) bool {
	return len(line) <= wide || len(line) <= wide*utf8.UTFMax && utf8.RuneCountInString(line) <= wide
}

// few is how often a cause is shown before it is said once, with a count.
const few = 5

// Merge says once what a text has wrong in more than a few places: the first
// problem of a cause carries the places of the others.
func Merge(ps []Problem) (out []Problem) {
	count := map[string]int{}
	for _, p := range ps {
		count[p.cause()]++
	}
	first := map[string]int{}
	for _, p := range ps {
		cause := p.cause()
		if i, said := first[cause]; said && count[cause] > few {
			out[i].More = append(out[i].More, p.Pos)
			continue
		}
		first[cause] = len(out)
		out = append(out, p)
	}
	return out
}

// cause is what problems have in common that differ only in the element of a
// list that they are about.
func (p Problem) cause() string {
	var path strings.Builder
	for i, part := range strings.Split(p.Path, "[") {
		if _, rest, ok := strings.Cut(part, "]"); ok && i > 0 {
			part = "[]" + rest
		}
		path.WriteString(part)
	}
	return fmt.Sprintf("%s\n%s\n%s\n%s", p.File, p.ID, path.String(), p.Reason)
}
