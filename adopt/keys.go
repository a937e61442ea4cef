package adopt

import (
	"vmloom/lima"
	"vmloom/profile"
)

// checkKeys finds keys that Lima does not know, of which it warns in its log alone,
// and those that go away some day.
func (a *Adoption) checkKeys() {
	for _, p := range lima.Check(a.root) {
		switch p.Fault {
		case lima.UnknownKey:
			cure := "remove it"
			if near := profile.Near(p.Node.Value, p.Want, 1); len(near) > 0 {
				cure = "write " + near[0] + " if that is meant"
			}
			a.at(p.Node, "unknown-key", clean(p.Node.Value)+": no key of Lima: it does nothing, and limactl validate still says OK", cure)
		case lima.OldKey:
			a.at(p.Node, "deprecated", p.Node.Value+": deprecated or experimental", "instead: "+p.Want[0])
		}
	}
}
