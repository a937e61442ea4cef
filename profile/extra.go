package profile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// What lima.extra says is held to Lima here: what limactl refuses is an error, what it
// takes and does not do, or does otherwise, is a lint.

// extraSlip is one of lima.extra.
type extraSlip struct {
	node         *yaml.Node
	refused      bool
	id           string // of the lint, where it is none that Lima refuses
	reason, hint string
}

// validateExtra reports what limactl would refuse.
func (p *Profile) validateExtra(d *decoder) {
	paths := pathsOf(p.Lima.Extra.Node)
	for _, s := range p.extraSlips() {
		if s.refused {
			d.at(d.place(s.node), paths[s.node], "Lima refuses it: "+s.reason, s.hint)
		}
	}
	if p.Lima.Extra.Node != nil {
		p.validateExtraDisks(d)
	}
}

// extra warns of the rest.
func (l *linter) extra() {
	paths := pathsOf(l.p.Lima.Extra.Node)
	for _, s := range l.p.extraSlips() {
		if !s.refused {
			at := Pos{File: l.p.from[s.node].file, Line: s.node.Line, Col: s.node.Column}
			l.problems = append(l.problems, Problem{Pos: at, Path: brief(paths[s.node]), Reason: s.reason, Hint: s.hint, ID: s.id})
		}
	}
}

// pathsOf are the paths of all keys and values of lima.extra.
func pathsOf(extra *yaml.Node) map[*yaml.Node]string {
	paths := map[*yaml.Node]string{}
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		paths[n] = path
		for i, child := range n.Content {
			switch {
			case n.Kind == yaml.SequenceNode:
				walk(child, item(path, i))
			case i%2 == 1:
				at := join(path, n.Content[i-1].Value)
				paths[n.Content[i-1]] = at
				walk(child, at)
			}
		}
	}
	if extra != nil {
		walk(extra, "lima.extra")
	}
	return paths
}

func (p *Profile) extraSlips() (out []extraSlip) {
	extra := p.Lima.Extra.Node
	if extra == nil {
		return nil
	}
	said, wrong := map[*yaml.Node]bool{}, map[*yaml.Node]bool{}
	for _, one := range lima.Check(extra) {
		if s, is := slipOf(one); is && !p.idleDriver(one.Place) {
			if strings.HasSuffix(one.Place, "cpuType") && one.Fault == lima.WrongType {
				s.hint = "name the processor before it: {" + p.Guest.Arches()[0] + ": " + cmp.Or(one.Node.Value, "max") + "}"
			}
			said[one.Node], wrong[one.Node] = true, s.refused
			out = append(out, s)
		}
	}
	for _, s := range append(lima.Slips(extra, p.aroundExtra()), p.limaSlips()...) {
		if !said[s.Node] || s.Refused && !wrong[s.Node] {
			out = append(out, extraSlip{s.Node, s.Refused, "extra-slip", s.Reason, s.Cure})
		}
	}
	return out
}

// idleDriver reports whether a place is of another driver's options, which Lima does not read.
func (p *Profile) idleDriver(place string) bool {
	of, is := strings.CutPrefix(place, "vmOpts.")
	driver, _, _ := strings.Cut(of, ".")
	return is && driver != p.VMType()
}

