package wezterm

import "strings"

// Token of Lua: a name, a text, or one mark such as {.
type Token struct {
	Kind      byte // n: name or number, s: text, else the mark itself
	Text      string
	Line, Col int
}

// Tokens splits Lua into tokens, without comments. It is for looking, not for
// running: what it does not know it passes over.
func Tokens(src string) (out []Token) {
	line, start := 1, 0
	for i := 0; i < len(src); {
		c := src[i]
		add := func(kind byte, text string) { out = append(out, Token{kind, text, line, i - start + 1}) }
		switch {
		case c == '\n':
			line, start = line+1, i+1
			i++
		case strings.HasPrefix(src[i:], "--"):
			rest := src[i+2:]
			if n, ok := longBracket(rest); ok {
				newlines := strings.Count(rest[:n], "\n")
				if newlines > 0 {
					start = i + 2 + strings.LastIndexByte(rest[:n], '\n') + 1
				}
				line += newlines
				i += 2 + n
				continue
			}
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return out
			}
			i += 2 + end
		case c == '"' || c == '\'':
			text, n := luaString(src[i:])
			add('s', text)
			i += n
		case c == '[' && i+1 < len(src) && (src[i+1] == '[' || src[i+1] == '='):
			n, ok := longBracket(src[i:])
			if !ok {
				add(c, "")
				i++
				continue
			}
			add('s', strings.Trim(src[i:i+n], "[]="))
			line += strings.Count(src[i:i+n], "\n")
			i += n
		case isWord(c):
			end := i
			for end < len(src) && isWord(src[end]) {
				end++
			}
			add('n', src[i:end])
			i = end
		default:
			if c > ' ' {
				add(c, "")
			}
			i++
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// luaString reads a text in quotes: what it says, and its length.
func luaString(src string) (text string, n int) {
	var b strings.Builder
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == src[0]:
			return b.String(), i + 1
		case c == '\n':
			return b.String(), i
		case c == '\\' && i+1 < len(src):
			i++
			b.WriteByte(src[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(src)
}

// longBracket is the length of [[…]] or [=[…]=] at the start of src.
func longBracket(src string) (n int, ok bool) {
	level := len(src) - len(strings.TrimLeft(strings.TrimPrefix(src, "["), "=")) - 1
	if !strings.HasPrefix(src, "[") || level < 0 || !strings.HasPrefix(src[1+level:], "[") {
		return 0, false
	}
	end := strings.Index(src, "]"+strings.Repeat("=", level)+"]")
	if end < 0 {
		return len(src), true
	}
	return end + level + 2, true
}
