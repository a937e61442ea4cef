package profile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/pattern"
)

// Mistakes that are not of a value but of the whole text, or of the way it was
// typed: they are told from one another here, since YAML's own words mislead.

// conflict is where an unresolved merge begins; 0: there is none.
func conflict(src []byte) int {
	if !bytes.Contains(src, []byte("<<<<<<< ")) || !bytes.Contains(src, []byte("\n>>>>>>> ")) {
		return 0
	}
	number := 0
	for text := range bytes.Lines(src) {
		if number++; bytes.HasPrefix(text, []byte("<<<<<<< ")) {
			return number
		}
	}
	return 0
}

// assignment is a line of TOML, of an INI file or of sh.
var assignment = pattern.New(`(?m)^[ \t]*[A-Za-z_][A-Za-z0-9_.-]*[ \t]*=[ \t]*\S`)

// stranger answers a root that no profile has. It reports whether there was one.
func (d *decoder) stranger(root *yaml.Node) bool {
	at := posAt(root.Line, root.Column)
	if root.Kind != yaml.MappingNode && d.foreign() {
		return true
	}
	if root.Kind != yaml.MappingNode {
		switch {
		case d.part && root.Kind == yaml.SequenceNode:
			d.at(at, "", "not a part of a profile: must be a mapping of keys, not a list", "write KEY: VALUE lines, as the profile has them")
		case d.part:
			d.at(at, "", "not a part of a profile: must be a mapping of keys", "write KEY: VALUE lines, as the profile has them")
		case strings.ContainsRune(root.Value, '：'):
			d.at(at, "", "YAML: key without a colon", "this colon is a wide one: type : and a blank")
		case assignment().Match(d.src):
			d.at(at, "", "not a profile: this is not YAML, which has NAME: VALUE and not NAME = VALUE", initHint)
		case root.Kind == yaml.SequenceNode:
			d.at(at, "", "not a profile: must be a mapping of keys, not a list", "a file describes one machine; "+initHint)
		default:
			d.at(at, "", "not a profile: must be a mapping of keys", initHint)
		}
		return true
	}
	if wrapped(root) {
		d.at(at, "", "not a profile: its keys stand below "+root.Content[0].Value+":", "remove that line, and indent the others less")
		return true
	}
	if d.part {
		return false
	}
	known, limas := 0, 0
	for i := 0; i < len(root.Content); i += 2 {
		key := root.Content[i].Value
		switch _, ours := fieldsOf(profileType).byName[key]; {
		case ours && key != "mounts" && key != "ssh": // those that Lima has under the same name
			known++
		case lima.Knows("", key):
			limas++
		}
	}
	switch {
	case known > 0 || len(root.Content) < 2:
		return false
	case d.foreign():
	case strangerWith(root) != nil:
		s := strangerWith(root)
		d.at(at, "", "not a profile: "+s.what, s.hint)
	case limas > 0:
		d.at(at, "", "not a profile: a template of Lima's", "vmloom adopt FILE makes a profile of it")
	default:
		d.at(at, "", "not a profile: has none of a profile's keys", initHint)
	}
	return true
}

// unknownKey words the hint for a key that does not belong where it is.
func unknownKey(path, key, meant string, names []string) string {
	if hint := odd(key); hint != "" && hint != odd("\u00a0") {
		return hint
	}
	if strings.ContainsFunc(key, oddBlank) {
		return "the blank before or in it is no plain one (U+00A0): type it again"
	}
	if name, _, cut := strings.Cut(key, ":"); cut && slices.Contains(names, name) {
		return "put a blank after the colon: " + name + ": " + key[len(name)+1:]
	}
	if rest := strings.TrimLeft(key, "-"); rest != key && slices.Contains(names, rest) || strings.HasPrefix(key, "-") && len(homes()[rest]) > 0 {
		return "put a blank after the dash: - " + rest + ":"
	}
	if meant != "" {
		return "write " + meant
	}
	if hint := otherwise(path, key); hint != "" {
		return hint
	}
	near := suggest(key, names)
	if nested := nestedKey(element().ReplaceAllString(path, "[]"), key); nested != "" && strings.HasPrefix(near, "keys here") && len(homes()[key]) == 0 {
		return nested
	}
	if of := homes()[key]; len(of) > 0 && strings.HasPrefix(near, "keys here") && !strings.HasSuffix(of[0], "[]") {
		return "belongs below " + of[0] + ":"
	}
	return near
}

