package verify

import (
	"context"
	"fmt"

	"vmloom/profile"
)

// sizeRows hold what the VM wants to what the host has. A host that does not say
// how large it is, is not asked.
func sizeRows(p *profile.Profile) []Check {
	if p == nil {
		return nil
	}
	row := func(id, what, field string, look func(*Site) verdict) Check {
		return Check{
			ID: id, Title: "the host has the VM's " + what, Not: "the host has less than the VM's " + what, Field: field, Side: Host,
			Because: say("a VM that is larger than its host does not start, or starves it"), Cure: say("write less into %s", field),
			look: func(_ context.Context, s *session) verdict { return look(s.Site) },
		}
	}
	rows := []Check{
		row("size/memory", "memory", "resources.memory", func(s *Site) verdict {
			has := fmt.Sprintf("%.1f GiB", gib(s.Memory))
			switch want := p.Resources.Memory.On(s.Memory); {
			case s.Memory == 0:
				return skip("the host does not say")
			case int64(want) >= s.Memory:
				return bad("%s, and the profile wants %s", has, want)
			case p.Resources.Memory.Share > 0:
				return good("%s; the VM's share is %s", has, want)
			}
			return good("%s", has)
		}),
	}
	if p.UnderLima() { // the scripts of QEMU give it no more than the host has
		rows = append(rows, row("size/cpus", "processors", "resources.cpus", func(s *Site) verdict {
			switch want := p.Resources.CPUs.On(s.CPUs); {
			case s.CPUs == 0:
				return skip("the host does not say")
			case want > s.CPUs:
				return bad("%d, and the profile wants %d", s.CPUs, want)
			case p.Resources.CPUs.Share > 0:
				return good("%d; the VM's share is %d", s.CPUs, want)
			}
			return good("%d", s.CPUs)
		}))
	}
	return rows
}
