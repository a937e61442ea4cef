package verify

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
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
			ID: fmt.Sprintf("port/%d", port.Host), Title: fmt.Sprintf("port %d of the guest is 127.0.0.1:%d of the host", port.Guest, port.Host),
			Field: fmt.Sprintf("ports[%d]", i), Timeout: time.Minute,
			Because: say("another program of the host has the port"), Cure: say("end it, or give %s another one, then %s", fmt.Sprintf("ports[%d].host", i), vmloom("rebuild")),
			look: func(ctx context.Context, s *session) verdict { return runBy(p).port(ctx, s, p, port) },
		}
		rows = append(rows, inGuest(c)...)
	}
	return rows
}

// listeners are the addresses at which the guest listens at a TCP port, as the
// kernel writes them: hexadecimal, the bytes of a word from the last to the first.
func listeners(ctx context.Context, s *session, p *profile.Profile, port int) []string {
	a := s.ask(ctx, insideSh(p, s.Site, "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; true"))
	var out []string
	for line := range strings.Lines(a.out) {
		f := strings.Fields(line)
		if len(f) < 4 || f[3] != "0A" { // LISTEN
			continue
		}
		if address, hex, ok := strings.Cut(f[1], ":"); ok {
			if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
				out = append(out, address)
			}
		}
	}
	return out
}

func hostAddress(port profile.Port) string { return fmt.Sprint("127.0.0.1:", port.Host) }

// limaPort tries the way through. Where nothing listens in the guest, sshd is the
// listener: it forwards the port back to this process, which so talks to itself.
func limaPort(ctx context.Context, s *session, p *profile.Profile, port profile.Port) verdict {
	dead := say("Lima's guest agent does not see the port, or %s sets other rules", "lima.extra")
	anew := say("%s, then %s", vmloom("stop"), vmloom("up"))
	if len(listeners(ctx, s, p, port.Guest)) > 0 {
		c, err := net.DialTimeout("tcp", hostAddress(port), 5*time.Second)
		if err != nil {
			return bad("the guest listens, the host's port is closed").since(dead, anew)
		}
		c.Close()
		return good("a program of the guest listens, the host's port is open")
	}
	l, err := net.Listen("tcp", hostAddress(port))
	if err != nil {
		return bad("nothing listens in the guest, and yet the host's port is taken")
	}
	l.Close()
	back, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return skip("%v", err)
	}
	defer back.Close()
	go func() {
		for {
			c, err := back.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(c, s.Token)
			c.Close()
		}
	}()
	ssh := limaSSH(p, s.Site)
	forward := fmt.Sprintf("127.0.0.1:%d:%s", port.Guest, back.Addr())
	args := slices.Concat(ssh[:len(ssh)-1], []string{"-o", "ExitOnForwardFailure=yes", "-N", "-R", forward}, ssh[len(ssh)-1:])
	forwarding, stop := context.WithCancel(ctx)
	ended := make(chan answer, 1)
	go func() { ended <- command(forwarding, process.Cmd{Args: args}) }()
	v := bad("a listener in the guest is not reached from the host").since(dead, anew)
	for range 40 { // Lima sees a port within seconds
		if speaks(hostAddress(port), s.Token, s.Now()) {
			v = good("tried with a listener of ssh")
			break
		}
		select {
		case a := <-ended:
			stop()
			return skip("nothing listens in the guest, and ssh may not listen there: %s", a.why())
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
			continue
		}
		break
	}
	stop()
	<-ended
	return v
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
	has := slices.ContainsFunc(words, func(w string) bool { return slices.Contains(strings.Split(w, ","), rule) })
	if !has {
		return bad("process %d does not forward it", pid).since(say("the VM was started before the profile was changed"), say("%s, then %s", vmloom("stop"), vmloom("up")))
	}
	c, err := net.DialTimeout("tcp", hostAddress(port), 5*time.Second)
	if err != nil {
		return bad("the host's port is closed")
	}
	c.Close()
	at := listeners(ctx, s, p, port.Guest)
	switch {
	case len(at) == 0:
		return good("QEMU forwards it; nothing listens in the guest now")
	case !slices.ContainsFunc(at, func(a string) bool { return a != "0100007F" && a != "00000000000000000000000001000000" }):
		return bad("the guest's program listens at its 127.0.0.1 only").since(say("QEMU reaches the guest by its network card"), say("have the program listen at 0.0.0.0"))
	}
	return good("QEMU forwards it, and a program of the guest listens")
}

// packageRows look for the packages of a system that installs them by name; those
// of NixOS and Guix belong to the system itself.
func packageRows(p *profile.Profile) []Check {
	manager := p.System().Manager
	if len(p.Guest.Packages) == 0 || len(manager.List) == 0 {
		return nil
	}
	return inGuest(Check{
		ID: "packages", Title: "the guest's packages are installed", Field: "guest.packages",
		Because: say("no network at its first start, or a name that this release does not have"), Cure: say("see %s in the guest, then %s and %s", "/var/log/cloud-init-output.log", vmloom("stop"), vmloom("up")),
		steps: func(s *Site) []process.Step {
			return []process.Step{{Cmd: inside(p, s, manager.List...)}}
		},
		judge: func(_ *Site, a []answer) verdict {
			installed := map[string]bool{}
			for entry := range strings.SplitSeq(a[0].out, ";") {
				if name, ok := strings.CutSuffix(strings.TrimSpace(entry), " installed"); ok {
					installed[name] = true
				}
			}
			var missing []string
			for _, pkg := range p.Guest.Packages {
				wanted := pkg.For(p.System())
				if !slices.ContainsFunc(strings.Split(wanted, "|"), func(name string) bool { return installed[name] }) {
					missing = append(missing, wanted)
				}
			}
			switch {
			case !a[0].ok():
				return mute(a[0])
			case len(missing) > 0:
				return bad("missing: %s", strings.Join(missing, ", "))
			}
			return good("%d", len(p.Guest.Packages))
		},
	})
}
