package profile

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// HostStore is where the guest has the host's /nix.
const HostStore = "/mnt/host-nix"

// KeptStore is where a guest has what earlier systems of it had in their store: a binary cache on the home's disk.
func (p *Profile) KeptStore() string { return p.HomeMount() + "/.vmloom-nix" }

// Own is something of the user's that the flake takes in: a file, or an attribute of an input.
type Own struct {
	// Field that names it.
	Field string
	// File relative to the profile's directory; empty for an attribute.
	File string
	// Input and Attr of an attribute.
	Input, Attr string
}

func owns(field string, values []string) (out []Own) {
	for i, v := range values {
		o := Own{Field: item(field, i), File: v}
		if input, attr, ok := strings.Cut(v, "#"); ok && !strings.HasPrefix(v, ".") {
			o.File, o.Input, o.Attr = "", input, attr
		}
		out = append(out, o)
	}
	return out
}

// OwnModules, OwnHomeModules and OwnOverlays are the profile's modules and overlays.
func (n Nix) OwnModules() []Own     { return owns("nix.modules", n.Modules) }
func (n Nix) OwnHomeModules() []Own { return owns("nix.homeModules", n.HomeModules) }
func (n Nix) OwnOverlays() []Own    { return owns("nix.overlays", n.Overlays) }

// Owns are all of them.
func (n Nix) Owns() []Own { return slices.Concat(n.OwnModules(), n.OwnHomeModules(), n.OwnOverlays()) }

// OwnFiles are the files of the user's that the profile names for the flake.
func (n Nix) OwnFiles() []Own {
	return slices.DeleteFunc(n.Owns(), func(o Own) bool { return o.File == "" })
}

// HasOwnNix reports whether the flake reads files of the user's.
func (p *Profile) HasOwnNix() bool { return len(p.Nix.OwnFiles()) > 0 }

// TakesOwn reports whether the flake takes in anything of the user's.
func (p *Profile) TakesOwn() bool { return len(p.Nix.Inputs)+len(p.Nix.Owns()) > 0 }

// IsFlake reports whether the input is a flake, and not plain files.
func (in NixInput) IsFlake() bool { return in.Flake == nil || *in.Flake }

// AllowsAll reports whether every license is allowed.
func (n Nix) AllowsAll() bool { return slices.Contains(n.AllowUnfree, "all") }

// lowestRoot is the lowest directory, seen from the profile's, that has all files of the user's.
func (n Nix) lowestRoot() string {
	up := 0
	for _, o := range n.OwnFiles() {
		up = max(up, above(o.File))
	}
	if up == 0 {
		return "."
	}
	return strings.TrimSuffix(strings.Repeat("../", up), "/")
}

// InRoot reports whether a file, relative to the profile's directory, lies in the flake's root.
func (n Nix) InRoot(file string) bool { return above(file) <= above(n.Root) }

// above is how many directories up a relative path goes.
func above(file string) int {
	clean := path.Clean(file) + "/"
	return strings.Count(clean[:len(clean)-len(strings.TrimLeft(clean, "./"))], "../")
}

// NixSetting is a value of nix.conf: string, int64, bool, or a list of these.
type NixSetting struct{ Value any }

func (s *NixSetting) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.SequenceNode {
		list := []any{}
		for i, c := range n.Content {
			var one NixSetting
			if c = d.resolve(c, item(path, i)); c == nil {
				return
			}
			one.atom(d, c, item(path, i))
			list = append(list, one.Value)
		}
		s.Value = list
		return
	}
	s.atom(d, n, path)
}

func (s *NixSetting) encode(*writer, string) *yaml.Node { return inline(scalarNode(s.Value)) }

func (s *NixSetting) atom(d *decoder, n *yaml.Node, path string) {
	switch tag := n.ShortTag(); {
	case n.Kind == yaml.ScalarNode && tag == "!!bool":
		s.Value, _ = d.boolean(n, path)
	case n.Kind == yaml.ScalarNode && tag == "!!int":
		s.Value, _ = d.integer(n, path)
	case isText(n):
		s.Value, _ = d.text(n, path)
	default:
		d.lost(path, "must be a text, a whole number, true, false, or a list of these")
	}
}

// settingFields are settings that a field of the profile says.
var settingFields = map[string]string{
	"substituters": "nix.substituters", "extra-substituters": "nix.substituters",
	"trusted-public-keys": "nix.trustedPublicKeys", "extra-trusted-public-keys": "nix.trustedPublicKeys",
}

