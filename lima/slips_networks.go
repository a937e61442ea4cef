package lima

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// address refuses what is no IP address.
func (s *slips) address(n *yaml.Node, hint string) {
	if n != nil && net.ParseIP(n.Value) == nil {
		s.refused(n, "is no IP address", hint)
	}
}

// ownNetworks are those of Lima's own networks.yaml.
var ownNetworks = []string{"user-v2", "shared", "bridged", "host"}

func (s *slips) networks() {
	for _, n := range items(s.root, "networks") {
		if n.Kind != yaml.MappingNode {
			continue
		}
		if name := at(n, "lima"); name != nil && name.Value != "" && !slices.Contains(ownNetworks, name.Value) {
			s.taken(name, "is none of Lima's own networks: limactl refuses it unless networks.yaml of its _config has it", "Lima's are "+strings.Join(ownNetworks, ", "))
		}
		kinds := 0
		for _, key := range []string{"lima", "socket", "vzNAT"} {
			if v := text(n, key); v != "" && v != "false" {
				kinds++
			}
		}
		if kinds != 1 {
			s.refused(n, "must have one of lima, socket and vzNAT", "{lima: user-v2} needs nothing of the host")
		}
		if mac := text(n, "macAddress"); mac != "" {
			switch hw, err := net.ParseMAC(mac); {
			case err != nil || len(hw) != 6:
				s.refused(at(n, "macAddress"), "is no MAC address", "")
			case hw[0]%2 == 1:
				s.taken(at(n, "macAddress"), "is the address of a group: its first number must be even", "52:55:55 is Lima's own beginning")
			}
		}
		if i := text(n, "interface"); len(i) >= 16 || strings.ContainsAny(i, " \t\n/") || i == "eth0" {
			s.refused(at(n, "interface"), "is no name of a further interface", "lima0")
		}
	}
}

func (s *slips) resolver() {
	for _, n := range items(s.root, "dns") {
		s.address(n, "")
	}
	if hosts := at(s.root, "hostResolver", "hosts"); hosts != nil && hosts.Kind == yaml.MappingNode {
		s.loops(hosts)
		for key, value := range Entries(hosts) {
			for _, n := range []*yaml.Node{key, value} {
				if n.Kind == yaml.ScalarNode && (n.Value == "" || strings.ContainsAny(n.Value, " \t\n/")) {
					s.taken(n, "is no name of a host: nobody finds it", "")
				}
			}
		}
	}
	if len(items(s.root, "dns")) > 0 && text(s.root, "hostResolver", "enabled") != "false" {
		s.refused(at(s.root, "dns"), "must be empty while Lima's own resolver answers", "hostResolver: {enabled: false} beside it")
	}
}

// loops tells of names that stand for each other: what asks vz or user-v2 goes round for ever (dnshosts.hostIP).
func (s *slips) loops(hosts *yaml.Node) {
	for key, value := range Entries(hosts) {
		seen, name := map[string]bool{}, value.Value
		for at(hosts, name) != nil && !seen[name] && name != key.Value {
			seen[name], name = true, text(hosts, name)
		}
		if name == key.Value {
			s.taken(value, "leads back to "+name+": it has no address, and Lima with vz or user-v2 looks for one for ever, at full load of a processor", "write its address")
		}
	}
}

// interfaces tells of cards that have one name. Lima names one that has none by its
// place in the list; those that are named alike it makes one of.
func (s *slips) interfaces() {
	type card struct {
		n    *yaml.Node
		mine bool // named by the template
	}
	seen := map[string]card{}
	for _, name := range s.around.Interfaces {
		seen[name] = card{}
	}
	for i, n := range items(s.root, "networks") {
		if n.Kind != yaml.MappingNode {
			continue
		}
		name := text(n, "interface")
		called := cmp.Or(name, "lima"+strconv.Itoa(i+len(s.around.Interfaces)))
		was, twice := seen[called]
		switch {
		case !twice:
		case name != "" && was.mine:
			s.taken(at(n, "interface"), "names a card a second time: Lima makes one card of both, and what this one says counts", "another name, such as lima"+strconv.Itoa(i+5))
		case name != "":
			s.refused(at(n, "interface"), "is the name of another network's card", "another name, such as lima"+strconv.Itoa(i+5))
		default:
			s.refused(n, "has no interface, and the name that Lima would give it is another network's", "interface: lima"+strconv.Itoa(i+5))
		}
		seen[called] = card{n, name != ""}
		if mac := text(n, "macAddress"); mac != "" {
			if seen[mac].n != nil {
				s.taken(at(n, "macAddress"), "is the address of another network's card: neither is reached", "remove it: Lima makes one of the instance's name")
			}
			seen[mac] = card{n: n}
		}
	}
}
