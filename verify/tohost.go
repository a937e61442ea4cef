package verify

import (
	"context"
	"time"

	"vmloom/process"
	"vmloom/profile"
)

// toHostRows hold a socket of the guest to what it promises: from its program there to the command that works with it
// on the host.
func toHostRows(p *profile.Profile, s profile.Socket, id, field string) []Check {
	rows := inGuest(Check{
		ID: id + "/guest", Title: s.Name + ": its program listens in the guest", Not: s.Name + ": its program does not listen in the guest", Field: field + ".guest", State: true,
		Because: say("the guest has no such program, or it does not run"), Cure: say("install and start it in the guest"),
		steps: func(x *Site) []process.Step { return []process.Step{guestStep(p, x, ownListenerLine(s.Guest))} },
		judge: listensForUser,
	})
	rows = append(rows, Check{
		ID: id + "/offered", Title: s.Name + ": answers on the host", Not: s.Name + ": does not answer on the host", Field: field, Side: Host, Needs: []string{id + "/guest"}, State: true,
		See:     say("connection refused at a socket of the host that is there"),
		Because: say("the forward died with a sleep or a change of network"), Cure: callRepair,
		look: func(ctx context.Context, x *session) verdict { return offered(ctx, x, s) },
	})
	if s.Check != "" {
		rows = append(rows, Check{
			ID: id + "/used", Title: s.Name + ": on the host: " + s.Check, Not: s.Name + ": fails on the host: " + s.Check, Field: field + ".check", Side: Host, Needs: []string{id + "/offered"}, Timeout: time.Minute,
			Because: say("the program in the guest does not serve it"), Cure: say("what it says there: %s", "journalctl -b"),
			steps: func(x *Site) []process.Step {
				at := s
				at.Host = x.path(s.Host)
				c := process.Cmd{Args: []string{"sh", "-c", s.Check}}
				if s.Variable() != "" {
					c.Env = []string{s.Variable() + "=" + at.HostValue()}
				}
				return []process.Step{{Cmd: c}}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch {
				case a[0].ok():
					return good("%s", orNothing(lastLine(a[0].out)))
				case a[0].status == 127:
					return skip("this host has no such program: %s", lastLine(a[0].talk))
				case a[0].status < 0:
					return mute(a[0])
				}
				return bad("status %d: %s", a[0].status, a[0].why())
			},
		})
	}
	return rows
}

// ownListenerLine is listenerLine for a socket that something else makes: a directory on the way to it may be a link,
// and not everybody may use it.
func ownListenerLine(path string) string {
	w := shWord(path)
	return "real=$(readlink -f " + w + ") || real=" + w + "; if ! test -S " + w + "; then echo absent; elif ! awk -v a=" + w + ` -v b="$real" '` +
		"$NF == a || $NF == b { found = 1 } END { exit !found }' /proc/net/unix; then echo dead; elif test -w " + w + "; then echo listens; else echo closed; fi"
}

func listensForUser(s *Site, a []answer) verdict {
	if lastLine(a[0].out) == "closed" {
		return bad("the user may not use it").since(say("it is for root or a group"), say("give the user its group, as %s for Docker's, and start the VM again", `sudo usermod -aG docker "$USER"`))
	}
	return listens(s, a)
}

// offered connects to the guest's socket on the host. ssh takes each connection there, and closes it at once where
// nobody answers in the guest.
func offered(ctx context.Context, s *session, socket profile.Socket) verdict {
	path, q := s.path(socket.Host), protocolOf(socket)
	patience := q.patience
	if q.known != nil { // it does answer, from a guest that may be an emulated one
		patience *= 4
	}
	got := q.put(ctx, s, path, patience)
	switch {
	case got.err != nil:
		return bad("%s: %s", path, dialed(got.err))
	case q.known != nil && q.known(got.first), q.known == nil && len(got.first) > 0:
		return good("%s", path)
	case len(got.first) > 0:
		return bad("%s: no %s answers there", path, q.name).since(say("another program has its place"), callRepair)
	case got.closed && q.known != nil:
		return bad("%s: closes at once", path).since(say("its program in the guest does not answer"), say("start it again there"))
	case got.closed:
		return good("%s: takes connections, and closes what it does not understand", path)
	case q.known != nil:
		return unknown("%s: no answer", path)
	}
	return good("%s: takes connections", path)
}
