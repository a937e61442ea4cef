package lima

import (
	"cmp"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Ports are those from the first to the last.
type Ports struct{ First, Last int }

// String is the port, or the first and the last: 8000-8010.
func (p Ports) String() string {
	if p.First == p.Last {
		return strconv.Itoa(p.First)
	}
	return strconv.Itoa(p.First) + "-" + strconv.Itoa(p.Last)
}

// Forward is a rule that forwards ports, and no socket. Lima goes by the first that fits.
type Forward struct {
	// Guest are its ports in the guest, Host those on the host; none: they are ignored.
	Guest, Host Ports
	// Proto is tcp, udp or any.
	Proto string
	// GuestIP and HostIP are addresses, 127.0.0.1 where it says nothing.
	GuestIP, HostIP string
}

// ForwardOf reads a rule of portForwards; not ok: it is of a socket, or cannot be read.
func ForwardOf(rule *yaml.Node) (f Forward, ok bool) {
	if rule.Kind != yaml.MappingNode || at(rule, "guestSocket") != nil || at(rule, "hostSocket") != nil {
		return f, false
	}
	f.Proto = cmp.Or(text(rule, "proto"), "any")
	usual := "127.0.0.1"
	f.HostIP = cmp.Or(text(rule, "hostIP"), usual)
	if text(rule, "guestIPMustBeZero") == "true" {
		usual = "0.0.0.0"
	}
	f.GuestIP = cmp.Or(text(rule, "guestIP"), usual)
	if f.Guest, ok = portsAt(rule, "guest"); !ok {
		f.Guest = Ports{1, 65535}
	}
	if text(rule, "ignore") == "true" {
		return f, true
	}
	if f.Host, ok = portsAt(rule, "host"); !ok {
		f.Host = f.Guest
	}
	return f, f.Guest.First > 0 && f.Guest.First <= f.Guest.Last
}

func portsAt(rule *yaml.Node, side string) (Ports, bool) {
	if both := items(rule, side+"PortRange"); len(both) == 2 {
		first, one := asNumber(both[0])
		last, two := asNumber(both[1])
		return Ports{int(first), int(last)}, one && two
	}
	if n := at(rule, side+"Port"); n != nil && n.Kind == yaml.ScalarNode {
		port, is := asNumber(n)
		return Ports{int(port), int(port)}, is && port > 0
	}
	return Ports{}, false
}

// Covers reports whether a rule behind this one is never reached.
func (f Forward) Covers(o Forward) bool {
	return f.Guest.First <= o.Guest.First && o.Guest.Last <= f.Guest.Last && f.sameProto(o) && (f.Proto == "any" || o.Proto != "any") && f.GuestIP == o.GuestIP
}

// Over is the rule for one protocol alone.
func (f Forward) Over(proto string) Forward {
	f.Proto = proto
	return f
}

// Meets reports whether both want a port of the host at one address.
func (f Forward) Meets(o Forward) bool {
	if f.Host.First == 0 || o.Host.First == 0 || !f.sameProto(o) || f.HostIP != o.HostIP && f.HostIP != "0.0.0.0" && o.HostIP != "0.0.0.0" {
		return false
	}
	port := max(f.Host.First, o.Host.First) // the first that both have, if any
	return port <= min(f.Host.Last, o.Host.Last) && port-f.Host.First+f.Guest.First != port-o.Host.First+o.Guest.First
}

func (f Forward) sameProto(o Forward) bool {
	return f.Proto == o.Proto || f.Proto == "any" || o.Proto == "any"
}
