package verify

import (
	"slices"
	"strings"
	"vmloom/process"
	"vmloom/profile"
)

// packageRows look for the packages of a system that installs them by name; those
// of NixOS and Guix belong to the system itself.
func packageRows(p *profile.Profile) []Check {
	manager := p.System().Manager
	if len(p.Guest.Packages) == 0 || len(manager.List) == 0 {
		return nil
	}
	return inGuest(Check{
		ID: "packages", Title: "the guest's packages are installed", Not: "packages of the guest are not installed", Field: "guest.packages",
		Because: say("no network at its first start, or a name that this release does not have"), Cure: say("see %s in the guest, then %s and %s", "/var/log/cloud-init-output.log", vmloom("stop"), vmloom("up")),
		steps: func(s *Site) []process.Step {
			return []process.Step{{Cmd: inside(p, s, manager.List...)}}
		},
		judge: func(_ *Site, a []answer) verdict {
			installed := map[string]bool{}
			for entry := range strings.SplitSeq(a[0].out, ";") {
				if name, ok := strings.CutSuffix(strings.TrimSpace(entry), " installed"); ok {
					installed[name] = true
				}
			}
			var missing []string
			for _, pkg := range p.Guest.Packages {
				wanted := pkg.For(p.System())
				if !slices.ContainsFunc(strings.Split(wanted, "|"), func(name string) bool { return installed[name] }) {
					missing = append(missing, wanted)
				}
			}
			switch {
			case !a[0].ok():
				return mute(a[0])
			case len(missing) > 0:
				return bad("missing: %s", strings.Join(missing, ", "))
			}
			return good("%d", len(p.Guest.Packages))
		},
	})
}
