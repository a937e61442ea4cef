package verify

import (
	"context"
	"slices"
	"strings"

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
	}, byFile(p)))
	if p.Wants("ssh") {
		rows = append(rows, aliasRow(p, Check{
			ID: "access/ssh", Title: "ssh " + alias + " reaches the guest", Not: "ssh " + alias + " does not reach the guest", Field: "name", Needs: []string{"access/ssh-config"},
			Because: say("%s does not include %s, or something before it in that file takes the name", "~/.ssh/config", "generated/"+p.Name+"/ssh/config"), Cure: callUp,
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
	}, func(*Site) process.Cmd { return process.Cmd{Args: []string{"lima", "cat", bootID}} })}
}

// bootID is a file that no two machines have alike, nor one after a restart.
const bootID = "/proc/sys/kernel/random/boot_id"

// wayRow is a row of a way into the guest: what answers there must be the guest
// that answers to its runner, and not some other machine.
func wayRow(p *profile.Profile, c Check, boot func(*Site) process.Cmd) Check {
	c.Side, c.Way = Host, true
	c.steps = func(s *Site) []process.Step {
		return []process.Step{{Cmd: inside(p, s, "cat", bootID)}, {Cmd: boot(s)}}
	}
	c.judge = sameGuest
	return c
}

// byFile asks by the file that is written at each start. All rows that do ask once, over one connection.
func byFile(p *profile.Profile) func(*Site) process.Cmd {
	return func(s *Site) process.Cmd { return overSSH(p, s, "cat", bootID) }
}

// aliasRow is a row of a plain ssh to the guest's name. Where ssh says that it goes there by the settings of the file that
// is written at each start, by which it has got there, a further connection would tell no more.
func aliasRow(p *profile.Profile, c Check) Check {
	plain := []string{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", p.SSHAlias()}
	c = wayRow(p, c, func(*Site) process.Cmd { return process.Cmd{Args: append(slices.Clone(plain), "cat", bootID)} })
	connects := c.steps
	c.look = func(ctx context.Context, s *session) verdict {
		settings := func(ssh []string) string {
			return s.ask(ctx, process.Cmd{Args: slices.Insert(slices.Clone(ssh), len(ssh)-1, "-G")}).out
		}
		if sameSettings(settings(runBy(p).ssh(p, s.Site)), settings(plain)) {
			return good("with the settings of the file that is written at each start")
		}
		return sameGuest(s.Site, s.walk(ctx, connects(s.Site)))
	}
	return c
}

// sameSettings compares what ssh -G says, but for what a system's own file has for every host and no connection is made or
// lost by.
func sameSettings(a, b string) bool {
	of := func(text string) (lines []string) {
		for line := range strings.Lines(text) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name != "sendenv" && name != "hashknownhosts" {
				lines = append(lines, line)
			}
		}
		return lines
	}
	return strings.Contains(a, "\nhostname ") && slices.Equal(of(a), of(b))
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
