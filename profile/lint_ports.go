package profile

import (
	"fmt"
	"slices"
)

// unprivileged is the first port that is for everybody.
const unprivileged = 1024

func (l *linter) ports() {
	p := l.p
	if p.Lima.SSHPort != 0 && p.Host.User == "" {
		l.warn("fixed-port", "lima.sshPort", "a fixed port in a profile without host.user, which others seem to share, may be taken on their machines", "write 0: the ssh alias "+p.SSHAlias()+" follows the port")
	}
	if p.Lima.SSHPort != 0 && p.Lima.SSHPort < unprivileged {
		l.warn("privileged-port", "lima.sshPort", "ports below 1024 need root", "60022 is Lima's customary one")
	}
	if p.QEMU.SSHPort != 0 && p.QEMU.SSHPort < unprivileged {
		l.warn("privileged-port", "qemu.sshPort", "ports below 1024 need root", "0 takes a free one")
	}
	for i, port := range p.Ports {
		at := item("ports", i)
		if port.Host.First < unprivileged && !p.mayHave(port) {
			l.warn("privileged-port", at, fmt.Sprintf("the host's port %d needs root", port.Host.First), "write "+p.raised(port).written())
		}
		if port.Open() {
			l.warn("open-port", at+".address", fmt.Sprintf("whoever reaches the host at %s reaches %s of the guest", port.whose(), port.Guest.words()), "remove address: where the host alone needs it")
		}
	}
}

// raised is a port with a number of the host's that needs no root and that no other port of the profile has.
func (p *Profile) raised(port Port) Port {
	taken := func(other Port) bool {
		_, collide := port.Collides(other)
		return collide
	}
	size := port.Host.Len()
	for port.Host.First += 8000; port.Host.First+size < maxPort; port.Host.First += 1000 {
		port.Host.Last = port.Host.First + size - 1
		if n := p.SSHPort(); !slices.ContainsFunc(p.Ports, taken) && (n == 0 || !taken(sshTakes(n))) {
			break
		}
	}
	return port
}

// mayHave reports whether a user has a port below 1024. macOS keeps them from an address of
// its own alone; Lima opens those of 127.0.0.1 at 0.0.0.0 there, and turns others away.
func (p *Profile) mayHave(port Port) bool {
	return p.On().LowPorts && (port.At() == anyAddress || p.UnderLima() && port.At() == loopback)
}

// whose is the address in words.
func (q Port) whose() string {
	if q.At() == anyAddress {
		return "any of its addresses"
	}
	return q.At()
}
