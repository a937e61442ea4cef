package profile

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// origin is where a node of several files comes from.
type origin struct {
	file string     // as in Pos
	over *yaml.Node // the value that it has replaced, or nil
}

// origins of the nodes of several files.
type origins map[*yaml.Node]origin

// register notes the file of every node below n.
func (o origins) register(n *yaml.Node, file string) {
	o[n] = origin{file: file}
	for _, c := range n.Content {
		o.register(c, file)
	}
}

// merger merges one file over those before it. It builds nodes of its own: those
// of a text are never changed, since an alias shows one in several places.
type merger struct {
	*decoder
	file  string // of what is merged over the rest
	first bool   // there is no rest
	local bool   // where a mapping stands, the profile says
}

// merge gives the root of all layers, each merged over those before it; nil where
// that cannot be.
func (g *gatherer) merge(d *decoder) (root *yaml.Node) {
	d.from, d.removed, d.budget = origins{}, map[string]Pos{}, maxNodes
	for i, l := range g.layers {
		d.from.register(l.root, l.File)
		m := merger{d, l.File, i == 0, l.File == LocalName(g.file)}
		if m.local {
			m.sameMachine(root, l.root, g.file)
		}
		root = m.merge(root, l.root, shape{of: profileType}, "")
	}
	if d.budget < 0 {
		return nil
	}
	return root
}

// sameMachine refuses a local file that names another machine.
func (m *merger) sameMachine(root, local *yaml.Node, file string) {
	name, other := scalarAt(root, "name"), scalarAt(local, "name")
	if name != nil && other != nil && isText(other) && name.Value != other.Value {
		m.at(m.place(other), "name", "is "+brief(name.Value)+" in "+file+", and this file is of the same machine",
			"take it out; another machine has a profile of its own, which may extend this one: extends: [./"+file+"]")
	}
}

// merge gives over merged over under, which is nil where there is nothing.
func (m *merger) merge(under, over *yaml.Node, s shape, path string) *yaml.Node {
	u, o := target(under), target(over)
	if !m.spend(over, path) {
		return over
	}
	switch {
	case o.Kind == yaml.MappingNode && (u == nil || u.Kind == yaml.MappingNode):
		return m.mappings(under, over, s, path)
	case o.Kind == yaml.SequenceNode && s.keys != nil && (u == nil || u.Kind == yaml.SequenceNode):
		return m.lists(under, over, s, path)
	case o.Kind == yaml.SequenceNode && s.path:
		c := m.fresh(over, under)
		for i, e := range o.Content {
			c.Content[i] = m.moved(e)
		}
		return c
	case s.path:
		return m.moved(m.fresh(over, under))
	}
	return m.fresh(over, under)
}

// fresh is a copy of a node, of its own even where an alias shows it twice, with
// the place of n; what it has replaced is noted.
func (m *merger) fresh(n, replaced *yaml.Node) *yaml.Node {
	c := *target(n)
	c.Line, c.Column, c.Content = n.Line, n.Column, slices.Clone(c.Content)
	if c.ShortTag() != "!!null" { // of which the anchor tells what was meant: &text without its quotes
		c.Anchor = ""
	}
	m.from[&c] = origin{m.from[n].file, replaced}
	return &c
}

// around is what a merged mapping or list begins with: a copy of what is under it.
func (m *merger) around(under, over *yaml.Node) *yaml.Node {
	c := m.fresh(over, under)
	c.Content = nil
	if under == nil {
		return c
	}
	if m.local {
		c.Line, c.Column = under.Line, under.Column
		m.from[c] = origin{m.from[under].file, under}
	}
	c.Content = slices.Clone(target(under).Content)
	m.budget -= len(c.Content) // each may be compared with what is merged over it
	return c
}

