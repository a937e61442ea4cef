package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// packages warns of those that a guest may lack for all that is known: where its
// release's own index was not looked up, or where a name was given by hand.
func (l *linter) packages() {
	p, s := l.p, l.p.System()
	named := false
	for i, pkg := range p.Guest.Packages {
		named = named || pkg.Name != ""
		for _, arch := range p.Guest.Arches() {
			if l.unsure(item("guest.packages", i), pkg, arch) {
				break
			}
		}
	}
	if named && s.SetUp == ByGuix && !strings.HasPrefix(s.Index, "Guix "+p.Guix.Version+".") {
		l.warn("package-unverified", "guix.version", fmt.Sprintf("the package map was looked up in %s, and Guix %s lacks some of its names", s.Index, p.Guix.Version),
			"guix show there tells; {guix: NAME} names another by hand")
	}
}

// unsure warns of a package on a processor, and reports whether it did.
func (l *linter) unsure(path string, pkg Package, arch string) bool {
	s, release := l.p.System(), l.p.Guest.Release
	at := strings.TrimSpace(s.Name + " " + release)
	if e, known := LookupPackage(pkg.Name); known {
		if e.Stock(s, release, arch) != Unsure {
			return false
		}
		l.warn("package-unverified", path, fmt.Sprintf("whether %s has %s was not looked up, and %s", at, strconv.Quote(e.Name), e.doubt(s, release, arch)),
			"once the VM runs, vmloom verify tells; {"+s.Manager.Column+": NAME} names another by hand")
		return true
	}
	offers := byHand(s.Manager.Column, pkg.For(s))
	if len(offers) == 0 || stock(offers, s, release, arch) != Lacking {
		return false
	}
	l.warn("package-lacking", path, fmt.Sprintf("%s has no %s for %s (%s)", at, pkg.For(s), arch, s.Index), "leave it out, unless a channel or repository of your own brings it")
	return true
}

// doubt words what the indexes looked up instead say.
func (e Entry) doubt(s System, release, arch string) string {
	var lacking []string
	for _, index := range s.release(release).Indexes {
		if !anyIn(e.Offers[s.Manager.Column], index, arch) {
			lacking = append(lacking, "Debian "+index)
		}
	}
	return strings.Join(lacking, " and ") + " has none"
}
