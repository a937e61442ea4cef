package adopt

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

// Sizes that the profile says of disks where theirs is not known.
const (
	homeSize = profile.Size(40 << 30)
	dataSize = profile.Size(20 << 30)
)

// takeDisks takes those that a template of vmloom's own tells of. Any other stays in lima.extra: who
// formats and mounts it, and what is on it, the template does not tell.
func (a *Adoption) takeDisks(ours ours) {
	p, others := a.made, 0
	listed := items(child(a.root, "additionalDisks"))
	for _, disk := range listed {
		if name := diskName(disk); name == p.Name+"-home" && ours.boot || ours.name != "" && strings.HasSuffix(name, "-home") {
			a.takeHomeDisk(name)
		}
	}
	for _, disk := range listed {
		if name := diskName(disk); name == "" || (p.Home.Disk == 0 || name != p.Home.Name+"-home") && !a.takeDataDisk(ours, name) {
			others++
		}
	}
	a.sayUnknown()
	switch {
	case others == 0:
	case p.Home.Disk == 0:
		a.note("the disks of the template stay its own affair, in lima.extra; home: {disk: SIZE} would make a new disk for the home, disks new ones for other directories")
	default:
		a.note("what the template has of other disks stays its own affair, in lima.extra; disks would make new ones")
	}
}

// diskName is Lima's name of a disk that Lima does not format; empty: it does.
func diskName(disk *yaml.Node) string {
	if scalar(disk, "format") != "false" {
		return ""
	}
	return scalar(disk, "name")
}

func (a *Adoption) takeHomeDisk(name string) {
	size, known := a.sizeOf(name)
	a.made.Home = profile.Home{Disk: cmp.Or(size, homeSize), Name: strings.TrimSuffix(name, "-home")}
	if !known {
		a.note("the size of the home's disk is not in the template: limactl disk list shows it; it matters when the disk is recreated")
	}
}

// takeDataDisk takes a further disk of the VM's own: the profile must make the same names of it.
func (a *Adoption) takeDataDisk(ours ours, name string) bool {
	p := a.made
	i := slices.IndexFunc(ours.disks, func(d ownDisk) bool { return d.limas == name })
	if i < 0 {
		return false
	}
	own := ours.disks[i]
	home, is := strings.CutSuffix(name, "-"+own.Name)
	named := profile.Profile{Home: profile.Home{Name: home}}
	if !is || p.Home.Name != "" && home != p.Home.Name || named.DiskLabel(own.Disk) != own.label {
		return false
	}
	p.Home.Name = home
	own.Size, _ = a.sizeOf(name)
	p.Disks = append(p.Disks, own.Disk)
	return true
}

// sayUnknown gives a size to the disks whose own is not known, and says so.
func (a *Adoption) sayUnknown() {
	var unknown []string
	for i := range a.made.Disks {
		if d := &a.made.Disks[i]; d.Size == 0 {
			d.Size = dataSize
			unknown = append(unknown, d.Name)
		}
	}
	if len(unknown) > 0 {
		a.note("the size of the disks %s is not in the template: limactl disk list shows it; disks says %s, to which a smaller one would grow: correct it", strings.Join(unknown, ", "), dataSize)
	}
}

// sizeOf is that of a disk of Lima's, where it is known and a profile can say it.
func (a *Adoption) sizeOf(name string) (profile.Size, bool) {
	if a.in.DiskSize == nil {
		return 0, false
	}
	bytes := a.in.DiskSize(name)
	if bytes < 256<<20 || bytes%(1<<20) != 0 {
		return 0, false
	}
	return profile.Size(bytes), true
}
