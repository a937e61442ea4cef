package lima

import (
	"cmp"
	"net"
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

// Slips are those of a template, a node without aliases, or of a part of one that is
// merged into another. Params are parameters that the other one has.
func Slips(root *yaml.Node, params ...string) []Slip {
	s := &slips{root: root}
	for _, look := range []func(){s.sizes, s.places, s.mounts, s.provision, s.probes, s.forwards, s.networks, s.copies, s.resolver, s.cpuTypes, s.user} {
		look()
	}
	s.params()
	s.words(params)
	s.message()
	return s.found
}

// Refused reports whether limactl makes no instance of a template with the problem: it
// passes over a key that it does not know, and takes one scalar for another.
func (p Problem) Refused() bool {
	switch p.Fault {
	case MissingKey, OutOfRange:
		return true
	case WrongValue:
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
	root  *yaml.Node
	found []Slip
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

func (s *slips) mounts() {
	for _, m := range items(s.root, "mounts") {
		if at := at(m, "location"); at != nil && !strings.HasPrefix(at.Value, "/") && !strings.HasPrefix(at.Value, "~") && !templated(at.Value) {
			s.refused(at, "must be an absolute path, or start with ~", "")
		}
		point := at(m, "mountPoint")
		if point == nil {
			point = at(m, "location")
		} else if strings.HasPrefix(point.Value, "~") {
			s.refused(point, "must not start with ~", "write {{.Home}}"+point.Value[1:])
		}
		if n := at(m, "9p", "msize"); n != nil && n.Kind == yaml.ScalarNode {
			if _, ok := ParseSize(n.Value); !ok {
				s.refused(n, "is no size", "write 128KiB")
			}
		}
		if point != nil && slices.Contains(refusedMountPoints, point.Value) {
			s.refused(point, "is a directory of the guest's system", "mountPoint: another one, such as /mnt/work")
		}
	}
}

// templated reports whether a path begins with a word of Lima's.
func templated(path string) bool { return strings.HasPrefix(path, "{{") }

// absolute refuses a path that is none.
func (s *slips) absolute(n *yaml.Node) {
	if n != nil && !strings.HasPrefix(n.Value, "/") && !templated(n.Value) {
		s.refused(n, "must be an absolute path", "")
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
			s.absolute(at(p, "path"))
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

func (s *slips) probes() {
	for _, p := range items(s.root, "probes") {
		if n := at(p, "script"); n != nil && !strings.HasPrefix(n.Value, "#!") {
			s.refused(n, "must begin with a line #!", "#!/bin/sh")
		}
	}
}

func (s *slips) copies() {
	for _, c := range items(s.root, "copyToHost") {
		s.absolute(at(c, "guest"))
		s.absolute(at(c, "host"))
	}
}

// address refuses what is no IP address.
func (s *slips) address(n *yaml.Node, hint string) {
	if n != nil && net.ParseIP(n.Value) == nil {
		s.refused(n, "is no IP address", hint)
	}
}

// ownNetworks are those of Lima's own networks.yaml.
var ownNetworks = []string{"user-v2", "shared", "bridged", "host"}

func (s *slips) networks() {
	for _, n := range items(s.root, "networks") {
		if n.Kind != yaml.MappingNode {
			continue
		}
		if name := at(n, "lima"); name != nil && name.Value != "" && !slices.Contains(ownNetworks, name.Value) {
			s.taken(name, "is none of Lima's own networks: limactl refuses it unless networks.yaml of its _config has it", "Lima's are "+strings.Join(ownNetworks, ", "))
		}
		kinds := 0
		for _, key := range []string{"lima", "socket", "vzNAT"} {
			if v := text(n, key); v != "" && v != "false" {
				kinds++
			}
		}
		if kinds != 1 {
			s.refused(n, "must have one of lima, socket and vzNAT", "{lima: user-v2} needs nothing of the host")
		}
		if mac := text(n, "macAddress"); mac != "" {
			if hw, err := net.ParseMAC(mac); err != nil || len(hw) != 6 {
				s.refused(at(n, "macAddress"), "is no MAC address", "")
			}
		}
		if i := text(n, "interface"); len(i) >= 16 || strings.ContainsAny(i, " \t\n/") || i == "eth0" {
			s.refused(at(n, "interface"), "is no name of a further interface", "lima0")
		}
	}
}

func (s *slips) resolver() {
	for _, n := range items(s.root, "dns") {
		s.address(n, "")
	}
	if len(items(s.root, "dns")) > 0 && text(s.root, "hostResolver", "enabled") != "false" {
		s.refused(at(s.root, "dns"), "must be empty while Lima's own resolver answers", "hostResolver: {enabled: false} beside it")
	}
}

// cpuTypes tells of processors that Lima has none of: it looks up the guest's alone.
func (s *slips) cpuTypes() {
	arches, _ := KeyAt("arch")
	for _, models := range []*yaml.Node{at(s.root, "cpuType"), at(s.root, "vmOpts", "qemu", "cpuType")} {
		for i := 0; models != nil && models.Kind == yaml.MappingNode && i < len(models.Content); i += 2 {
			if key := models.Content[i]; !slices.Contains(arches.Values, key.Value) {
				s.taken(key, "is no processor of Lima's: it does nothing", "one of "+strings.Join(arches.Values, ", "))
			}
		}
	}
}

func (s *slips) user() {
	if n := at(s.root, "user", "shell"); n != nil {
		s.absolute(n)
	}
	if text(s.root, "user", "passwordlessSudo") == "false" && text(s.root, "plain") != "true" {
		s.refused(at(s.root, "user", "passwordlessSudo"), "needs plain: true, which makes no mounts and forwards no sockets", "remove it")
	}
	if n := at(s.root, "ssh", "localPort"); n != nil && n.Value != "0" {
		s.port(n)
	}
}
