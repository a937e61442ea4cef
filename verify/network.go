package verify

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"vmloom/process"
	"vmloom/profile"
)

// networkRows hold the guest's network to the profile: whom it asks for names, which it
// knows, and its cards in networks of Lima's.
func networkRows(p *profile.Profile) []Check {
	var rows []Check
	changed := say("the VM was started before the profile was changed")
	if servers := p.Network.DNS; len(servers) > 0 {
		rows = append(rows, Check{
			ID: "network/dns", Title: "the guest asks the profile's servers for names", Not: "the guest does not ask the profile's servers for names", Field: "network.dns", Because: changed, Cure: callApply,
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "cat /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null; true")}
			},
			judge: func(_ *Site, a []answer) verdict { return asksServers(a[0], servers) },
		})
	}
	if addresses, names := p.Network.HostsOf(); len(addresses) > 0 {
		rows = append(rows, Check{
			ID: "network/hosts", Title: "the guest knows the profile's host names", Not: "the guest does not know the profile's host names", Field: "network.hosts", Because: changed, Cure: callApply,
			steps: func(s *Site) []process.Step {
				if p.System().NoGetent {
					return []process.Step{guestStep(p, s, "cat /etc/hosts")}
				}
				words := []string{"getent", "hosts", "localhost"} // which every guest knows
				for _, address := range addresses {
					words = append(words, names[address]...)
				}
				return []process.Step{{Cmd: inside(p, s, words...)}}
			},
			judge: func(_ *Site, a []answer) verdict { return knowsNames(a[0], p.Network.Hosts) },
		})
	}
	for i, card := range p.Lima.Networks {
		if !p.UnderLima() {
			continue
		}
		if card.Metric != 0 {
			rows = append(rows, metricRow(p, i, changed))
		}
		if card.MACAddress == "" && card.Interface == "" { // which card it is, only Lima knows
			continue
		}
		rows = append(rows, Check{
			ID: "card/" + card.Name, Title: "the guest has an address in the network " + card.Name, Not: "the guest has no address in the network " + card.Name, Field: fmt.Sprintf("lima.networks[%d]", i),
			Because: say("the VM was started before the profile was changed, or the network gives no address"), Cure: say("%s, then %s", vmloom("apply"), "limactl shell "+p.Lima.Instance+" ip address"),
			steps: func(s *Site) []process.Step {
				return []process.Step{guestStep(p, s, "ip -o link && ip -o address")}
			},
			judge: func(_ *Site, a []answer) verdict { return hasCard(a[0], card) },
		})
	}
	return inGuest(rows...)
}

// metricRow holds the routes by a card to their metric, by which the guest chooses among its ways out.
func metricRow(p *profile.Profile, i int, because Text) Check {
	card := p.Lima.Networks[i]
	name := card.CardName(i)
	return Check{
		ID: "card/" + card.Name + "/metric", Title: "the guest's routes by the network " + card.Name + " have their metric", Not: "the guest's routes by the network " + card.Name + " have another metric", Field: fmt.Sprintf("lima.networks[%d].metric", i),
		Because: because, Cure: say("%s, then %s", vmloom("apply"), "limactl shell "+p.Lima.Instance+" ip -4 route"),
		steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, "ip -4 route")} },
		judge: func(_ *Site, a []answer) verdict { return hasMetric(a[0], name, card.Metric) },
	}
}

// hasMetric reads what ip says of routes. One without a metric has 0.
func hasMetric(a answer, card string, metric int) verdict {
	if !a.ok() || !strings.Contains(a.out, "default via ") {
		return mute(a)
	}
	found := false
	for line := range strings.Lines(a.out) {
		f := strings.Fields(line)
		if after(f, "dev") != card {
			continue
		}
		found = true
		if got := cmp.Or(after(f, "metric"), "0"); got != strconv.Itoa(metric) {
			return bad("%s by %s has %s", f[0], card, got)
		}
	}
	if !found {
		return bad("no route goes by %s", card)
	}
	return good("%d by %s", metric, card)
}

// after is the word behind another; empty: there is none.
func after(f []string, word string) string {
	if i := slices.Index(f, word); i >= 0 && i+1 < len(f) {
		return f[i+1]
	}
	return ""
}

// asksServers reads the files of a resolver.
func asksServers(a answer, servers []string) verdict {
	var asked []string
	for line := range strings.Lines(a.out) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "nameserver" {
			asked = append(asked, f[1])
		}
	}
	if len(asked) == 0 {
		return noWord("/etc/resolv.conf in the guest", "it names no server")
	}
	for _, server := range servers {
		if !slices.ContainsFunc(asked, func(other string) bool { return sameAddress(server, other) }) {
			return bad("it asks %s, and not %s", strings.Join(asked, ", "), server)
		}
	}
	return good("%s", strings.Join(servers, ", "))
}

// knowsNames reads what getent says: an address and its names, a line each.
func knowsNames(a answer, hosts map[string]string) verdict {
	known := map[string]string{}
	for line := range strings.Lines(a.out) {
		f := strings.Fields(line)
		for i := 1; i < len(f); i++ {
			known[f[i]] = f[0]
		}
	}
	if known["localhost"] == "" {
		return noWord("getent in the guest", "it does not know localhost")
	}
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		address := hosts[name]
		switch got := known[name]; {
		case got == "":
			return bad("it does not know %s", name)
		case !sameAddress(got, address):
			return bad("%s is %s there", name, got)
		}
	}
	return good("%d of them", len(hosts))
}

// hasCard finds the card in what ip says of links, and its address in what it says of addresses.
func hasCard(a answer, card profile.LimaNetwork) verdict {
	name := ""
	for line := range strings.Lines(a.out) {
		f := strings.Fields(line)
		i := slices.Index(f, "link/ether")
		if i < 2 || i+1 >= len(f) {
			continue
		}
		if is := strings.TrimSuffix(f[1], ":"); card.MACAddress == "" && is == card.Interface || strings.EqualFold(f[i+1], card.MACAddress) {
			name = is
		}
	}
	switch {
	case !a.ok() || !strings.Contains(a.out, "link/ether") || !strings.Contains(a.out, " inet"):
		return mute(a)
	case name == "":
		return bad("it has no card %s", cmp.Or(card.MACAddress, card.Interface))
	case card.Interface != "" && name != card.Interface:
		return bad("it calls the card %s", name)
	}
	for line := range strings.Lines(a.out) {
		if f := strings.Fields(line); len(f) > 3 && f[1] == name && f[2] == "inet" {
			return good("%s at %s", f[3], name)
		}
	}
	return bad("%s has no address", name)
}

func sameAddress(a, b string) bool {
	x, err := netip.ParseAddr(a)
	y, err2 := netip.ParseAddr(b)
	return err == nil && err2 == nil && x == y
}