func (p *Profile) validateNix(d *decoder) {
	if p.Nix.HostStore && p.System().SetUp != ByFlake {
		d.bad("nix.hostStore", "does not apply to "+p.System().Name, "guest: {system: "+NixOS().Name+"} has a nix that reads it")
	}
	switch {
	case !p.Nix.KeepStore:
	case p.System().SetUp != ByFlake:
		d.bad("nix.keepStore", "does not apply to "+p.System().Name, "guest: {system: "+NixOS().Name+"} has a store")
	case p.Home.Disk == 0:
		d.bad("nix.keepStore", "keeps the store on the home's disk, and the home has none", "home: {disk: 40GiB}")
	}
	switch {
	case !p.Build.Switch:
	case p.System().SetUp != ByFlake:
		d.bad("build.switch", "does not apply to "+p.System().Name, "guest: {system: "+NixOS().Name+"} switches to a system that others may build")
	case p.Build.On == "lima:"+p.Lima.Instance:
		d.bad("build.switch", "build.on is the guest itself, which builds its system without it", "take it out, or build on another machine")
	}
	for _, o := range p.Nix.Owns() {
		switch {
		case d.wrong[o.Field]:
		case o.File != "" && d.given("nix.root") && !d.wrong["nix.root"] && !p.Nix.InRoot(o.File):
			d.bad(o.Field, "lies outside of nix.root", "nix: {root: "+p.Nix.lowestRoot()+"} has all of them")
		case o.Input != "":
			p.validateAttr(d, o)
		}
	}
	if len(p.Nix.HomeModules) > 0 && !p.Nix.HomeManager {
		d.bad("nix.homeModules", "needs home-manager", "nix: {homeManager: true}")
	}
	for name, setting := range p.Nix.Settings {
		at := join("nix.settings", name)
		d.matches(at, name, "nix setting")
		if field := settingFields[name]; field != "" && setting.Value != nil {
			d.bad(at, "is said by "+field, "write it there")
		}
	}
	p.validateInputs(d)
}

// inputNames are those that a module may name: the profile's, and vmloom's own.
func (p *Profile) inputNames() []string {
	names := append(slices.Collect(maps.Keys(p.Nix.Inputs)), "nixpkgs", "nixos-lima")
	if p.Nix.HomeManager {
		names = append(names, "home-manager")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *Profile) validateAttr(d *decoder, o Own) {
	names := p.inputNames()
	switch in, given := p.Nix.Inputs[o.Input]; {
	case !slices.Contains(names, o.Input):
		hint := "nix: {inputs: {" + o.Input + ": {url: ...}}}"
		if near := Near(o.Input, names, 1); len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
		d.bad(o.Field, "no input is called "+o.Input, hint)
	case given && !in.IsFlake():
		d.bad(o.Field, o.Input+" is no flake, and has no attributes", "a module of yours imports its files: (inputs."+o.Input+" + \"/FILE.nix\")")
	}
	for part := range strings.SplitSeq(o.Attr, ".") {
		if slices.Contains(nixKeywords, part) {
			d.bad(o.Field, part+" is a keyword of Nix, and no attribute")
		}
	}
}

// namesNoRepository reports a reference to a forge that has an owner alone.
func namesNoRepository(url string) bool {
	forge, rest, _ := strings.Cut(url, ":")
	owner, repository, _ := strings.Cut(rest, "/")
	return slices.Contains([]string{"github", "gitlab", "sourcehut"}, forge) && (owner == "" || strings.Trim(repository, "/") == "")
}

func (p *Profile) validateInputs(d *decoder) {
	if namesNoRepository(p.Nix.Nixpkgs) {
		d.bad("nix.nixpkgs", "names no repository", "write it as github:NixOS/nixpkgs/BRANCH")
	} else if wrong, hint := otherReference(p.Nix.Nixpkgs); wrong != "" && !d.wrong["nix.nixpkgs"] {
		d.bad("nix.nixpkgs", wrong, hint)
	}
	for name, in := range p.Nix.Inputs {
		at := join("nix.inputs", name)
		wrong, hint := otherReference(in.URL)
		switch {
		case !forms["input"].ok(name):
			d.bad(at, "name must be "+forms["input"].words)
		case name == "self":
			d.bad(at, "self is the flake itself", "choose another name")
		case name == "nixpkgs":
			d.bad(at, "is said by nix.nixpkgs", "write the URL there")
		case wrong != "" && !d.wrong[at+".url"]:
			d.bad(at+".url", wrong, hint)
		case !in.IsFlake() && len(in.Follows) > 0:
			d.bad(at+".follows", "what is no flake has no inputs", "take the line out")
		}
		for inner, to := range in.Follows {
			at := join(at+".follows", inner)
			d.matches(at, inner, "input")
			d.matches(at, to, "follows")
			if first, _, _ := strings.Cut(to, "/"); to != "" && !d.wrong[at] && !slices.Contains(p.inputNames(), first) {
				d.bad(at, "no input is called "+first, "inputs are "+strings.Join(p.inputNames(), ", "))
			}
		}
	}
	p.validateCycles(d)
}

// validateCycles refuses inputs that follow each other in a circle, which nix would go round.
func (p *Profile) validateCycles(d *decoder) {
	for _, name := range slices.Sorted(maps.Keys(p.Nix.Inputs)) {
		for _, inner := range slices.Sorted(maps.Keys(p.Nix.Inputs[name].Follows)) {
			start, way := name+"/"+inner, []string{}
			for at := start; ; {
				way = append(way, at)
				input, of, deep := strings.Cut(at, "/")
				next := p.Nix.Inputs[input].Follows[of]
				if !deep || next == "" || len(way) > len(p.Nix.Inputs)*maxNodes {
					break
				}
				if next == start || strings.HasPrefix(next, start+"/") {
					d.bad(join(join("nix.inputs", name)+".follows", inner), "goes in a circle: "+strings.Join(append(way, next), " follows "), "one of them must follow an input itself")
					break
				}
				if at = next; slices.Contains(way, at) {
					break // a circle further on, which is told there
				}
			}
		}
	}
}
