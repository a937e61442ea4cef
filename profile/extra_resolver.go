package profile

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// byUserNet reports whether the guest's way out is Lima's own network, which vz has always and QEMU in user-v2: it
// carries IPv4 alone, and answers for names by the last word of each (dnshosts.ExtractZones).
func (p *Profile) byUserNet() bool {
	return p.UnderLima() && (p.VMType() == "vz" || p.inUserV2())
}

// withoutIPv6 reports whether nothing of the guest reaches an address of IPv6.
func (p *Profile) withoutIPv6() bool {
	other := func(c LimaNetwork) bool { return c.Name != userV2 }
	return p.byUserNet() && !slices.ContainsFunc(p.Lima.Networks, other) && len(valueOf(p.extra(), "networks").Content) == 0
}

// extra is lima.extra; an empty node: there is none.
func (p *Profile) extra() *yaml.Node {
	if p.Lima.Extra.Node == nil {
		return &yaml.Node{}
	}
	return p.Lima.Extra.Node
}

// ownLevels are the top levels that nobody else has names of.
var ownLevels = []string{"internal", "localhost", "test"}

// resolver tells of names that Lima's resolver does not give as they seem to say.
func (x *extraLook) resolver() {
	hosts := x.at("hostResolver", "hosts")
	off := x.at("hostResolver", "enabled").Value == "false"
	switch {
	case len(hosts.Content) == 0:
		return
	case len(x.Network.DNS) > 0, off && !x.byUserNet():
		x.say(hosts, "does nothing: the guest does not ask Lima's resolver", "write the names into network.hosts")
		return
	case !x.byUserNet():
		return
	}
	for key, value := range lima.Entries(hosts) {
		name, address := key.Value, value.Value
		for range hosts.Content { // another name, which may stand for one more
			if next := valueOf(hosts, address); next.Value != "" {
				address = next.Value
			}
		}
		if address == x.RunBy().HostName || address == lima.Hostname(x.Lima.Instance)+".internal" { // Lima adds both
			address = loopback
		}
		level := name[strings.LastIndexByte(name, '.')+1:]
		switch ip, err := netip.ParseAddr(address); {
		case valueOf(hosts, address).Value != "": // a loop, of which lima.Slips speaks
		case err != nil:
			x.say(value, "is none of these names: the resolver of vz and user-v2 has no address for it", "write the address, into network.hosts")
		case level == name:
			x.say(key, "has no dot: the resolver of vz and user-v2 never answers for it", "write it into network.hosts")
		case ip.Is6() && !ip.Is4In6():
			x.say(value, "is an address of IPv6, which the resolver of vz and user-v2 does not give", "write it into network.hosts")
		case !slices.Contains(ownLevels, level):
			x.say(key, "has the resolver of vz and user-v2 deny every other name that ends in ."+level, "write it into network.hosts, which takes no other name away")
		}
	}
}

// servers tells of those that the guest does not reach.
func (x *extraLook) servers() {
	for _, n := range x.at("dns").Content {
		if x.beyondReach(n.Value) {
			x.say(n, noIPv6, "write its address of IPv4")
		}
	}
}

const noIPv6 = "is never reached: the network of vz and user-v2 carries IPv4 alone"

// beyondReach holds for addresses of IPv6 that the guest has no way to.
func (p *Profile) beyondReach(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6() && !address.Is4In6() && !address.IsLoopback() && p.withoutIPv6()
}

// reach warns of addresses that the guest has no way to.
func (l *linter) reach() {
	p := l.p
	warn := func(at, text string) {
		if p.beyondReach(text) {
			l.warn("no-ipv6", at, noIPv6, "write its address of IPv4")
		}
	}
	for i, server := range p.Network.DNS {
		warn(item("network.dns", i), server)
	}
	for name, address := range p.Network.Hosts {
		warn(join("network.hosts", name), address)
	}
	for _, one := range [][2]string{{"http", p.Guest.Proxy.HTTP}, {"https", p.Guest.Proxy.HTTPS}} {
		if u, err := url.Parse(one[1]); err == nil && p.said("guest.proxy."+one[0]) {
			warn("guest.proxy."+one[0], u.Hostname())
		}
	}
}
