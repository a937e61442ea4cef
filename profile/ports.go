package profile

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// PortRange is one port, or those from the first to the last.
type PortRange struct{ First, Last int }

const (
	maxPort = 65535
	// loopback is where ports of the guest are on the host.
	loopback = "127.0.0.1"
	// anyAddress is every one of the host's.
	anyAddress = "0.0.0.0"
	tcp, udp   = "tcp", "udp"
)

// OnePort is the range of a single port.
func OnePort(port int) PortRange { return PortRange{port, port} }

// Len is how many ports there are.
func (r PortRange) Len() int { return r.Last - r.First + 1 }

// Has reports whether a port is one of them.
func (r PortRange) Has(port int) bool { return r.First <= port && port <= r.Last }

// String is the port, or the first and the last: 8000-8010.
func (r PortRange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// words are the range as a sentence has it.
func (r PortRange) words() string {
	if r.Len() > 1 {
		return "ports " + r.String()
	}
	return "port " + r.String()
}

// Overlaps reports whether both have some port.
func (r PortRange) Overlaps(o PortRange) bool { return r.and(o) != PortRange{} }

// and is what both have; the zero range: nothing.
func (r PortRange) and(o PortRange) PortRange {
	if first, last := max(r.First, o.First), min(r.Last, o.Last); first <= last {
		return PortRange{first, last}
	}
	return PortRange{}
}

var rangeForm = pattern.New(`^(0|[1-9][0-9]*) ?[-–] ?(0|[1-9][0-9]*)$`)

// rangeElsewhere is a range as other programs write it.
var rangeElsewhere = pattern.New(`^([1-9][0-9]{0,4}) ?(?:\.\.\.?|,| to |/) ?([1-9][0-9]{0,4})$`)

// rangeOf writes a list as Lima has it, the first and the last; more than two are ports of their own.
func rangeOf(n *yaml.Node) string {
	if len(n.Content) == 2 && plainInt().MatchString(n.Content[0].Value) && plainInt().MatchString(n.Content[1].Value) {
		return "write " + n.Content[0].Value + "-" + n.Content[1].Value + ", or an element of ports: for each"
	}
	return "write an element of ports: for each"
}

func (r *PortRange) decode(d *decoder, n *yaml.Node, path string) {
	first, last := int64(0), int64(0)
	if m := rangeForm().FindStringSubmatch(n.Value); m != nil && n.Kind == yaml.ScalarNode {
		first, _ = strconv.ParseInt(m[1], 10, 64)
		last, _ = strconv.ParseInt(m[2], 10, 64)
		switch plain := m[1] + "-" + m[2]; {
		case !isText(n) || n.Value != plain:
			d.lost(path, "must be a range of ports", "write "+plain)
			return
		case first > last:
			d.lost(path, "ends before it begins", "write "+m[2]+"-"+m[1])
			return
		}
	} else if m := rangeElsewhere().FindStringSubmatch(n.Value); m != nil && n.Kind == yaml.ScalarNode {
		d.lost(path, "must be a port, or a range of ports", "write "+m[1]+"-"+m[2])
		return
	} else if m := dockerPort().FindStringSubmatch(n.Value); m != nil && n.Kind == yaml.ScalarNode && m[1] == "" && strings.HasSuffix(path, ".guest") {
		d.lost(path, "must be a port, or a range of ports", "write guest: "+m[3]+", host: "+m[2])
		return
	} else if n.Kind == yaml.SequenceNode {
		d.lost(path, "must be a port, or a range of ports", rangeOf(n))
		return
	} else {
		var ok bool
		if first, ok = d.integer(n, path); !ok {
			return
		}
		last = first
	}
	if first < 1 || last > maxPort {
		hint := ""
		if first == 0 && last == 0 && strings.HasSuffix(path, ".host") {
			hint = "say which, or take it out: then it is the guest's number"
		}
		d.bad(path, fmt.Sprintf("must be between 1 and %d", maxPort), hint)
		return
	}
	*r = PortRange{int(first), int(last)}
}

func (r *PortRange) encode(*writer, string) *yaml.Node {
	if r.First == r.Last {
		return scalarNode(r.First)
	}
	return scalarNode(r.String())
}

// UDP reports whether datagrams are forwarded, and no connections.
func (q Port) UDP() bool { return q.Protocol == udp }

// Over is the protocol, said or not.
func (q Port) Over() string { return cmp.Or(q.Protocol, tcp) }

// At is the host's address that it is open at.
func (q Port) At() string { return cmp.Or(q.Address, loopback) }

// Reached is an address of the host at which it is reached from there.
func (q Port) Reached() string {
	if q.Address == anyAddress {
		return loopback
	}
	return q.At()
}

// Open reports whether others than the host reach it.
func (q Port) Open() bool {
	a, err := netip.ParseAddr(q.At())
	return err != nil || !a.IsLoopback()
}

// Called is what tells it from the others: 80, 8000-8010, 53/udp.
func (q Port) Called() string { return q.Guest.String() + q.suffix("/") }

// HostID is the host's side of it as a part of a name: 8080, 8000-8010, 5353-udp.
func (q Port) HostID() string { return q.Host.String() + q.suffix("-") }

func (q Port) suffix(mark string) string {
	if q.UDP() {
		return mark + udp
	}
	return ""
}

// String is what a change of it is told by.
func (q Port) String() string {
	s := fmt.Sprintf("guest %s, host %s", q.Guest, q.Host)
	if q.Protocol != "" {
		s += ", protocol " + q.Protocol
	}
	if q.Address != "" {
		s += ", address " + q.Address
	}
	return s
}

// written is the port as a profile has it.
func (q Port) written() string {
	s := fmt.Sprintf("{guest: %s, host: %s", q.Guest, q.Host)
	if q.Protocol != "" {
		s += ", protocol: " + q.Protocol
	}
	if q.Address != "" {
		s += ", address: " + q.Address
	}
	return s + "}"
}

// Collides is what two ports both want of one host: its numbers at one address, for one protocol.
func (q Port) Collides(o Port) (both PortRange, collide bool) {
	if q.Over() != o.Over() || q.At() != o.At() && q.At() != anyAddress && o.At() != anyAddress {
		return both, false
	}
	both = q.Host.and(o.Host)
	return both, both != PortRange{}
}

// single reports whether it is one port of TCP on the host's 127.0.0.1, which ssh forwards too.
func (q Port) single() bool {
	return q.Guest.Len() == 1 && q.Protocol == "" && q.At() == loopback
}

// sshTakes is the host's port of ssh, as if it were forwarded.
func sshTakes(port int) Port { return Port{Host: OnePort(port)} }

func (p *Profile) validatePorts(d *decoder) {
	for i, port := range p.Ports {
		at := item("ports", i)
		host, own := at+".host", d.given(at+".host")
		if d.wrong[at+".guest"] && !own || d.wrong[host] {
			continue
		}
		if port.Host.Len() != port.Guest.Len() && !d.wrong[at+".guest"] {
			d.bad(host, fmt.Sprintf("has %d of the host's ports for %d of the guest's", port.Host.Len(), port.Guest.Len()),
				"write host: "+PortRange{port.Host.First, min(port.Host.First+port.Guest.Len()-1, maxPort)}.String())
		}
		if address, err := netip.ParseAddr(port.At()); !d.wrong[at+".address"] && (err != nil || !address.Is4()) {
			d.bad(at+".address", "must be an IPv4 address of the host", "127.0.0.1 is this machine alone, 0.0.0.0 whoever reaches it")
		}
		for j, before := range p.Ports[:i] {
			if before.Over() == port.Over() && before.Guest.Overlaps(port.Guest) {
				d.bad(at+".guest", fmt.Sprintf("ports[%d] already forwards %s", j, before.Guest.and(port.Guest)))
			}
			if both, collide := before.Collides(port); collide && (own || !d.wrong[at+".guest"]) {
				d.bad(host, fmt.Sprintf("ports[%d] already takes the host's %s", j, both))
			}
		}
		if n := p.SSHPort(); n != 0 && (own || !p.UnderLima()) {
			if _, collide := port.Collides(sshTakes(n)); collide {
				d.bad(host, p.isOrHas(port.Host, n)+p.RunBy().SSHPortField)
			}
		}
	}
	p.validateForward(d)
}

// isOrHas words that one port is a number, or a range has it.
func (*Profile) isOrHas(r PortRange, port int) string {
	if r.Len() == 1 {
		return "is "
	}
	return fmt.Sprintf("has %d, which is ", port)
}

// mostPorts is how many of the host's ports QEMU may be told to open, one rule each.
const mostPorts = 256

// validateForward holds network.forward to what the runner can do.
func (p *Profile) validateForward(d *decoder) {
	const at = "network.forward"
	switch forward := p.Network.Forward; {
	case forward == "none" && len(p.Ports) > 0:
		d.bad(at, "forwards no port, and ports: has some", "write listed, or remove ports:")
	case forward == "all" && !p.RunBy().ForwardsAll:
		d.bad(at, p.RunBy().Title+" forwards the ports that are listed, and no others", "list them in ports:, or for a while: ssh -N -L 3000:127.0.0.1:3000 "+p.SSHAlias())
	}
}

// Forwards says which of the guest's ports are on the host: none, listed or all.
func (p *Profile) Forwards() string {
	switch {
	case p.Network.Forward != "":
		return p.Network.Forward
	case p.RunBy().ForwardsAll:
		return "all"
	}
	return "listed"
}

// portHint writes a port with its range as its mapping.
func portHint(text string) string {
	text, over, _ := strings.Cut(text, "/")
	if over = strings.ToLower(over); over == udp {
		over = ", protocol: udp"
	} else {
		over = ""
	}
	if m := dockerPort().FindStringSubmatch(text); m != nil {
		address := ""
		if at := cmp.Or(likelyIPv4(m[1]), m[1]); at != "" && at != loopback {
			address = ", address: " + at
		}
		host := ", host: " + m[2]
		if m[2] == m[3] {
			host = ""
		}
		return "{guest: " + m[3] + host + over + address + "}"
	}
	if rangeForm().MatchString(text) || plainInt().MatchString(text) {
		return "{guest: " + text + over + "}"
	}
	return "{guest: 8080, host: 18080}"
}
