package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"vmloom/process"
	"vmloom/profile"
)

// socketRows hold each forwarded socket to what it promises: from the program on
// the host to the command that works with it in the guest.
func socketRows(p *profile.Profile) []Check {
	var rows []Check
	for i, s := range p.Sockets {
		field, id := fmt.Sprintf("sockets[%d]", i), "socket/"+s.Name
		rows = append(rows, Check{
			ID: id + "/host", Title: s.Name + ": its program answers on the host", Not: s.Name + ": its program does not answer on the host", Field: field + ".host", Side: Host, State: true,
			Because: say("nothing listens at %s", s.Host), Cure: startProgram(p, s),
			look: func(_ context.Context, x *session) verdict { return dial(x.path(s.Host)) },
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
			look: func(ctx context.Context, x *session) verdict { return answersInGuest(ctx, x, p, s) },
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
			Because: say("the VM was made before the profile was changed, or a file of the home sets it otherwise"), Cure: callRebuild,
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
	return rows
}

// startProgram is how the program of a socket is brought to life on the host.
func startProgram(p *profile.Profile, s profile.Socket) Text {
	pre, _ := s.Preset()
	switch command := pre.StartOn(p.On()); {
	case command != "":
		return say("%s", command)
	case pre.Start != "":
		return say(pre.Start)
	}
	return say("start the program that makes %s on the host", s.Host)
}

// dial connects to a socket of the host.
func dial(path string) verdict {
	c, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return bad("%s: %v", path, strings.TrimPrefix(err.Error(), "connect: "))
	}
	c.Close()
	return good("%s", path)
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

// connectLine connects to a socket with what every guest has: ssh-add sends the
// five bytes of a question for keys to whatever listens there.
func connectLine(path string) string {
	return "command -v ssh-add >/dev/null || { echo none; exit; }; SSH_AUTH_SOCK=" + shWord(path) +
		"; export SSH_AUTH_SOCK; timeout 10 ssh-add -l 2>&1; echo status $?"
}

var noConnection = regexp.MustCompile(`(?m)^(?:Error connecting to agent: (.*)|Could not open a connection to your authentication agent.*)$`)

func answersInGuest(ctx context.Context, x *session, p *profile.Profile, s profile.Socket) verdict {
	a := x.ask(ctx, insideSh(p, x.Site, connectLine(s.Guest)))
	last := lastLine(a.out)
	switch m := noConnection.FindStringSubmatch(a.out); {
	case last == "none":
		return skip("the guest has no ssh-add to try it with")
	case m != nil:
		return bad("does not connect: %s", orNothing(m[1])).since(say("the forward died with a sleep or a change of network"), callRepair)
	case strings.Contains(a.out, "communication with agent failed") && !closesAtOnce(x.path(s.Host), x.Now()):
		return bad("connects, and is closed at once").since(Text{}, startProgram(p, s))
	case !strings.HasPrefix(last, "status "):
		return mute(a)
	}
	return good("connects")
}

// closesAtOnce reports whether the program itself, asked on the host, closes a
// connection that says what it does not understand.
func closesAtOnce(path string, now time.Time) bool {
	c, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(now.Add(2 * time.Second))
	c.Write([]byte{0, 0, 0, 1, 11}) // SSH_AGENTC_REQUEST_IDENTITIES
	n, err := c.Read(make([]byte, 1))
	return n == 0 && errors.Is(err, io.EOF)
}

func checkPassed(s profile.Socket) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		switch {
		case a[0].ok():
			return good("%s", orNothing(lastLine(a[0].out)))
		case a[0].status == 127:
			return bad("%s", a[0].why()).since(say("the guest has no such program"), say("name its package in %s, then %s", "guest.packages", vmloom("rebuild")))
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
const keysLine = "ssh-add -l || test $? = 1"

var fingerprint = regexp.MustCompile(`(?m)^[0-9]+ (?:SHA256|MD5):\S+`)

func sameKeys(_ *Site, a []answer) verdict {
	for _, one := range a {
		if !one.ok() {
			if one.missing() || one.status == 127 {
				return skip("there is no ssh-add")
			}
			return noWord("ssh-add", one.why())
		}
	}
	here, there := fingerprint.FindAllString(a[0].out, -1), fingerprint.FindAllString(a[1].out, -1)
	if strings.Join(here, "\n") != strings.Join(there, "\n") {
		return bad("%d on the host, %d in the guest", len(here), len(there))
	}
	return good("%d", len(here))
}
