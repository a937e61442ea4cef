package profile

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"
)

// The package map: one name for all systems. The guix names were checked
// against Guix 1.5, the Debian ones against Debian 12; the nix names are
// nixpkgs' attribute paths. An empty cell means: not packaged there.
//
//go:embed packages.csv
var packagesCSV string

var packageMap = sync.OnceValue(func() []Package {
	rows, err := csv.NewReader(strings.NewReader(packagesCSV)).ReadAll()
	if err != nil {
		panic("packages.csv: " + err.Error()) // embedded and read by a test
	}
	var out []Package
	for _, r := range rows[1:] {
		out = append(out, Package{Name: r[0], Nix: r[1], Guix: r[2], Apt: r[3]})
	}
	return out
})

// Packages is the package map, in its own order.
func Packages() []Package { return packageMap() }

// LookupPackage finds a name of the package map.
func LookupPackage(name string) (Package, bool) {
	for _, p := range Packages() {
		if p.Name == name {
			return p, true
		}
	}
	return Package{}, false
}

// NearPackages gives names of the package map that are likely meant by got,
// also where got is a system's own name.
func NearPackages(got string) []string {
	var names []string
	for _, p := range Packages() {
		if got != "" && (p.Nix == got || p.Guix == got || p.Apt == got) {
			return []string{p.Name}
		}
		names = append(names, p.Name)
	}
	return Near(got, names, 3)
}

func (p *Package) fill() {
	if known, ok := LookupPackage(p.Name); ok && p.Name != "" {
		*p = known
	}
}

// For is the package's name on a guest system (nixos, guix, ubuntu, debian);
// empty where it is not packaged there.
func (p Package) For(system string) string {
	switch system {
	case "nixos":
		return p.Nix
	case "guix":
		return p.Guix
	default:
		return p.Apt
	}
}
