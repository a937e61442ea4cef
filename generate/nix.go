package generate

import (
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
	HasModules                 bool
	Modules                    nixList  // the profile's own, from its directory on
	OwnModules                 []string // the same
	HomeManager                bool
	StateVersion               string
	System, Image              string // aarch64-linux, NAME-image
	Darwin                     bool
	nixGuest
	nixHost
}

type nixInput struct{ Name, URL string }

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
		System:       p.Guest.Arch + "-linux",
		Image:        p.Name + "-image",
		Darwin:       p.MacOS(),
	}
	for _, in := range flake.Inputs(p) {
		if in.Name != "nixpkgs" {
			v.Inputs = append(v.Inputs, nixInput{in.Name, in.URL})
		}
	}
	for _, m := range p.Nix.Modules {
		v.OwnModules = append(v.OwnModules, "/"+strings.TrimPrefix(m, "./"))
	}
	v.HasModules, v.Modules = len(v.OwnModules) > 0, newNixList(v.OwnModules)
	var err error
	if v.nixGuest, err = newNixGuest(p); err != nil {
		return nil, err
	}
	if v.nixHost, err = newNixHost(p); err != nil {
		return nil, err
	}
	if v.Parity {
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
	names := []string{"flake.nix", "nix/flake-module.nix", "nix/home.nix", "nix/nixos.nix"}
	if v.Darwin {
		names = append(names, "nix/darwin.nix")
	}
	if v.HomeManager {
		names = append(names, "nix/home-manager.nix")
	}
	return names
}
