package engine

import (
	"fmt"
	"strings"
)

// token of Scheme: a parenthesis, a text, or an atom.
type token struct {
	kind byte // ( ) " or a
	text string
	line int
}

// schemeTokens reads what a Scheme file consists of, as far as forms and texts go; a file that does
// not end where its forms do is an error with its line.
func schemeTokens(src string) (out []token, err error) {
	r := schemeText{src: src, line: 1}
	var open []int
	for r.blank(); r.src != ""; r.blank() {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case '(':
			open = append(open, t.line)
		case ')':
			if len(open) == 0 {
				return nil, fmt.Errorf("line %d: a closing parenthesis too many", t.line)
			}
			open = open[:len(open)-1]
		}
		out = append(out, t)
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("line %d: its parenthesis is never closed", open[len(open)-1])
	}
	return out, nil
}

// schemeText is what is left to read, and the line where it begins.
type schemeText struct {
	src  string
	line int
}

// take gives the next n bytes.
func (r *schemeText) take(n int) string {
	text := r.src[:n]
	r.src, r.line = r.src[n:], r.line+strings.Count(text, "\n")
	return text
}

// to gives what comes before the mark, and the mark; all, where there is none.
func (r *schemeText) to(mark string) string {
	if i := strings.Index(r.src, mark); i >= 0 {
		return r.take(i + len(mark))
	}
	return r.take(len(r.src))
}

// blank passes over blanks and comments.
func (r *schemeText) blank() {
	for r.src != "" {
		switch {
		case r.src[0] <= ' ':
			r.take(1)
		case r.src[0] == ';':
			r.to("\n")
		case strings.HasPrefix(r.src, "#|"):
			r.block()
		default:
			return
		}
	}
}

// block passes over a block comment, which may hold others.
func (r *schemeText) block() {
	for depth := 0; r.src != ""; {
		switch {
		case strings.HasPrefix(r.src, "#|"):
			depth++
			r.take(2)
		case strings.HasPrefix(r.src, "|#"):
			r.take(2)
			if depth--; depth == 0 {
				return
			}
		default:
			r.take(1)
		}
	}
}

func (r *schemeText) token() (token, error) {
	t := token{line: r.line}
	switch {
	case strings.ContainsRune("([", rune(r.src[0])):
		t.kind = '('
		r.take(1)
	case strings.ContainsRune(")]", rune(r.src[0])):
		t.kind = ')'
		r.take(1)
	case r.src[0] == '"':
		return r.text()
	case strings.HasPrefix(r.src, "#{"): // a symbol of any marks
		t.kind, t.text = 'a', r.to("}#")
	case strings.HasPrefix(r.src, `#\`) && len(r.src) > 2: // a character, be it a parenthesis
		t.kind, t.text = 'a', r.take(3)+r.atom()
	case strings.ContainsRune("'`,", rune(r.src[0])):
		t.kind, t.text = 'a', r.take(1)
	case strings.HasPrefix(r.src, "#;"):
		t.kind, t.text = 'a', r.take(2)
	default:
		t.kind, t.text = 'a', r.take(1)
		t.text += r.atom()
	}
	return t, nil
}

// atom gives what goes on to the next mark.
func (r *schemeText) atom() string {
	n := strings.IndexFunc(r.src, func(c rune) bool { return c <= ' ' || strings.ContainsRune("()[]\";", c) })
	if n < 0 {
		n = len(r.src)
	}
	return r.take(n)
}

// text reads a string; what few escapes paths have are undone.
func (r *schemeText) text() (token, error) {
	t := token{kind: '"', line: r.line}
	var b strings.Builder
	for i := 1; i < len(r.src); i++ {
		switch r.src[i] {
		case '"':
			r.take(i + 1)
			t.text = b.String()
			return t, nil
		case '\\':
			i++
			if i < len(r.src) {
				b.WriteByte(r.src[i])
			}
		default:
			b.WriteByte(r.src[i])
		}
	}
	return t, fmt.Errorf("line %d: its text is never closed", t.line)
}

// calls are the texts that forms such as (load "x.scm") begin with, by the names of the procedures.
func calls(tokens []token, procedures ...string) (out []string) {
	for i := 2; i < len(tokens); i++ {
		open, name, text := tokens[i-2], tokens[i-1], tokens[i]
		if open.kind != '(' || name.kind != 'a' || text.kind != '"' {
			continue
		}
		for _, p := range procedures {
			if name.text == p {
				out = append(out, text.text)
			}
		}
	}
	return out
}
