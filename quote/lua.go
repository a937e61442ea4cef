package quote

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lua writes v as one expression that Lua 5.1 to 5.4 and LuaJIT read alike: string,
// bool, int, or a table made of a list or a map.
func Lua(v any) (string, error) {
	v, err := value("lua", v)
	if err != nil {
		return "", err
	}
	return lua(v)
}

func lua(v any) (string, error) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case string:
		return luaString(v), nil
	case int64:
		if v < -1<<53 || v > 1<<53 { // 5.1 has only doubles
			return "", fmt.Errorf("lua: %d does not fit a double", v)
		}
		return strconv.FormatInt(v, 10), nil
	case []any:
		var items []string
		for _, x := range v {
			s, err := lua(x)
			if err != nil {
				return "", err
			}
			items = append(items, s)
		}
		return luaTable(items), nil
	case map[string]any:
		var items []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s, err := lua(v[key])
			if err != nil {
				return "", err
			}
			items = append(items, "["+luaString(key)+"] = "+s)
		}
		return luaTable(items), nil
	}
	return "", noLiteral("lua", v)
}

func luaTable(items []string) string {
	if len(items) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(items, ", ") + " }"
}

// Only decimal escapes: \x and \u are younger than 5.1. They have three digits each,
// as a digit may follow.
func luaString(s string) string {
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
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			for _, c := range utf8.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\%03d`, c)
			}
		}
	}
	return b.String() + `"`
}

// LuaComment returns s as text for one -- comment line.
func LuaComment(s string) (string, error) {
	s, err := comment("lua", s)
	if strings.HasPrefix(s, "[") { // --[[ would open a long comment
		s = " " + s
	}
	return s, err
}
