package verify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vmloom/pattern"
	"vmloom/process"
	"vmloom/profile"
)

// socketRows hold each forwarded socket to what it promises: from the program on
// the host to the command that works with it in the guest.
func socketRows(p *profile.Profile) []Check {
	var rows []Check
	for i, s := range p.Sockets {
		field, id := fmt.Sprintf("sockets[%d]", i), "socket/"+s.Name
		if s.ToHost() {
			rows = append(rows, toHostRows(p, s, id, field)...)
			continue
		}
		rows = append(rows, Check{
			ID: id + "/host", Title: s.Name + ": its program answers on the host", Not: s.Name + ": its program does not answer on the host", Field: field + ".host", Side: Host, State: true,
			Because: say("nothing listens at %s", s.Host), Cure: startProgram(p, s),
			look: func(ctx context.Context, x *session) verdict { return answersOnHost(ctx, x, p, s) },
		})
		there := Check{
			ID: id + "/there", Title: s.Name + ": forwarded to " + s.Guest, Not: s.Name + ": not forwarded to " + s.Guest, Field: field, State: true,
			See:     say("connection refused at a socket that is there"),
			Because: say("the forward died with a sleep or a change of network"), Cure: callRepair,
			steps: func(x *Site) []process.Step { return []process.Step{guestStep(p, x, listenerLine(s.Guest))} },
			judge: listens,
		}
		answers := Check{
			ID: id + "/answers", Title: s.Name + ": answers in the guest", Not: s.Name + ": does not answer in the guest", Field: field, Needs: []string{id + "/host", id + "/there"}, State: true,
			See:     say("connection reset at a socket"),
			Because: say("nothing listens on the host's side"), Cure: say("start the program on the host; the forward need not be recreated"),
			through: s.Guest,
			look:    func(ctx context.Context, x *session) verdict { return answersInGuest(ctx, x, p, s) },
		}
		rows = append(rows, inGuest(there, answers)...)
		rows = append(rows, inGuest(socketUses(p, s, id, field)...)...)
	}
	return rows
}

// socketUses are what programs of the guest need beside the socket itself.
func socketUses(p *profile.Profile, s profile.Socket, id, field string) (rows []Check) {
	if s.Env != "" {
		rows = append(rows, Check{
			ID: id + "/env", Title: s.Name + ": " + s.Env + " names it", Not: s.Name + ": " + s.Env + " does not name it", Field: field + ".env",
			Because: say("the VM was made before the profile was changed, or a file of the home sets it otherwise"), Cure: callApply,
			steps: func(x *Site) []process.Step {
				return []process.Step{{Cmd: inside(p, x, "printenv", s.Env)}}
			},
			judge: isVariable(s.Env, s.EnvValue()),
		})
	}
	if s.Check != "" {
		rows = append(rows, Check{
			ID: id + "/check", Title: s.Name + ": " + s.Check, Not: s.Name + ": fails: " + s.Check, Field: field + ".check", Needs: []string{id + "/answers"}, Timeout: time.Minute,
			Because: say("the program on the host does not serve it"), Cure: startProgram(p, s),
			steps: func(x *Site) []process.Step { return []process.Step{guestStep(p, x, s.Check)} },
			judge: checkPassed(s),
		})
	}
	if s.Env == "SSH_AUTH_SOCK" {
		rows = append(rows, Check{
			ID: id + "/same", Title: s.Name + ": the same keys on both sides", Not: s.Name + ": not the same keys on both sides", Field: field, Needs: []string{id + "/answers", id + "/host"},
			Because: say("the guest's socket leads to another agent"), Cure: callRepair,
			steps: func(x *Site) []process.Step {
				return []process.Step{
					{Cmd: process.Cmd{Args: []string{"sh", "-c", keysLine}, Env: []string{"SSH_AUTH_SOCK=" + x.path(s.Host)}}},
					guestStep(p, x, "SSH_AUTH_SOCK="+shWord(s.Guest)+"; export SSH_AUTH_SOCK; "+keysLine),
				}
			},
			judge: sameKeys,
		})
	}
	if pre, _ := s.Preset(); pre.GnuPG {
		rows = append(rows, Check{
			ID: id + "/keys", Title: s.Name + ": gpg in the guest has the host's secret keys", Not: s.Name + ": gpg in the guest has not all of the host's secret keys", Field: field, Needs: []string{id + "/answers", id + "/host"},
			Because: say("the guest lacks public keys of the host, or its gpg asks another agent"), Cure: callRepair,
			steps: func(x *Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"sh", "-c", secretKeysLine}}}, guestStep(p, x, secretKeysLine)}
			},
			judge: secretKeys,
		})
	}
	return rows
}

// startProgram is how the program of a socket is brought to life on the host.
func startProgram(p *profile.Profile, s profile.Socket) Text {
	pre, _ := s.Preset()
	switch command := s.StartOn(p.On()); {
	case command != "":
		return say("%s", command)
	case pre.Start != "":
		return say(pre.Start)
	}
	return say("start the program that makes %s on the host", s.Host)
}

// listenerLine tells a living socket from the file that a dead forward leaves.
func listenerLine(path string) string {
	w := shWord(path)
	return "if ! test -S " + w + "; then echo absent; elif awk -v path=" + w +
		" '$NF == path { found = 1 } END { exit !found }' /proc/net/unix; then echo listens; else echo dead; fi"
}

func listens(_ *Site, a []answer) verdict {
	switch lastLine(a[0].out) {
	case "listens":
		return good("somebody listens")
	case "absent":
		return bad("there is no socket")
	case "dead":
		return bad("a dead socket: nobody listens")
	}
	return mute(a[0])
}

func checkPassed(s profile.Socket) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		switch {
		case a[0].ok():
			return good("%s", orNothing(lastLine(a[0].out)))
		case a[0].status < 0:
			return mute(a[0])
		case a[0].status == 127:
			return bad("%s", a[0].why()).since(say("the guest has no such program"), say("name its package in %s, then %s", "guest.packages", vmloom("apply")))
		case s.Env == "SSH_AUTH_SOCK" && strings.Contains(a[0].out, "no identities"):
			return bad("the agent has no keys").since(say("the agent on the host is locked, or was given none"), say("unlock it, or %s on the host", "ssh-add"))
		}
		said := lastLine(a[0].talk)
		if said == "" {
			said = lastLine(a[0].out)
		}
		return bad("status %d: %s", a[0].status, orNothing(said))
	}
}

// keysLine lists an agent's keys; an agent without any is no error here.
const keysLine = "ssh-add -l || { test $? = 1 && echo none; }"

var fingerprint = pattern.New(`(?m)^[0-9]+ (?:SHA256|MD5):\S+`)

func sameKeys(_ *Site, a []answer) verdict {
	for _, one := range a {
		if !one.ok() {
			if one.missing() || one.status == 127 {
				return skip("there is no ssh-add")
			}
			return noWord("ssh-add", one.why())
		}
	}
	here, there := fingerprint().FindAllString(a[0].out, -1), fingerprint().FindAllString(a[1].out, -1)
	for i, keys := range [][]string{here, there} {
		if len(keys) == 0 && !strings.HasSuffix(strings.TrimSpace(a[i].out), "none") {
			return noWord("ssh-add", "tells of no keys")
		}
	}
	if strings.Join(here, "\n") != strings.Join(there, "\n") {
		return bad("%d on the host, %d in the guest", len(here), len(there))
	}
	return good("%d", len(here))
}