// synonyms are other programs' words for a value of a profile.
var synonyms = map[string]string{
	"arm64": "aarch64", "armv8": "aarch64", "amd64": "x86_64", "x64": "x86_64", "x86-64": "x86_64", "intel": "x86_64",
	"mac": "macos", "darwin": "macos", "osx": "macos", "nix": "nixos", "guixsd": "guix",
	"never": "off", "no": "off", "false": "off", "always": "login", "true": "login", "yes": "login",
	"onepassword": "1password", "op": "1password", "dockerdesktop": "docker-desktop",
	"m1": "aarch64", "m2": "aarch64", "m3": "aarch64", "m4": "aarch64", "m5": "aarch64", "apple": "aarch64", "silicon": "aarch64", "arm": "aarch64", "i386": "x86_64", "x86": "x86_64",
	"wsl": "linux", "wsl2": "linux", "on": "login", "enabled": "login", "disabled": "off", "startup": "boot", "start": "boot",
	"kvm": "qemu", "libvirt": "qemu", "virsh": "qemu", "hvf": "vz", "virtualization": "vz", "limactl": "lima", "colima": "lima",
	"script": "scripts", "flake": "nix", "doc": "docs",
}

// inOtherWords has the hint for a value that says more than one thing.
func inOtherWords(path, value string) string {
	switch {
	case path == "guest.system":
		return systemMeant(value)
	case path == "host.os" && strings.HasPrefix(strings.ToLower(value), "win"):
		return "on Windows vmloom runs in WSL 2: write linux"
	case strings.HasPrefix(path, "ports[") && strings.HasSuffix(path, ".protocol") && bothProtocols(value):
		return "write an element for each: protocol: tcp, and the same with protocol: udp"
	case path == "guest.containers" && (inQuotes[strings.ToLower(value)] == "false" || strings.EqualFold(value, "none")):
		return "remove the line: without it there is none"
	case path == "guest.containers" && inQuotes[strings.ToLower(value)] == "true":
		return "write docker, podman or containerd"
	case path == "network.forward" && inQuotes[strings.ToLower(value)] == "false":
		return "write none"
	case path == "network.forward" && inQuotes[strings.ToLower(value)] == "true":
		return "write all"
	case path == "runner" && value == "vz":
		return "write lima: {vmType: vz}"
	}
	return ""
}

// bothProtocols holds for words that mean TCP and UDP.
func bothProtocols(value string) bool {
	value = strings.ToLower(value)
	return slices.Contains([]string{"both", "any", "all", "*"}, value) || strings.Contains(value, tcp) && strings.Contains(value, udp)
}

// oddBlank is a blank that YAML takes for a letter.
func oddBlank(r rune) bool {
	return r == 0xa0 || r >= 0x2000 && r <= 0x200b || r == 0x202f || r == 0x205f || r == 0x3000 || r == 0xfeff
}

// blankMistake is the first line that is indented with an odd blank: whatever
// else is wrong may well follow from it.
func blankMistake(src []byte) (Pos, bool) {
	number := 0
	for text := range bytes.Lines(src) {
		number++
		indent := 0
		for _, r := range string(text) {
			if oddBlank(r) {
				return posAt(number, indent+1), true
			}
			if indent++; r != ' ' && r != '\t' {
				break
			}
		}
	}
	return Pos{}, false
}

// odd says what a word processor has made of a text; empty: nothing.
func odd(text string) string {
	switch {
	case strings.ContainsAny(text, "“”„‟«»"):
		return `these quotes are curly: use "`
	case strings.ContainsAny(text, "‘’‚"):
		return "these quotes are curly: use '"
	case strings.ContainsFunc(text, oddBlank):
		return "a blank in it is no plain one (U+00A0): type it again"
	case strings.HasPrefix(text, "– ") || strings.HasPrefix(text, "— ") || strings.HasPrefix(text, "• "):
		return "an element of a list begins with a plain - and a blank"
	}
	return ""
}

// withColon says how a line is written that lacks its colon.
func withColon(line string) string {
	word, value, _ := strings.Cut(strings.TrimSpace(line), " ")
	return strings.TrimSpace("write " + word + ": " + strings.TrimSpace(value))
}

// deeper answers YAML's "mapping values are not allowed": the line above is
// no mapping. It reports whether that is what happened.
func (d *decoder) deeper(lines [][]byte, at Pos) bool {
	if at.Line > len(lines) {
		return false
	}
	above := at.Line - 1
	for above > 0 && len(bytes.TrimSpace(lines[above-1])) == 0 {
		above--
	}
	if above == 0 {
		return false
	}
	before, here := string(lines[above-1]), string(lines[at.Line-1])
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	word := strings.TrimSpace(before)
	switch {
	case indent(here) < indent(before):
		return false
	case !strings.ContainsAny(word, ":{}[]\"'#"):
		d.at(posAt(above, indent(before)+1), "", "YAML: key without a colon", withColon(word))
	case indent(here) == indent(before):
		return false
	case !strings.HasSuffix(word, ":"):
		d.at(posAt(at.Line, indent(here)+1), "", "YAML: this line is indented below one that has its value already", fmt.Sprintf("indent it as line %d", above))
	default:
		return false
	}
	return true
}
