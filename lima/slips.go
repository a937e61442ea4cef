package lima

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// Slip is a value of the right kind that Lima refuses, or takes otherwise than its
// writer must expect (limayaml/validate.go, defaults.go).
type Slip struct {
	// Node is the value, or the mapping that lacks one.
	Node *yaml.Node
	// Refused reports whether limactl makes no instance of it.
	Refused bool
	// Reason goes on after the place of the value; Cure says what to write.
	Reason, Cure string
}

// Around is what another template has that a part of one is merged into.
type Around struct {
	// Params are its parameters, with something that stands for their values.
	Params map[string]string
	// Interfaces are the names of its networks' cards.
	Interfaces []string
}

// Slips are those of a template, a node without aliases, or of a part of one that is
// merged into another.
func Slips(root *yaml.Node, around Around) []Slip {
	s := &slips{root: root, around: around}
	for _, look := range []func(){
		s.sizes, s.places, s.newer, s.bases, s.mounts, s.provision, s.probes, s.forwards, s.sameForwards, s.networks, s.interfaces, s.copies, s.resolver,
		s.cpuTypes, s.machine, s.user, s.env, s.certificates, s.params, s.words, s.message,
	} {
		look()
	}
	return s.found
}

// Refused reports whether limactl makes no instance of a template with the problem: it
// passes over a key that it does not know, and takes one scalar for another.
func (p Problem) Refused() bool {
	switch p.Fault {
	case OutOfRange:
		return true
	case WrongValue, MissingKey:
		return p.Comes() == ""
	case WrongType:
		k, _ := KeyAt(p.Place)
		return p.Comes() == "" && (p.Node.Kind != yaml.ScalarNode || k.Type&Text == 0)
	}
	return false
}

// Comes is what comes of a value that limactl takes without a look; empty: it looks at it.
func (p Problem) Comes() string {
	if p.Fault == WrongType {
		if strings.HasPrefix(p.Place, "vmOpts.vz") {
			return "Lima warns in its log alone, and passes over vmOpts.vz"
		}
		return ""
	}
	return loose[p.Place].comes
}

type slips struct {
	root   *yaml.Node
	around Around
	found  []Slip
}

func (s *slips) refused(n *yaml.Node, reason, cure string) {
	s.found = append(s.found, Slip{n, true, reason, cure})
}

func (s *slips) taken(n *yaml.Node, reason, cure string) {
	s.found = append(s.found, Slip{n, false, reason, cure})
}

// at is what a mapping has below some keys; nil: nothing.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		i := ValueAt(n, key)
		if i == 0 {
			return nil
		}
		n = n.Content[i]
	}
	if n != nil && n.ShortTag() == "!!null" {
		return nil
	}
	return n
}

