package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/profile"
)

// What a fake guest has of its network: its resolver's servers, its names, and its cards,
// in files of its etc.

func resolvers(p *profile.Profile) (text string) {
	for _, server := range append(slices.Clone(p.Network.DNS), "192.168.5.3") {
		text += "nameserver " + server + "\n"
	}
	return text
}

func hostLines(p *profile.Profile) string {
	text := "127.0.0.1 localhost\n"
	for name, address := range p.Network.Hosts {
		text += address + " " + name + "\n"
	}
	return text
}

func cards(p *profile.Profile) string {
	text := "eth0 52:55:55:00:00:01 192.168.5.15/24 200\n"
	for i, card := range p.Lima.Networks {
		text += fmt.Sprintf("%s %s 192.168.105.%d/24 %d\n", card.CardName(i), cmp.Or(card.MACAddress, "52:55:55:00:00:02"), 2+i, cmp.Or(card.Metric, 100))
	}
	return text
}

// getent hosts says what the C library knows of each name.
func (g *fakeGuest) getent(names []string) int {
	data, _ := os.ReadFile(filepath.Join(g.dir, "guest/etc/hosts"))
	status := 0
	for _, name := range names {
		found := ""
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 1 && slices.Contains(f[1:], name) {
				found = f[0]
			}
		}
		if found == "" {
			status = 2
			continue
		}
		fmt.Printf("%-15s %s\n", found, name)
	}
	return status
}

// ip says a line each of addresses or of links, and two of routes.
func (g *fakeGuest) ip(what string) int {
	data, _ := os.ReadFile(filepath.Join(g.dir, "guest/etc/cards"))
	for i, line := range slices.Collect(strings.Lines(string(data))) {
		f := strings.Fields(line)
		switch {
		case what == "link":
			fmt.Printf("%d: %s: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP mode DEFAULT group default qlen 1000\\    link/ether %s brd ff:ff:ff:ff:ff:ff\n", i+2, f[0], f[1])
		case what == "route" && len(f) > 3:
			fmt.Printf("default via 192.168.105.1 dev %s proto dhcp src %s metric %s \n", f[0], f[2], f[3])
			fmt.Printf("192.168.105.0/24 dev %s proto kernel scope link src %s metric %s \n", f[0], f[2], f[3])
		case what != "route" && len(f) > 2:
			fmt.Printf("%d: %s    inet %s brd 192.168.105.255 scope global dynamic %s\\       valid_lft 3000sec preferred_lft 3000sec\n", i+2, f[0], f[2], f[0])
		}
	}
	return 0
}

// watches is what Lima's host agent says of the mounts that it watches.
func (g *fakeGuest) watches(p *profile.Profile, home string) {
	log := ""
	for _, m := range p.Mounts {
		if m.Writable {
			log += fmt.Sprintf(`{"level":"info","msg":%q,"time":"2026-01-01T00:00:00Z"}`+"\n", "enable inotify for writable mount: "+strings.Replace(m.Host, "~", home, 1))
		}
	}
	if err := os.WriteFile(filepath.Join(g.dir, "ha.stderr.log"), []byte(log), 0o644); err != nil {
		panic(err)
	}
}
