package profile

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// HostNames are addresses by the names that stand for them.
type HostNames map[string]string

// ServerName reports whether a text can be a name of network.hosts.
func ServerName(text string) bool { return forms["server name"].ok(text) }

// HostsOf are the names of each address, both in order.
func (n Network) HostsOf() (addresses []string, names map[string][]string) {
	names = map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(n.Hosts)) {
		names[n.Hosts[name]] = append(names[n.Hosts[name]], name)
	}
	return slices.Sorted(maps.Keys(names)), names
}

// validateHosts refuses names that the guest has for something else, and those that no list of names can have.
func (p *Profile) validateHosts(d *decoder) {
	written := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(p.Network.Hosts)) {
		at, plain := "network.hosts."+name, strings.ToLower(name)
		switch {
		case IsAddress(name):
			d.bad(at, "is an address, and its name comes first", nameFirst(name, p.Network.Hosts[name]))
		case !ServerName(name):
			d.bad(at, "must be "+forms["server name"].words, hostNameMeant(name))
		case selfName(plain):
			d.bad(at, name+" is the name every machine has for itself")
		case plain == p.Guest.Hostname:
			d.bad(at, "is the guest's own name", "write guest: {hostname: NAME} where another machine has this one")
		case plain == p.RunBy().HostName && p.System().SetUp != ByFlake:
			d.bad(at, "is the host's name in every guest of "+p.RunBy().Title, "write another name for this address")
		case written[plain] != "":
			d.bad(at, written[plain]+" is the same name", "remove one of them")
		}
		written[plain] = name
		if address := p.Network.Hosts[name]; !IsAddress(address) {
			d.bad(at, "is no IP address", p.addressOf(name, address))
		}
	}
}

// hostWords are what other programs call the host in the place of an address.
var hostWords = strings.Fields("host-gateway host gateway host.docker.internal host.containers.internal host.lima.internal 10.0.2.2")

// addressOf is the hint for what stands in the place of an address.
func (p *Profile) addressOf(name, text string) string {
	other := p.Network.Hosts[text]
	switch plain := strings.ToLower(text); {
	case addressIn(text) != "":
		return "write " + addressIn(text)
	case strings.EqualFold(name, text):
		return "the name itself stands there: write its address"
	case IsAddress(other):
		return "write " + other + ", as " + text + " has it"
	case slices.Contains(hostWords, plain):
		return "write " + p.hostAddress() + ", by which the guest reaches the host"
	case selfName(plain):
		return "the guest itself is 127.0.0.1; the host is " + p.hostAddress() + " for it"
	case ServerName(text):
		return "/etc/hosts takes no second names: write the address that " + text + " has"
	}
	return ""
}

// hostAddress is the host's for a guest.
func (p *Profile) hostAddress() string {
	switch {
	case !p.UnderLima():
		return p.RunBy().HostName
	case p.inUserV2():
		return "192.168.104.2"
	}
	return "192.168.5.2"
}

// selfName holds for names by which every machine means itself.
func selfName(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains([]string{"localhost.localdomain", "ip6-localhost", "ip6-loopback"}, name)
}

// hostsLine writes a list of names and addresses, as Docker and /etc/hosts have it, as a mapping; empty: it is none.
func hostsLine(n *yaml.Node) string {
	var all []string
	for _, c := range n.Content {
		words := strings.FieldsFunc(c.Value, func(r rune) bool { return r == ' ' || r == '=' })
		if name, address, cut := strings.Cut(c.Value, ":"); len(words) == 1 && cut {
			words = []string{name, address}
		}
		if c.Kind == yaml.MappingNode && len(c.Content) == 2 {
			words = []string{c.Content[0].Value, c.Content[1].Value}
		}
		for i := range words {
			words[i] = strings.TrimSuffix(strings.TrimSpace(words[i]), ":")
		}
		if len(words) == 2 && IsAddress(words[0]) {
			words[0], words[1] = words[1], words[0]
		}
		if len(words) != 2 || !ServerName(words[0]) || !IsAddress(words[1]) && !slices.Contains(hostWords, words[1]) {
			return ""
		}
		address := words[1]
		if strings.Contains(address, ":") {
			address = strconv.Quote(address)
		}
		all = append(all, words[0]+": "+address)
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// nameFirst is the hint for a line that stands as /etc/hosts has it.
func nameFirst(address, name string) string {
	if ServerName(name) {
		return "write " + name + ": " + address
	}
	return ""
}

// hostNameMeant is the hint for what is no name of a host.
func hostNameMeant(name string) string {
	switch {
	case strings.HasPrefix(name, "*."):
		return "a list of names has no patterns: write each name"
	case strings.Contains(name, "_"):
		return "no host has an underscore in its name"
	case strings.HasSuffix(name, ".") && ServerName(name[:len(name)-1]):
		return "write " + name[:len(name)-1]
	case strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }):
		return "write it as servers know it: xn--…"
	}
	return ""
}

// addressIn is the address in a text that has a port or the bits of a network beside it; empty: there is none.
func addressIn(text string) string {
	if before, _, cut := strings.Cut(text, "/"); cut && IsAddress(before) {
		return before
	}
	if before, port, err := net.SplitHostPort(text); err == nil && port != "" && IsAddress(before) {
		return before
	}
	return ""
}

// addressMeant is the hint for what is no address.
func addressMeant(text string) string {
	if meant := addressIn(text); meant != "" {
		return "write " + meant
	}
	return ""
}
