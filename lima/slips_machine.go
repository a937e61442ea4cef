package lima

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// bases tells of templates that are not Lima's, and of files, which are looked for
// beside the template that this is merged into.
func (s *slips) bases() {
	list := items(s.root, "base")
	if n := at(s.root, "base"); n != nil && n.Kind == yaml.ScalarNode {
		list = []*yaml.Node{n}
	}
	for _, n := range list {
		if n.Kind == yaml.MappingNode {
			n = at(n, "url")
		}
		if n == nil || n.Kind != yaml.ScalarNode {
			continue
		}
		if _, known := StockTemplateAt(n.Value); strings.HasPrefix(n.Value, "template:") && !known {
			s.taken(n, "is none of the templates of Lima "+Newest.String()+": limactl refuses it unless LIMA_TEMPLATES_PATH has it", "limactl create --list-templates names them")
		}
		s.besideTemplate(n)
	}
	for _, p := range items(s.root, "provision") {
		n := at(p, "file")
		if n != nil && at(p, "script") != nil {
			s.refused(n, "stands beside a script", "keep one of them")
			continue
		}
		if n != nil && n.Kind == yaml.MappingNode {
			n = at(n, "url")
		}
		s.besideTemplate(n)
	}
	for _, image := range items(s.root, "images") {
		for _, f := range []*yaml.Node{image, at(image, "kernel"), at(image, "initrd")} {
			if n := at(f, "location"); n != nil && relativePath(n.Value) {
				s.taken(n, "is looked for in the directory that limactl is started in", "an absolute path, or one that starts with ~/")
			}
			if arch := text(f, "arch"); arch != "" && text(image, "arch") != "" && arch != text(image, "arch") {
				s.refused(at(f, "arch"), "is another processor than the image's", "write "+text(image, "arch"))
			}
		}
	}
}

func relativePath(s string) bool {
	return s != "" && !strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "~") && !strings.Contains(s, ":")
}

func (s *slips) besideTemplate(n *yaml.Node) {
	if n != nil && n.Kind == yaml.ScalarNode && relativePath(n.Value) {
		s.refused(n, "is looked for beside the generated template, where vmloom puts no file", "an absolute path, or its text")
	}
}

// newer tells of keys that came after the newest release that is known.
func (s *slips) newer() {
	for _, of := range []struct{ list, key string }{{"copyToHost", "skipIfMissing"}, {"images", "archVariant"}} {
		for _, item := range items(s.root, of.list) {
			if n := at(item, of.key); n != nil {
				s.taken(n, "is of Limas after "+Newest.String()+", which passes over it", "remove it, unless everybody's Lima is that new")
			}
		}
	}
}

// machine tells of what the drivers and the guest agent refuse.
func (s *slips) machine() {
	if n := at(s.root, "vmOpts", "qemu", "minimumVersion"); n != nil && n.Kind == yaml.ScalarNode && !semver().MatchString(asText(n)) {
		s.taken(n, "is no version of three numbers: the instance does not start", `write "8.2.1"`)
	}
	if n := at(s.root, "guestInstallPrefix"); n != nil && !strings.HasPrefix(n.Value, "/") {
		s.taken(n, "is no absolute path: the guest's agent is not installed", "/usr/local is Lima's")
	}
	old, now := at(s.root, "cpuType"), at(s.root, "vmOpts", "qemu", "cpuType")
	for key, value := range Entries(old) {
		if other := text(now, key.Value); other != "" && other != value.Value {
			s.taken(value, "does nothing: vmOpts.qemu.cpuType says "+other, "remove it")
		}
	}
}

// variable is the name of one.
var variable = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// env holds variables to a file that has one a line.
func (s *slips) env() {
	for key, value := range Entries(at(s.root, "env")) {
		if !variable().MatchString(key.Value) {
			s.taken(key, "is no name of a variable: no program gets it", "letters, digits and _")
		}
		if strings.Contains(value.Value, "\n") {
			s.taken(value, "ends with its first line: /etc/environment has one variable a line", "")
		}
	}
}

// certificates tells of those that a guest passes over.
func (s *slips) certificates() {
	for _, n := range items(s.root, "caCerts", "certs") {
		if n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "-----BEGIN CERTIFICATE-----") {
			s.taken(n, "is no certificate in PEM: the guest passes over it", "-----BEGIN CERTIFICATE-----")
		}
	}
	for _, n := range items(s.root, "caCerts", "files") {
		if relativePath(n.Value) {
			s.taken(n, "is looked for in the directory that limactl is started in", "an absolute path, or one that starts with ~/")
		}
	}
}

// cpuTypes tells of processors that Lima has none of: it looks up the guest's alone.
func (s *slips) cpuTypes() {
	arches, _ := KeyAt("arch")
	for _, models := range []*yaml.Node{at(s.root, "cpuType"), at(s.root, "vmOpts", "qemu", "cpuType")} {
		for key, model := range Entries(models) {
			if !slices.Contains(arches.Values, key.Value) {
				s.taken(key, "is no processor of Lima's: it does nothing", "one of "+strings.Join(arches.Values, ", "))
			} else if model.Kind == yaml.ScalarNode {
				s.model(key.Value, model)
			}
		}
	}
}

func (s *slips) user() {
	s.absolute(at(s.root, "user", "shell"), nil)
	if n := at(s.root, "user", "name"); n != nil && n.Kind == yaml.ScalarNode && (!accountName().MatchString(n.Value) || n.Value == "root") {
		s.taken(n, "is no name for an account of the guest: nobody gets in", "small letters, digits, _ and -")
	}
	if n := at(s.root, "user", "uid"); n != nil && n.Value == "0" {
		s.taken(n, "is root's: the account is not made", "1000")
	}
	if n := at(s.root, "user", "home"); n != nil && n.Kind == yaml.ScalarNode {
		if filled, ok := s.filledIn(n, guestWords); ok && (!strings.HasPrefix(filled, "/") || filled == "/") {
			s.taken(n, "is no directory of a home"+came(n, filled), "/home/{{.User}}")
		}
	}
	if text(s.root, "user", "passwordlessSudo") == "false" && text(s.root, "plain") != "true" {
		s.refused(at(s.root, "user", "passwordlessSudo"), "needs plain: true, which makes no mounts and forwards no sockets", "remove it")
	}
	if n := at(s.root, "ssh", "localPort"); n != nil && n.Value != "0" {
		s.port(n)
	}
}
