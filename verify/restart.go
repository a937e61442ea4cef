package verify

import (
	"context"
	"strings"
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
	file := func(s *Site) string { return shWord(p.Guest.User.Home + "/" + markerName + "restart-" + s.Token) }
	lost := say("the home is on the system's disk, or was not mounted again")
	rows := []Check{
		{
			ID: "restart/before", Title: "before the restart: a file is written to the home", Not: "before the restart: no file could be written to the home", Field: "guest.user.home", Side: Guest, Needs: []string{"home/writable"},
			Because: say("the home cannot be written"), Cure: callRepair,
			steps: func(s *Site) []process.Step {
				// With it goes which start of the guest this is.
				return []process.Step{guestStep(p, s, "echo "+s.Token+" | cat "+bootID+" - >"+file(s)+" && sync && echo written")}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch {
				case !a[0].ok():
					return bad("%s", a[0].why())
				case lastLine(a[0].out) != "written":
					return mute(a[0])
				}
				return good("written")
			},
		},
		{
			ID: "restart/stop", Title: "the VM stops in order", Not: "the VM does not stop in order", Field: "runner", Side: Host, Needs: []string{"restart/before"}, Timeout: 6 * time.Minute,
			See: say("%s takes minutes", "stop"), Because: say("the guest was still booting and did not hear the power button"),
			look: func(ctx context.Context, s *session) verdict { return byScript(ctx, s, p, "stop", false) },
		},
		{
			ID: "restart/start", Title: "the VM starts again", Not: "the VM does not start again", Field: "runner", Side: Host, Needs: []string{"restart/stop"}, Timeout: 25 * time.Minute,
			Because: say("a promise of this set-up does not hold: the last words of %s say which", vmloom("up")), Cure: callUp,
			look: func(ctx context.Context, s *session) verdict { return byScript(ctx, s, p, "create", true) },
		},
		{
			ID: "restart/home", Title: "after the restart: the file is still there", Not: "after the restart: the file is not there as it was", Field: "home.disk", Side: Guest, Needs: []string{"restart/start"},
			Because: lost, Cure: callRebuild,
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "cat "+file(s)+" "+bootID), cleanup(insideSh(p, s, "rm -f "+file(s)))}
			},
			judge: func(s *Site, a []answer) verdict {
				switch was := strings.Fields(a[0].out); {
				case !a[0].ok():
					return bad("%s", a[0].why())
				case len(was) != 3 || was[1] != s.Token:
					return bad("it says something else")
				case was[0] == was[2]:
					return bad("it is there, and the guest was not started anew")
				}
				return good("as it was written")
			},
		},
	}
	for _, k := range p.ToGuest() {
		rows = append(rows, Check{
			ID: "restart/socket/" + k.Name, Title: k.Name + ": forwarded again after the restart", Not: k.Name + ": not forwarded again after the restart", Field: "sockets", Side: Guest, Needs: []string{"restart/start"}, Timeout: time.Minute,
			Because: say("the forward was not recreated"), Cure: callRepair,
			look: func(ctx context.Context, s *session) verdict {
				var v verdict
				for range 5 { // Lima makes them while the guest still starts
					if v = listens(s.Site, []answer{s.askAgain(ctx, insideSh(p, s.Site, listenerLine(k.Guest)))}); v.status == OK {
						break
					}
					s.pause(ctx, 2*time.Second)
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

// byScript runs a generated script, and looks whether the VM then runs as it should.
func byScript(ctx context.Context, s *session, p *profile.Profile, verb string, runs bool) verdict {
	a := s.askAgain(ctx, process.Cmd{Args: []string{"sh", s.Generated + "/scripts/" + p.Name + "-" + verb + ".sh"}})
	switch {
	case a.status > 0:
		return bad("%s", a.why())
	case !a.ok():
		return noWord(verb, a.why())
	}
	for _, c := range instanceRows(p) {
		if c.ID != "instance/running" {
			continue
		}
		switch v := c.verdict(ctx, newSession(s.Site)); {
		case v.status == Unknown:
			return v
		case runs && v.status != OK, !runs && v.vm != Stopped:
			return bad("%s ended well, and the VM: %s", verb, v.seen)
		}
	}
	return good("%s", orNothing(message(lastLine(a.talk))))
}
