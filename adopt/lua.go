package adopt

import (
	"maps"
	"slices"
	"strings"

	"vmloom/wezterm"
)

// luaTable is a table constructor: its texts by key, and what stands inside.
type luaTable struct {
	fields map[string]wezterm.Token // key = "text"
	tables map[string]luaTable      // key = {…}, key = f {…}
	list   []luaTable               // elements that are tables
	inside []wezterm.Token          // every token between its braces
	line   int
}

// luaTexts are the names that stand for a text or a number: local port = 62068.
type luaTexts map[string]string

func textsOf(tokens []wezterm.Token) luaTexts {
	known := luaTexts{}
	for i := 0; i+3 < len(tokens); i++ {
		if tokens[i].Kind == 'n' && tokens[i].Text == "local" && tokens[i+1].Kind == 'n' && tokens[i+2].Kind == '=' {
			if text, _, ok := known.text(tokens, i+3); ok {
				known[tokens[i+1].Text] = text
			}
		}
	}
	return known
}

// text is what an expression of texts, numbers and names with .. between says, and
// what follows it; ok is false for any other.
func (known luaTexts) text(tokens []wezterm.Token, i int) (text string, next int, ok bool) {
	for {
		if i >= len(tokens) {
			return "", i, false
		}
		switch k := tokens[i]; {
		case k.Kind == 's', k.Kind == 'n' && strings.Trim(k.Text, "0123456789") == "":
			text += k.Text
		case k.Kind == 'n' && known[k.Text] != "":
			text += known[k.Text]
		default:
			return "", i, false
		}
		i++
		if i+1 >= len(tokens) || tokens[i].Kind != '.' || tokens[i+1].Kind != '.' {
			return text, i, i >= len(tokens) || tokens[i].Kind != '.' && tokens[i].Kind != '('
		}
		i += 2
	}
}

// tableAt reads the table that opens at tokens[i]; it gives what follows it.
func tableAt(tokens []wezterm.Token, i, depth int, known luaTexts) (t luaTable, next int) {
	t = luaTable{fields: map[string]wezterm.Token{}, tables: map[string]luaTable{}, line: tokens[i].Line}
	i++
	name, first := "", i
	for i < len(tokens) && tokens[i].Kind != '}' {
		k := tokens[i]
		switch {
		case k.Kind == '{' && depth < maxDepth:
			inner, after := tableAt(tokens, i, depth+1, known)
			if name != "" {
				t.tables[name] = inner
			} else {
				t.list = append(t.list, inner)
			}
			i = after
			continue
		case k.Kind == 'n' && i+1 < len(tokens) && tokens[i+1].Kind == '=' && (i+2 >= len(tokens) || tokens[i+2].Kind != '='):
			name = k.Text
			i += 2
			if text, after, ok := known.text(tokens, i); ok {
				t.fields[name] = wezterm.Token{Kind: 's', Text: text, Line: tokens[i].Line, Col: tokens[i].Col}
				i = after
			}
			continue
		case k.Kind == ',' || k.Kind == ';':
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
		key := k.Kind == 'n' && i+1 < len(t.inside) && t.inside[i+1].Kind == '='
		if (k.Kind == 'n' || k.Kind == 's') && !key && is(k.Text) {
			return true
		}
	}
	return false
}

// allTables are the tables of a text, each once, those inside others too.
func allTables(tokens []wezterm.Token) (out []luaTable) {
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
	known := textsOf(tokens)
	for i := 0; i < len(tokens); i++ {
		if tokens[i].Kind == '{' {
			t, next := tableAt(tokens, i, 0, known)
			visit(t)
			i = next - 1
		}
	}
	return out
}
