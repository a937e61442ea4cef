package profile

import (
	_ "embed"
	"encoding/csv"
	"reflect"
	"strings"
	"sync"
)

// The package map: one name for all systems. docs/packages.md says how a cell
// reads and which index its names were looked up in.
//
//go:embed packages.csv
var packagesCSV string

// Entry is a row of the package map.
type Entry struct {
	// Package has the names as a profile would give them by hand.
	Package
	// Also are commands of the package and other words for it.
	Also []string
	// Offers of each column, the preferred one first; none: not packaged there.
	Offers map[string][]Offer
}

// Offer is a package manager's own name of a package.
type Offer struct {
	// Name as the manager has it.
	Name string
	// Not says where its index lacks the name: in a release "12", for a processor
	// "aarch64", or for that processor in that release "12/aarch64".
	Not []string
}

// ParseOffer reads NAME!NOT!NOT.
func ParseOffer(text string) Offer {
	parts := strings.Split(text, "!")
	return Offer{Name: parts[0], Not: parts[1:]}
}

// String writes the offer as packages.csv has it.
func (o Offer) String() string { return strings.Join(append([]string{o.Name}, o.Not...), "!") }

var packageMap = sync.OnceValue(func() []Entry {
	rows, err := csv.NewReader(strings.NewReader(packagesCSV)).ReadAll()
	if err != nil {
		panic("packages.csv: " + err.Error()) // embedded and read by a test
	}
	columns := fieldsOf(reflect.TypeFor[Package]()).byName
	out := make([]Entry, 0, len(rows))
	for _, r := range rows[1:] {
		e := Entry{Package: Package{Name: r[0]}, Offers: map[string][]Offer{}}
		names := reflect.ValueOf(&e.Package).Elem()
		for i, column := range rows[0] {
			f, own := columns[column]
			switch {
			case r[i] == "":
			case own:
				var plain []string
				for cell := range strings.SplitSeq(r[i], "|") {
					o := ParseOffer(cell)
					e.Offers[column] = append(e.Offers[column], o)
					plain = append(plain, o.Name)
				}
				names.Field(f.index).SetString(strings.Join(plain, "|"))
			case column == "also":
				e.Also = strings.Split(r[i], "|")
			}
		}
		out = append(out, e)
	}
	return out
})

// Packages is the package map, in its own order.
func Packages() []Entry { return packageMap() }

// LookupPackage finds a package by its name in the package map.
func LookupPackage(name string) (Entry, bool) {
	for _, e := range Packages() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

func (p *Package) fill() {
	if known, ok := LookupPackage(p.Name); ok && p.Name != "" {
		*p = known.Package
	}
}
