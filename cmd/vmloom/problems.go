package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/profile"
)

// mostProblems is how many problems of a file are shown unless all are asked
// for, and mostPlaces how many further places of one.
const (
	mostProblems = 50
	mostPlaces   = 10
)

func allProblemsFlag(u *ui) cli.Flag {
	return &cli.BoolFlag{Name: "all-problems", Usage: fmt.Sprintf("show each problem in each of its places, and more than %d of a file", mostProblems), Destination: &u.all}
}

// shown are the problems of a file that are shown, and how many places are not.
func (u *ui) shown(ps []profile.Problem) (shown []profile.Problem, left int) {
	if u.all {
		return ps, 0
	}
	merged := profile.Merge(ps)
	shown = merged[:min(len(merged), mostProblems)]
	for _, p := range merged[len(shown):] {
		left += 1 + len(p.More)
	}
	return shown, left
}

// news are those of a profile's problems that no other profile of this run had before it: what stands in
// a file that both are made of.
func (u *ui) news(path string, ps []profile.Problem) (out []profile.Problem) {
	for _, p := range ps {
		key := fmt.Sprintf("%s:%d:%d: %s", placed(path, p.Pos), p.Line, p.Col, p.Reason)
		if p.File != "" && u.told != nil {
			if u.told[key] {
				continue
			}
			u.told[key] = true
		}
		out = append(out, p)
	}
	return out
}

// problems prints what is wrong in a file; vmloom check says what is left out.
func (u *ui) problems(w io.Writer, file string, ps []profile.Problem) {
	shown, left := u.shown(ps)
	for _, p := range shown {
		problem(w, file, p)
	}
	if left > 0 {
		u.say("%s: %s not shown; --all-problems shows all", file, plural(left, "more problem"))
	}
}

// problem prints one problem of a profile: where, what, the line and a caret
// under the place, and the cure.
func problem(w io.Writer, file string, p profile.Problem) {
	file, p.File = placed(file, p.Pos), ""
	kind := ""
	if p.ID != "" {
		kind = " [" + p.ID + "]"
	}
	mark := red
	if p.ID != "" {
		mark = yellow // a warning
	}
	styled(w, pointer, fmt.Sprintf("%s:%s%s", oneLine(file), oneLine(p.String()), kind))
	fmt.Fprintln(w)
	number := fmt.Sprint(p.Line)
	margin := strings.Repeat(" ", len(number))
	before := []rune(p.Source)
	before = before[:min(p.Caret, len(before))]
	fmt.Fprintf(w, "  %s | %s\n", number, oneLine(p.Source))
	fmt.Fprintf(w, "  %s | %s", margin, under(oneLine(string(before))))
	styled(w, mark, "^")
	fmt.Fprintln(w)
	if p.Hint != "" {
		fmt.Fprintf(w, "  %s = ", margin)
		styled(w, cyan, "hint:")
		fmt.Fprintln(w, " "+oneLine(p.Hint))
	}
	if len(p.More) > 0 {
		fmt.Fprintf(w, "  %s = the same in %s: %s\n", margin, plural(len(p.More), "more place"), places(p.More))
	}
}

// places lists the first places of many.
func places(at []profile.Pos) string {
	var out []string
	for _, p := range at[:min(len(at), mostPlaces)] {
		out = append(out, fmt.Sprintf("%d:%d", p.Line, p.Col))
	}
	if len(at) > mostPlaces {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// decided shows a profile's line that something was decided by.
func decided(w io.Writer, file string, p *profile.Profile, field string) {
	problem(w, file, p.ProblemAt(field, "decides this"))
}

// placed is the file that a place of a profile is in, as its user would write it.
func placed(file string, at profile.Pos) string {
	if at.File == "" {
		return file
	}
	return filepath.Join(filepath.Dir(file), filepath.FromSlash(at.File))
}

// elsewhere is placed for another file than the profile's own, and else empty.
func elsewhere(file string, at profile.Pos) string {
	if at.File == "" {
		return ""
	}
	return placed(file, at)
}

// under is the blank space below a text, as wide as a terminal shows it, tabs kept.
func under(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Repeat(" ", runeCells(r)))
	}
	return b.String()
}

// problemJSON is how --json prints a problem.
type problemJSON struct {
	// File is the one that it stands in, where that is not the profile's own.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line"`
	Col    int    `json:"column"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
	ID     string `json:"lint,omitempty"`
	// More is in how many further places the same is wrong.
	More int `json:"more,omitempty"`
}

// problemsJSON are the problems that are shown, and how many are not.
func (u *ui) problemsJSON(path string, ps []profile.Problem) (out []problemJSON, left int) {
	shown, left := u.shown(ps)
	out = []problemJSON{} // not null
	for _, p := range shown {
		out = append(out, problemJSON{elsewhere(path, p.Pos), p.Line, p.Col, p.Path, p.Reason, p.Hint, p.ID, len(p.More)})
	}
	return out, left
}
