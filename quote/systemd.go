package quote

import (
	"fmt"
	"strings"
	"unicode"
)

// Systemd writes a string or int as one argument of ExecStart= and the like, or a
// list as several. Specifiers and variables in it are escaped, and so is `;`, which
// would start the next command. The program itself must be an absolute path without
// `$`, quotes or backslashes: systemd does not unescape `$$` there.
func Systemd(v any) (string, error) {
	v, err := value("systemd", v)
	if err != nil {
		return "", err
	}
	list, ok := v.([]any)
	if !ok {
		return systemdArgument(v)
	}
	words := make([]string, len(list))
	for i, x := range list {
		if words[i], err = systemdArgument(x); err != nil {
			return "", err
		}
	}
	return strings.Join(words, " "), nil
}

// checkSystemd refuses noncharacters, to systemd invalid UTF-8: it would ignore the
// whole line.
func checkSystemd(s string) error {
	if err := check("systemd", s); err != nil {
		return err
	}
	return refuse("systemd", s, noncharacter)
}

func systemdArgument(v any) (string, error) {
	switch v := v.(type) {
	case int64, uint64:
		return fmt.Sprint(v), nil
	case string:
		if err := checkSystemd(v); err != nil {
			return "", err
		}
		if among(v, "_@+=:,./-") {
			return v, nil
		}
		return systemdQuoted(strings.ReplaceAll(v, "$", "$$")), nil
	}
	return "", noLiteral("systemd", v)
}

// systemdQuoted uses the escapes of systemd.syntax(7). A specifier is expanded after
// unquoting, so % cannot be written as \x25.
func systemdQuoted(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '%':
			b.WriteString("%%")
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xFFFF && (unicode.IsControl(r) || invisible(r)):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// SystemdValue writes the rest of a line whose setting expands specifiers and takes
// no quotes, such as Description= or WorkingDirectory=. What systemd would strip or
// join to the next line is refused.
func SystemdValue(s string) (string, error) {
	if err := checkSystemd(s); err != nil {
		return "", err
	}
	if err := refuse("systemd", s, unicode.IsControl); err != nil {
		return "", err
	}
	if strings.Trim(s, " ") != s {
		return "", fmt.Errorf("systemd: %q starts or ends with a blank", s)
	}
	if strings.HasSuffix(s, `\`) {
		return "", fmt.Errorf("systemd: %q ends with a backslash", s)
	}
	return strings.ReplaceAll(s, "%", "%%"), nil
}

// SystemdEnv writes one quoted assignment of Environment=, where $ means nothing.
func SystemdEnv(name, value string) (string, error) {
	if !identifier(name, "_") {
		return "", fmt.Errorf("systemd: %q is not the name of a variable", name)
	}
	if err := checkSystemd(value); err != nil {
		return "", err
	}
	return systemdQuoted(name + "=" + value), nil
}

// SystemdComment returns s as text for one # comment line.
func SystemdComment(s string) (string, error) { return comment("systemd", s) }