// text is the scalar below some keys.
func text(n *yaml.Node, keys ...string) string {
	if v := at(n, keys...); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// items are the elements of the list below some keys.
func items(n *yaml.Node, keys ...string) []*yaml.Node {
	if v := at(n, keys...); v != nil && v.Kind == yaml.SequenceNode {
		return v.Content
	}
	return nil
}

func (s *slips) sizes() {
	for _, key := range []string{"memory", "disk"} {
		n := at(s.root, key)
		if n == nil || n.Kind != yaml.ScalarNode {
			continue
		}
		switch _, ok := ParseSize(n.Value); {
		case !ok:
			s.refused(n, "is no size", "write 12GiB")
		case !HasUnit(n.Value):
			s.taken(n, "is a number of bytes to Lima", "write its unit: "+n.Value+"GiB")
		}
	}
	if n := at(s.root, "cpus"); n != nil && strings.HasPrefix(n.Value, "-") {
		s.taken(n, "is no number of processors: the instance does not start", "")
	}
}

// digest is an algorithm and its sum.
var digest = pattern.New(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`)

// semver has three numbers.
var semver = pattern.New(`^v?\d+\.\d+\.\d+([-+].*)?$`)

func (s *slips) places() {
	arches, _ := KeyAt("arch")
	files := slices.Concat(items(s.root, "images"), items(s.root, "containerd", "archives"))
	for _, f := range files {
		for _, f := range []*yaml.Node{f, at(f, "kernel"), at(f, "initrd")} {
			if d := text(f, "digest"); d != "" && !digest().MatchString(d) {
				s.refused(at(f, "digest"), "is no digest", "write sha256: and its 64 digits, or sha512: and its 128")
			}
			if a := text(f, "arch"); a != "" && !slices.Contains(arches.Values, a) {
				s.refused(at(f, "arch"), "is no processor of Lima's", "one of "+strings.Join(arches.Values, ", "))
			}
		}
	}
	if v := text(s.root, "minimumLimaVersion"); v != "" && !semver().MatchString(v) {
		s.refused(at(s.root, "minimumLimaVersion"), "is no version of three numbers", `write "2.2.0"`)
	} else if is, ok := ParseVersion(v); ok && Newest.Before(is) {
		s.taken(at(s.root, "minimumLimaVersion"), "is newer than Lima "+Newest.String()+", the last that is known here: an older limactl refuses the instance", "remove it, unless everybody's Lima is that new")
	}
	if i := text(s.root, "audio", "interface"); i != "" && i != "hda" && i != "virtio" {
		s.refused(at(s.root, "audio", "interface"), "must be hda or virtio", "")
	}
	id := regexp.MustCompile("^" + Identifier + "$")
	for _, d := range items(s.root, "additionalDisks") {
		name := d
		if d.Kind == yaml.MappingNode {
			name = at(d, "name")
		}
		if name != nil && !id.MatchString(name.Value) {
			s.refused(name, "is no name of a disk", "letters, digits, and single . _ - between them")
		}
	}
}

func (s *slips) provision() {
	for _, p := range items(s.root, "provision") {
		mode := text(p, "mode")
		if n := at(p, "skipDefaultDependencyResolution"); n != nil && mode != "dependency" {
			s.refused(n, "is for the mode dependency alone", "write mode: dependency")
		}
		switch mode {
		case "data", "yq":
			if at(p, "path") == nil {
				s.refused(p, "mode "+mode+" needs a path", "path: /etc/…")
			}
			s.absolute(at(p, "path"), guestWords)
			if mode == "yq" && at(p, "expression") == nil {
				s.refused(p, "mode yq needs an expression", "")
			}
			if n := at(p, "permissions"); n != nil {
				if _, err := strconv.ParseInt(asText(n), 8, 64); err != nil {
					s.refused(n, "is no octal number", `write "644"`)
				}
			}
			if mode == "data" {
				s.idle(p, mode, "expression", "format")
			} else {
				s.idle(p, mode, "content", "overwrite")
			}
			s.playbook(p, mode)
			continue
		}
		s.playbook(p, mode)
		s.idle(p, cmp.Or(mode, "system"), "expression")
		s.bootScript(p, mode)
		if text(p, "script") == "" && mode != "ansible" && at(p, "file") == nil && p.Kind == yaml.MappingNode {
			s.refused(p, "has no script", "script: |")
		}
		for _, of := range modeKeys {
			for _, key := range of.keys {
				if n := at(p, key); n != nil {
					s.refused(n, "is for the mode "+of.modes+" alone", "write mode: "+of.write)
				}
			}
		}
	}
}

// modeKeys are those that Lima refuses in another mode.
var modeKeys = []struct {
	modes, write string
	keys         []string
}{
	{"data", "data", []string{"content", "overwrite"}}, {"data or yq", "data", []string{"owner", "path", "permissions"}}, {"yq", "yq", []string{"format"}},
}

// idle tells of keys that Lima takes in a mode, and does nothing with.
func (s *slips) idle(p *yaml.Node, mode string, keys ...string) {
	for _, key := range keys {
		if n := at(p, key); n != nil {
			s.taken(n, "does nothing in the mode "+mode, "remove it")
		}
	}
}

// playbook is of the host's ansible, and in one mode alone.
func (s *slips) playbook(p *yaml.Node, mode string) {
	n := at(p, "playbook")
	switch {
	case n == nil:
	case mode != "ansible":
		s.refused(n, "is for the mode ansible alone", "write mode: ansible")
	case text(p, "script") != "":
		s.refused(at(p, "script"), "must be empty beside a playbook", "remove it, or give it an element of its own")
	}
}

// Lines that a boot script must not have, since all of them are one.
var (
	ends  = pattern.New(`(?m)^[[:blank:]]*exit\b.*$`)
	stops = pattern.New(`(?m)^[[:blank:]]*set[[:blank:]]-[a-z]*e.*$`)
)

func (s *slips) bootScript(p *yaml.Node, mode string) {
	n := at(p, "script")
	if mode != "boot" || n == nil {
		return
	}
	if line := ends().FindString(n.Value); line != "" {
		s.taken(n, strings.TrimSpace(line)+" ends the boot scripts behind it too: cloud-init runs all of them in one shell", "put what may end between ( and )")
	}
	if line := stops().FindString(n.Value); line != "" {
		s.taken(n, strings.TrimSpace(line)+" holds for the boot scripts behind it too: cloud-init runs all of them in one shell", "put it with what it is for between ( and )")
	}
}

func (s *slips) probes() {
	for _, p := range items(s.root, "probes") {
		switch n, file := at(p, "script"), at(p, "file"); {
		case p.Kind != yaml.MappingNode:
		case file != nil:
			s.refused(file, "is not read for a probe", "script: | takes its text")
		case n == nil:
			s.refused(p, "has no script", "script: |, and #!/bin/sh in its first line")
		case !strings.HasPrefix(n.Value, "#!"):
			s.refused(n, "must begin with a line #!", "#!/bin/sh")
		}
	}
}

func (s *slips) copies() {
	for _, c := range items(s.root, "copyToHost") {
		s.absolute(at(c, "guest"), guestWords)
		s.absolute(at(c, "host"), hostWords)
		for _, side := range []string{"guest", "host"} {
			if c.Kind == yaml.MappingNode && text(c, side) == "" {
				s.taken(c, "has no "+side+": nothing is copied, and the start is called degraded", side+": /…")
			}
		}
	}
}
