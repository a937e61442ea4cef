package quote

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Word writes one word of a file whose lines are words between blanks, for which it knows no
// quoting at all: nix's machines and nix.conf, and known_hosts. What such a file would take
// for another word, another machine, a comment or another file is refused.
func Word(v any) (string, error) {
	v, err := value("word", v)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case int64, uint64:
		return fmt.Sprint(v), nil
	case string:
		if v == "" {
			return "", errors.New("word: is empty")
		}
		if v[0] == '@' {
			return "", errors.New("word: names a file")
		}
		return v, refuse("word", v, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("#;'\"", r)
		})
	}
	return "", noLiteral("word", v)
}

// WordComment writes a text into a comment of such a file, as one line.
func WordComment(s string) (string, error) { return comment("word", s) }
