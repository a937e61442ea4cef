package profile

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// Disk is a further disk of the VM's own.
type Disk struct {
	// Name of the disk: Lima calls it VM-NAME, QEMU's is the file data-NAME.raw. Another name is another disk.
	Name string `yaml:"name" jsonschema:"required,maxLength=24" form:"label" change:"machine,system"`
	// Size of the disk; it can grow later, never shrink.
	Size Size `yaml:"size" jsonschema:"required" change:"machine"`
	// Mount is the directory of the guest that the disk is mounted on, and which belongs to the guest's user.
	Mount string `yaml:"mount" jsonschema:"required" form:"absolute" change:"machine,system"`
}

// DiskLabel names the file system of a disk inside the guest, and no other VM's, as HomeLabel does: no name has a slash.
func (p *Profile) DiskLabel(d Disk) string {
	sum := sha256.Sum256([]byte(p.Home.Name + "/" + d.Name))
	return fmt.Sprintf("vmloom-%x", sum[:4])
}

// Partition names the partition of the disk, once it is formatted: 36 characters at most are a partition's.
func (d Disk) Partition() string { return "vmloom-disk-" + d.Name }

// Notice is the guest's file that says why the disk is not where it should be.
func (d Disk) Notice() string { return "/run/motd.d/" + d.Partition() }

// SizePath is where a profile says the size of the disk, in words that a message may have.
func (d Disk) SizePath() string { return "disks[" + d.Name + "].size" }

// mostDisks is how many a VM may have: beyond 26 letters the guest's names of disks have another order, and both
// drivers run out of places before.
const mostDisks = 16

func (p *Profile) validateDisks(d *decoder) {
	if len(p.Disks) > 0 && p.System().SetUp == ByGuix && p.Guix.Version == "1.4" {
		d.bad("disks", "Guix 1.4 has no place to say at a login that one is missing", `write guix: {version: "1.5"}`)
	}
	if len(p.Disks) > mostDisks {
		d.bad("disks", fmt.Sprintf("are %d: a VM has places for %d", len(p.Disks), mostDisks), "a bigger one may have several directories")
	}
	names, mounts := map[string]int{}, map[string]int{}
	for i, disk := range p.Disks {
		at := item("disks", i)
		if j, ok := names[disk.Name]; ok && disk.Name != "" {
			d.bad(at+".name", fmt.Sprintf("disks[%d] has this name", j))
		}
		names[disk.Name] = i
		if disk.Name == "home" || strings.HasSuffix(disk.Name, "-home") {
			d.bad(at+".name", "is the name of a home's disk", "write another name; the home's own disk is home: {disk: 40GiB}")
		}
		if disk.Size < 256<<20 && d.given(at+".size") {
			d.bad(at+".size", "must be at least "+Size(256<<20).String())
		}
		d.plainly(at+".mount", disk.Mount)
		if disk.Mount == "" || d.wrong[at+".mount"] {
			continue
		}
		p.validateDiskMount(d, at+".mount", disk)
		for other, j := range mounts {
			if inside(disk.Mount, other) || inside(other, disk.Mount) {
				d.bad(at+".mount", fmt.Sprintf("disks[%d] is at %s", j, other), "no disk is mounted inside another: give each a directory of its own")
			}
		}
		mounts[disk.Mount] = i
	}
}

// validateExtraDisks refuses disks of lima.extra that are the profile's own: Lima would attach one twice.
func (p *Profile) validateExtraDisks(d *decoder) {
	if !p.UnderLima() {
		return
	}
	own := map[string]string{}
	if p.Home.Disk > 0 {
		own[p.HomeDisk()] = "home.disk"
	}
	for i, disk := range p.Disks {
		own[p.DiskOf(disk)] = item("disks", i)
	}
	for i, n := range valueOf(p.Lima.Extra.Node, "additionalDisks").Content {
		if n.Kind == yaml.MappingNode {
			n = valueOf(n, "name")
		}
		if field := own[n.Value]; field != "" && n.Value != "" {
			d.at(d.place(n), item("lima.extra.additionalDisks", i), field+" is this disk: Lima would attach it twice", "remove it here, or give it another name")
		}
	}
}

const disksInstead = "disks: [{name: data, size: 20GiB, mount: /data}] makes, mounts and grows one, which is new: bring along what is on this one"

// extraDisks warns of disks that the profile has a field for. In a NixOS guest they have no effect (linter.nixos).
func (l *linter) extraDisks() {
	if p := l.p; p.UnderLima() && p.System().SetUp != ByFlake && len(valueOf(p.Lima.Extra.Node, "additionalDisks").Content) > 0 {
		l.warn("extra-disks", "lima.extra.additionalDisks", "is made and grown by no script", disksInstead)
	}
}

// notForDisks are directories that are empty at each boot, beside those that are no place for a mount.
var notForDisks = append(slices.Clone(closedDirs), "/run", "/tmp", "/var/run", "/var/lock")

func (p *Profile) validateDiskMount(d *decoder, at string, disk Disk) {
	mount, home := disk.Mount, p.Guest.User.Home
	const elsewhere = "write another directory, such as /data"
	switch {
	case !forms["plain path"].ok(mount):
		d.bad(at, "must be letters, digits and . _ / @ + -", elsewhere)
	case p.UnderLima() && strings.HasPrefix(mount, lima.MountPrefix):
		d.bad(at, lima.MountPrefix+"* is Lima's own", elsewhere)
	case slices.ContainsFunc(notForDisks, func(dir string) bool { return inside(mount, dir) }):
		d.bad(at, mount+" is inside a system directory of the guest", elsewhere)
	case slices.Contains(systemDirs, mount) || hidesState(mount):
		d.bad(at, mount+" is a system directory of the guest", elsewhere)
	case inside(home, mount) && home != mount:
		d.bad(at, "would hold the guest's home "+home, "home: {disk: 40GiB} gives the home a disk; "+elsewhere)
	case inside(mount, home):
		d.bad(at, "would be inside the guest's home "+home, "the disk is there before the user is: write /"+path.Base(mount)+", and in the guest, once: ln -s /"+path.Base(mount)+" "+mount)
	}
	for i, m := range p.Mounts {
		if guest := p.GuestPath(m); inside(mount, guest) || guest != "" && inside(guest, mount) {
			d.bad(at, fmt.Sprintf("mounts[%d] is at %s", i, guest), "a disk and a mount each want a directory of their own")
		}
	}
}
