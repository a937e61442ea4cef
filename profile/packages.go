package profile

import (
	_ "embed"
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

// packageRow is a line of the package map. What its cells hold is read where somebody asks for the package: a profile
// names a few of some hundred.
type packageRow struct {
	line  string
	entry once[Entry]
}

type packageTable struct {
	columns []string
	rows    []packageRow
	byName  map[string]*packageRow
}

var packageRows = sync.OnceValue(func() packageTable {
	head, lines, _ := strings.Cut(strings.TrimSuffix(packagesCSV, "\n"), "\n")
	n := strings.Count(lines, "\n") + 1
	t := packageTable{strings.Split(head, ","), make([]packageRow, 0, n), make(map[string]*packageRow, n)}
	for line := range strings.SplitSeq(lines, "\n") {
		t.rows = append(t.rows, packageRow{line: line})
		name, _, _ := strings.Cut(line, ",")
		t.byName[name] = &t.rows[len(t.rows)-1]
	}
	return t
})

// read gives what a line says; a test holds that none has a quote.
func (r *packageRow) read() Entry {
	return r.entry.by(func() Entry {
		cells := strings.Split(r.line, ",")
		columns := fieldsOf(reflect.TypeFor[Package]()).byName
		e := Entry{Package: Package{Name: cells[0]}, Offers: map[string][]Offer{}}
		names := reflect.ValueOf(&e.Package).Elem()
		for i, column := range packageRows().columns {
			f, own := columns[column]
			switch {
			case cells[i] == "":
			case own:
				var plain []string
				for cell := range strings.SplitSeq(cells[i], "|") {
					o := ParseOffer(cell)
					e.Offers[column] = append(e.Offers[column], o)
					plain = append(plain, o.Name)
				}
				names.Field(f.index).SetString(strings.Join(plain, "|"))
			case column == "also":
				e.Also = strings.Split(cells[i], "|")
			}
		}
		return e
	})
}

var packageMap = sync.OnceValue(func() []Entry {
	rows := packageRows().rows
	out := make([]Entry, len(rows))
	for i := range rows {
		out[i] = rows[i].read()
	}
	return out
})

// Packages is the package map, in its own order.
func Packages() []Entry { return packageMap() }

// LookupPackage finds a package by its name in the package map.
func LookupPackage(name string) (Entry, bool) {
	if row := packageRows().byName[name]; row != nil {
		return row.read(), true
	}
	return Entry{}, false
}

func (p *Package) fill() {
	if known, ok := LookupPackage(p.Name); ok && p.Name != "" {
		*p = known.Package
	}
}
