// Package flake is what is known of Nix flakes, whatever machine they are on. In go a profile, a
// reference, the text of a flake.lock or of a Nix file; out come the inputs of the profile's flake, what
// a lock pins and what moved between two, a lock that pins as another does, and the paths that a file
// reads. It never runs nix and reads no file. Checked against nix 2.8 to 2.34.
package flake

import (
	"maps"
	"path"
	"slices"

	"vmloom/pattern"
	"vmloom/profile"
)

// NixosLima is the release of nixos-lima that the flake's module comes from, and
// a released guest's image.
const NixosLima = "v0.2.1"

// LockOf is the lock of the flake of a profile of that name, from the profile's directory on: the user's.
func LockOf(name string) string { return path.Join(profile.SharedTree, name, "flake.lock") }

// Input is an input of the profile's flake.
type Input struct {
	Name, URL string
	// Follows are inputs of its own that are taken from elsewhere: its name to an input's, or to A/B.
	Follows map[string]string
	// Plain files, and no flake.
	Plain bool
}

// Inputs are those of the profile's flake, by name.
func Inputs(p *profile.Profile) []Input {
	all := map[string]Input{"nixpkgs": {URL: p.Nix.Nixpkgs}}
	ours := func(name, url string) {
		all[name] = Input{URL: url, Follows: map[string]string{"nixpkgs": "nixpkgs"}}
	}
	ours("nixos-lima", "github:nixos-lima/nixos-lima/"+NixosLima)
	if p.Nix.HomeManager {
		ours("home-manager", homeManager(p.Nix.Nixpkgs))
	}
	for name, in := range p.Nix.Inputs {
		follows := map[string]string(in.Follows)
		if _, instead := all[name]; instead && follows == nil {
			follows = all[name].Follows
		}
		all[name] = Input{URL: in.URL, Follows: follows, Plain: !in.IsFlake()}
	}
	out := make([]Input, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		in := all[name]
		in.Name = name
		out = append(out, in)
	}
	return out
}

var nixRelease = pattern.New(`[/-]([0-9]{2}\.[0-9]{2})(-darwin|-small)?$`)

// homeManager is the flake of the home-manager that fits nixpkgs: the branch of
// the same release, for it warns of another; the main one for nixos-unstable.
func homeManager(nixpkgs string) string {
	const url = "github:nix-community/home-manager"
	if m := nixRelease().FindStringSubmatch(nixpkgs); m != nil {
		return url + "/release-" + m[1]
	}
	return url
}
