package verify

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"vmloom/process"
	"vmloom/profile"
)

// portRows hold the forwarded ports to what they promise.
func portRows(p *profile.Profile) []Check {
	var rows []Check
	for i, port := range p.Ports {
		c := Check{
			ID: fmt.Sprintf("port/%d", port.Host), Title: fmt.Sprintf("port %d of the guest is 127.0.0.1:%d of the host", port.Guest, port.Host), Not: fmt.Sprintf("port %d of the guest is not reached at 127.0.0.1:%d of the host", port.Guest, port.Host),
			Field: fmt.Sprintf("ports[%d]", i), Timeout: time.Minute,
			Because: say("another program of the host has the port"), Cure: say("end it, or give %s another one, then %s", fmt.Sprintf("ports[%d].host", i), vmloom("apply")),
			look: func(ctx context.Context, s *session) verdict { return runBy(p).port(ctx, s, p, port) },
		}
		c.Needs = []string{fmt.Sprintf("port/%d/free", port.Host)}
		rows = append(rows, inGuest(c)...)
	}
	return rows
}

// hostPorts look whether the ports that the VM wants of the host are free, or its own.
func hostPorts(p *profile.Profile) (rows []Check) {
	add := func(port int, field string) {
		rows = append(rows, Check{
			ID: fmt.Sprintf("port/%d/free", port), Title: fmt.Sprintf("port %d of the host is free, or the VM's", port), Not: fmt.Sprintf("port %d of the host is neither free nor the VM's", port), Field: field, Side: Host, State: true,
			Because: say("another program, or another VM, was there first"), Cure: say("end it, or change %s", field),
			look: func(ctx context.Context, s *session) verdict {
				if v := taken(ctx, s, p, port); v != nil {
					return *v
				}
				if free(port) {
					return good("free")
				}
				return good("the VM's")
			},
		})
	}
	if p.SSHPort() != 0 {
		add(p.SSHPort(), p.RunBy().SSHPortField)
	}
	for i, port := range p.Ports {
		add(port.Host, fmt.Sprintf("ports[%d].host", i))
	}
	return rows
}

// guestTCP is the guest's table of listeners and connections.
func guestTCP(ctx context.Context, s *session, p *profile.Profile) []tcpLine {
	return tcpTable(s.askAgain(ctx, insideSh(p, s.Site, "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; true")).out)
}

func hostAddress(port int) string { return fmt.Sprint("127.0.0.1:", port) }

func free(port int) bool {
	l, err := net.Listen("tcp", hostAddress(port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// taken is the verdict of a port that somebody else has; nil where nobody, or the VM, has it.
func taken(ctx context.Context, s *session, p *profile.Profile, port int) *verdict {
	by, err := listener(ctx, s, port)
	var v verdict
	switch {
	case err != nil:
		v = noWord("who listens at the port", err.Error())
	case by == nil || by.of(runBy(p).dir(p, s.Site)):
		return nil
	default:
		v = bad("%s has it", by)
	}
	return &v
}

// limaPort tries the way through. Where nothing listens in the guest, sshd is the
// listener: it forwards the port back to this process, which so talks to itself.
func limaPort(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	table := guestTCP(ctx, s, p)
	if s.unanswered() != "" {
		return verdict{} // says so itself
	}
	if v := taken(ctx, s, p, port.Host); v != nil {
		return *v
	}
	dead := say("Lima's guest agent does not see the port, or %s sets other rules", "lima.extra")
	restart := say("%s, then %s", vmloom("stop"), vmloom("up"))
	if len(listenAt(table, port.Guest)) > 0 {
		return arrives(ctx, s, p, port).since(dead, restart)
	}
	back, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return noWord("a listener of vmloom's own", err.Error())
	}
	defer back.Close()
	go answerWith(back, s.Token)
	ssh := limaSSH(p, s.Site)
	forward := fmt.Sprintf("127.0.0.1:%d:%s", port.Guest, back.Addr())
	args := slices.Concat(ssh[:len(ssh)-1], []string{"-o", "ExitOnForwardFailure=yes", "-N", "-R", forward}, ssh[len(ssh)-1:])
	forwarding, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan answer, 1)
	go func() { ended <- s.command(forwarding, process.Cmd{Args: args}) }()
	for range 40 { // Lima sees a port within seconds
		if speaks(hostAddress(port.Host), s.Token, s.Now()) {
			stop()
			<-ended
			return good("tried from end to end, with a listener of ssh")
		}
		select {
		case a := <-ended:
			if guestTCP(ctx, s, p); s.unanswered() != "" {
				return verdict{} // says so itself
			}
			return skip("nothing listens in the guest, and ssh may not listen there: %s", a.why())
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
			continue
		}
		break
	}
	stop()
	<-ended
	return bad("a listener in the guest is not reached from the host").since(dead, restart)
}

func listenAt(table []tcpLine, port int) (addresses []string) {
	for _, l := range table {
		if l.state == listening && l.port == port {
			addresses = append(addresses, l.address)
		}
	}
	return addresses
}

// callers is how many connections to the host's port are opened at once.
const callers = 5

// arrives proves that the host's port leads to the program that listens in the
// guest, to which nothing is said: connections to the one become as many more at
// the other. Whoever else listens on the host cannot have them arrive there.
func arrives(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	connected := func() (n int) {
		for _, l := range guestTCP(ctx, s, p) {
			if l.state != listening && (l.port == port.Guest || l.remotePort == port.Guest) {
				n++
			}
		}
		return n
	}
	before := connected()
	for range callers {
		c, err := net.DialTimeout("tcp", hostAddress(port.Host), 5*time.Second)
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
	c.SetDeadline(now.Add(2 * time.Second))
	got := make([]byte, len(word))
	n, _ := c.Read(got)
	return bytes.Equal(got[:n], []byte(word))
}

// qemuPort looks for the rule among the words of the process: QEMU holds the
// host's port whether or not anybody listens in the guest.
func qemuPort(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	pid, words := qemuProcess(ctx, s)
	rule := fmt.Sprintf("hostfwd=tcp:127.0.0.1:%d-:%d", port.Host, port.Guest)
	if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(strings.Split(w, ","), rule) }) {
		return bad("process %d does not forward it", pid).since(say("the VM was started before the profile was changed"), say("%s, then %s", vmloom("stop"), vmloom("up")))
	}
	table := guestTCP(ctx, s, p)
	if s.unanswered() != "" {
		return verdict{} // says so itself
	}
	by, err := listener(ctx, s, port.Host)
	at := listenAt(table, port.Guest)
	switch {
	case err != nil:
		return noWord("who listens at the port", err.Error())
	case by == nil:
		return bad("the host's port is closed")
	case by.pid != pid:
		return bad("%s has it", by)
	case len(at) == 0:
		return good("QEMU holds it and forwards it; nothing listens in the guest now")
	case !slices.ContainsFunc(at, func(a string) bool { return !loopback[a] }):
		return bad("the guest's program listens at its 127.0.0.1 only").since(say("QEMU reaches the guest by its network card"), say("have the program listen at 0.0.0.0"))
	}
	return arrives(ctx, s, p, port)
}
