package profile

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Network is how the guest and the host's network meet.
type Network struct {
	// Forward says which ports of the guest the host has: none, listed (those of ports) or all at which a program of the guest listens. Default: all under Lima, which does so by itself; listed under QEMU.
	Forward string `yaml:"forward" jsonschema:"enum=none,enum=listed,enum=all" change:"machine"`
	// DNS are the servers that the guest asks for names, by their addresses, before those that its network gives it. Default: Lima's resolver, which asks as the host does.
	DNS []string `yaml:"dns" form:"ip" change:"machine,inflake"`
	// Hosts are names that the guest knows, in its /etc/hosts, each with its address: {db.internal: 10.0.0.5}.
	Hosts HostNames `yaml:"hosts" form:"server name" change:"system"`
}

// LimaNetwork is a network of Lima's in which the VM has a card.
type LimaNetwork struct {
	// Name of the network: vzNAT, user-v2, shared, bridged, host, or one of your ~/.lima/_config/networks.yaml.
	Name string `yaml:"name" jsonschema:"required" form:"instance" change:"machine"`
	// MACAddress of the card, by which the network may give it the same address again: 52:55:55:12:34:56. Default: one that Lima makes of where the instance lies.
	MACAddress string `yaml:"macAddress" form:"mac" change:"machine"`
	// Interface is the card's name in the guest. Default: lima0 for the first, lima1 for the next.
	Interface string `yaml:"interface" jsonschema:"maxLength=15" form:"card" change:"machine"`
	// Metric of the routes by this card: the guest takes those of the lowest. That of Lima's own way out is 200. Default: 100.
	Metric int `yaml:"metric" jsonschema:"minimum=1,maximum=4294967295" change:"machine"`
}

// VZNAT is what a profile calls the network of Apple's own, which has no name in Lima.
const VZNAT = "vzNAT"

// userV2 is Lima's own network, in which VMs see each other.
const userV2 = "user-v2"

// inUserV2 reports whether the guest is in that network.
func (p *Profile) inUserV2() bool {
	return slices.ContainsFunc(p.Lima.Networks, func(c LimaNetwork) bool { return c.Name == userV2 })
}

// vmnetNames are the networks of Lima's that need a helper with root's rights on macOS.
var vmnetNames = []string{"shared", "bridged", "host"}

// Apples reports whether it is Apple's own, which Lima has no name for.
func (n LimaNetwork) Apples() bool { return n.Name == VZNAT }

// CardName is what the guest calls the card of the i-th of lima.networks.
func (n LimaNetwork) CardName(i int) string { return cmp.Or(n.Interface, fmt.Sprint("lima", i)) }

// IsAddress holds for addresses without a zone, which no list of names can have.
func IsAddress(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Zone() == ""
}

func (p *Profile) validateNetwork(d *decoder) {
	for i, server := range p.Network.DNS {
		at := item("network.dns", i)
		if address, err := netip.ParseAddr(server); err != nil || address.Zone() != "" {
			d.bad(at, "is no IP address", addressMeant(server))
		} else if address.IsUnspecified() || address.IsMulticast() {
			d.bad(at, "is the address of no server")
		}
		if j := slices.Index(p.Network.DNS, server); j < i {
			d.bad(at, fmt.Sprintf("network.dns[%d] is the same", j))
		}
	}
	p.validateHosts(d)
	p.validateCards(d)
}

// networkMeant is the network of Lima's that a name differs from by its case or marks alone; empty: it is a name.
func networkMeant(name string) string {
	for _, known := range append([]string{VZNAT, userV2}, vmnetNames...) {
		if name != known && plainKey(name) == plainKey(known) {
			return known
		}
	}
	return ""
}

// validateCards holds Lima's networks to the host and the driver.
func (p *Profile) validateCards(d *decoder) {
	for i, card := range p.Lima.Networks {
		at := item("lima.networks", i)
		switch {
		case networkMeant(card.Name) != "":
			d.bad(at+".name", "is none of Lima's networks", "write "+networkMeant(card.Name))
		case card.Apples() && p.Lima.VMType != "vz":
			d.bad(at+".name", VZNAT+" is of lima.vmType vz alone", "write user-v2, which works everywhere")
		case slices.Contains(vmnetNames, card.Name) && p.On().NoVMNet != "":
			d.bad(at+".name", p.On().NoVMNet, "write user-v2, which works everywhere")
		}
		if first, err := strconv.ParseUint(card.MACAddress[:min(2, len(card.MACAddress))], 16, 8); err == nil && first%2 == 1 {
			d.bad(at+".macAddress", "is the address of a group: its first number must be even", "52:55:55 is Lima's own beginning")
		}
		switch own := card.Interface != "" || card.Metric != 0; {
		case own && p.System().SetUp == ByFlake:
			field := ".interface"
			if card.Interface == "" {
				field = ".metric"
			}
			d.bad(at+field, "is told to cloud-init, which a NixOS guest does not have", "systemd.network in a file of nix.modules names cards and their routes")
		case card.Interface == "lo":
			d.bad(at+".interface", "is the guest's way to itself")
		case card.Interface == "eth0":
			d.bad(at+".interface", "is the card of Lima's own way out")
		}
		for j, other := range p.Lima.Networks[:i] {
			switch {
			case card.Interface != "" && other.Interface == card.Interface:
				d.bad(at+".interface", fmt.Sprintf("is that of lima.networks[%d] too", j))
			case other.Name == card.Name:
				d.bad(at+".name", fmt.Sprintf("lima.networks[%d] is the same", j))
			case card.MACAddress != "" && strings.EqualFold(other.MACAddress, card.MACAddress):
				d.bad(at+".macAddress", fmt.Sprintf("is that of lima.networks[%d] too", j))
			}
		}
	}
}

func (l *linter) networks() {
	for i, server := range l.p.Network.DNS {
		if address, err := netip.ParseAddr(server); err == nil && address.IsLoopback() {
			l.warn("dns-loopback", item("network.dns", i), "is the guest itself there, which answers where a server of yours runs in it", "take network.dns out: the guest then asks as the host does")
		}
	}
	for i, card := range l.p.Lima.Networks {
		if slices.Contains(vmnetNames, card.Name) {
			l.warn("vmnet", item("lima.networks", i)+".name", "needs socket_vmnet on the Mac, and root's leave to run it: limactl start says no without",
				"https://lima-vm.io/docs/config/network/vmnet tells how; vzNAT needs neither")
		}
	}
}
