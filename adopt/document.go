package adopt

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"vmloom/lima"
	"vmloom/pattern"
)

// MaxBytes is the largest input that is read.
const MaxBytes = 1 << 20

// Limits of a template, its aliases expanded; far beyond any real one.
const (
	maxNodes = 20_000
	maxDepth = 60
	maxKey   = 1 << 10
)

var macHome = pattern.New(`/Users/([A-Za-z_][A-Za-z0-9._-]*)`)

// parse gives a template's mapping with aliases and merges resolved.
func parse(src []byte) (*yaml.Node, error) {
	if len(src) > MaxBytes {
		return nil, errors.New(" larger than 1 MiB")
	}
	if !utf8.Valid(src) {
		return nil, errors.New(" not UTF-8 text")
	}
	var docs []yaml.Node
	if err := yaml.Load(src, &docs, yaml.WithAllDocuments(), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth)))); err != nil {
		var e *yaml.LoadError
		if errors.As(err, &e) {
			return nil, fmt.Errorf("%d:%d: YAML: %s", e.Mark.Line, e.Mark.Column, strings.TrimPrefix(e.Message, "yaml: "))
		}
		return nil, fmt.Errorf(" YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	switch {
	case len(docs) == 0 || len(docs[0].Content) == 0:
		return nil, errors.New(" empty: a Lima template is expected")
	case len(docs) > 1:
		return nil, fmt.Errorf("%d:%d: second document: Lima reads one", docs[1].Line, docs[1].Column)
	}
	r := &resolver{left: maxNodes}
	root, err := r.resolve(docs[0].Content[0], 0)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%d:%d: not a mapping: a Lima template is expected", root.Line, root.Column)
	}
	return root, nil
}

type resolver struct{ left int }

// resolve copies a node with aliases replaced, merges done and comments gone;
// double keys are an error, as they are to Lima.
func (r *resolver) resolve(n *yaml.Node, depth int) (*yaml.Node, error) {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
		depth++
	}
	if r.left--; r.left < 0 || depth > maxDepth {
		return nil, fmt.Errorf("%d:%d: too many values: aliases that grow without end?", n.Line, n.Column)
	}
	c := &yaml.Node{Kind: n.Kind, Style: n.Style &^ yaml.TaggedStyle, Tag: n.Tag, Value: n.Value, Line: n.Line, Column: n.Column}
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			rc, err := r.resolve(child, depth+1)
			if err != nil {
				return nil, err
			}
			c.Content = append(c.Content, rc)
		}
		return c, nil
	}
	var merged []*yaml.Node
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.resolve(n.Content[i], depth+1)
		if err != nil {
			return nil, err
		}
		value, err := r.resolve(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		switch {
		case key.Value == "<<" && value.Kind == yaml.MappingNode:
			merged = append(merged, value)
		case key.Value == "<<" && value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		case key.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("%d:%d: key that is not text", key.Line, key.Column)
		case len(key.Value) > maxKey:
			return nil, fmt.Errorf("%d:%d: key longer than %d bytes", key.Line, key.Column, maxKey)
		case seen[key.Value]:
			return nil, fmt.Errorf("%d:%d: key %q a second time", key.Line, key.Column, key.Value)
		default:
			seen[key.Value] = true
			c.Content = append(c.Content, key, value)
		}
	}
	for _, m := range merged {
		for key, value := range lima.Entries(m) {
			if !seen[key.Value] {
				seen[key.Value] = true
				c.Content = append(c.Content, key, value)
			}
		}
	}
	return c, nil
}

// child is the value of a mapping's key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if i := lima.ValueAt(n, key); i > 0 {
		return n.Content[i]
	}
	return nil
}

// key is the key's own node, for its position.
func key(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i]
		}
	}
	return n
}

// at follows keys; nil where one is missing.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, k := range keys {
		n = child(n, k)
	}
	return n
}

// scalar is the text at a path of keys; empty for null and for what is no scalar.
func scalar(n *yaml.Node, keys ...string) string {
	n = at(n, keys...)
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		return ""
	}
	return n.Value
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// items are the elements of a list; none where it is no list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// clean takes control characters out of text that goes to a terminal or a comment.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 || 0x202a <= r && r <= 0x202e || r == 0xfeff || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
}

// unescaped is text as Lima's templates make it where the only action is an
// escaped brace; ok is false where another action is left.
func unescaped(s string) (text string, ok bool) {
	s = strings.ReplaceAll(s, "{{`{{`}}", "\x00")
	if strings.Contains(s, "{{") {
		return "", false
	}
	return strings.ReplaceAll(s, "\x00", "{{"), true
}
