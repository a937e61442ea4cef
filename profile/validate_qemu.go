package profile

import "fmt"

// guestShare is where the runner qemu shows a guest what it must do at boot.
const guestShare = "/run/vmloom"

// validateQEMU checks what the runner qemu needs beyond the rest.
func (p *Profile) validateQEMU(d *decoder) {
	if len(p.Network.DNS) > 0 {
		d.bad("network.dns", "QEMU has the guest ask this machine, which asks its own servers", "take it out, or have a file of guix.modules choose the guest's")
	}
	if len(p.Network.Hosts) > 0 && p.Guix.Version == "1.4" {
		d.bad("network.hosts", "needs hosts-service-type, which Guix 1.4 does not have", `write guix: {version: "1.5"}, or set hosts-file in a file of guix.modules`)
	}
	opened := 0
	for i, port := range p.Ports {
		before := opened
		if opened += port.Guest.Len(); opened > mostPorts && before <= mostPorts { // said once
			d.bad(item("ports", i)+".guest", fmt.Sprintf("makes %d ports, and QEMU opens each of them by a rule of its own: %d at most", opened, mostPorts), "ssh -N -D 1080 "+p.SSHAlias()+" is a proxy to all of the guest's")
		}
	}
	for i, m := range p.Mounts {
		at, guest := item("mounts", i), p.GuestPath(m)
		where := at + ".guest"
		if m.Guest == "" {
			where = at + ".host"
		}
		if m.SSHFS != (SSHFS{}) {
			d.bad(at+".sshfs", "are options of "+OverSSH+", and QEMU mounts by "+By9P, "take them out")
		}
		switch {
		case d.wrong[where] || Beside(m.Host) && guest == "":
		case guest == "":
			d.bad(where, "needs guest: the same path in the guest is not known without host.user or host.home", fmt.Sprintf("give guest: a path, such as /mnt/%d", i+1))
		case inside(guest, guestShare):
			d.bad(where, guestShare+" is vmloom's own", "give guest: another path, such as /mnt/work")
		}
	}
	for i, s := range p.Sockets {
		if inside(s.Guest, guestShare) {
			d.bad(item("sockets", i)+".guest", "is vmloom's own")
		}
	}
}
