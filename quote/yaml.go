package quote

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// YAML writes v on one line, in flow style, as YAML 1.2 that YAML 1.1 readers
// understand alike: "no", "1e3" and "12:30" stay strings for both.
func YAML(v any) (string, error) {
	v, err := value("yaml", v)
	if err != nil {
		return "", err
	}
	return yaml(v)
}

func yaml(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case string:
		return yamlString(v), nil
	case int64, uint64:
		return fmt.Sprint(v), nil
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			s, err := yaml(x)
			if err != nil {
				return "", err
			}
			items[i] = s
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	case map[string]any:
		return yamlMap(v)
	}
	return "", noLiteral("yaml", v)
}

func yamlMap(m map[string]any) (string, error) {
	var items []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		name := yamlString(key)
		if len(name) > 1000 { // YAML readers give up looking for the colon at 1024
			return "", fmt.Errorf("yaml: key of %d bytes", len(name))
		}
		s, err := yaml(m[key])
		if err != nil {
			return "", err
		}
		items = append(items, name+": "+s)
	}
	return "{" + strings.Join(items, ", ") + "}", nil
}

// yamlPlain tells names, paths and sizes.
func yamlPlain(s string) bool {
	path := s
	if strings.HasPrefix(s, "~/") {
		path = s[1:]
	}
	if among(path, "_./-") && (letter(path[0]) || path[0] == '_' || path[0] == '/') {
		return true
	}
	number, isSize := strings.CutSuffix(s, "iB")
	if !isSize || len(number) < 2 || strings.IndexByte("KMGT", number[len(number)-1]) < 0 {
		return false
	}
	return strings.Trim(number[:len(number)-1], "0123456789") == ""
}

// yamlReserved tells words that some YAML reader takes for something else.
func yamlReserved(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none",
		"nan", "inf", "infinity":
		return true
	}
	return false
}

func yamlString(s string) string {
	if yamlPlain(s) && !yamlReserved(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
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
		case r <= 0xFFFF && (unicode.IsControl(r) || invisible(r)):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// YAMLBlock writes a text of several lines as a literal block scalar that starts
// right after "key: " and is indented by indent spaces, which must be deeper than the
// key. One newline must follow the action. Text that not every reader takes from a
// block is written as YAML does: control characters; lines of nothing but blanks; a
// blank at the very end, which goccy/go-yaml (Lima's reader) drops; and a first line
// that starts with a blank, whose indentation could only be told relative to a parent
// unknown here.
func YAMLBlock(indent int, s string) (string, error) {
	if err := check("yaml", s); err != nil {
		return "", err
	}
	if indent < 1 {
		return "", fmt.Errorf("yaml: block indented by %d", indent)
	}
	body := strings.TrimRight(s, "\n")
	if !yamlBlockable(body) {
		return yamlString(s), nil
	}
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", indent) + line
		}
	}
	text := "\n" + strings.Join(lines, "\n")
	switch newlines := len(s) - len(body); newlines {
	case 0:
		return "|-" + text, nil
	case 1:
		return "|" + text, nil
	default:
		return "|+" + text + strings.Repeat("\n", newlines-1), nil
	}
}

func yamlBlockable(body string) bool {
	const blank = " \t"
	if strings.ContainsFunc(body, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.IsControl(r) || invisible(r)
	}) {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" && strings.Trim(line, blank) == "" {
			return false
		}
	}
	text := strings.TrimLeft(body, "\n")
	return text != "" && text == strings.Trim(text, blank)
}

// YAMLComment returns s as text for one # comment line.
func YAMLComment(s string) (string, error) { return comment("yaml", s) }
