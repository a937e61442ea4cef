package generate

import (
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
			Delete: "limactl disk delete " + disk, Label: p.DiskLabel(d),
		})
	}
	return home, data
}

// diskFacts are what the guide says of the further disks.
func diskFacts(p *profile.Profile) (facts []fact) {
	for _, d := range p.Disks {
		facts = append(facts, fact{"disk " + d.Name, say("at %s, Lima's %s, "+d.Size.String()+": outlives rebuilds and %s; in no backup, and in no copy of the VM; deleted by %s alone", d.Mount, p.DiskOf(d), "destroy", "limactl disk delete "+p.DiskOf(d))})
	}
	return facts
}
