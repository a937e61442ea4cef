package profile

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
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
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			return 0, fmt.Errorf("must be a whole number and a unit, such as 12GiB")
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			n = math.MaxInt64
		}
		if n == 0 {
			return 0, fmt.Errorf("must be more than 0")
		}
		if n > math.MaxInt64/u.bytes {
			return 0, fmt.Errorf("does not fit 64 bits")
		}
		return Size(n * u.bytes), nil
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

// almostSize is a number with a unit that other programs take, or none.
var almostSize = pattern.New(`^([1-9][0-9]{0,6}) ?(?:([KMGTkmgt])(?:i?[Bb])?)?$`)

// likelyUnit is what a bare number of so many digits must mean.
func likelyUnit(digits string) string {
	if len(digits) > 3 {
		return "M"
	}
	return "G"
}

// bytesMeant is the size that a bare number is in bytes, as Lima and QEMU have it; 0: that is not what it is.
func bytesMeant(path, text string) Size {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1<<20 && !strings.HasSuffix(path, ".msize") || n < 1<<10 || n%(1<<10) != 0 {
		return 0
	}
	return Size(n)
}

func (s *Size) decode(d *decoder, n *yaml.Node, path string) {
	text := n.Value
	if tag := n.ShortTag(); n.Kind == yaml.ScalarNode && tag == "!!bool" {
		d.lost(path, "must be a whole number and a unit, such as 12GiB")
		return
	} else if n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" {
		var ok bool
		if text, ok = d.text(n, path); !ok {
			return
		}
	}
	v, err := ParseSize(text)
	if err != nil {
		hint := sizeMeant(text)
		if m := almostSize().FindStringSubmatch(text); m != nil {
			hint = "write " + m[1] + cmp.Or(strings.ToUpper(m[2]), likelyUnit(m[1])) + "iB"
		}
		if bytes := bytesMeant(path, text); bytes != 0 {
			hint = "write " + bytes.String()
		}
		d.lost(path, err.Error(), hint)
		return
	}
	*s = v
}

func (s *Size) encode(*writer, string) *yaml.Node { return scalarNode(s.String()) }

func (p *Package) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.ScalarNode {
		if name, ok := d.text(n, path); ok {
			p.Name = name
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		d.lost(path, "must be a package name or a mapping with "+strings.Join(PackageColumns(), ", "))
		return
	}
	before := len(d.problems)
	d.mapping(n, path, reflect.ValueOf(p).Elem())
	if len(d.problems) > before {
		d.wrong[path] = true // so that nothing more is said of it
	}
}

func (p *Package) encode(w *writer, path string) *yaml.Node {
	if p.Name != "" {
		return scalarNode(p.Name)
	}
	return inline(w.mapping(reflect.ValueOf(p).Elem(), path))
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
	d.budget++ // decode has counted it
	e.Node = d.expand(n, path)
}

func (e *Extra) encode(*writer, string) *yaml.Node {
	if e.Node == nil {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	return asItStands(e.Node)
}

// expand copies a node with its aliases replaced by what they stand for, since
// the anchors stay behind in the profile.
func (d *decoder) expand(n *yaml.Node, path string) *yaml.Node {
	if n = d.resolve(n, path); n == nil {
		return nil
	}
	c := *n
	c.Anchor, c.Content = "", nil
	if d.from != nil {
		d.from[&c] = d.from[n]
	}
	keep := func(child *yaml.Node) {
		if child != nil {
			c.Content = append(c.Content, child)
		}
	}
	if n.Kind == yaml.MappingNode {
		d.each(n, path, func(key, value *yaml.Node, at string) {
			d.pos[at] = d.place(key)
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
