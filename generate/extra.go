package generate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// mergeExtra merges the profile's lima.extra into the rendered template:
// mappings by key, lists by appending, the rest replaced. Only the top-level
// sections that extra names are rewritten, so the others keep their comments.
func mergeExtra(doc []byte, extra *yaml.Node) ([]byte, error) {
	if extra == nil || len(extra.Content) == 0 {
		return doc, nil
	}
	var root yaml.Node
	if err := yaml.Load(doc, &root); err != nil {
		return nil, fmt.Errorf("lima template: %w", err)
	}
	top := root.Content[0]
	lines := strings.SplitAfter(string(doc), "\n")
	// From the end, so that earlier sections keep their line numbers.
	for i := len(top.Content) - 2; i >= 0; i -= 2 {
		value := lookup(extra, top.Content[i].Value)
		if value == nil {
			continue
		}
		section, err := encode(top.Content[i].Value, merge(top.Content[i+1], value))
		if err != nil {
			return nil, err
		}
		from, to := top.Content[i].Line-1, sectionEnd(lines, top, i)
		lines = slices.Replace(lines, from, to, section)
	}
	out := strings.Join(lines, "")
	for i := 0; i+1 < len(extra.Content); i += 2 {
		if lookup(top, extra.Content[i].Value) == nil {
			section, err := encode(extra.Content[i].Value, extra.Content[i+1])
			if err != nil {
				return nil, err
			}
			out += "\n" + section
		}
	}
	return []byte(out), nil
}

// sectionEnd is the index of the line after the i-th key's section, without
// the blank lines and comments that lead in the next one.
func sectionEnd(lines []string, top *yaml.Node, i int) int {
	if i+2 >= len(top.Content) {
		return len(lines)
	}
	end := top.Content[i+2].Line - 1
	for lines[end-1] == "\n" || strings.HasPrefix(lines[end-1], "#") {
		end--
	}
	return end
}

// lookup is the value of a mapping's key; nil: it has none, or is no mapping.
func lookup(m *yaml.Node, key string) *yaml.Node {
	if i := lima.ValueAt(m, key); i > 0 {
		return m.Content[i]
	}
	return nil
}

// merge joins two nodes of the same kind; otherwise the second wins.
func merge(a, b *yaml.Node) *yaml.Node {
	switch {
	case a.Kind == yaml.SequenceNode && b.Kind == yaml.SequenceNode:
		out := *a
		out.Content = append(slices.Clone(a.Content), b.Content...)
		out.Style &^= yaml.FlowStyle
		return &out
	case a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode:
		out := *a
		out.Content = slices.Clone(a.Content)
		out.Style &^= yaml.FlowStyle
		for i := 0; i+1 < len(b.Content); i += 2 {
			key, value := b.Content[i], b.Content[i+1]
			if at := lima.ValueAt(&out, key.Value); at > 0 {
				out.Content[at] = merge(out.Content[at], value)
				continue
			}
			out.Content = append(out.Content, key, value)
		}
		return &out
	}
	return b
}

// encode writes one top-level section as block YAML.
func encode(key string, value *yaml.Node) (string, error) {
	doc := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, closed(value),
	}}
	var out bytes.Buffer
	d, err := yaml.NewDumper(&out, yaml.WithIndent(2))
	if err == nil {
		if err = d.Dump(doc); err == nil {
			err = d.Close()
		}
	}
	if err != nil {
		return "", fmt.Errorf("lima.extra: %s: %w", key, err)
	}
	return strings.TrimRight(out.String(), "\n") + "\n", nil
}

// closed copies a node so that no scalar takes in the blank line which follows
// its section, as a block of |+ would.
func closed(n *yaml.Node) *yaml.Node {
	out := *n
	if n.Kind == yaml.ScalarNode && (strings.HasSuffix(n.Value, "\n\n") || n.Value == "\n") {
		out.Style = yaml.DoubleQuotedStyle
	}
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, closed(c))
	}
	return &out
}
