package profile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// Explained says where a value of a profile comes from.
type Explained struct {
	// Path of the field, and what it is, in YAML on one line.
	Path, Value string
	// Said is where it was said: the place that holds, then those that it took the place of. None: it is a default.
	Said []Said
	// Removed is where a file took out what others said, so that the default holds.
	Removed *Pos
}

// Said is one place that gives a field a value.
type Said struct {
	Pos
	Value string
}

// longest is how much of a value is shown.
const longest = 200

// pathStep is one key or element of a path: guest, .user, [0], [docker].
var pathStep = pattern.New(`^(?:\.?([^.\[\]]+)|\[([^\]]+)\])`)

// Explain tells of a field, or of all that are set below it, where the values come from. An
// element of a list goes by its number or by what it is called: sockets[docker].env.
func (p *Profile) Explain(path string) ([]Explained, error) {
	at := spot{node: p.root, value: reflect.ValueOf(p).Elem(), shape: shape{of: profileType}}
	for rest := path; rest != ""; {
		m := pathStep().FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("field %s: must be keys with dots between them, such as guest.user.uid", strconv.Quote(path))
		}
		next, names, ok := at.step(m[1], m[2])
		if !ok {
			reason := fmt.Errorf("field %s: there is none of that name", path)
			if near := Near(m[1]+m[2], names, 1); len(near) > 0 {
				reason = fmt.Errorf("%w: did you mean %s?", reason, near[0])
			} else if len(names) > 0 {
				reason = fmt.Errorf("%w: there is %s", reason, strings.Join(names[:min(len(names), 24)], ", "))
			}
			return nil, reason
		}
		at, rest = next, rest[len(m[0]):]
	}
	out := p.explain(at, nil)
	if len(out) == 0 {
		out = []Explained{p.origin(at)}
	}
	return out, nil
}

// spot is a place in a profile: the node of its files, if one is there, and the value that was made of it.
type spot struct {
	path  string
	node  *yaml.Node
	value reflect.Value // not valid below lima.extra
	shape shape
}

// step goes to a key of a mapping, or to an element of a list; names are what it could be.
func (s spot) step(key, element string) (next spot, names []string, ok bool) {
	v := s.value
	for v.IsValid() && v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch n := target(s.node); {
	case element != "":
		return s.element(element)
	case v.IsValid() && v.Kind() == reflect.Pointer: // a section that is not there
		return s, nil, false
	case v.IsValid() && v.Kind() == reflect.Struct && !s.shape.free():
		names = fieldsOf(v.Type()).names
		child, known := s.shape.child(key)
		if !known {
			return s, names, false
		}
		return spot{join(s.path, key), nodeAt(n, key), v.Field(fieldsOf(v.Type()).byName[key].index), child}, names, true
	default:
		if n != nil && n.Kind == yaml.MappingNode {
			for _, k := range pairs(n) {
				names = append(names, k.Value)
			}
		}
		return spot{path: join(s.path, key), node: nodeAt(n, key)}, names, slices.Contains(names, key)
	}
}

func (s spot) element(name string) (next spot, names []string, ok bool) {
	n := target(s.node)
	if n == nil || n.Kind != yaml.SequenceNode {
		return s, nil, false
	}
	for i, e := range n.Content {
		if strconv.Itoa(i) == name || s.shape.called(e, name) {
			next := spot{path: item(s.path, i), node: e}
			if s.value.IsValid() && s.value.Kind() == reflect.Slice && i < s.value.Len() {
				next.value, next.shape = s.value.Index(i), shape{of: s.value.Type().Elem()}
			}
			return next, nil, true
		}
	}
	return s, s.shape.names(n), false
}

// nodeAt is what a mapping has at a key, or nil.
func nodeAt(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i, k := range pairs(n) {
		if k.Value == key {
			return n.Content[2*i+1]
		}
	}
	return nil
}

// explain adds all values that are set at or below a place.
func (p *Profile) explain(at spot, out []Explained) []Explained {
	v := at.value
	if v.IsValid() && v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	whole := false // it has a spelling of its own
	if v.IsValid() && v.CanAddr() {
		_, whole = v.Addr().Interface().(custom)
		if c, is := v.Interface().(Channels); is {
			whole = c.File() != ""
		}
	}
	switch {
	case !whole && v.IsValid() && v.Kind() == reflect.Struct:
		for _, key := range fieldsOf(v.Type()).names {
			next, _, _ := spot{at.path, at.node, v, at.shape}.step(key, "")
			out = p.explain(next, out)
		}
	case !whole && v.IsValid() && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			next, _, there := at.element(strconv.Itoa(i))
			if !there { // a default, which no file has
				next = spot{path: item(at.path, i), value: v.Index(i), shape: shape{of: v.Type().Elem()}}
			}
			out = p.explain(next, out)
		}
	case at.node != nil && target(at.node).Kind == yaml.MappingNode && !(whole && v.Type() == reflect.TypeFor[Package]()):
		for _, k := range pairs(target(at.node)) {
			out = p.explain(spot{path: join(at.path, k.Value), node: nodeAt(target(at.node), k.Value)}, out)
		}
	default:
		if e := p.origin(at); len(e.Said) > 0 || e.Removed != nil || v.IsValid() && !v.IsZero() {
			out = append(out, e)
		}
	}
	return out
}

// origin tells of one value where it was said.
func (p *Profile) origin(at spot) Explained {
	e := Explained{Path: at.path, Value: valueText(at.value)}
	for n := at.node; n != nil; n = p.from[n].over {
		e.Said = append(e.Said, Said{Pos{p.from[n].file, n.Line, n.Column}, shown(n)})
	}
	if len(e.Said) > 0 {
		e.Value = e.Said[0].Value
	} else if pos, removed := p.removed[at.path]; removed {
		e.Removed = &pos
	}
	return e
}

// shown is a node on one line, secrets hidden.
func shown(n *yaml.Node) string {
	var b strings.Builder
	var write func(n *yaml.Node)
	comma := func(i int) {
		if i > 0 {
			b.WriteString(", ")
		}
	}
	write = func(n *yaml.Node) {
		n = target(n)
		if b.Len() > longest {
			return
		}
		switch n.Kind {
		case yaml.MappingNode:
			b.WriteString("{")
			for i, k := range pairs(n) {
				comma(i)
				b.WriteString(k.Value + ": ")
				write(n.Content[2*i+1])
			}
			b.WriteString("}")
		case yaml.SequenceNode:
			b.WriteString("[")
			for i, e := range n.Content {
				comma(i)
				write(e)
			}
			b.WriteString("]")
		default:
			b.WriteString(n.Value)
		}
	}
	write(n)
	return HideSecrets(brief(b.String()))
}

// valueText is a value that no file gives, as YAML would have it.
func valueText(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	if c, ok := v.Interface().(counted); ok { // a number by default
		return c.plain()
	}
	if r, ok := v.Interface().(PortRange); ok && !v.IsZero() {
		return r.String()
	}
	switch {
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Struct:
		return "none"
	case v.Kind() == reflect.Slice:
		var texts []string
		for i := range v.Len() {
			texts = append(texts, valueText(v.Index(i)))
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case v.Kind() == reflect.Map:
		var keys []string
		for _, key := range v.MapKeys() {
			keys = append(keys, key.String())
		}
		slices.Sort(keys)
		return "{" + strings.Join(keys, ", ") + "}"
	case v.Kind() == reflect.String && v.String() == "" || v.Type() == reflect.TypeFor[Size]() && v.IsZero():
		return "none"
	}
	return fmt.Sprint(v.Interface())
}
