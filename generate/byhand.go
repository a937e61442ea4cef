package generate

import (
	"vmloom/profile"
	"vmloom/verify"
)

// This file holds the words of limactl and of ssh for what the scripts do, and where a change of the machine goes, for
// whoever goes on without vmloom.

func limaByHand(p *profile.Profile) byHand {
	name := p.Lima.Instance
	create := say("%s, then %s", "limactl create --name="+name+" lima/"+name+".yaml", "limactl start "+name)
	if p.Home.Disk > 0 {
		create = say("once %s; %s, then %s", "limactl disk create "+p.HomeDisk()+" --size "+p.Home.Disk.String(), "limactl create --name="+name+" lima/"+name+".yaml", "limactl start "+name)
	}
	for _, d := range p.Disks {
		create = append(say("once %s; ", "limactl disk create "+p.DiskOf(d)+" --size "+d.Size.String()), create...)
	}
	if newLimaHere(p).Sets {
		create = append(create, say(", with the %s by which the script fills in what is of this machine", "--set")...)
	}
	destroy := say("%s, with the home on its disk", "limactl delete "+name)
	if p.Home.Disk > 0 {
		destroy = say("%s; the home stays until %s", "limactl delete "+name, "limactl disk delete "+p.HomeDisk())
	}
	for _, d := range p.Disks {
		destroy = append(destroy, say("; %s stays until %s", d.Mount, "limactl disk delete "+p.DiskOf(d))...)
	}
	return byHand{
		"create":   create,
		"ssh":      say("%s", "limactl shell "+name),
		"stop":     say("%s, or %s", "limactl stop "+name, "limactl stop -f "+name),
		"repair":   say("%s, then %s", "limactl stop -f "+name, "limactl start "+name),
		"apply":    say("%s, of a VM that is off", "limactl edit "+name),
		"snapshot": say("%s, where its driver has them", "limactl snapshot create "+name+" --tag NAME"),
		"destroy":  destroy,
	}
}

func limaChanges(p *profile.Profile) []part {
	var first []part
	if p.Host.LimaHome != "" {
		first = append(first, paragraph("Before any %s typed by hand: %s, as the scripts have it.", "limactl", verify.ExportLimaHome(p)))
	}
	return append(first,
		paragraph("The machine (CPUs, memory, mounts, ports, sockets) and what each boot does are in %s. %s sees by itself that it differs from what the VM has, an edit of the VM's own file stays, and one restart takes it. What a script needs as well, such as the size of a disk, stands there too: %s finds it.", "lima/"+p.Lima.Instance+".yaml", "apply", "grep"),
		paragraph("A VM that was made before these files became yours has one line of comment more in its %s, the header that is gone here: %s shows that as a difference until the next change takes it along, or a run of it, by one restart.", "lima.yaml", "apply"),
		paragraph("A VM that limactl alone has made bears no mark, and the scripts leave it alone until %s takes it over.", "./scripts/"+p.Name+"-create.sh --take"),
	)
}

func qemuByHand(p *profile.Profile) byHand {
	return byHand{"ssh": say("%s", "ssh -F "+stateDir(p)+"/ssh.config "+p.Name)}
}

func qemuChanges(p *profile.Profile) []part {
	return []part{
		paragraph("The machine (CPUs, memory, mounts, ports) is the command line of QEMU, in each of the scripts that start it: change it in all of them, which %s finds, then %s and %s. The guest's system is in %s; %s has the guest switch to it once a line of yours says %s, as above.", "grep", "stop", "create", "guix/system.scm", "apply", "switch"),
	}
}
