package verify

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"vmloom/profile"
)

// portRows hold the forwarded ports to what they promise.
func portRows(p *profile.Profile) []Check {
	var rows []Check
	for i, port := range p.Ports {
		guest, there, is := portName(port), port.At()+":"+port.Host.String(), "is"
		if port.Guest.Len() > 1 {
			is = "are"
		}
		c := Check{
			ID: "port/" + port.HostID(), Title: guest + " of the guest " + is + " " + there + " of the host", Not: guest + " of the guest " + is + " not reached at " + there + " of the host",
			Field: fmt.Sprintf("ports[%d]", i), Timeout: 2 * time.Minute,
			Because: say("another program of the host has the port"), Cure: say("end it, or give %s another one, then %s", fmt.Sprintf("ports[%d].host", i), vmloom("apply")),
			look: func(ctx context.Context, s *session) verdict { return runBy(p).port(ctx, s, p, port) },
		}
		c.Needs = []string{"port/" + port.HostID() + "/free"}
		rows = append(rows, inGuest(c)...)
	}
	return append(rows, unlistedRows(p)...)
}

// portName is a port of the guest in words.
func portName(port profile.Port) string {
	name := "port " + port.Guest.String()
	if port.Guest.Len() > 1 {
		name = "ports " + port.Guest.String()
	}
	if port.UDP() {
		name += " (UDP)"
	}
	return name
}

// hostPorts look whether the ports that the VM wants of the host are free, or its own.
func hostPorts(p *profile.Profile) (rows []Check) {
	add := func(id string, h hostPort, field string) {
		port, is := "port "+h.ports.String(), " is "
		if h.ports.Len() > 1 {
			port, is = "ports "+h.ports.String(), " are "
		}
		if h.over == "udp" {
			port += " (UDP)"
		}
		rows = append(rows, Check{
			ID: "port/" + id + "/free", Title: port + " of the host" + is + "free, or the VM's", Not: port + " of the host" + is + "neither free nor the VM's", Field: field, Side: Host, State: true,
			Because: say("another program, or another VM, was there first"), Cure: say("end it, or change %s", field),
			look: func(ctx context.Context, s *session) verdict {
				if v := taken(ctx, s, p, h); v != nil {
					return *v
				}
				found, _ := listeners(ctx, s, h)
				return verdictOf(h.open(), len(found) > 0, profile.HostNamed(s.OS))
			},
		})
	}
	if n := p.SSHPort(); n != 0 {
		add(strconv.Itoa(n), hostPort{"tcp", "127.0.0.1", profile.OnePort(n)}, p.RunBy().SSHPortField)
	}
	for i, port := range p.Ports {
		add(port.HostID(), placeOf(port), fmt.Sprintf("ports[%d].host", i))
	}
	return rows
}

// guestSockets is the guest's table of listeners and connections, or of what waits for datagrams.
func guestSockets(ctx context.Context, s *session, p *profile.Profile, over string) []socketLine {
	return socketTable(s.askAgain(ctx, insideSh(p, s.Site, "cat /proc/net/"+over+" /proc/net/"+over+"6 2>/dev/null; true")).out)
}

func hostAddress(at string, port int) string { return net.JoinHostPort(at, strconv.Itoa(port)) }

// taken is the verdict of a place that somebody else has; nil where nobody, or the VM, has it.
func taken(ctx context.Context, s *session, p *profile.Profile, h hostPort) *verdict {
	found, err := listeners(ctx, s, h)
	if err != nil {
		v := noWord("who listens at the port", err.Error())
		return &v
	}
	for _, by := range found {
		if !by.of(runBy(p).dir(p, s.Site)) {
			v := h.heldBy(by)
			return &v
		}
	}
	return nil
}

// heldBy is the verdict of a place that a program has.
func (h hostPort) heldBy(by owner) verdict {
	if h.ports.Len() > 1 {
		return bad("%s has %d", by, by.port)
	}
	return bad("%s has it", by)
}

// listenAt is where programs wait for others at some of the ports: the addresses, and a port that one has.
func listenAt(table []socketLine, ports profile.PortRange) (addresses []string, port int) {
	for _, l := range table {
		if l.open() && ports.Has(l.port) {
			addresses, port = append(addresses, l.address), l.port
		}
	}
	return addresses, port
}

// callers is how many connections to the host's port are opened at once.
const callers = 5

// arrives proves that a port of the host leads to the program that listens in the
// guest, to which nothing is said: connections to the one become as many more at
// the other. Whoever else listens on the host cannot have them arrive there.
func arrives(ctx context.Context, s *session, p *profile.Profile, port profile.Port, guest int) verdict {
	connected := func() (n int) {
		for _, l := range guestSockets(ctx, s, p, "tcp") {
			if l.state != listening && (l.port == guest || l.remotePort == guest) {
				n++
			}
		}
		return n
	}
	before := connected()
	for range callers {
		c, err := net.DialTimeout("tcp", onHost(port, guest), 5*time.Second)
		if err != nil {
			return bad("the guest listens, the host's port is closed")
		}
		defer c.Close()
	}
	for range 5 {
		if connected() >= before+callers {
			return good("connections to the host's port arrive at the guest's program")
		}
		s.pause(ctx, 300*time.Millisecond)
	}
	return bad("the host's port is open, and connections to it do not arrive in the guest")
}

// onHost is where a port of the guest is reached from this host.
func onHost(port profile.Port, guest int) string {
	return hostAddress(port.Reached(), port.Host.First+guest-port.Guest.First)
}
