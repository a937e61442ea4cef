package lima

import (
	"iter"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Embed is a template with what a base of it brings, as limactl merges them when it
// makes an instance (limatmpl/embed.go of Lima 2.2): a value of the template wins,
// null too, mappings are merged, lists of the base follow, its scripts and probes go
// before, and disks, mounts and networks of one name are one. The template's base: is
// left to the caller. Neither node is changed; both are without aliases.
func Embed(template, base *yaml.Node) *yaml.Node {
	out := embed("", template, base)
	for name, key := range combined {
		if i := ValueAt(out, name); i > 0 && out.Content[i].Kind == yaml.SequenceNode {
			out.Content[i] = combine(out.Content[i], key)
		}
	}
	return out
}

// combined are the lists whose elements are one where these keys, the first that is
// there, say the same.
var combined = map[string][]string{"additionalDisks": {"name"}, "mounts": {"mountPoint", "location"}, "networks": {"interface"}}

// first are the lists in which what the base has comes first.
var first = []string{"base", "provision", "probes"}

func embed(place string, a, b *yaml.Node) *yaml.Node {
	if a.Kind != b.Kind || a.Kind == yaml.ScalarNode {
		if place == "minimumLimaVersion" {
			if x, y := versionAt(a), versionAt(b); x.Before(y) {
				return b
			}
		}
		return a
	}
	out := *a
	out.Content = slices.Clone(a.Content)
	if a.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(b.Content); i += 2 {
			name := b.Content[i].Value
			if at := ValueAt(a, name); at > 0 {
				out.Content[at] = embed(Join(place, name), a.Content[at], b.Content[i+1])
				continue
			}
			out.Content = append(out.Content, b.Content[i], b.Content[i+1])
		}
		return &out
	}
	switch {
	case place == "dns" && len(a.Content) > 0: // whole, or not at all
	case slices.Contains(first, place):
		out.Content = slices.Concat(b.Content, a.Content)
	case place == "mountTypesUnsupported":
		for _, n := range b.Content {
			if !slices.ContainsFunc(a.Content, func(has *yaml.Node) bool { return has.Value == n.Value }) {
				out.Content = append(out.Content, n)
			}
		}
	default:
		out.Content = slices.Concat(a.Content, b.Content)
	}
	return &out
}

func versionAt(n *yaml.Node) Version {
	v, _ := ParseVersion(n.Value)
	return v
}

// Entries are the keys of a mapping, each with its value, in order; none where it is no mapping.
func Entries(m *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; m != nil && m.Kind == yaml.MappingNode && i+1 < len(m.Content); i += 2 {
			if !yield(m.Content[i], m.Content[i+1]) {
				return
			}
		}
	}
}

// ValueAt is where a key's value stands in the content of a mapping; 0: nowhere, or it is none.
func ValueAt(m *yaml.Node, key string) int {
	for i := 0; m != nil && m.Kind == yaml.MappingNode && i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i + 1
		}
	}
	return 0
}

// combine makes one of the elements that have the same name, the earlier one's values
// first; * is for all before it.
func combine(list *yaml.Node, keys []string) *yaml.Node {
	out := *list
	out.Content = nil
	at := map[string]int{}
	for _, n := range list.Content {
		name := nameOf(n, keys)
		i, seen := at[name]
		switch {
		case name == "*":
			for i := range out.Content {
				out.Content[i] = fill(out.Content[i], n, keys)
			}
		case name != "" && seen:
			out.Content[i] = fill(out.Content[i], n, keys)
		default:
			at[name] = len(out.Content)
			out.Content = append(out.Content, n)
		}
	}
	return &out
}

// fill gives an element what a later one of its name has; a name alone becomes a mapping.
func fill(n, later *yaml.Node, keys []string) *yaml.Node {
	if later.Kind != yaml.MappingNode {
		return n
	}
	if n.Kind == yaml.ScalarNode {
		n = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column,
			Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: keys[0], Line: n.Line, Column: n.Column}, n}}
	}
	rest := *later
	rest.Content = nil
	for i := 0; i+1 < len(later.Content); i += 2 {
		if name := later.Content[i].Value; !slices.Contains(keys, name) {
			rest.Content = append(rest.Content, later.Content[i], later.Content[i+1])
		}
	}
	out := *n
	out.Content = slices.Clone(n.Content)
	for i := 0; i+1 < len(rest.Content); i += 2 {
		switch at := ValueAt(&out, rest.Content[i].Value); {
		case at == 0:
			out.Content = append(out.Content, rest.Content[i], rest.Content[i+1])
		case out.Content[at].Kind == yaml.MappingNode && rest.Content[i+1].Kind == yaml.MappingNode:
			out.Content[at] = fill(out.Content[at], rest.Content[i+1], nil)
		}
	}
	return &out
}

// nameOf is what an element of a list is known by; empty: nothing.
func nameOf(n *yaml.Node, keys []string) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	for _, key := range keys {
		if i := ValueAt(n, key); i > 0 {
			return n.Content[i].Value
		}
	}
	return ""
}
