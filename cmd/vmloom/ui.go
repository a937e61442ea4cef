package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"vmloom/profile"
)

// ui is all that speaks: results go to out, talk to err.
type ui struct {
	out, err io.Writer
	quiet    bool
	// all shows every problem, however many there are.
	all bool
}

// say tells the user something beside the results.
func (u *ui) say(format string, args ...any) {
	if !u.quiet {
		fmt.Fprintf(u.err, "vmloom: "+format+"\n", args...)
	}
}

func (u *ui) hint(hint string) {
	if hint != "" {
		fmt.Fprintln(u.err, "vmloom: hint: "+hint)
	}
}

// json prints a result as one document.
func (u *ui) json(v any) error {
	enc := json.NewEncoder(u.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// finish reports an error in its last form and gives the exit status.
func (u *ui) finish(err error) int {
	var f *failure
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	case errors.As(err, &f):
		fmt.Fprintln(u.err, "vmloom: "+err.Error())
		u.hint(f.hint)
		return f.status
	}
	fmt.Fprintln(u.err, "vmloom: "+err.Error())
	return 1
}

func didYouMean(got string, names []string, otherwise string) string {
	if near := profile.Near(got, names, 1); len(near) > 0 {
		return "did you mean " + near[0] + "?"
	}
	return otherwise
}

// plural words a count: 1 file, 2 files.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// table prints rows in columns two blanks apart.
func table(w io.Writer, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
