package profile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// checkText refuses what YAML's reader would report without a position, and the
// line ends that only some readers count as such.
func (d *decoder) checkText() bool {
	if two := d.src[:min(2, len(d.src))]; string(two) == "\xff\xfe" || string(two) == "\xfe\xff" || len(two) == 2 && (two[0] == 0) != (two[1] == 0) {
		d.at(posAt(1, 1), "", "file is UTF-16, not UTF-8", "save it as UTF-8")
		return false
	}
	line, col := 1, 1
	for i := 0; i < len(d.src); {
		r, n := utf8.DecodeRune(d.src[i:])
		reason := ""
		switch {
		case r == utf8.RuneError && n == 1:
			reason = "invalid UTF-8"
		case r == 0:
			reason = "NUL byte"
		case r == '\r' && !bytes.HasPrefix(d.src[i:], []byte("\r\n")):
			reason = "carriage return without a line feed"
		case r != '\n' && r != '\r' && r != '\t' && control(r):
			reason = fmt.Sprintf("control character U+%04X", r)
		}
		if reason != "" && !d.foreign() {
			d.at(posAt(line, col), "", reason, map[bool]string{true: "save the file as UTF-8"}[reason == "invalid UTF-8"])
		}
		if reason != "" {
			return false
		}
		if r == '\n' {
			line, col = line+1, 0
		}
		i, col = i+n, col+1
	}
	return true
}

// control reports whether r would act on a terminal or end a line somewhere, or
// is no character at all, which some readers take for bad UTF-8.
func control(r rune) bool {
	return r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 || r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef
}

// cures of what the YAML parser says in its own words.
var cures = []struct{ message, hint string }{
	{"mapping values are not allowed", `a text with ": " in it needs quotes`},
	{"cannot start any token", "put quotes around the text"},
	{"unknown anchor", "a text that starts with * needs quotes"},
	{"unknown escape character", "a backslash needs single quotes around the text"},
	{"expected hexadecimal number", "a backslash needs single quotes around the text"},
	{"did not find expected key", "keys of one mapping begin in one column"},
	{"exceeded max depth", "no profile needs that"},
}

// syntax reports an error of the YAML parser, without its stack of prefixes.
func (d *decoder) syntax(err error) {
	if d.foreign() {
		return
	}
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		d.at(posAt(1, 1), "", "YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	// A block that breaks off is reported where it breaks, often the next line.
	pos, reason := posAt(e.Mark.Line, e.Mark.Column), strings.TrimPrefix(e.Message, "yaml: ")
	hint := ""
	for _, c := range cures {
		if strings.Contains(reason, c.message) {
			hint = c.hint
		}
	}
	lines := bytes.Split(d.src, []byte("\n"))
	if strings.Contains(reason, "mapping values are not allowed") && d.deeper(lines, pos) || d.unlikeYAML(lines, pos) || d.unlikeYAML(lines, posAt(e.ContextMark.Line, e.ContextMark.Column)) {
		return
	}
	switch at := line(lines, pos); {
	case strings.Contains(reason, "tab character") || strings.Contains(reason, "any token") && strings.HasPrefix(at, "\t"):
		reason, hint = "tab character in the indentation", "indent with blanks"
	case strings.Contains(reason, "end of stream") && strings.Contains(e.ContextMsg, "quoted"):
		pos, reason = posAt(e.ContextMark.Line, e.ContextMark.Column), "this quote is never closed"
	case strings.Contains(reason, "any token"):
		reason = "no text starts with this character"
	case strings.Contains(reason, "expected key") && (strings.HasPrefix(at, "]") || strings.HasPrefix(at, "}")):
		reason, hint = "this bracket closes nothing", ""
	case strings.Contains(reason, "expected ':'"):
		pos, reason = posAt(e.ContextMark.Line, e.ContextMark.Column), "key without a colon"
		hint = withColon(line(lines, pos))
	case strings.HasPrefix(reason, "unknown anchor"):
		reason = "unknown anchor"
	case strings.Contains(reason, "expected ',' or"):
		hint = fmt.Sprintf("the bracket of line %d is not closed", e.ContextMark.Line)
		if strings.HasPrefix(at, "{") {
			reason, hint = "a brace inside a value", "put quotes around the value; variables are not expanded: a home is ~/"
		}
	case strings.Contains(reason, "expected key") && strings.Contains(e.ContextMsg, "block mapping"):
		reason = "the line is indented unlike those it belongs with"
	case strings.Contains(reason, "expected '-'"):
		reason, hint = "the line is no element of the list above", "begin each element with - and a blank, and indent all alike"
	case e.ContextMsg != "":
		reason += " " + e.ContextMsg
	}
	d.at(pos, "", "YAML: "+reason, hint)
}

// line is the rest of the line from pos on; empty where there is none.
func line(lines [][]byte, pos Pos) string {
	if pos.Line < 1 || pos.Line > len(lines) {
		return ""
	}
	rest := []rune(string(lines[pos.Line-1]))
	return string(rest[min(max(pos.Col-1, 0), len(rest)):])
}
