package profile

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// shape is what the types say of a value before it is decoded.
type shape struct {
	of   reflect.Type // nil: any YAML
	keys []string     // of a list: the keys by which its elements are told apart
	path bool         // names a file
}

var extraType = reflect.TypeFor[Extra]()

// child is the shape of what a mapping has at a key; it is known where the key is a field's.
func (s shape) child(key string) (child shape, known bool) {
	t := s.of
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t == extraType || t.Kind() != reflect.Struct {
		return shape{}, false
	}
	f, known := fieldsOf(t).byName[key]
	if !known {
		return shape{}, false
	}
	return shape{t.Field(f.index).Type, f.keys, f.path}, true
}

// free reports whether a mapping's keys are the user's own.
func (s shape) free() bool { return s.of == nil || s.of == extraType || s.of.Kind() == reflect.Map }

// same reports whether two elements of a list are the same thing: by the first key
// that both of them have. A text is called by itself.
func (s shape) same(a, b *yaml.Node) bool {
	a, b = target(a), target(b)
	if a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode {
		return a.Value == b.Value
	}
	for _, key := range s.keys {
		x, has := calling(a, key)
		if y, too := calling(b, key); has && too {
			return x == y
		}
	}
	return false
}

// called reports whether an element goes by a name.
func (s shape) called(n *yaml.Node, name string) bool { return slices.Contains(s.callings(n), name) }

// callings are the names that an element goes by, the usual one first.
func (s shape) callings(n *yaml.Node) (names []string) {
	if n = target(n); n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	for _, key := range s.keys {
		if name, ok := calling(n, key); ok {
			names = append(names, name)
		}
	}
	return names
}

// calling is what an element goes by at a key. Of guest/protocol both are, unless the second is the usual one.
func calling(n *yaml.Node, key string) (name string, ok bool) {
	first, second, _ := strings.Cut(key, "/")
	v := scalarAt(n, first)
	if v == nil {
		return "", false
	}
	if more := scalarAt(n, second); more != nil && more.Value != tcp {
		return v.Value + "/" + more.Value, true
	}
	return v.Value, true
}

// names are those of a list's elements.
func (s shape) names(list *yaml.Node) (names []string) {
	for _, e := range list.Content {
		if called := s.callings(e); len(called) > 0 {
			names = append(names, called[0])
		}
	}
	return names
}

// removal reports whether an element of a list takes another out, as in "- docker: null", and its name.
func removal(n *yaml.Node) (name *yaml.Node, removes bool) {
	n = target(n)
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || target(n.Content[1]).ShortTag() != "!!null" {
		return nil, false
	}
	return n.Content[0], n.Content[0].Kind == yaml.ScalarNode
}

// target is a node, or the one that an alias stands for; nil for none.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// pairs are the keys of a mapping; the value of the i-th is at 2*i+1 of its content.
func pairs(n *yaml.Node) (keys []*yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i])
	}
	return keys
}

// scalarAt is what a mapping has at a key, if that is one value; nil for none.
func scalarAt(n *yaml.Node, key string) *yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i, k := range pairs(n) {
		if v := target(n.Content[2*i+1]); k.Value == key && v.Kind == yaml.ScalarNode {
			return v
		}
	}
	return nil
}
