package verify

import (
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// accessRows are the ways into the guest.
func accessRows(p *profile.Profile) []Check {
	alias := p.SSHAlias()
	silent := say("the guest does not answer: it hangs, or its ssh server does")
	restart := say("%s, then %s", vmloom("stop"), vmloom("up"))
	answers := Check{
		ID: reached, Title: "the guest answers", Not: "the guest does not answer", Field: "guest", Side: Host, Needs: []string{runBy(p).started}, State: true, Way: true,
		Because: silent, Cure: restart.Then("; ", say("see %s", runBy(p).serial(p))),
		steps: func(s *Site) []process.Step { return []process.Step{{Cmd: inside(p, s, "uname", "-s")}} },
		judge: isLinux,
	}
	rows := append([]Check{answers}, runBy(p).ways(p)...)
	rows = append(rows, wayRow(p, Check{
		ID: "access/ssh-config", Title: "ssh reaches the guest by the file that is written at each start", Not: "ssh does not reach the guest by the file that is written at each start", Field: "guest.user", Needs: []string{reached},
		Because: silent, Cure: restart,
	}, func(s *Site) []string { return runBy(p).ssh(p, s) }))
	if p.Wants("ssh") {
		rows = append(rows, wayRow(p, Check{
			ID: "access/ssh", Title: "ssh " + alias + " reaches the guest", Not: "ssh " + alias + " does not reach the guest", Field: "name", Needs: []string{"access/ssh-config"},
			Because: say("%s does not include %s, or something before it in that file takes the name", "~/.ssh/config", "generated/"+p.Name+"/ssh/config"), Cure: callUp,
		}, func(*Site) []string {
			return []string{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", alias}
		}))
	}
	return rows
}

// limaWays is the plain command lima, which reaches the instance of one name.
func limaWays(p *profile.Profile) []Check {
	if p.Lima.Instance != lima.Default {
		return nil
	}
	return []Check{wayRow(p, Check{
		ID: "access/lima", Title: "lima opens a shell in the guest", Not: "lima opens no shell in the guest", Field: "lima.instance", Needs: []string{reached},
		Because: say("the script %s, which comes with %s, is not on the PATH, or %s names another instance", "lima", "limactl", "LIMA_INSTANCE"),
		Cure:    say("put it beside %s, and %s", "limactl", "unset LIMA_INSTANCE"),
	}, func(*Site) []string { return []string{"lima"} })}
}

// bootID is a file that no two machines have alike, nor one after a restart.
const bootID = "/proc/sys/kernel/random/boot_id"

// wayRow is a row of a way into the guest: what answers there must be the guest
// that answers to its runner, and not some other machine.
func wayRow(p *profile.Profile, c Check, way func(*Site) []string) Check {
	c.Side, c.Way = Host, true
	c.steps = func(s *Site) []process.Step {
		return []process.Step{{Cmd: inside(p, s, "cat", bootID)}, {Cmd: process.Cmd{Args: append(way(s), "cat", bootID)}}}
	}
	c.judge = sameGuest
	return c
}

func sameGuest(_ *Site, a []answer) verdict {
	switch {
	case a[0].lost != "":
		return unknown("%s", a[0].lost)
	case !a[0].ok():
		return mute(a[0])
	case !a[1].ok():
		return bad("%s", a[1].why())
	case lastLine(a[1].out) != lastLine(a[0].out):
		return bad("another machine answers there")
	}
	return good("this very guest answers")
}

func isLinux(_ *Site, answers []answer) verdict {
	switch a := answers[0]; {
	case !a.ok():
		return bad("%s", a.why()).of(Silent)
	case lastLine(a.out) != "Linux":
		return bad("answers %q", lastLine(a.out)).of(Silent)
	}
	return good("Linux")
}
