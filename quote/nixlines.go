package quote

import "strings"

// NixLines writes a text of whole lines as an indented string, whose lines stand
// at indent columns; what such a string cannot carry becomes a plain one.
func NixLines(indent int, s string) (string, error) {
	if err := check("nix", s); err != nil {
		return "", err
	}
	if !nixIndentable(s) {
		return nixString(s), nil
	}
	margin := strings.Repeat(" ", indent)
	var b strings.Builder
	b.WriteString("''\n")
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" {
			b.WriteString(margin)
			nixIndented(&b, line)
		}
		b.WriteString("\n")
	}
	b.WriteString(strings.Repeat(" ", max(indent-2, 0)) + "''")
	return b.String(), nil
}

// nixIndentable reports whether Nix reads the lines back: it turns a CR into LF,
// strips the smallest number of leading blanks, and empties lines of blanks only.
func nixIndentable(s string) bool {
	if !strings.HasSuffix(s, "\n") || strings.Contains(s, "\r") {
		return false
	}
	flush := false // some line starts at the margin
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && strings.Trim(line, " ") == "" {
			return false
		}
		flush = flush || line != "" && line[0] != ' '
	}
	return flush
}

// nixIndented escapes one line. A quote is escaped where it could become part of
// a closing or escaping pair, with ”\' and not with ”', which "${" may follow.
func nixIndented(b *strings.Builder, line string) {
	for i := range len(line) {
		next := byte('\n')
		if i+1 < len(line) {
			next = line[i+1]
		}
		switch {
		case line[i] == '\'' && (next == '\'' || next == '$' || next == '\n'):
			b.WriteString(`''\'`)
		case line[i] == '$' && next == '{':
			b.WriteString(`''$`)
		default:
			b.WriteByte(line[i])
		}
	}
}
