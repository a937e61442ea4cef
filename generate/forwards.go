package generate

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/profile"
)

// hostForward is one port of the host that leads to one of the guest: a rule of QEMU's.
type hostForward struct {
	Over, At    string
	Host, Guest int
}

// hostForwards takes ranges apart.
func hostForwards(ports ...profile.Port) (all []hostForward) {
	for _, port := range ports {
		for i := range port.Guest.Len() {
			all = append(all, hostForward{port.Over(), port.At(), port.Host.First + i, port.Guest.First + i})
		}
	}
	return all
}

// Rule is the forward as QEMU is told of it.
func (f hostForward) Rule() string { return fmt.Sprintf("%s:%s:%d-:%d", f.Over, f.At, f.Host, f.Guest) }

// Line is the forward as the scripts compare it with what QEMU's monitor tells.
func (f hostForward) Line() string { return fmt.Sprintf("%s %s %d %d", f.Over, f.At, f.Host, f.Guest) }

// forwardLines are those of a port or a range.
func forwardLines(port profile.Port) string {
	var lines []string
	for _, f := range hostForwards(port) {
		lines = append(lines, f.Line())
	}
	return strings.Join(lines, "\n")
}

// limaForward is a rule of Lima's for ports.
type limaForward struct {
	Guest, Host profile.PortRange
	Proto, At   string
	Elsewhere   bool // not on the host's 127.0.0.1
}

// One reports whether the rule is of single ports.
func (f limaForward) One() bool { return f.Guest.Len() == 1 }

// limaForwards are the rules in the profile's order. Where no protocol is said, Lima's own
// way stays, which takes both, unless a rule for datagrams is of the same port: the first
// that matches counts.
func limaForwards(ports []profile.Port) (all []limaForward) {
	for _, port := range ports {
		f := limaForward{port.Guest, port.Host, port.Protocol, port.At(), port.Address != ""}
		overlaps := func(other profile.Port) bool { return other.UDP() && other.Guest.Overlaps(port.Guest) }
		if f.Proto == "" && slices.ContainsFunc(ports, overlaps) {
			f.Proto = port.Over()
		}
		all = append(all, f)
	}
	return all
}
