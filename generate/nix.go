package generate

import (
	"regexp"
	"slices"
	"strings"

	"vmloom/profile"
)

// nixosLima is the release of nixos-lima that the flake's module comes from, and
// a released guest's image (guest.go).
const nixosLima = "v0.2.1"

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
	if p.Nix.HomeManager {
		v.Inputs = append(v.Inputs, nixInput{"home-manager", homeManager(p.Nix.Nixpkgs)})
	}
	v.Inputs = append(v.Inputs, nixInput{"nixos-lima", "github:nixos-lima/nixos-lima/" + nixosLima})
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

var nixRelease = regexp.MustCompile(`[/-]([0-9]{2}\.[0-9]{2})(-darwin|-small)?$`)

// homeManager is the flake of the home-manager that fits nixpkgs: the branch of
// the same release, for it warns of another; the main one for nixos-unstable.
func homeManager(nixpkgs string) string {
	const url = "github:nix-community/home-manager"
	if m := nixRelease.FindStringSubmatch(nixpkgs); m != nil {
		return url + "/release-" + m[1]
	}
	return url
}
