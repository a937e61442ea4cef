package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"vmloom/verify"
)

// rows prints results as a table. What was not asked for one reason is one row
// at its end: of fifty rows that wait for one, that one is to be seen.
func (u *ui) rows(results []verify.Result) {
	words, styles := statusWords(), statusStyles()
	skipped := map[string][]verify.Result{}
	for _, r := range results {
		if r.Status == verify.Skipped {
			skipped[r.Seen] = append(skipped[r.Seen], r)
		}
	}
	var out, last [][]string
	var shown, lastShown []style
	for _, r := range results {
		switch same := skipped[r.Seen]; {
		case r.Status != verify.Skipped || len(same) == 1 || r.Seen == verify.NotHere:
			out, shown = append(out, []string{words[r.Status], r.Words(), r.Seen}), append(shown, styles[r.Status])
		case same[0].ID == r.ID:
			last, lastShown = append(last, []string{words[r.Status], plural(len(same), "check"), r.Seen + "; of " + kinds(same)}), append(lastShown, styles[r.Status])
		}
	}
	shown = append(shown, lastShown...)
	table(u.out, append(out, last...), func(row int) style { return shown[row] })
}

func statusWords() map[verify.Status]string {
	return map[verify.Status]string{verify.OK: "ok", verify.Failed: "FAILED", verify.Unknown: "UNKNOWN", verify.Skipped: "skipped"}
}

func statusStyles() map[verify.Status]style {
	return map[verify.Status]style{verify.OK: green, verify.Failed: red, verify.Unknown: yellow, verify.Skipped: faint}
}

// kinds names what checks are of.
func kinds(results []verify.Result) string {
	var of []string
	for _, r := range results {
		if kind, _, _ := strings.Cut(r.ID, "/"); !slices.Contains(of, kind) {
			of = append(of, kind)
		}
	}
	return strings.Join(of, ", ")
}

// trouble is what one thing mends.
type trouble struct {
	lines         []*complaint
	because, hint string
}

// complaint is a line of what is wrong. Of several machines of which the same is to be said it has the
// first one's place, and names the others.
type complaint struct {
	profile, at, what string
	others            []string
}

func (c *complaint) String() string {
	text := c.at + c.what
	if n := len(c.others); n > 0 {
		named := c.others[:min(n, mostPlaces)]
		text += "; the same of " + strings.Join(named, ", ")
		if n > len(named) {
			text += fmt.Sprintf(" and %d more", n-len(named))
		}
	}
	return text
}

// told are troubles in the order of their first lines.
type told []*trouble

// add puts a line to those with the same cure.
func (all *told) add(line, because, hint string) {
	all.complain(&complaint{what: line}, because, hint)
}

func (all *told) complain(c *complaint, because, hint string) {
	for _, t := range *all {
		if t.because == because && t.hint == hint {
			for _, said := range t.lines {
				if said.profile != c.profile && said.what == c.what {
					said.others = append(said.others, c.profile)
					return
				}
			}
			t.lines = append(t.lines, c)
			return
		}
	}
	*all = append(*all, &trouble{[]*complaint{c}, because, hint})
}

// troubles prints what is wrong, and after it why and what mends it.
func (u *ui) troubles(all told) {
	for _, t := range all {
		for _, line := range t.lines {
			fmt.Fprintln(u.err, "vmloom: "+line.String())
		}
		if t.because != "" {
			prose(u.err, "because:", t.because)
		}
		u.hint(t.hint)
	}
}

// prose prints a sentence below its label, as wide as the window.
func prose(w io.Writer, word, text string) {
	const name = "vmloom: "
	lines := []string{oneLine(text)}
	if window := windowOf(w); window > 0 {
		lines = wrap(lines[0], max(leastColumn, window-1-len(name)-len(word)-1))
	}
	label(w, word, faint)
	fmt.Fprintln(w, strings.Join(lines, "\n"+strings.Repeat(" ", len(name)+len(word)+1)))
}

