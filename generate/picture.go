package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
)

// picture is the guide's Mermaid flowchart: boxes in two groups, and links.
type picture struct {
	Groups []group
	Links  []link
}

type group struct {
	ID, Label string
	Nodes     []node
}

type node struct{ ID, Label string }

type link struct{ From, Label, To string }

func newPicture(p *profile.Profile, os string) picture {
	host := group{ID: "host", Label: os + " host", Nodes: []node{{p.Runner, runBy(p).host(p)}}}
	guest := group{ID: "guest", Label: p.Name + ": " + systemName(p) + ", " + archWords(p), Nodes: []node{{"user", p.Guest.User.Name + ", " + p.Guest.User.Home}}}
	var pic picture
	connect := func(id, onHost, label, inGuest string) {
		host.Nodes = append(host.Nodes, node{"h" + id, onHost})
		guest.Nodes = append(guest.Nodes, node{"g" + id, inGuest})
		pic.Links = append(pic.Links, link{"h" + id, label, "g" + id})
	}
	pic.Links = append(pic.Links, link{p.Runner, "ssh " + p.SSHAlias(), "user"})
	if p.Home.Disk > 0 {
		connect("home", "disk "+p.HomeDisk()+", "+p.Home.Disk.String(), "mounted", p.HomeMount())
	}
	for i, d := range p.Disks {
		connect(fmt.Sprint("d", i), "disk "+p.DiskOf(d)+", "+d.Size.String(), "mounted", d.Mount)
	}
	for i, m := range p.Mounts {
		how := "read-only"
		if m.Writable {
			how = "writable"
		}
		to := p.GuestPath(m)
		if to == "" {
			to = m.Host
		}
		connect(fmt.Sprint("m", i), profile.Place(m.Host), how, to)
	}
	for i, s := range p.Sockets {
		// From the host as all others, though it is the guest that connects: an arrow back would run behind the boxes.
		// One of the guest's leads the other way, and its label says so.
		label := "socket " + s.Name
		if s.ToHost() {
			label += " of the guest"
		}
		connect(fmt.Sprint("s", i), profile.Place(s.Host), label, s.Guest)
	}
	for i, port := range p.Ports {
		words := "port "
		if port.Guest.Len() > 1 {
			words = "ports "
		}
		connect(fmt.Sprint("p", i), port.At()+":"+port.Host.String(), strings.ToUpper(port.Over()), words+port.Guest.String())
	}
	pic.Groups = []group{host, guest}
	return pic
}
