package profile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Share is a part of what the host has, in percent; 0: none, but a number of its own.
type Share int

// half is a share in a word.
const half = "half"

// CPUs is how many processors the VM has: a number, or a share of the host's, which
// is known when the VM is made and started, and not before.
type CPUs struct {
	// Count of them; 0: a share.
	Count int `yaml:"-"`
	// Share of the host's processors: "50%", or half. At least one is the VM's.
	Share Share `yaml:"share" jsonschema:"required" change:"machine"`
	// Min is the number below which the share does not go. A host that has fewer is told.
	Min int `yaml:"min" jsonschema:"minimum=1,maximum=256" change:"machine"`
	// Max is the number above which the share does not go.
	Max int `yaml:"max" jsonschema:"minimum=1,maximum=256" change:"machine"`
}

// Memory is what the VM has of it: a size, or a share of the host's.
type Memory struct {
	// Size of it; 0: a share.
	Size Size `yaml:"-"`
	// Share of the host's memory: "50%", or half. At least 512MiB are the VM's.
	Share Share `yaml:"share" jsonschema:"required" change:"machine"`
	// Min is the size below which the share does not go. A host that has no more is told.
	Min Size `yaml:"min" change:"machine"`
	// Max is the size above which the share does not go.
	Max Size `yaml:"max" change:"machine"`
}

const (
	maxCPUs     = 256
	leastMemory = Size(512 << 20)
	mostShare   = 90 // of memory: the host needs some
)

// Shared reports whether a part of what the VM has follows from the host.
func (r Resources) Shared() bool { return r.CPUs.Share > 0 || r.Memory.Share > 0 }

// On is the number of processors on a host that has so many; 0: a share of a number that is not known.
func (c CPUs) On(host int) int {
	if c.Share == 0 || host == 0 {
		return c.Count
	}
	n := max(1, host*int(c.Share)/100)
	if c.Max > 0 {
		n = min(n, c.Max)
	}
	return max(n, c.Min)
}

// On is the memory on a host that has so many bytes; 0: a share of what is not known.
func (m Memory) On(host int64) Size {
	if m.Share == 0 || host == 0 {
		return m.Size
	}
	n := Size(host>>20*int64(m.Share)/100) << 20
	if m.Max > 0 {
		n = min(n, m.Max)
	}
	return max(n, m.Least())
}

// Least is what a share of the host's memory has at least.
func (m Memory) Least() Size { return max(m.Min, leastMemory) }

// Most is the largest that the memory may be, where the profile says one: 0, no.
func (m Memory) Most() Size { return max(m.Size, m.Max) }

// counted is what the VM has of the host: a number, which is plain, or a share.
type counted interface {
	plain() string
	String() string
}

// plain is the number as a profile has it; empty: a share.
func (c CPUs) plain() string {
	if c.Share > 0 {
		return ""
	}
	return strconv.Itoa(c.Count)
}

func (m Memory) plain() string {
	if m.Share > 0 {
		return ""
	}
	return m.Size.String()
}

// String says it in words.
func (c CPUs) String() string {
	switch {
	case c.Share == 0 && c.Count == 1:
		return "1 CPU"
	case c.Share == 0:
		return fmt.Sprint(c.Count, " CPUs")
	}
	return fmt.Sprintf("%s of the host's CPUs%s", c.Share, bounds(strconv.Itoa(c.Min), strconv.Itoa(c.Max), c.Min > 0, c.Max > 0))
}

// String says it in words.
func (m Memory) String() string {
	if m.Share == 0 {
		return m.Size.String() + " memory"
	}
	return fmt.Sprintf("%s of the host's memory%s", m.Share, bounds(m.Min.String(), m.Max.String(), m.Min > 0, m.Max > 0))
}

func bounds(least, most string, hasLeast, hasMost bool) (s string) {
	if hasLeast {
		s += ", at least " + least
	}
	if hasMost {
		s += ", at most " + most
	}
	return s
}

// String is the share with its mark.
func (s Share) String() string { return strconv.Itoa(int(s)) + "%" }

