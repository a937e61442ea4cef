package generate

import (
	"maps"
	"slices"
	"strings"

	"vmloom/flake"
	"vmloom/profile"
)

// nixView is what the templates in nix/ print.
type nixView struct {
	Profile, Name, Description string
	Nixpkgs                    string
	Inputs                     []nixInput // beside nixpkgs, sorted
	TakesOwn                   bool       // the flake takes in modules, overlays or inputs of the user's
	Files                      bool       // files of theirs
	Modules                    []nixOwn
	HomeModules                nixOwns
	Overlays                   nixOwns
	TakesFiles, TakesAttrs     bool // among these
	Takes                      bool // any of these
	HomeManager                bool
	StateVersion               string
	System, Image              string      // aarch64-linux, NAME-image
	NoNixpkgs                  bool        // nothing is said of nixpkgs
	Systems                    []nixSystem // or one for each processor, of which the guest has its host's
	Darwin                     bool
	nixGuest
	nixHost
}

// nixSystem is a NixOS of one processor, by its name among the flake's configurations.
type nixSystem struct{ System, Name string }

// nixInput is an input as flake.nix writes it; Bare has nothing but its URL.
type nixInput struct {
	Name, URL   string
	Plain, Bare bool
	Follows     []nixFollow
}

type nixFollow struct{ Input, To string }

// nixOwn is a file of the user's, or an attribute of an input, as nix/own.nix takes it.
type nixOwn struct {
	Field, Shown string
	File         string // from the profile's directory on, with a slash
	Input        string
	Attr         []string
}

// nixOwns is a list of them as nixfmt lays it out.
type nixOwns struct{ One, Many []nixOwn }

func newNixOwns(all []profile.Own) (out nixOwns) {
	var list []nixOwn
	for _, o := range all {
		field := strings.TrimPrefix(o.Field, "nix.")
		if o.File != "" {
			list = append(list, nixOwn{Field: field, Shown: o.File, File: "/" + strings.TrimPrefix(o.File, "./")})
			continue
		}
		list = append(list, nixOwn{Field: field, Shown: o.Input + "#" + o.Attr, Input: o.Input, Attr: strings.Split(o.Attr, ".")})
	}
	if len(list) == 1 {
		return nixOwns{One: list}
	}
	return nixOwns{Many: list}
}

// nixInputs are those of flake.nix beside nixpkgs.
func nixInputs(p *profile.Profile) (out []nixInput) {
	for _, in := range flake.Inputs(p) {
		if in.Name == "nixpkgs" {
			continue
		}
		v := nixInput{Name: in.Name, URL: in.URL, Plain: in.Plain, Bare: !in.Plain && len(in.Follows) == 0}
		for _, name := range slices.Sorted(maps.Keys(in.Follows)) {
			v.Follows = append(v.Follows, nixFollow{name, in.Follows[name]})
		}
		out = append(out, v)
	}
	return out
}

// nixList is a list as nixfmt lays it out: one item stays on the line, several
// get a line each.
type nixList struct{ One, Many []string }

func newNixList(items []string) nixList {
	if len(items) == 1 {
		return nixList{One: items}
	}
	return nixList{Many: items}
}

func absentNix(p *profile.Profile) string {
	nixos := profile.NixOS()
	switch {
	case p.Runner != nixos.Runner:
		return "made for the runner " + nixos.Runner + " only"
	case p.MayBeNixOS():
		return ""
	}
	return "the guest is not " + nixos.Name + ", and the profile has no nix section"
}

func nixFiles(from source) ([]File, error) {
	p := from.Profile
	v := nixView{
		Profile: p.File(), Name: p.Name,
		Description:  "The development VM " + p.Name,
		Nixpkgs:      p.Nix.Nixpkgs,
		HomeManager:  p.Nix.HomeManager,
		StateVersion: p.Nix.StateVersion,
		Image:        p.Name + "-image",
		Darwin:       p.MacOS(),
	}
	if p.Guest.ArchOfHost() {
		for _, arch := range p.Guest.Arches() {
			v.Systems = append(v.Systems, nixSystem{arch + "-linux", p.Name + "-" + arch})
		}
	} else {
		v.System = p.Guest.Arch + "-linux"
	}
	v.Inputs = nixInputs(p)
	v.TakesOwn, v.Files = p.TakesOwn(), p.HasOwnNix()
	modules := newNixOwns(p.Nix.OwnModules())
	v.Modules = slices.Concat(modules.One, modules.Many)
	v.HomeModules, v.Overlays = newNixOwns(p.Nix.OwnHomeModules()), newNixOwns(p.Nix.OwnOverlays())
	for _, o := range p.Nix.Owns() {
		v.Takes = true
		v.TakesFiles, v.TakesAttrs = v.TakesFiles || o.File != "", v.TakesAttrs || o.File == ""
	}
	var err error
	if v.nixGuest, err = newNixGuest(p); err != nil {
		return nil, err
	}
	v.NoNixpkgs = v.System == "" && !v.AllUnfree && len(v.Unfree.One)+len(v.Unfree.Many) == 0
	if v.nixHost, err = newNixHost(from); err != nil {
		return nil, err
	}
	if v.Parity {
		v.Tools = slices.Concat(v.Packages.One, v.Packages.Many)
		v.UnfreeNames = slices.Concat(v.Unfree.One, v.Unfree.Many)
	}
	var out []File
	for _, name := range v.files() {
		template := "nix/" + strings.TrimPrefix(name, "nix/") + ".tmpl"
		f, err := render(name, template, v)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (v *nixView) files() []string {
	names := []string{"flake.nix", "nix/flake-module.nix", "nix/home.nix", "nix/nixos.nix", "nix/nixpkgs.nix"}
	if v.TakesOwn {
		names = append(names, "nix/own.nix")
	}
	if v.Darwin {
		names = append(names, "nix/darwin.nix")
	}
	if v.HomeManager {
		names = append(names, "nix/home-manager.nix")
	}
	return names
}
