package verify

import (
	"regexp"
	"slices"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// containerRows ask the guest's engine as its user does, and look for the user's groups.
func containerRows(p *profile.Profile) (rows []Check) {
	because := say("the VM was made before the profile was changed, or had no network at its first start")
	if e, ok := p.Engine(); ok {
		rows = append(rows, Check{
			ID: "guest/containers", Title: e.Title + " of the guest answers you", Not: e.Title + " of the guest does not answer you", Field: "guest.containers",
			Because: because, Cure: callApply,
			steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, e.Asked(p.System()))} },
			judge: func(_ *Site, a []answer) verdict {
				switch got := strings.TrimSpace(a[0].out); {
				case !a[0].ok():
					return bad("%s", a[0].why())
				case !regexp.MustCompile(e.Says).MatchString(got): // compiled for an answer: guides are made of these rows, too
					return bad("it says %s", orNothing(lastLine(got)))
				}
				return good("%s", e.Name)
			},
		})
	}
	if len(p.Guest.Groups) > 0 {
		rows = append(rows, Check{
			ID: "user/groups", Title: "you are in your groups there", Not: "you are not in all your groups there", Field: "guest.groups", Because: because, Cure: callApply,
			steps: func(s *Site) []process.Step {
				return []process.Step{{Cmd: inside(p, s, "id", "-nG", p.Guest.User.Name)}, {Cmd: inside(p, s, "id", "-nG")}}
			},
			judge: inGroups(p.Guest.Groups),
		})
	}
	return inGuest(rows...)
}

// inGroups tells from a user's groups, and from those that a session of his has: one that is older lacks the new.
func inGroups(wanted []string) func(*Site, []answer) verdict {
	all := strings.Join(wanted, ", ")
	return func(_ *Site, a []answer) verdict {
		last := a[len(a)-1]
		if !last.ok() || last.out == "" || len(a) < 2 {
			return mute(last)
		}
		has, session := strings.Fields(a[0].out), strings.Fields(last.out)
		lacking := func(in, of []string) []string {
			return slices.DeleteFunc(slices.Clone(of), func(name string) bool { return slices.Contains(in, name) })
		}
		switch missing := lacking(has, wanted); {
		case len(missing) > 0:
			return bad("missing: %s", strings.Join(missing, ", "))
		case len(lacking(has, session)) > 0: // which are no groups of his
			return mute(last)
		case len(lacking(session, wanted)) > 0:
			return good("%s, in sessions of a connection that is newer than they are", all)
		}
		return good("%s", all)
	}
}
