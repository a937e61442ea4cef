// Package quote writes Go values in other languages. In goes a value, out comes a
// whole literal of Nix, Scheme, YAML, XML, Lua, sh, ssh_config, systemd or Markdown,
// delimiters included, that the language reads back as the same value; or an error
// naming the byte it cannot carry. It never drops or replaces a part of a value: only
// the Comment functions and Markdown do, whose text is for human readers.
//
// No function accepts NUL or invalid UTF-8.
package quote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check refuses what no language here can carry.
func check(lang, s string) error {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return nil
	}
	for i, r := range s {
		if r == 0 {
			return fmt.Errorf("%s: NUL byte at offset %d", lang, i)
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return fmt.Errorf("%s: invalid UTF-8 byte 0x%02x at offset %d", lang, s[i], i)
			}
		}
	}
	return nil
}

// checkLine refuses control characters too, for what must stay on one line.
func checkLine(lang, s string) error {
	if err := check(lang, s); err != nil {
		return err
	}
	return refuse(lang, s, unicode.IsControl)
}

// refuse names the first rune of s that is bad.
func refuse(lang, s string, bad func(rune) bool) error {
	if i := strings.IndexFunc(s, bad); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return fmt.Errorf("%s: %s at offset %d", lang, show(r), i)
	}
	return nil
}

func show(r rune) string {
	if unicode.IsPrint(r) && r < utf8.RuneSelf {
		return fmt.Sprintf("%q", r)
	}
	return fmt.Sprintf("%U", r)
}

// comment makes s fit for one comment line. Line ends of any reader become blanks
// (Nix ends a comment at a CR), and so do marks that reorder the text on the screen.
func comment(lang, s string) (string, error) {
	if err := check(lang, s); err != nil {
		return "", err
	}
	if plain(s) {
		return s, nil
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || invisible(r) {
			return ' '
		}
		return r
	}, s), nil
}

// plain reports whether a text is printable ASCII alone, as nearly all are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// invisible shows line and paragraph separators, bidirectional overrides, the byte
// order mark and noncharacters.
func invisible(r rune) bool {
	switch {
	case r == 0x2028, r == 0x2029, r == 0xFEFF, r == 0x061C, r == 0x200E, r == 0x200F,
		0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069:
		return true
	}
	return noncharacter(r)
}

func noncharacter(r rune) bool { return r&0xFFFE == 0xFFFE || 0xFDD0 <= r && r <= 0xFDEF }
