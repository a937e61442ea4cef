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
			has := fmt.Sprintf("%.1f GiB", float64(s.Memory)/(1<<30))
			switch want := int64(p.Resources.Memory); {
			case s.Memory == 0:
				return skip("the host does not say")
			case want >= s.Memory:
				return bad("%s, and the profile wants %s", has, p.Resources.Memory)
			}
			return good("%s", has)
		}),
	}
	if p.UnderLima() { // the scripts of QEMU give it no more than the host has
		rows = append(rows, row("size/cpus", "processors", "resources.cpus", func(s *Site) verdict {
			switch want := p.Resources.CPUs; {
			case s.CPUs == 0:
				return skip("the host does not say")
			case want > s.CPUs:
				return bad("%d, and the profile wants %d", s.CPUs, want)
			}
			return good("%d", s.CPUs)
		}))
	}
	return rows
}
