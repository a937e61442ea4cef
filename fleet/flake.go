package fleet

import (
	"maps"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/flake"
)

// flakes are the machines that have a flake, and the inputs of all of them.
type flakes struct {
	Inputs   []input
	Flakes   []loaded
	Machines []machine
	Systems  []system
}

type input struct {
	Name, URL string
	Plain     bool
	Follows   []follow
}

type follow struct{ Input, To string }

// loaded is the flake of a profile.
type loaded struct {
	Name, Flake string
	// Own are inputs that it has of its own: by its name for one, that of the fleet.
	Own []own

	of    Machine
	names map[string]string // of its inputs, here
}

// machine is a system of one, for a processor that it may have.
type machine struct{ Name, Of, System, Image string }

type own struct{ Name, Of string }

type system struct {
	Name     string
	Machines []machine
}

func newFlakes(machines []Machine) *flakes {
	f, taken := &flakes{}, inputs{}
	for _, m := range machines {
		if !m.HasFlake() || !engine.Builds(m.Profile) || engine.NameFor(m.Profile) != "nix" {
			continue
		}
		one := loaded{Name: m.Name, Flake: flakeOf(m), of: m, names: taken.add(m.Name, flake.Inputs(m.Profile))}
		for _, name := range slices.Sorted(maps.Keys(one.names)) {
			if one.names[name] != name {
				one.Own = append(one.Own, own{name, one.names[name]})
			}
		}
		f.Flakes = append(f.Flakes, one)
		for _, arch := range m.Guest.Arches() {
			of := machine{Name: m.Name, Of: m.Name, System: arch + "-linux", Image: m.Name + "-image"}
			if m.Guest.ArchOfHost() {
				of.Name += "-" + arch
			}
			f.Machines = append(f.Machines, of)
		}
	}
	slices.SortFunc(f.Flakes, func(a, b loaded) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Machines, func(a, b machine) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range f.Machines {
		at := slices.IndexFunc(f.Systems, func(s system) bool { return s.Name == m.System })
		if at < 0 {
			at = len(f.Systems)
			f.Systems = append(f.Systems, system{Name: m.System})
		}
		f.Systems[at].Machines = append(f.Systems[at].Machines, m)
	}
	slices.SortFunc(f.Systems, func(a, b system) int { return strings.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(maps.Keys(taken)) {
		f.Inputs = append(f.Inputs, taken[name])
	}
	return f
}

// inputs of the fleet, by name.
type inputs map[string]input

// add takes in those of a machine: one that the fleet has already, or else one under its own
// name, or, where that is another's, with the machine's before it, as often as it takes. It gives the names.
func (all inputs) add(machine string, mine []flake.Input) map[string]string {
	names := map[string]string{}
	byName := map[string]flake.Input{}
	for _, in := range mine {
		byName[in.Name] = in
	}
	var take func(in flake.Input)
	take = func(in flake.Input) {
		if names[in.Name] != "" {
			return
		}
		names[in.Name] = in.Name // a circle ends here
		one := input{Name: in.Name, URL: in.URL, Plain: in.Plain}
		for _, name := range slices.Sorted(maps.Keys(in.Follows)) {
			first, rest, deep := strings.Cut(in.Follows[name], "/")
			if other, there := byName[first]; there {
				take(other)
				first = names[first]
			}
			if deep {
				first += "/" + rest
			}
			one.Follows = append(one.Follows, follow{name, first})
		}
		for other, taken := all[one.Name]; taken && !same(other, one); other, taken = all[one.Name] {
			one.Name = machine + "-" + one.Name
		}
		names[in.Name], all[one.Name] = one.Name, one
	}
	for _, in := range mine {
		take(in)
	}
	return names
}

func same(a, b input) bool {
	return a.URL == b.URL && a.Plain == b.Plain && slices.Equal(a.Follows, b.Follows)
}
