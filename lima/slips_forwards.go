package lima

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// port refuses a number that Lima forwards to or from never.
func (s *slips) port(n *yaml.Node) (number int) {
	if n == nil || n.Kind != yaml.ScalarNode {
		return 0
	}
	read, ok := asNumber(n)
	number = int(read)
	switch {
	case !ok: // a wrong type
	case number == SSHPort:
		s.refused(n, "must not be 22", "ssh.localPort is where SSH answers on the host")
	case number < 1 || number > 65535:
		s.refused(n, "must be between 1 and 65535", "")
	}
	return number
}

// ports is how many a rule has on a side, guest or host; 0: it says nothing.
func (s *slips) ports(rule *yaml.Node, side string) int {
	if n := at(rule, side+"PortRange"); n != nil && n.Kind == yaml.SequenceNode {
		if len(n.Content) != 2 {
			s.refused(n, "must be the first and the last port", "[8000, 8010]")
			return 0
		}
		first, last := s.port(n.Content[0]), s.port(n.Content[1])
		if first > last {
			s.refused(n, "ends before it begins", "")
		}
		return last - first + 1
	}
	if n := at(rule, side+"Port"); n != nil && n.Value != "0" {
		s.port(n)
		return 1
	}
	return 0
}

const everybody = "127.0.0.1 is this machine alone, 0.0.0.0 everybody"

func (s *slips) forwards() {
	for _, rule := range items(s.root, "portForwards") {
		s.address(at(rule, "guestIP"), everybody)
		s.address(at(rule, "hostIP"), everybody)
		if n := at(rule, "guestIPMustBeZero"); n != nil && n.Value == "true" && text(rule, "guestIP") != "" && text(rule, "guestIP") != "0.0.0.0" {
			s.refused(n, "is for the guestIP 0.0.0.0 alone", "guestIP: 0.0.0.0")
		}
		guest, host := s.ports(rule, "guest"), s.ports(rule, "host")
		guestSocket, hostSocket := at(rule, "guestSocket"), at(rule, "hostSocket")
		if guest > 0 && guestSocket != nil {
			s.refused(guestSocket, "stands beside a port of the guest", "keep one of them")
		}
		if host > 0 && hostSocket != nil {
			s.refused(hostSocket, "stands beside a port of the host", "keep one of them")
		}
		if guest > 0 && host > 0 && guest != host {
			s.refused(rule, "has another number of ports on the host than in the guest", "hostPortRange has as many as guestPortRange")
		}
		if text(rule, "reverse") == "true" && (guestSocket == nil || hostSocket == nil) {
			s.refused(rule, "reverse is for a guestSocket and a hostSocket", "")
		}
		s.absolute(guestSocket, guestWords)
		s.halfSocket(rule, guest, host)
		if hostSocket != nil && strings.HasPrefix(hostSocket.Value, "~") {
			s.taken(hostSocket, "is not expanded: Lima makes a directory ~ of the instance's", "write {{.Home}}"+hostSocket.Value[1:])
		}
	}
}

// halfSocket refuses a socket that has nothing, or several ports, on the other side.
func (s *slips) halfSocket(rule *yaml.Node, guest, host int) {
	guestSocket, hostSocket := at(rule, "guestSocket"), at(rule, "hostSocket")
	switch {
	case guestSocket != nil && hostSocket == nil:
		s.refused(rule, "has a guestSocket, and no hostSocket", "hostSocket: {{.Dir}}/sock/NAME.sock")
	case hostSocket != nil && guestSocket == nil && guest != 1:
		s.refused(rule, "has a hostSocket, and neither a guestSocket nor one guestPort", "guestSocket: /run/…")
	}
	if hostSocket == nil {
		return
	}
	if filled, ok := s.filledIn(hostSocket, hostWords); ok && len(filled) >= PathMaxLinux {
		s.refused(hostSocket, "is longer than a socket's path may be", "less than "+strconv.Itoa(PathMaxMac)+" characters")
	}
}

// sameForwards tells of rules that one before leaves nothing to, and of two that want one
// place of the host.
func (s *slips) sameForwards() {
	var before []Forward
	for _, n := range items(s.root, "portForwards") {
		r, ok := ForwardOf(n)
		if !ok {
			continue
		}
		for _, other := range before {
			switch {
			case other.Covers(r):
				s.taken(n, "is never reached: a rule before it is for "+r.Guest.String(), "remove one of them")
			case other.Meets(r):
				s.taken(n, "wants a port of the host that a rule before it has: one of them gets it", "another hostPort")
			default:
				continue
			}
			break
		}
		before = append(before, r)
	}
	sockets := map[string]bool{}
	for _, n := range items(s.root, "portForwards") {
		if at := at(n, "hostSocket"); at != nil && text(n, "reverse") != "true" {
			if sockets[at.Value] {
				s.taken(at, "is the socket of a rule before it: one of them gets it", "another hostSocket")
			}
			sockets[at.Value] = true
		}
	}
}
