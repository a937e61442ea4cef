package verify

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"vmloom/profile"
)

// limaPort tries the way through. Where nothing listens in the guest, sshd is the
// listener: it forwards the port back to this process, which so talks to itself.
func limaPort(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	began := s.Now()
	table := guestSockets(ctx, s, p, port.Over())
	tries := portTries + int(s.Now().Sub(began)/(250*time.Millisecond))*20
	if s.unanswered() != "" {
		return verdict{} // says so itself
	}
	if v := taken(ctx, s, p, placeOf(port)); v != nil {
		return *v
	}
	at, guest := listenAt(table, port.Guest)
	dead := say("Lima's guest agent does not see the port, or %s sets other rules", "lima.extra")
	restart := say("%s, then %s", vmloom("stop"), vmloom("up"))
	switch {
	case port.UDP():
		return limaDatagrams(ctx, s, port, guest, restart)
	case len(at) > 0:
		return arrives(ctx, s, p, port, guest).since(dead, restart)
	}
	back, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return noWord("a listener of vmloom's own", err.Error())
	}
	defer back.Close()
	go answerWith(back, s.Token)
	forward := fmt.Sprintf("127.0.0.1:%d:%s", port.Guest.First, back.Addr())
	// Lima's guest agent looks when a program binds a port, and misses one that listens only after the look: a second
	// listener, which comes after the first, has it look again.
	nudge := fmt.Sprintf("127.0.0.1:0:%s", back.Addr())
	s.connect(ctx, p)
	l := listenInGuest(ctx, s, limaSSH(p, s.Site), "-R", forward, "-R", nudge)
	defer l.stop()
	for range tries {
		if speaks(onHost(port, port.Guest.First), s.Token, s.Now()) {
			return good("tried from end to end, with a listener of ssh%s", ofRange(port.Guest, port.Guest.First))
		}
		select {
		case <-l.lost:
			return limaPort(ctx, s, p, port) // by a connection of its own
		case a := <-l.refused:
			if guestSockets(ctx, s, p, "tcp"); s.unanswered() != "" {
				return verdict{} // says so itself
			}
			return skip("nothing listens in the guest, and ssh may not listen there: %s", refusedAs(a))
		default:
		}
		if s.pause(ctx, 250*time.Millisecond); ctx.Err() != nil {
			return noWord("ssh -R", "nothing listened in the guest in time")
		}
	}
	return bad("a listener in the guest is not reached from the host").since(dead, restart)
}

// portTries is how often the host's port is tried, four times a second: Lima sees a port within seconds. A guest in
// which a question takes its time, as an emulated one, is tried twenty times as long as that took.
const portTries = 40

// ofRange says which port of several was tried.
func ofRange(ports profile.PortRange, port int) string {
	if ports.Len() == 1 {
		return ""
	}
	return fmt.Sprintf(" at %d", port)
}

// limaDatagrams looks who has the host's port: a datagram to a program that was not asked
// for would tell nothing, and ssh carries none.
func limaDatagrams(ctx context.Context, s *session, port profile.Port, guest int, restart Text) verdict {
	if guest == 0 {
		return skip("nothing in the guest waits for datagrams there: Lima opens the host's port once something does")
	}
	h := placeOf(port)
	h.ports = profile.OnePort(port.Host.First + guest - port.Guest.First)
	switch found, err := listeners(ctx, s, h); {
	case err != nil:
		return noWord("who listens at the port", err.Error())
	case len(found) == 0:
		return bad("the guest listens, the host's port is closed").since(say("only Lima's own forwarder knows UDP, and %s had it started without, or %s sets other rules", "LIMA_SSH_PORT_FORWARDER", "lima.extra"), restart)
	}
	return good("the VM has the host's port%s; whether an answer comes, the guest's program alone knows", ofRange(port.Host, h.ports.First))
}

// unlistedRows hold Lima to the ports that are listed.
func unlistedRows(p *profile.Profile) []Check {
	if !p.UnderLima() || p.Forwards() == "all" {
		return nil
	}
	return inGuest(Check{
		ID: "network/forward", Title: "no port of the guest is on the host that the profile does not list", Not: "a port of the guest is on the host, and the profile does not list it",
		Field:   "network.forward",
		Because: say("the VM was started before the profile said so, or a file in %s sets other rules", p.LimaHome()+"/_config"), Cure: say("%s, then %s", vmloom("apply"), vmloom("verify")),
		look: func(ctx context.Context, s *session) verdict { return unlisted(ctx, s, p) },
	})
}

// unlisted looks at each port of the guest at which somebody waits, and who has that of the host.
func unlisted(ctx context.Context, s *session, p *profile.Profile) verdict {
	const tables = "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null; true"
	text := s.askAgain(ctx, insideSh(p, s.Site, tables)).out
	switch {
	case s.unanswered() != "":
		return verdict{} // says so itself
	case !strings.Contains(text, tableHead):
		return noWord("cat /proc/net/tcp in the guest", "no table came")
	}
	seen := map[hostPort]bool{}
	for _, l := range socketTable(text) {
		h := hostPort{"tcp", "127.0.0.1", profile.OnePort(l.port)}
		if l.state == receiving {
			h.over = "udp"
		}
		listed := func(port profile.Port) bool {
			return port.Guest.Has(l.port) || port.Host.Has(l.port) // which may be another's of the guest
		}
		if !l.open() || seen[h] || slices.ContainsFunc(p.Ports, listed) || l.port == p.Lima.SSHPort {
			continue
		}
		seen[h] = true
		found, err := listeners(ctx, s, h)
		if err != nil {
			return noWord("who listens at the port", err.Error())
		}
		if slices.ContainsFunc(found, func(by owner) bool { return by.of(runBy(p).dir(p, s.Site)) }) {
			return bad("port %d of the guest is on the host", l.port)
		}
	}
	return good("%d ports of the guest that are not listed have somebody who waits there, and none is on the host", len(seen))
}

// answerWith says a word to each that connects.
func answerWith(l net.Listener, word string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		fmt.Fprintln(c, word)
		c.Close()
	}
}

// speaks reports whether what answers at an address says the word.
func speaks(address, word string, now time.Time) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(now.Add(5 * time.Second))
	got := make([]byte, len(word))
	n, _ := c.Read(got)
	return bytes.Equal(got[:n], []byte(word))
}
