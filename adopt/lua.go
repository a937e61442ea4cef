package adopt

import (
	"maps"
	"slices"
	"strings"
)

// token of Lua: a name, a text, or one mark such as {.
type token struct {
	kind byte // n: name or number, s: text, else the mark itself
	text string
	line int
	col  int
}

// lex splits Lua into tokens, without comments. It is for looking, not for
// running: what it does not know it passes over.
func lex(src string) (out []token) {
	line, start := 1, 0
	for i := 0; i < len(src); {
		c := src[i]
		add := func(kind byte, text string) { out = append(out, token{kind, text, line, i - start + 1}) }
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

// luaTable is a table constructor: its texts by key, and what stands inside.
type luaTable struct {
	fields map[string]token    // key = "text"
	tables map[string]luaTable // key = {…}, key = f {…}
	list   []luaTable          // elements that are tables
	inside []token             // every token between its braces
	line   int
}

// tableAt reads the table that opens at tokens[i]; it gives what follows it.
func tableAt(tokens []token, i, depth int) (t luaTable, next int) {
	t = luaTable{fields: map[string]token{}, tables: map[string]luaTable{}, line: tokens[i].line}
	i++
	name, first := "", i
	for i < len(tokens) && tokens[i].kind != '}' {
		k := tokens[i]
		switch {
		case k.kind == '{' && depth < maxDepth:
			inner, after := tableAt(tokens, i, depth+1)
			if name != "" {
				t.tables[name] = inner
			} else {
				t.list = append(t.list, inner)
			}
			i = after
			continue
		case k.kind == 'n' && i+1 < len(tokens) && tokens[i+1].kind == '=' && (i+2 >= len(tokens) || tokens[i+2].kind != '='):
			name = k.text
			i += 2
			if i < len(tokens) && tokens[i].kind == 's' {
				t.fields[name] = tokens[i]
				i++
			}
			continue
		case k.kind == ',' || k.kind == ';':
			name = ""
		}
		i++
	}
	t.inside = tokens[first:i]
	return t, min(i+1, len(tokens))
}

// says reports whether a name or a text inside, one that is no key, is what is looked for.
func (t luaTable) says(is func(word string) bool) bool {
	for i, k := range t.inside {
		key := k.kind == 'n' && i+1 < len(t.inside) && t.inside[i+1].kind == '='
		if (k.kind == 'n' || k.kind == 's') && !key && is(k.text) {
			return true
		}
	}
	return false
}

// allTables are the tables of a text, each once, those inside others too.
func allTables(tokens []token) (out []luaTable) {
	var visit func(t luaTable)
	visit = func(t luaTable) {
		out = append(out, t)
		for _, inner := range t.list {
			visit(inner)
		}
		for _, name := range slices.Sorted(maps.Keys(t.tables)) {
			visit(t.tables[name])
		}
	}
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind == '{' {
			t, next := tableAt(tokens, i, 0)
			visit(t)
			i = next - 1
		}
	}
	return out
}
