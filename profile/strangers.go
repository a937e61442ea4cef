package profile

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

const initHint = "vmloom init writes one to start from"

// A file of another program's is told by how it begins, or by its keys.

// stranger is a kind of file that is taken for a profile.
type stranger struct {
	// begins is how its text begins, a regular expression; keys are some of its top ones, all of which it has.
	begins string
	keys   []string
	what   string
	hint   string
}

// strangers are looked at in order. Those without keys are told by how they begin.
var strangers = []stranger{
	{begins: `version https://git-lfs`, what: "a pointer of Git LFS", hint: "git lfs pull brings the file itself"},
	{begins: `(?i)<!doctype|<html`, what: "a web page", hint: "download the raw file; " + initHint},
	{begins: `(diff --git |--- [^\n]*\n\+\+\+ )`, what: "a patch", hint: "git apply FILE changes the profile by it"},
	{begins: `\{\s*//`, what: "JSON with comments", hint: "a comment of YAML begins with #; without them it is read"},
	{begins: `#!`, what: "a script", hint: initHint},
	{begins: `#cloud-config`, what: "data of cloud-init", hint: initHint + "; guest.packages and guest.user take packages and accounts"},
	{begins: `Vagrant\.configure`, what: "a Vagrantfile", hint: initHint},
	{begins: `FROM [^:\n]+(:|\n)`, what: "a Dockerfile", hint: initHint},
	{begins: `\{[^}\n]*\.\.\.[^}\n]*\}:|\{ *(config|pkgs|lib) *[,}]|let\n`, what: "a Nix expression", hint: "nix.modules takes modules of NixOS; " + initHint},
	{begins: `\((define|use-modules|operating-system|specifications|list|packages)`, what: "a Scheme file of Guix", hint: "guix.manifest and guix.modules take such files; " + initHint},
	{begins: `(<<<<<<<|\x7fELF|PK\x03\x04|\x1f\x8b|QFI\xfb)`, what: "no text", hint: initHint},
	{keys: []string{"services"}, what: "a file of Docker Compose", hint: initHint},
	{keys: []string{"apiVersion", "kind"}, what: "a file of Kubernetes", hint: initHint},
	{keys: []string{"cpu", "runtime"}, what: "Colima's configuration", hint: initHint + "; sockets: [{name: docker, from: colima}] uses Colima's Docker"},
	{keys: []string{"features"}, what: "a dev container", hint: initHint},
	{keys: []string{"customizations"}, what: "a dev container", hint: initHint},
	{keys: []string{"inputs", "outputs"}, what: "a flake", hint: initHint},
	{keys: []string{"jobs"}, what: "a workflow of CI", hint: initHint},
}

// foreign answers a text that is no profile by how it begins. It reports whether it is one.
func (d *decoder) foreign() bool {
	text := bytes.TrimLeft(d.src, " \t\r\n")
	for _, s := range strangers {
		if len(s.keys) == 0 && regexp.MustCompile(`^(?:`+s.begins+`)`).Match(text) && !bytes.HasPrefix(text, []byte("<<<<<<< ")) {
			d.at(posAt(1, 1), "", "not a profile: "+s.what, s.hint)
			return true
		}
	}
	return false
}

// strangerWith is the kind of file that has these keys at its top.
func strangerWith(root *yaml.Node) *stranger {
	for i, s := range strangers {
		found := 0
		for at := 0; at < len(root.Content); at += 2 {
			for _, key := range s.keys {
				if root.Content[at].Value == key {
					found++
				}
			}
		}
		if len(s.keys) > 0 && found == len(s.keys) {
			return &strangers[i]
		}
	}
	return nil
}

// wrapped reports whether all of a profile stands below one key, as below vm:.
func wrapped(root *yaml.Node) bool {
	if len(root.Content) != 2 || root.Content[1].Kind != yaml.MappingNode {
		return false
	}
	known, inner := 0, root.Content[1].Content
	for i := 0; i < len(inner); i += 2 {
		if _, ours := fieldsOf(profileType).byName[inner[i].Value]; ours {
			known++
		}
	}
	_, ours := fieldsOf(profileType).byName[root.Content[0].Value]
	return !ours && known > 2
}

// unlikeYAML answers an error of the parser at a line that another language wrote. It reports whether it is one.
func (d *decoder) unlikeYAML(lines [][]byte, at Pos) bool {
	if at.Line < 1 || at.Line > len(lines) {
		return false
	}
	text := strings.TrimRight(string(lines[at.Line-1]), "\r")
	word := strings.TrimSpace(text)
	pos := posAt(at.Line, len(text)-len(strings.TrimLeft(text, " \t"))+1)
	first := strings.TrimSpace(strings.TrimLeft(string(d.src), " \t\r\n"))
	m := assigned().FindStringSubmatch(word)
	switch {
	case sectionHead().MatchString(first):
		d.at(posAt(1, 1), "", "not a profile: this is not YAML, which has NAME: VALUE and not NAME = VALUE", initHint)
	case strings.HasPrefix(word, "//") || strings.HasPrefix(word, "/*") || strings.HasPrefix(word, "--"):
		d.at(pos, "", "YAML: no comment", "a comment begins with #")
	case strings.HasPrefix(word, "* ") || strings.HasPrefix(word, "+ "):
		d.at(pos, "", "YAML: no element of a list", "begin each element with - and a blank")
	case strings.HasPrefix(word, "%YAML"):
		d.at(pos, "", "YAML: a directive that is not read", "remove the line")
	case strings.Contains(word, "："):
		d.at(pos, "", "YAML: key without a colon", "this colon is a wide one: type : and a blank")
	case m != nil:
		d.at(pos, "", "YAML: key without a colon", "write "+m[1]+": "+m[2])
	default:
		return false
	}
	return true
}

var (
	assigned    = lazy(`^([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=>|:=|=)\s*([^=].*)$`)
	sectionHead = lazy(`^\[[A-Za-z][A-Za-z0-9_.-]*\]\s*\n`)
)