// saysShare tells a share, whole or not, from a number.
func saysShare(n *yaml.Node) bool {
	return isText(n) && (n.Value == half || strings.HasSuffix(n.Value, "%"))
}

func (s *Share) decode(d *decoder, n *yaml.Node, path string) {
	if isText(n) && n.Value == half {
		*s = 50
		return
	}
	digits, percent := strings.CutSuffix(n.Value, "%")
	i, err := strconv.Atoi(digits)
	hint := ""
	if f, not := strconv.ParseFloat(digits, 64); not == nil && !percent && f > 0 && f < 1 {
		hint = fmt.Sprintf("write %d%%", int(f*100))
	} else if err == nil && !percent && i > 0 && i <= 100 {
		hint = "write " + digits + "%"
	}
	if isText(n) && len(Near(n.Value, []string{half}, 1)) > 0 {
		hint = "did you mean " + half + "?"
	}
	if n.Kind != yaml.ScalarNode || !percent || !plainInt().MatchString(digits) || i < 1 || i > 100 {
		d.lost(path, "must be a share of the host's, from 1% to 100%, or "+half, hint)
		return
	}
	*s = Share(i)
}

func (s *Share) encode(*writer, string) *yaml.Node { return scalarNode(s.String()) }

func (c *CPUs) decode(d *decoder, n *yaml.Node, path string) {
	switch {
	case n.Kind == yaml.MappingNode:
		d.mapping(n, path, reflect.ValueOf(c).Elem())
		if c.Max > 0 && c.Min > c.Max {
			d.bad(join(path, "min"), "must not be more than max")
		}
	case saysShare(n):
		c.Share.decode(d, n, path)
	case d.misspelt(n, path, "must be a whole number, or a share of the host's such as 50% or "+half, half):
	default:
		i, ok := d.integer(n, path)
		switch {
		case !ok:
		case i < 1 || i > maxCPUs:
			d.bad(path, fmt.Sprintf("must be between 1 and %d", maxCPUs))
		default:
			c.Count = int(i)
		}
	}
}

func (c *CPUs) encode(w *writer, path string) *yaml.Node {
	switch {
	case c.Share == 0:
		return scalarNode(c.Count)
	case c.Min == 0 && c.Max == 0:
		return c.Share.encode(w, path)
	}
	return inline(w.mapping(reflect.ValueOf(c).Elem(), path))
}

func (m *Memory) decode(d *decoder, n *yaml.Node, path string) {
	switch {
	case n.Kind == yaml.MappingNode:
		d.mapping(n, path, reflect.ValueOf(m).Elem())
		if m.Max > 0 && m.Min > m.Max {
			d.bad(join(path, "min"), "must not be more than max")
		}
	case saysShare(n):
		m.Share.decode(d, n, path)
	case d.misspelt(n, path, "must be a size such as 12GiB, or a share of the host's such as 50% or "+half, half):
	default:
		m.Size.decode(d, n, path)
	}
}

func (m *Memory) encode(w *writer, path string) *yaml.Node {
	switch {
	case m.Share == 0:
		return m.Size.encode(w, path)
	case m.Min == 0 && m.Max == 0:
		return m.Share.encode(w, path)
	}
	return inline(w.mapping(reflect.ValueOf(m).Elem(), path))
}

// validate holds a memory, and the bounds of a share, to what a VM takes.
func (m Memory) validate(d *decoder) {
	const at = "resources.memory"
	if m.Share > mostShare {
		where := at
		if d.given(at + ".share") {
			where += ".share"
		}
		d.bad(where, fmt.Sprintf("must leave the host some: %d%% at most", mostShare))
	}
	for path, s := range map[string]Size{at: m.Size, at + ".min": m.Min, at + ".max": m.Max} {
		if s > 0 && s < leastMemory && d.given(path) {
			d.bad(path, "must be at least "+leastMemory.String())
		}
		if s%(1<<20) != 0 {
			d.bad(path, "must be a whole number of MiB: Apple's hypervisor takes no other")
		}
	}
}
