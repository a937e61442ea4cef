package quote

import (
	"fmt"
	"strings"
)

// Sh writes a string or int as one word of POSIX sh, or a list as several words with
// a blank between. The word is the same in every position: as command, argument or
// value of an assignment.
func Sh(v any) (string, error) {
	v, err := value("sh", v)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case []any:
		words := make([]string, len(v))
		for i, x := range v {
			if words[i], err = shWord(x); err != nil {
				return "", err
			}
		}
		return strings.Join(words, " "), nil
	default:
		return shWord(v)
	}
}

func shWord(v any) (string, error) {
	switch v := v.(type) {
	case int64, uint64:
		return fmt.Sprint(v), nil
	case string:
		if shBare(v) && !shReserved(v) {
			return v, nil
		}
		return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'", nil
	}
	return "", noLiteral("sh", v)
}

// A word with = is bare only as an option, since A=b before a command assigns.
func shBare(s string) bool {
	option, isOption := strings.CutPrefix(s, "-")
	return among(s, "_@%+:,./-") || isOption && among(option, "_@%+=:,./-")
}

func shReserved(s string) bool {
	switch s {
	case "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until",
		"for", "in", "function", "select", "time", "coproc", "namespace", "repeat", "foreach", "end", "nocorrect":
		return true
	}
	return false
}

// ShComment returns s as text for one # comment line.
func ShComment(s string) (string, error) { return comment("sh", s) }
