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
	release, arch := p.Guest.Release, p.Guest.Arch
	at := strings.TrimSpace(s.Name + " " + release)
	named := false
	for i, pkg := range p.Guest.Packages {
		named = named || pkg.Name != ""
		path := item("guest.packages", i)
		if e, known := LookupPackage(pkg.Name); known {
			if e.Stock(s, release, arch) == Unsure {
				l.warn("package-unverified", path, fmt.Sprintf("whether %s has %s was not looked up, and %s", at, strconv.Quote(e.Name), e.doubt(s, release, arch)),
					"once the VM runs, vmloom verify tells; {"+s.Manager.Column+": NAME} names another by hand")
			}
			continue
		}
		if offers := byHand(s.Manager.Column, pkg.For(s)); len(offers) > 0 && stock(offers, s, release, arch) == Lacking {
			l.warn("package-lacking", path, fmt.Sprintf("%s has no %s for %s (%s)", at, pkg.For(s), arch, s.Index), "leave it out, unless a channel or repository of your own brings it")
		}
	}
	if named && s.SetUp == ByGuix && !strings.HasPrefix(s.Index, "Guix "+p.Guix.Version+".") {
		l.warn("package-unverified", "guix.version", fmt.Sprintf("the package map was looked up in %s, and Guix %s lacks some of its names", s.Index, p.Guix.Version),
			"guix show there tells; {guix: NAME} names another by hand")
	}
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
