package main

import (
	"fmt"
	"path/filepath"

	"vmloom/profile"
)

// hostTaken is what the profiles of one call have on their host, by who has it first:
// two VMs of one host cannot share a name, an instance, a disk or a port.
type hostTaken map[string]taker

type taker struct {
	path string
	at   profile.Pos
}

// clashes are what a profile wants and an earlier one has. That of a fleet is an error, with both places.
func (t hostTaken) clashes(path string, p *profile.Profile, fleet bool) (out []profile.Problem) {
	want := func(field, what, reason string) {
		first := t[what]
		if first.path == "" || first.path == path {
			t[what] = taker{path, p.At(field)}
			return
		}
		who, id := first.path, "clash"
		if fleet {
			who, id = fmt.Sprintf("%s:%d:%d", placed(first.path, first.at), first.at.Line, first.at.Col), ""
		}
		found := p.ProblemAt(field, fmt.Sprintf(reason, who))
		found.ID, found.Hint = id, "give one of them another; each of them alone works"
		out = append(out, found)
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
	if p.Home.Disk > 0 {
		want("home", host+p.Runner+" disk "+p.Name, "is on the disk of %s too")
	}
	if port := p.SSHPort(); port != 0 {
		want(p.RunBy().SSHPortField, fmt.Sprint(host, "port ", port), "is a port of %s too")
	}
	for i, port := range p.Ports {
		want(fmt.Sprintf("ports[%d]", i), fmt.Sprint(host, "port ", port.Host), fmt.Sprintf("the host's port %d is one of %%s too", port.Host))
	}
	return out
}
