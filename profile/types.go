package profile

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Size is a number of bytes, written with its unit: 512MiB, 12GiB.
type Size int64

var units = []struct {
	name  string
	bytes int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// ParseSize reads a whole number and one of the units KiB, MiB, GiB, TiB. Plain
// numbers are refused because Lima takes them for bytes, GB because Lima takes
// it for GiB.
func ParseSize(s string) (Size, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || digits == "" || digits[0] < '0' || digits[0] > '9' {
			return 0, fmt.Errorf("must be a whole number and a unit, such as 12GiB")
		}
		if int64(n) > math.MaxInt64/u.bytes {
			return 0, fmt.Errorf("does not fit 64 bits")
		}
		return Size(int64(n) * u.bytes), nil
	}
	return 0, fmt.Errorf("needs a unit: KiB, MiB, GiB or TiB")
}

// String writes the size with the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

func (s *Size) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
		d.bad(path, "needs a unit: KiB, MiB, GiB or TiB", "write "+n.Value+"GiB")
		return
	}
	text, ok := d.text(n, path)
	if !ok {
		return
	}
	v, err := ParseSize(text)
	if err != nil {
		hint := ""
		if g, ok := strings.CutSuffix(strings.TrimSuffix(text, "B"), "G"); ok && g != "" && strings.Trim(g, "0123456789") == "" {
			hint = "write " + g + "GiB"
		}
		d.bad(path, err.Error(), hint)
		return
	}
	*s = v
}

func (p *Package) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.ScalarNode {
		if name, ok := d.text(n, path); ok {
			p.Name = name
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		d.bad(path, "must be a package name or a mapping with nix, guix, apt")
		return
	}
	type byHand struct {
		Nix  string `yaml:"nix"`
		Guix string `yaml:"guix"`
		Apt  string `yaml:"apt"`
	}
	var b byHand
	d.decodeInto(n, path, &b)
	*p = Package{Nix: b.Nix, Guix: b.Guix, Apt: b.Apt}
}

// Extra is YAML of the user's own that is passed on as it stands.
type Extra struct {
	// Node is a mapping without aliases, or nil.
	Node *yaml.Node
}

func (e *Extra) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "a mapping")
		return
	}
	e.Node = d.expand(n, path)
}

// expand copies a node with its aliases replaced by what they stand for, since
// the anchors stay behind in the profile.
func (d *decoder) expand(n *yaml.Node, path string) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if !d.spend(n, path) {
		return nil
	}
	c := *n
	c.Anchor, c.Content = "", nil
	keep := func(child *yaml.Node) {
		if child != nil {
			c.Content = append(c.Content, child)
		}
	}
	if n.Kind == yaml.MappingNode {
		d.each(n, path, func(key, value *yaml.Node, at string) {
			d.pos[at] = nodePos(key)
			if v := d.expand(value, at); v != nil {
				plain := *key
				plain.Anchor = ""
				keep(&plain)
				keep(v)
			}
		})
		return &c
	}
	for i, child := range n.Content {
		keep(d.expand(child, item(path, i)))
	}
	return &c
}
