package profile

import (
	_ "embed"
	"encoding/csv"
	"reflect"
	"strings"
	"sync"
)

// The package map: one name for all systems. The guix names were checked
// against Guix 1.5, the Debian ones against Debian 12; the nix names are
// nixpkgs' attribute paths; of Fedora there are those that releases 41 to 44 share for sure. An empty cell means: not packaged there.
//
//go:embed packages.csv
var packagesCSV string

var packageMap = sync.OnceValue(func() []Package {
	rows, err := csv.NewReader(strings.NewReader(packagesCSV)).ReadAll()
	if err != nil {
		panic("packages.csv: " + err.Error()) // embedded and read by a test
	}
	var out []Package
	columns := fieldsOf(reflect.TypeFor[Package]()).byName
	for _, r := range rows[1:] {
		p := Package{Name: r[0]}
		for i, name := range rows[0][1:] {
			reflect.ValueOf(&p).Elem().Field(columns[name].index).SetString(r[i+1])
		}
		out = append(out, p)
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
	if name, ok := byOwnName()[got]; ok {
		return []string{name}
	}
	var names []string
	for _, p := range Packages() {
		names = append(names, p.Name)
	}
	return Near(got, names, 3)
}

// byOwnName gives the first package of the map that a system calls so.
var byOwnName = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, p := range Packages() {
		for _, column := range PackageColumns() {
			if own := p.In(column); own != "" && names[own] == "" {
				names[own] = p.Name
			}
		}
	}
	return names
})

func (p *Package) fill() {
	if known, ok := LookupPackage(p.Name); ok && p.Name != "" {
		*p = known
	}
}
