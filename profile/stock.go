package profile

import (
	"slices"
	"strconv"
	"strings"
)

// Stock is what is known of a package on a system.
type Stock int

// What is known.
const (
	Lacking Stock = iota // looked up, and not there
	Unsure               // nobody looked, and what was looked up gives reason to doubt
	InStock              // looked up and there, or nothing speaks against it
)

// In reports whether the offer's index has it in a release for a processor.
func (o Offer) In(release, arch string) bool {
	for _, not := range o.Not {
		r, a, both := strings.Cut(not, "/")
		if not == release || not == arch || both && r == release && a == arch {
			return false
		}
	}
	return true
}

// stock says whether one of the offers is there. Where a release's own index was not
// looked up, those of its neighbours must agree on it.
func stock(offers []Offer, s System, release, arch string) Stock {
	indexes := s.release(release).Indexes
	if len(indexes) == 0 {
		indexes = []string{""}
	}
	has := 0
	for _, index := range indexes {
		if anyIn(offers, index, arch) {
			has++
		}
	}
	switch {
	case has == len(indexes):
		return InStock
	case s.Index == "":
		return Unsure
	}
	return Lacking
}

func anyIn(offers []Offer, release, arch string) bool {
	return slices.ContainsFunc(offers, func(o Offer) bool { return o.In(release, arch) })
}

// Stock says whether a system's release has the package for a processor.
func (e Entry) Stock(s System, release, arch string) Stock {
	offers := e.Offers[s.Manager.Column]
	if len(offers) == 0 {
		return Lacking
	}
	return stock(offers, s, release, arch)
}

// byHand are the map's offers behind names that a profile gives by hand, such as
// docker-cli|docker.io; none where it does not know all of them.
func byHand(column, names string) (out []Offer) {
	for name := range strings.SplitSeq(names, "|") {
		before := len(out)
		for _, e := range Packages() {
			for _, o := range e.Offers[column] {
				if o.Name == name && len(out) == before {
					out = append(out, o)
				}
			}
		}
		if len(out) == before {
			return nil
		}
	}
	return out
}

// Names are those under which a system's release may have the package: of those
// that were looked up, the first that is there.
func (e Entry) Names(s System, release, arch string) string {
	for _, o := range e.Offers[s.Manager.Column] {
		if s.Index != "" && stock([]Offer{o}, s, release, arch) == InStock {
			return o.Name
		}
	}
	return e.For(s)
}

// place words where a package is missing: "debian 13", or "guix on aarch64" where
// another processor has it.
func (e Entry) place(s System, release, arch string) string {
	at := strings.TrimSpace(s.Name + " " + release)
	for _, other := range Arches() {
		if e.Stock(s, release, other) == InStock {
			return at + " on " + arch
		}
	}
	return at
}

// elsewhere words what would have the package: the other processor, another
// release, other systems. Empty: nothing that was looked up.
func (e Entry) elsewhere(s System, release, arch string) string {
	var ways, others, out []string
	for _, other := range Arches() {
		if e.Stock(s, release, other) == InStock {
			ways = append(ways, "guest.arch: "+other)
		}
	}
	for _, r := range s.Releases {
		if r.Ended == "" && e.Stock(s, r.Name, arch) == InStock {
			ways = append(ways, "guest.release: "+strconv.Quote(r.Name))
		}
	}
	for _, other := range Systems() {
		newest := ""
		if len(other.Releases) > 0 {
			newest = other.Latest()
		}
		if other.Name != s.Name && other.Index != "" && e.Stock(other, newest, arch) == InStock {
			others = append(others, strings.TrimSpace(other.Name+" "+newest))
		}
	}
	if len(ways) > 0 {
		out = append(out, strings.Join(ways, " or ")+" has it")
	}
	if len(others) > 0 {
		out = append(out, "it is packaged for "+strings.Join(others, ", "))
	}
	return strings.Join(out, "; ")
}

// LackedBy are the systems whose index has the package under no name of the map,
// though it has one for them: "debian 13", "guix on aarch64".
func (e Entry) LackedBy() (out []string) {
	for _, s := range Systems() {
		if s.Index == "" || len(e.Offers[s.Manager.Column]) == 0 {
			continue
		}
		releases := s.ReleaseNames()
		if len(releases) == 0 {
			releases = []string{""}
		}
		for _, release := range releases {
			for _, arch := range Arches() {
				if e.Stock(s, release, arch) == Lacking {
					out = append(out, e.place(s, release, arch))
				}
			}
		}
	}
	return slices.Compact(out)
}
