package main

import (
	"fmt"
	"path/filepath"

	"vmloom/profile"
)

// hostTaken is what the profiles of one call have on their host, by who has it first:
// two VMs of one host cannot share a name, an instance, a disk or a port.
type hostTaken struct {
	by    map[string]taker
	ports []portTaker
}

type taker struct {
	path string
	at   profile.Pos
}

// portTaker has a port, or a range of them, of a host.
type portTaker struct {
	taker
	host string
	port profile.Port
}

// clashes are what a profile wants and an earlier one has. That of a fleet is an error, with both places.
func (t *hostTaken) clashes(path string, p *profile.Profile, fleet bool) (out []profile.Problem) {
	taken := func(field, reason string, first taker) {
		who, id := first.path, "clash"
		if fleet {
			who, id = fmt.Sprintf("%s:%d:%d", placed(first.path, first.at), first.at.Line, first.at.Col), ""
		}
		found := p.ProblemAt(field, fmt.Sprintf(reason, who))
		found.ID, found.Hint = id, "give one of them another; each of them alone works"
		out = append(out, found)
	}
	want := func(field, what, reason string) {
		first := t.by[what]
		if first.path == "" || first.path == path {
			t.by[what] = taker{path, p.At(field)}
			return
		}
		taken(field, reason, first)
	}
	if fleet {
		want("name", "machine "+p.Name, "is that of %s too, and machines of a fleet are told apart by it")
	} else {
		want("name", "files "+filepath.Join(filepath.Dir(path), p.Name), "is that of %s too, and both would write generated/"+p.Name)
	}
	host := p.Host.OS + " "
	if fleet { // one for all users may be many
		host += p.Host.User + " " + p.Host.Home + " "
	}
	named := "name"
	if p.Given("lima.instance") {
		named = "lima.instance"
	}
	want(named, host+p.SSHAlias(), "the VM of %s is "+p.SSHAlias()+" too")
	disks := host + p.Runner + " disk "
	if !p.UnderLima() { // those are files of the VM; Lima has one directory for all
		disks += p.Name + " "
	}
	if p.Home.Disk > 0 {
		want("home", disks+p.HomeDisk(), "is on the disk of %s too")
	}
	for i, d := range p.Disks {
		want(fmt.Sprintf("disks[%d]", i), disks+p.DiskOf(d), "is the disk "+p.DiskOf(d)+", which %s has too")
	}
	wantPort := func(field, reason string, port profile.Port) {
		for _, first := range t.ports {
			if both, collide := port.Collides(first.port); collide && first.host == host && first.path != path {
				taken(field, fmt.Sprintf(reason, both), first.taker)
				return
			}
		}
		t.ports = append(t.ports, portTaker{taker{path, p.At(field)}, host, port})
	}
	if n := p.SSHPort(); n != 0 {
		wantPort(p.RunBy().SSHPortField, "its port %s is one of %%s too", profile.Port{Host: profile.OnePort(n)})
	}
	for i, port := range p.Ports {
		wantPort(fmt.Sprintf("ports[%d]", i), "the host's port %s is one of %%s too", port)
	}
	return out
}
