package profile

import (
	"path"
	"strings"
)

// OwnFiles are the user's own files that the flake reads, as the profile names them, with the fields that do.
func (n Nix) OwnFiles() (files, fields []string) {
	for i, m := range n.Modules {
		files, fields = append(files, m), append(fields, item("nix.modules", i))
	}
	return files, fields
}

// HasOwnNix reports whether the flake reads files of the user's.
func (p *Profile) HasOwnNix() bool {
	files, _ := p.Nix.OwnFiles()
	return len(files) > 0
}

// lowestRoot is the lowest directory, seen from the profile's, that has all files of the user's.
func (n Nix) lowestRoot() string {
	files, _ := n.OwnFiles()
	up := 0
	for _, f := range files {
		up = max(up, above(f))
	}
	if up == 0 {
		return "."
	}
	return strings.TrimSuffix(strings.Repeat("../", up), "/")
}

// InRoot reports whether a file, relative to the profile's directory, lies in the flake's root.
func (n Nix) InRoot(file string) bool { return above(file) <= above(n.Root) }

// above is how many directories up a relative path goes.
func above(file string) int {
	clean := path.Clean(file) + "/"
	return strings.Count(clean[:len(clean)-len(strings.TrimLeft(clean, "./"))], "../")
}

func (p *Profile) validateNix(d *decoder) {
	files, fields := p.Nix.OwnFiles()
	for i, f := range files {
		if d.given("nix.root") && !d.wrong["nix.root"] && !p.Nix.InRoot(f) {
			d.bad(fields[i], "lies outside of nix.root", "nix: {root: "+p.Nix.lowestRoot()+"} has all of them")
		}
	}
}
