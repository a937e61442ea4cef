package verify

import (
	"context"
	"time"

	"vmloom/process"
	"vmloom/profile"
)

// restartRows stop the VM in order and start it again, by the generated scripts,
// and look whether what should outlive that is there.
func restartRows(p *profile.Profile) []Check {
	if !p.Wants("scripts") {
		return nil
	}
	marker := func(s *Site) string { return shWord(p.Guest.User.Home + "/.vmloom-verify-restart-" + s.Token) }
	script := func(verb string) func(*Site) []process.Step {
		return func(s *Site) []process.Step {
			return []process.Step{{Cmd: process.Cmd{Args: []string{"sh", s.Generated + "/scripts/" + p.Name + "-" + verb + ".sh"}}}}
		}
	}
	done := func(_ *Site, a []answer) verdict {
		if !a[0].ok() {
			return bad("%s", a[0].why())
		}
		return good("%s", orNothing(message(lastLine(a[0].talk))))
	}
	lost := say("the home is on the system's disk, or was not mounted again")
	rows := []Check{
		{
			ID: "restart/before", Title: "before the restart: a file is written to the home", Not: "before the restart: no file could be written to the home", Field: "guest.user.home", Side: Guest, Needs: []string{"home/writable"},
			Because: say("the home cannot be written"), Cure: callRepair,
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "echo "+s.Token+" >"+marker(s)+" && sync")}
			},
			judge: func(_ *Site, a []answer) verdict {
				if !a[0].ok() {
					return bad("%s", a[0].why())
				}
				return good("written")
			},
		},
		{
			ID: "restart/stop", Title: "the VM stops in order", Not: "the VM does not stop in order", Field: "runner", Side: Host, Needs: []string{"restart/before"}, Timeout: 6 * time.Minute,
			See: say("%s takes minutes", "stop"), Because: say("the guest was still booting and did not hear the power button"),
			steps: script("stop"), judge: done,
		},
		{
			ID: "restart/start", Title: "the VM starts again", Not: "the VM does not start again", Field: "runner", Side: Host, Needs: []string{"restart/stop"}, Timeout: 25 * time.Minute,
			Because: say("a promise of this set-up does not hold: the last words of %s say which", vmloom("up")), Cure: callUp,
			steps: script("create"), judge: done,
		},
		{
			ID: "restart/home", Title: "after the restart: the file is still there", Not: "after the restart: the file is not there as it was", Field: "home.disk", Side: Guest, Needs: []string{"restart/start"},
			Because: lost, Cure: callRebuild,
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "cat "+marker(s)), cleanup(insideSh(p, s, "rm -f "+marker(s)))}
			},
			judge: func(s *Site, a []answer) verdict {
				if got := lastLine(a[0].out); got != s.Token {
					return bad("%s", a[0].why())
				}
				return good("as it was written")
			},
		},
	}
	for _, k := range p.Sockets {
		rows = append(rows, Check{
			ID: "restart/socket/" + k.Name, Title: k.Name + ": forwarded again after the restart", Not: k.Name + ": not forwarded again after the restart", Field: "sockets", Side: Guest, Needs: []string{"restart/start"}, Timeout: time.Minute,
			Because: say("the forward was not recreated"), Cure: callRepair,
			look: func(ctx context.Context, s *session) verdict {
				v := bad("the guest does not say")
				for range 5 { // Lima makes them while the guest still starts
					if v = listens(s.Site, []answer{s.askAgain(ctx, insideSh(p, s.Site, listenerLine(k.Guest)))}); v.status == OK {
						break
					}
					pause(ctx, 2*time.Second)
				}
				return v
			},
		})
	}
	for i := range rows {
		rows[i].Restart = true
	}
	return rows
}
