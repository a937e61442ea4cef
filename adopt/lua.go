package adopt

import (
	"maps"
	"slices"

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

// tableAt reads the table that opens at tokens[i]; it gives what follows it.
func tableAt(tokens []wezterm.Token, i, depth int) (t luaTable, next int) {
	t = luaTable{fields: map[string]wezterm.Token{}, tables: map[string]luaTable{}, line: tokens[i].Line}
	i++
	name, first := "", i
	for i < len(tokens) && tokens[i].Kind != '}' {
		k := tokens[i]
		switch {
		case k.Kind == '{' && depth < maxDepth:
			inner, after := tableAt(tokens, i, depth+1)
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
			if i < len(tokens) && tokens[i].Kind == 's' {
				t.fields[name] = tokens[i]
				i++
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
	for i := 0; i < len(tokens); i++ {
		if tokens[i].Kind == '{' {
			t, next := tableAt(tokens, i, 0)
			visit(t)
			i = next - 1
		}
	}
	return out
}
