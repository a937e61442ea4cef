package quote

import "strings"

// among reports whether s has characters, and each of them is a letter or digit of ASCII, or one of others. It stands
// for a pattern because words are asked about many thousand times a run.
func among(s, others string) bool {
	for i := range len(s) {
		if c := s[i]; !letter(c) && !digit(c) && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return s != ""
}

// identifier reports whether s is a letter or _ and then as among says.
func identifier(s, others string) bool {
	return among(s, others) && (letter(s[0]) || s[0] == '_')
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func digit(c byte) bool { return '0' <= c && c <= '9' }
