package quote

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Markdown writes s as inline text of CommonMark and GFM, without markup, links or
// line breaks: runs of blanks and newlines become one blank.
func Markdown(s string) (string, error) {
	s, err := comment("markdown", s)
	if err != nil {
		return "", err
	}
	if s = strings.Trim(s, " "); strings.Contains(s, "  ") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i, r := range s {
		if markdownSpecial(r, s[:i], s[i:]) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// markdownSpecial spares the punctuation of names and versions (my-host, 25.10),
// except where it would start a list, a rule, a heading or a www. link.
func markdownSpecial(r rune, before, rest string) bool {
	switch r {
	case ':': // :smile: and https://
		return len(rest) > 1 && rest[1] != ' '
	case '-', '+', '=':
		return before == "" || before[len(before)-1] == ' ' || before[len(before)-1] == byte(r)
	case ')':
		return before != "" && strings.Trim(before, "0123456789") == ""
	case '.':
		return before != "" && strings.Trim(before, "0123456789") == "" || strings.EqualFold(before[max(0, len(before)-len("www")):], "www")
	case ',', '/', '\'', '"', '%', ';', '?', '(': // a link's ( follows a ], which is escaped
		return false
	}
	return ' ' < r && r < 0x7f && !letter(byte(r)) && !digit(byte(r))
}

// MarkdownCode writes s as an inline code span. It is not for a table's cell where s
// has a |, which would end the cell.
func MarkdownCode(s string) (string, error) {
	if s == "" {
		return "", errors.New("markdown: empty code span")
	}
	if err := checkLine("markdown", s); err != nil {
		return "", err
	}
	fence := strings.Repeat("`", longest(s)+1)
	// The reader strips one blank on each side, unless s is nothing but blanks.
	blank := s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != ""
	if blank || s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return fence + s + fence, nil
}

// MarkdownBlock writes s as a fenced code block with the info string info, such as
// "sh", starting and ending without indentation. A missing last newline is added.
func MarkdownBlock(info, s string) (string, error) {
	if err := checkLine("markdown", info); err != nil {
		return "", err
	}
	if err := refuse("markdown", info, func(r rune) bool { return strings.ContainsRune("`\\&", r) }); err != nil {
		return "", err
	}
	if err := check("markdown", s); err != nil {
		return "", err
	}
	if err := refuse("markdown", s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	}); err != nil {
		return "", err
	}
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	fence := strings.Repeat("`", max(3, longest(s)+1))
	return fence + info + "\n" + s + fence, nil
}

// longest is the length of the longest run of backticks in s.
func longest(s string) int {
	n, most := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			n++
			most = max(most, n)
		} else {
			n = 0
		}
	}
	return most
}

// Mermaid writes s as the quoted label of a flowchart's node. Whatever is markup to
// Mermaid, Markdown or HTML becomes an entity code; so does the colon, since a line
// with `style…:…#…;` loses its last semicolon.
func Mermaid(s string) (string, error) {
	if s == "" {
		return "", errors.New("mermaid: empty label")
	}
	if err := checkLine("mermaid", s); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"':
			b.WriteString("#quot;")
		case strings.ContainsRune("#&<>`[]{}()|\\;:%*_~^$'=", r) || invisible(r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`, nil
}

// MermaidID checks the name of a node: it cannot be escaped.
func MermaidID(s string) (string, error) {
	ok := s != "" && s[0] >= 'a' && s[0] <= 'z'
	for _, r := range s {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	}
	if !ok || s == "end" { // a keyword that breaks a flowchart
		return "", fmt.Errorf("mermaid: %q is not the name of a node", s)
	}
	return s, nil
}

// MarkdownComment returns s as text for one HTML comment.
func MarkdownComment(s string) (string, error) { return XMLComment(s) }

// MarkdownAnchor is the anchor that a heading of that text has on GitHub.
func MarkdownAnchor(s string) (string, error) {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		case r > 0x7f:
			return "", fmt.Errorf("markdown: heading %q has no plain anchor", s)
		}
	}
	return b.String(), nil
}
