package quote

import (
	"fmt"
	"strings"
)

// XML writes a string or int as the content of an element. Tab and newline stay as
// they are, and so do quotes, which an attribute would not keep: it is for
// <string>…</string> only, where scripts stay readable.
func XML(v any) (string, error) {
	v, err := value("xml", v)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case int64, uint64:
		return fmt.Sprint(v), nil
	case string:
		if err := refuse("xml", v, notXML); err != nil {
			return "", err
		}
		return xmlText(v), nil
	}
	return "", noLiteral("xml", v)
}

// notXML is the complement of Char in XML 1.0.
func notXML(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func xmlText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r', 0x7f <= r && r < 0xa0, invisible(r): // legal, but not safe raw
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// XMLComment returns s as text for inside <!-- and -->: blanks part its hyphens.
func XMLComment(s string) (string, error) {
	s, err := comment("xml", s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "- -")
	}
	if strings.HasSuffix(s, "-") {
		s += " "
	}
	return s, err
}