// slipOf words what is not as Lima's table of keys has it; not ok: Lima does as it says.
func slipOf(p lima.Problem) (s extraSlip, ok bool) {
	s = extraSlip{node: p.Node, refused: p.Refused(), hint: strings.Join(p.Want, ", ")}
	switch p.Fault {
	case lima.UnknownKey:
		s.id, s.reason, s.hint = "extra-unknown-key", "is no key that Lima knows: it does nothing", "remove it, unless your Lima is newer than 2.2"
		if near := Near(p.Node.Value, p.Want, 1); len(near) > 0 {
			s.hint = "did you mean " + near[0] + "?"
		}
		return s, true
	case lima.OldKey:
		s.id, s.reason, s.hint = "extra-old-key", "goes away with one of Lima's next versions", "instead: "+p.Want[0]
		return s, true
	case lima.MissingKey:
		s.reason, s.hint = "needs "+p.Place[strings.LastIndexByte(p.Place, '.')+1:], ""
		if p.Comes() != "" {
			s.reason += ": " + p.Comes()
		}
	case lima.WrongType:
		s.reason, s.hint = "must be "+p.Want[0], instead(p)
		if p.Comes() != "" {
			s.reason += ": " + p.Comes()
		}
	case lima.WrongValue:
		s.reason, s.hint = "must be "+oneOf(p.Want), meant(p.Node.Value, p.Want)
		if p.Comes() != "" {
			s.reason, s.hint = "limactl lets it pass, and "+p.Comes(), cmp.Or(s.hint, oneOf(p.Want))
		}
	case lima.OutOfRange:
		s.reason, s.hint = "must be "+p.Want[0], ""
	case lima.Rewritten:
		s.id, s.reason, s.hint = "extra-slip", "is "+p.Want[0]+" to Lima", "write "+p.Want[0]
		if k, _ := lima.KeyAt(p.Place); k.Type&lima.Text != 0 {
			s.hint = `put it in quotes: "` + p.Node.Value + `"`
		}
		return s, true
	}
	if p.Comes() != "" {
		s.id = "extra-slip"
	}
	return s, s.refused || p.Comes() != ""
}

// instead words a value of a wrong type as the right one.
func instead(p lima.Problem) string {
	k, _ := lima.KeyAt(p.Place)
	switch is := strings.ToLower(p.Node.Value); {
	case k.Type == lima.Flag && slices.Contains([]string{"yes", "on", "1", "true"}, is):
		return "write true, without quotes"
	case k.Type == lima.Flag && slices.Contains([]string{"no", "off", "0", "false"}, is):
		return "write false, without quotes"
	case k.Type == lima.List && p.Node.Kind == yaml.ScalarNode:
		return "write [" + p.Node.Value + "]"
	case k.Type == lima.List:
		return "begin each of its elements with a - and a blank"
	case k.Type == lima.Mapping && p.Node.Kind == yaml.ScalarNode && len(lima.KeysOf(p.Place)) > 0:
		return "its keys are " + strings.Join(lima.KeysOf(p.Place), ", ")
	}
	return ""
}

// lostWhenPlain names what Lima does not do in an instance that is plain: it makes no
// mounts, forwards nothing that is not static, and runs no boot scripts of its own and no
// agent in the guest. Provisioning, and with it the home's disk, stays.
func (p *Profile) lostWhenPlain() string {
	engine, _ := p.Engine()
	byLima := p.System().SetUp == ByCloudInit // another system has them in its definition
	var lost []string
	for _, one := range []struct {
		name string
		is   bool
	}{
		{"mounts", len(p.Mounts) > 0}, {"sockets", len(p.Sockets) > 0}, {"ports", len(p.Ports) > 0},
		{"the ports that programs open (network.forward: all)", p.Forwards() == "all"},
		{"guest.env", byLima && len(p.Guest.Env) > 0}, {"guest.timezone", byLima && p.Guest.Timezone != ""},
		{"guest.containers", p.Guest.Containers != "" && engine.ByLima(p.System())}, {"rosetta", p.Rosetta},
	} {
		if one.is {
			lost = append(lost, one.name)
		}
	}
	return strings.Join(lost, ", ")
}

// aroundExtra is what the template has that lima.extra is merged into.
func (p *Profile) aroundExtra() lima.Around {
	a := lima.Around{Params: map[string]string{ProjectParam: "/project"}}
	for i, card := range p.Lima.Networks {
		a.Interfaces = append(a.Interfaces, cmp.Or(card.Interface, "lima"+strconv.Itoa(i)))
	}
	return a
}
