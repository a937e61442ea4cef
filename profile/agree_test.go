package profile

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func compileSchema(t *testing.T) *jsonschema.Schema { return compiled(t, Schema) }

func compiled(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("profile.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAgree holds Load and the schema to each other: what Load accepts, an
// editor does not underline, and what Load refuses for its structure it does.
func TestAgree(t *testing.T) {
	schema := compileSchema(t)
	used := map[string]bool{}
	check := func(src string) {
		var value any
		if err := yaml.Load([]byte(src), &value); err != nil {
			t.Errorf("%s\n%v", src, err)
			return
		}
		_, err := Load("vmloom.yaml", []byte(src))
		ps, _ := err.(Problems)
		structural := false
		for _, p := range ps {
			if p.Path == "guest.release" { // which the schema knows by the system
				structural = true
				continue
			}
			i := slices.IndexFunc(onlyLoad, func(reason string) bool { return strings.Contains(p.Reason, reason) })
			if i < 0 {
				structural = true
				continue
			}
			used[onlyLoad[i]] = true
		}
		if invalid := schema.Validate(value); (invalid != nil) != structural {
			t.Errorf("%s\nLoad: %s\nschema: %v", src, report(err), invalid)
		}
	}
	check(ascalon)
	for _, r := range slices.Concat(rules, places, extraRules) {
		check(with(r.yaml))
	}
	for _, c := range lintCases {
		check(with(c.yaml))
	}
	for line := range strings.Lines(strings.TrimSpace(structure)) {
		check(with(line))
	}
	check(with("sockets: [{name: a, host: /a, check: " + strings.Repeat("a", maxText+1) + "}]"))
	for _, reason := range onlyLoad {
		if !used[reason] {
			t.Errorf("no profile is refused because it %q", reason)
		}
	}
	for _, y := range []string{ // spellings that are the same value to a schema
		"version: 1.0", "version: 0x1", "ports: [{guest: 0x50}]", "ports: [{guest: 8.0e1}]", "ports: [{guest: 8_0}]",
	} {
		var value any
		if err := yaml.Load([]byte(with(y)), &value); err != nil || schema.Validate(value) != nil {
			t.Errorf("%s: %v, %v", y, err, schema.Validate(value))
		}
		if _, err := Load("vmloom.yaml", []byte(with(y))); err == nil {
			t.Errorf("%s: Load takes it", y)
		}
	}
}

// onlyLoad are parts of the reasons that a schema cannot have: they compare
// fields, know the package map, or count.
var onlyLoad = []string{
	"is the guest itself, which builds", "of the host's ports for", "by a rule of its own", "must be an IPv4 address of the host", "ends before it begins", "forwards no port, and", "that are listed, and no others",
	"vz mounts by virtiofs", "the image of ", "is mounted by nobody", "are options of", "must be between 4KiB",
	"is Apple's", "is of Apple silicon", "is for guests under Lima", "translates programs for x86_64", "on a Mac it is of", "no virtualization of its own",
	"is no IP address", "is the same", "turns it off", "which asks its own servers", "which Guix 1.4 does not have", "is of lima.vmType vz alone", "on macOS alone", "the address of a group", "is that of lima.networks", "is told to cloud-init", "of Lima's own way out",
	"needs guix.project", "localhost is the name", "WezTerm's own domain", "is no home directory", "is required for autostart boot",
	"limactl takes such a name", "characters too long", "vz exists on macOS",
	"the package map has no name of", "does not apply to",
	"is required where host.user", "is no name for an account", "account or group of the guest's system", "NixOS refuses", "must be a public key",
	"written plainly", "must be an absolute path of letters", "is a system directory", "is in a directory of the system", "home disk would be", "is this disk: Lima", "names no repository",
	"is set by each login", "names who asks", "has a port that is none", "is the guest itself there", "is the guest's own name", "is the name every machine has", "is the host's name in every guest", "is the address of no server", "is an address, and its name", "is set by guest.proxy", "is set by sockets", "is not in the package map", "has no package for", "names no package", "is a keyword of Nix",
	"must be an attribute path", "must be an apt package", "must be a package name of Fedora", "must be right below /home", "must be a Guix package",
	"must be at least", "whole number of MiB", "does not fit 64 bits", "is required for every channel", "has this name", "has this URL",
	"guest path must be letters", "is already at", "inside a system directory", "Lima's own", "the guest's home", "needs the host's home",
	"is required where from", "has no fixed socket path", "must not hold", "a socket's path may have",
	"in a directory below /run", "a program of the host", "with direction toHost", "is of the guest, and", "is the socket of", "cannot go both ways", "is root's on the host", "needs from:", "is not for",
	"is not in the guest user's", "another one for everybody", "belongs to the guest's system", "is inside mounts",
	"lies outside of nix.root", "the home has none", "a relative path means", "is said by", "is an address of ssh", "is a web page to nix", "nix fetches nothing by", "is written in another way", "an input is the whole flake", "self is the flake", "goes in a circle", "no input is called",
	"is no flake, and", "needs home-manager", "what is no flake has", "as sockets[", "means something else", "before anybody is logged in",
	"already forwards", "already takes", "is lima.sshPort", "Lima never forwards", "must be modifiers and a key", "is bound by",
	"does not fit /etc/environment", "is qemu.sshPort", "needs guest: the same path", "vmloom's own",
	"has no service of it", "has no nerdctl", "is named before", "root is the group",
	"is set by guest.locale", "builds its locales from sources",
	"must not be more than max", "must leave the host some",
	"Lima refuses it", "is longer than 4096 bytes", "without control characters",
}

// TestDescriptions holds that an editor can explain every field, as a sentence.
func TestDescriptions(t *testing.T) {
	var doc struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(at string, value any)
	walk = func(at string, value any) {
		if list, ok := value.([]any); ok {
			for _, v := range list {
				walk(at, v)
			}
		}
		object, _ := value.(map[string]any)
		properties, _ := object["properties"].(map[string]any)
		for name, p := range properties {
			described, ok := p.(map[string]any)
			if !ok { // what must not be there
				continue
			}
			n++
			text, _ := described["description"].(string)
			if len(strings.Fields(text)) < 2 || !unicode.IsUpper([]rune(text)[0]) && !strings.HasPrefix(text, strings.ToLower(name)) || !strings.HasSuffix(text, ".") {
				t.Errorf("%s.%s: the description is %q", at, name, text)
			}
		}
		for key, v := range object {
			if key != "allOf" { // what fits together is described where it stands by itself
				walk(at+"."+key, v)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Defs)) {
		walk(name, doc.Defs[name])
	}
	if n < 70 {
		t.Errorf("only %d fields have a description", n)
	}
}

// TestPartSchema: an editor takes what a part may say, and no key that there is not.
func TestPartSchema(t *testing.T) {
	schema := compiled(t, PartSchema)
	for text, valid := range map[string]bool{
		"resources: {cpus: 8}\n": true,
		"guest: {packages: [htop, git: null], env: {PAGER: null}, user: {shell: null}}\nsockets: [docker: null, {name: docker}]\nports: null\n": true,
		"extends: [../base.yaml]\nname: dev\n": true,
		"{}\n":                                 true,
		"resource: {cpus: 8}\n":                false,
		"guest: {user: {uid: many}}\n":         false,
		"sockets: [{nme: docker}]\n":           false,
		"guest: {packages: git}\n":             false,
	} {
		var value any
		if err := yaml.Load([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != valid {
			t.Errorf("%s: %v", text, err)
		}
	}
}
