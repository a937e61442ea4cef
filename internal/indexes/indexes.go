// Package indexes asks the real package indexes for what they have: apt-cache for a
// release of Debian, guix for its packages, nix-instantiate for a tree of nixpkgs. The
// package map goes in, with the tools' answers; the marks that a cell should have come
// out. For tests only: it needs the tools and a network, and is no part of vmloom.
package indexes

import (
	"slices"

	"vmloom/profile"
)

// Index is what one index has, by name.
type Index struct {
	// Column of the package map that has its names.
	Column string
	// Release of Debian; empty where the manager has one index.
	Release string
	// Has lists the processors for which a name is there.
	Has map[string][]string
}

// Lacks are the marks of this index for a name: where it is not there.
func (x Index) Lacks(name string) (marks []string) {
	for _, arch := range profile.Arches() {
		if !slices.Contains(x.Has[name], arch) {
			marks = append(marks, x.mark(arch))
		}
	}
	if x.Release != "" && len(marks) == len(profile.Arches()) {
		return []string{x.Release}
	}
	return marks
}

func (x Index) mark(arch string) string {
	if x.Release == "" {
		return arch
	}
	return x.Release + "/" + arch
}

// owns reports whether a mark speaks of this index.
func (x Index) owns(mark string) bool {
	return mark == x.Release || slices.ContainsFunc(profile.Arches(), func(arch string) bool { return mark == x.mark(arch) })
}

// Mend gives the offer with the marks that this index asks for, those of others untouched.
func (x Index) Mend(o profile.Offer) profile.Offer {
	not := slices.DeleteFunc(slices.Clone(o.Not), x.owns)
	o.Not = append(not, x.Lacks(o.Name)...)
	slices.Sort(o.Not)
	return o
}

// Names that the map has in this index's column.
func (x Index) Names() (names []string) {
	for _, e := range profile.Packages() {
		for _, o := range e.Offers[x.Column] {
			names = append(names, o.Name)
		}
	}
	return names
}
