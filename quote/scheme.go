package quote

import (
	"fmt"
	"strings"
	"unicode"
)

// Scheme writes v as one Guile expression: string, bool, int, or (list …).
func Scheme(v any) (string, error) {
	v, err := value("scheme", v)
	if err != nil {
		return "", err
	}
	return scheme(v)
}

func scheme(v any) (string, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return "#t", nil
		}
		return "#f", nil
	case string:
		return schemeString(v), nil
	case int64, uint64:
		return fmt.Sprint(v), nil
	case []any:
		out := "(list"
		for _, x := range v {
			s, err := scheme(x)
			if err != nil {
				return "", err
			}
			out += " " + s
		}
		return out + ")", nil
	}
	return "", noLiteral("scheme", v)
}

func schemeString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case (r == ':' || r == '=') && strings.HasSuffix(s[:i], "coding"):
			// Guile takes `; coding: latin-1` near the top of a file, even inside
			// a string, as the encoding of the whole file.
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default: // six digits, where Go's own escape has eight
			fmt.Fprintf(&b, `\U%06x`, r)
		}
	}
	return b.String() + `"`
}

// SchemeSymbol checks that s is a plain symbol and returns it as it is.
func SchemeSymbol(s string) (string, error) {
	if !among(s, "-") || !letter(s[0]) || s != strings.ToLower(s) {
		return "", fmt.Errorf("scheme: %q is not a symbol of lower-case letters, digits and hyphens", s)
	}
	return s, nil
}

// SchemeComment returns s as text for one ; comment line.
func SchemeComment(s string) (string, error) {
	s, err := comment("scheme", s)
	// See schemeString.
	return strings.NewReplacer("coding:", "coding :", "coding=", "coding =").Replace(s), err
}
