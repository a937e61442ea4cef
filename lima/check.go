package lima

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Fault is a kind of problem in a template.
type Fault string

// The faults. Lima itself says nothing of the first but a warning in its log, and
// takes a number for text.
const (
	UnknownKey Fault = "unknown key"
	OldKey     Fault = "deprecated key"
	WrongType  Fault = "wrong type"
	WrongValue Fault = "wrong value"
	// Rewritten is a scalar that Lima takes, and reads as another one than is written.
	Rewritten  Fault = "rewritten value"
	OutOfRange Fault = "out of range"
	MissingKey Fault = "missing key"
)

// Problem is a place in a template that does not do what it seems to.
type Problem struct {
	Fault Fault
	// Node is the key, of a wrong value the value, of a missing key the mapping.
	Node *yaml.Node
	// Place of the value, as a Key has it.
	Place string
	// Want are the names or values that are known there, the types, the range, what to
	// write for a deprecated key, or what Lima reads.
	Want []string
}

// Check holds a template, a node without aliases, to the table of keys.
func Check(root *yaml.Node) []Problem {
	var c checker
	c.value(root, "")
	return c.problems
}

type checker struct{ problems []Problem }

func (c *checker) bad(fault Fault, n *yaml.Node, place string, want ...string) {
	c.problems = append(c.problems, Problem{fault, n, place, want})
}

func (c *checker) value(n *yaml.Node, place string) {
	k, known := KeyAt(place)
	if !known || n.Kind == yaml.AliasNode || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if n.Kind == yaml.ScalarNode && c.misread(n, k) {
		return
	}
	if is := typeOf(n); is&k.Type == 0 {
		c.bad(WrongType, n, place, k.Type.String())
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			c.value(item, place+"[]")
		}
	case yaml.MappingNode:
		c.mapping(n, place)
	default:
		if len(k.Values) > 0 && !slices.Contains(k.Values, n.Value) {
			c.bad(WrongValue, n, place, k.Values...)
		}
	}
}

func (c *checker) mapping(n *yaml.Node, place string) {
	names := KeysOf(place)
	there := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := Join(place, key.Value)
		there[key.Value] = true
		switch {
		case len(names) == 0:
			if _, own := KeyAt(at); !own {
				at = Join(place, "*")
			}
		case !slices.Contains(names, key.Value):
			c.bad(UnknownKey, key, at, names...)
			continue
		case place == "" && deprecated[key.Value] != "" && value.ShortTag() != "!!null":
			c.bad(OldKey, key, at, deprecated[key.Value])
		}
		c.value(value, at)
	}
	for _, name := range names {
		if k, _ := KeyAt(Join(place, name)); k.Required && !there[name] {
			c.bad(MissingKey, n, k.Place)
		}
	}
}

func typeOf(n *yaml.Node) Type {
	switch n.Kind {
	case yaml.SequenceNode:
		return List
	case yaml.MappingNode:
		return Mapping
	}
	switch tag := n.ShortTag(); {
	case tag == "!!int":
		return Integer
	case tag == "!!bool":
		return Flag
	case strings.HasPrefix(tag, "!!float"):
		return 0
	}
	return Text
}
