package adopt

import (
	"cmp"
	"maps"
	"strconv"

	"vmloom/profile"
)

// takeNetwork takes over servers, names and networks of Lima's that a profile can say.
func (a *Adoption) takeNetwork() {
	var servers []string
	for _, n := range items(child(a.root, "dns")) {
		servers = append(servers, n.Value)
	}
	if scalar(a.root, "hostResolver", "enabled") == "false" && len(servers) > 0 {
		a.made.Network.DNS = servers
	}
	if hosts := child(child(a.root, "hostResolver"), "hosts"); hosts != nil && len(servers) == 0 {
		names := profile.HostNames{}
		for i := 0; i+1 < len(hosts.Content); i += 2 {
			name, address := hosts.Content[i].Value, hosts.Content[i+1].Value
			for range hosts.Content { // another name, which may stand for one more
				address = cmp.Or(scalar(hosts, address), address)
			}
			if profile.IsAddress(address) && profile.ServerName(name) {
				names[name] = address
			}
		}
		if len(names) > 0 {
			maps.Copy(names, a.made.Network.Hosts)
			a.made.Network.Hosts = names
		}
	}
	seen := map[string]bool{}
	for _, n := range items(child(a.root, "networks")) {
		card := profile.LimaNetwork{Name: scalar(n, "lima"), MACAddress: scalar(n, "macAddress")}
		if scalar(n, "vzNAT") == "true" {
			card.Name = profile.VZNAT
		}
		if card.Name == "" || seen[card.Name] {
			return // what follows is counted after it
		}
		card.Interface = scalar(n, "interface")
		card.Metric, _ = strconv.Atoi(scalar(n, "metric"))
		seen[card.Name] = true
		a.made.Lima.Networks = append(a.made.Lima.Networks, card)
	}
}
