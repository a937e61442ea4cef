package main

import (
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// gap is between two columns, leastColumn the narrowest that a terminal makes of one.
const (
	gap         = 2
	leastColumn = 12
)

// table prints rows in columns, as wide as a terminal's window has them: what is
// wider goes on below itself. The first column is shown as first says, if not nil.
func table(w io.Writer, rows [][]string, first func(row int) style) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cells(oneLine(cell)))
		}
	}
	fit(widths, windowOf(w))
	for n, row := range rows {
		style := plain
		if first != nil {
			style = first(n)
		}
		tableRow(w, row, widths, style)
	}
}

// tableRow prints one row, of as many lines as its longest cell needs.
func tableRow(w io.Writer, row []string, widths []int, first style) {
	var columns [][]string
	lines := 0
	for i, cell := range row {
		columns = append(columns, wrap(oneLine(cell), widths[i]))
		lines = max(lines, len(columns[i]))
	}
	for n := range lines {
		before := 0 // the blanks that are due
		for i, column := range columns {
			text := ""
			if n < len(column) {
				text = column[n]
			}
			if text != "" {
				io.WriteString(w, strings.Repeat(" ", before))
				before = 0
				if i == 0 {
					styled(w, first, text)
				} else {
					io.WriteString(w, text)
				}
			}
			before += widths[i] - cells(text) + gap
		}
		io.WriteString(w, "\n")
	}
}

// fit narrows the widest columns until all go into a window; 0: it has no edge.
func fit(widths []int, window int) {
	for window > 0 {
		sum, widest := -gap, 0
		for i, n := range widths {
			sum += n + gap
			if n > widths[widest] {
				widest = i
			}
		}
		if sum < window || len(widths) == 0 || widths[widest] <= leastColumn {
			return // the last column of a window stays free: some terminals wrap there
		}
		widths[widest]--
	}
}

// wrap breaks a text into lines of a width at its blanks, or, where there are none, anywhere.
func wrap(text string, width int) (lines []string) {
	if cells(text) <= width {
		return []string{text}
	}
	line := ""
	for _, word := range strings.Split(text, " ") {
		if line != "" && cells(line)+1+cells(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for cells(word) > width {
			head := first(word, width)
			lines = append(lines, head)
			word = word[len(head):]
		}
		line = word
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// first is as much of a text as goes into a width, and at least a character.
func first(text string, width int) string {
	n := 0
	for i, r := range text {
		if n += runeCells(r); n > width && i > 0 {
			return text[:i]
		}
	}
	return text
}

// cells is how many columns of a terminal a text takes.
func cells(text string) (n int) {
	for _, r := range text {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	switch {
	case r < 0x300: // most texts
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
