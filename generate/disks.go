package generate

import (
	"strings"

	"vmloom/profile"
)

// scriptDisk is a disk beside the system's as the scripts make, hold, grow and keep it.
type scriptDisk struct {
	Name, What, Holds string // the runner's; home or disk NAME; what is on it
	Size              profile.Size
	Bytes             int64
	Field             string // of the size
	Note              string // of one that is being made, in .vmloom
	Delete            string // by hand
	Label             string
}

// qemuDisk is one as QEMU has it: a file of the VM's directory.
type qemuDisk struct {
	scriptDisk
	ID, Serial  string
	Owner       string // of the root of a new file system
	OwnedByHost bool   // by the number of the host's account
}

// qemuDisks are the home's, where it has one, and the others, by whose labels the guest finds them.
func qemuDisks(p *profile.Profile) (out []qemuDisk) {
	home, data := scriptDisks(p)
	for _, d := range home {
		out = append(out, qemuDisk{scriptDisk: d, Serial: homeSerial, Owner: "0"})
	}
	for _, d := range data {
		out = append(out, qemuDisk{scriptDisk: d, Serial: d.Label, Owner: p.Guest.User.UID.String(), OwnedByHost: p.Guest.User.UID.OfHost()})
	}
	for i := range out {
		out[i].ID = strings.TrimSuffix(out[i].Name, ".raw")
	}
	return out
}

// scriptDisks are the home's, where it has one, and the others.
func scriptDisks(p *profile.Profile) (home, data []scriptDisk) {
	if p.Home.Disk > 0 {
		home = []scriptDisk{{
			Name: p.HomeDisk(), What: "home", Holds: "the home", Size: p.Home.Disk, Bytes: int64(p.Home.Disk), Field: "home.disk", Note: p.Name + ".disk", Label: p.HomeLabel(),
		}}
	}
	for _, d := range p.Disks {
		disk := p.DiskOf(d)
		data = append(data, scriptDisk{
			Name: disk, What: "disk " + d.Name, Holds: d.Mount, Size: d.Size, Bytes: int64(d.Size), Field: d.SizePath(), Note: p.Name + "." + disk + ".disk",
			Delete: runBy(p).deleteDisk(p, disk), Label: p.DiskLabel(d),
		})
	}
	return home, data
}

// diskFacts are what the guide says of the further disks.
func diskFacts(p *profile.Profile) (facts []fact) {
	for _, d := range p.Disks {
		disk, by := p.DiskOf(d), runBy(p)
		facts = append(facts, fact{"disk " + d.Name, say("at %s, "+by.disksOf+"%s, "+d.Size.String()+": outlives rebuilds and %s; in no backup, and in no copy of the VM; deleted by %s alone", d.Mount, disk, "destroy", by.deleteDisk(p, disk))})
	}
	return facts
}