func (m *merger) mappings(under, over *yaml.Node, s shape, path string) *yaml.Node {
	c, seen := m.around(under, over), map[string]bool{}
	into := entries{at: map[string]int{}}
	for i := 0; i+1 < len(c.Content); i += 2 {
		into.add(c.Content[i], c.Content[i+1])
	}
	content := target(over).Content
	for i := 0; i+1 < len(content) && m.budget >= 0; i += 2 {
		key, value := content[i], content[i+1]
		switch {
		case !isText(key) || seen[key.Value]: // the decoder tells
			into.list = append(into.list, [2]*yaml.Node{key, value})
		case path == "" && key.Value == "extends" && m.file != "": // it was followed
		default:
			seen[key.Value] = true
			m.entry(&into, key, value, s, join(path, key.Value))
		}
	}
	c.Content = into.content()
	return c
}

// entries are those of a mapping that is being merged. One that was taken out has no key.
type entries struct {
	list [][2]*yaml.Node
	at   map[string]int
}

func (e *entries) add(key, value *yaml.Node) {
	if _, double := e.at[key.Value]; isText(key) && !double {
		e.at[key.Value] = len(e.list)
	}
	e.list = append(e.list, [2]*yaml.Node{key, value})
}

func (e *entries) content() (out []*yaml.Node) {
	for _, pair := range e.list {
		if pair[0] != nil {
			out = append(out, pair[0], pair[1])
		}
	}
	return out
}

// entry merges one key and its value into a mapping.
func (m *merger) entry(into *entries, key, value *yaml.Node, s shape, path string) {
	at, there := into.at[key.Value]
	child, known := s.child(key.Value)
	switch null := target(value).ShortTag() == "!!null"; {
	case null && there:
		into.list[at] = [2]*yaml.Node{}
		delete(into.at, key.Value)
		if !strings.Contains(path, "[") {
			m.removed[path] = m.place(value)
		}
	case null && known && !m.first: // it is not there already
	case null && s.free() && !m.first:
		m.nothing(value, path, slices.Sorted(maps.Keys(into.at)))
	case there:
		into.list[at] = [2]*yaml.Node{key, m.merge(into.list[at][1], value, child, path)}
	default:
		delete(m.removed, path)
		into.add(key, m.merge(nil, value, child, path))
	}
}

// nothing tells of a removal of what is not there.
func (m *merger) nothing(at *yaml.Node, path string, there []string) {
	hint := "take the line out"
	if key := path[strings.LastIndexAny(path, ".[")+1:]; len(there) > 0 {
		hint = "there is " + strings.Join(there[:min(len(there), 12)], ", ")
		if near := Near(strings.TrimSuffix(key, "]"), there, 1); len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
	}
	m.decoder.at(m.place(at), path, "removes what is not there", hint)
}

// lists merges a list by what its elements are called by.
func (m *merger) lists(under, over *yaml.Node, s shape, path string) *yaml.Node {
	c, mine := m.around(under, over), map[*yaml.Node]bool{}
	element := shape{of: s.of.Elem()}
	for _, e := range target(over).Content {
		if name, removes := removal(e); removes && !m.first {
			at := slices.IndexFunc(c.Content, func(u *yaml.Node) bool { return s.called(u, name.Value) })
			if at < 0 {
				m.nothing(name, path+"["+name.Value+"]", s.names(c))
				continue
			}
			c.Content = slices.Delete(c.Content, at, at+1)
			continue
		}
		at := slices.IndexFunc(c.Content, func(u *yaml.Node) bool { return !mine[u] && s.same(u, e) })
		var merged *yaml.Node
		if at >= 0 {
			merged = m.merge(c.Content[at], e, element, item(path, at))
			c.Content[at] = merged
		} else {
			merged = m.merge(nil, e, element, item(path, len(c.Content)))
			c.Content = append(c.Content, merged)
		}
		mine[merged] = true
	}
	return c
}

// moved is the name of a file, relative to the profile and not to the file that it stands in.
func (m *merger) moved(n *yaml.Node) *yaml.Node {
	dir := path.Dir(m.file)
	if text := target(n); dir == "." || !isText(text) || !strings.HasPrefix(text.Value, "./") && !strings.HasPrefix(text.Value, "../") {
		return n
	}
	c := m.fresh(n, m.from[n].over)
	if c.Value = path.Join(dir, c.Value); !strings.HasPrefix(c.Value, "../") {
		c.Value = "./" + c.Value
	}
	return c
}
