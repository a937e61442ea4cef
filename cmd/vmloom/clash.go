package main

import (
	"fmt"
	"path/filepath"

	"vmloom/profile"
)

// hostTaken is what the profiles of one call have on their host, by who has it first:
// two VMs of one host cannot share a name, an instance, a disk or a port.
type hostTaken map[string]string

// clashes warns of what a profile wants and an earlier one has.
func (t hostTaken) clashes(path string, p *profile.Profile) (out []profile.Problem) {
	want := func(field, what, reason string) {
		if first := t[what]; first != "" && first != path {
			found := p.ProblemAt(field, fmt.Sprintf(reason, first))
			found.ID, found.Hint = "clash", "give one of them another; each of them alone works"
			out = append(out, found)
		} else {
			t[what] = path
		}
	}
	want("name", "files "+filepath.Join(filepath.Dir(path), p.Name), "is that of %s too, and both would write generated/"+p.Name)
	host := p.Host.OS + " "
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