// blame says of each failure where the profile promises it, why, and the cure.
// One lost connection leaves many questions without an answer: it is told once.
func (l *lookAt) blame(results []verify.Result) {
	var all told
	l.blames(&all, results)
	l.troubles(all)
}

func (l *lookAt) blames(all *told, results []verify.Result) {
	more := map[string]int{}
	for _, r := range results {
		if r.Status == verify.Unknown {
			more[r.Seen]++
		}
	}
	for _, r := range results {
		if r.Status != verify.Failed && (r.Status != verify.Unknown || more[r.Seen] == 0) {
			continue
		}
		at, others := l.path, ""
		if r.Field != "" {
			pos := l.At(r.Field)
			at = fmt.Sprintf("%s:%d:%d: %s", placed(l.path, pos), pos.Line, pos.Col, r.Field)
		}
		if r.Status == verify.Unknown {
			at += ": cannot tell"
			if n := more[r.Seen] - 1; n > 0 {
				others = fmt.Sprintf("; and %d more got no answer", n)
			}
			more[r.Seen] = 0
		}
		what := fmt.Sprintf(": %s: %s%s", r.Words(), r.Seen, others)
		all.complain(&complaint{profile: l.path, at: at, what: what}, l.typed(r.Because), l.typed(r.Cure))
	}
}

// status is how all of them together ended. Where nothing was found to hold, nothing is proven.
func (n tally) status() verify.Status {
	switch {
	case n.Failed > 0:
		return verify.Failed
	case n.Unknown > 0:
		return verify.Unknown
	case n.OK == 0:
		return verify.Skipped
	}
	return verify.OK
}

// tally is how many checks ended how.
type tally struct {
	OK      int `json:"ok"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Skipped int `json:"skipped"`
}

// String is the tally as the last line has it. What was skipped is not proven.
func (n tally) String() string {
	line := fmt.Sprintf("%d ok, %d failed", n.OK, n.Failed)
	if n.Unknown > 0 {
		line += fmt.Sprintf(", %d unknown", n.Unknown)
	}
	line += fmt.Sprintf(", %d skipped", n.Skipped)
	if n.Skipped > 0 && n.Failed+n.Unknown == 0 {
		line += ": what is skipped is not proven"
	}
	return line
}

func count(results []verify.Result) (n tally) {
	for _, r := range results {
		switch r.Status {
		case verify.OK:
			n.OK++
		case verify.Failed:
			n.Failed++
		case verify.Unknown:
			n.Unknown++
		default:
			n.Skipped++
		}
	}
	return n
}

// checkJSON is how --json prints a result.
type checkJSON struct {
	ID     string        `json:"id"`
	Title  string        `json:"title"`
	Side   verify.Side   `json:"side"`
	Status verify.Status `json:"status"`
	Seen   string        `json:"seen"`
	Field  string        `json:"field,omitempty"`
	// File is the one that has the field, where that is not the profile's own.
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Col     int    `json:"column,omitempty"`
	Because string `json:"because,omitempty"`
	Hint    string `json:"hint,omitempty"`
	// Bytes are sizes that were seen.
	Bytes map[string]int64 `json:"bytes,omitempty"`
}

func (l *lookAt) checksJSON(results []verify.Result) []checkJSON {
	out := []checkJSON{} // not null
	for _, r := range results {
		c := checkJSON{ID: r.ID, Title: r.Title, Side: r.Side, Status: r.Status, Seen: r.Seen, Field: r.Field, Hint: l.typed(r.Advice), Bytes: r.Bytes}
		if l.Profile != nil && r.Field != "" {
			pos := l.At(r.Field)
			c.File, c.Line, c.Col = elsewhere(l.path, pos), pos.Line, pos.Col
		}
		if r.Status == verify.Failed || r.Status == verify.Unknown {
			c.Because, c.Hint = l.typed(r.Because), l.typed(r.Cure)
		}
		out = append(out, c)
	}
	return out
}
