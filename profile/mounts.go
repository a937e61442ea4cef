package profile

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/lima"
)

// Mount is a host directory seen in the guest.
type Mount struct {
	// Host directory: absolute, starting with ~/, or relative to the profile: ".", "./src", "..".
	Host string `yaml:"host" jsonschema:"required" form:"host path" change:"mount,system"`
	// Guest is where it appears. Required where host is relative. Default: the same path as on the host.
	Guest string `yaml:"guest" form:"absolute" change:"mount,system"`
	// Writable lets the guest change the files. Default: false.
	Writable bool `yaml:"writable" change:"mount,system"`
	// SSHFS are options of one that comes over ssh, by lima.mountType reverse-sshfs.
	SSHFS SSHFS `yaml:"sshfs" change:"mount,system"`
	// NineP are options of one by 9p.
	NineP NineP `yaml:"9p" change:"mount,system"`
}

// SSHFS are options of a mount over ssh.
type SSHFS struct {
	// Cache lets the guest keep what it has read. Default: true.
	Cache *bool `yaml:"cache" change:"mount,system"`
	// FollowSymlinks has the host follow its links, those that lead out of the directory too. Default: false.
	FollowSymlinks bool `yaml:"followSymlinks" change:"mount,system"`
	// SFTPDriver is the server of files on the host: builtin is Lima's own. Default: openssh-sftp-server where there is one.
	SFTPDriver string `yaml:"sftpDriver" jsonschema:"enum=builtin,enum=openssh-sftp-server" change:"mount,system"`
}

// NineP are options of a mount by 9p.
type NineP struct {
	// SecurityModel says how the host keeps owners and modes: none as its own, mapped-xattr and mapped-file beside the files. Default: none.
	SecurityModel string `yaml:"securityModel" jsonschema:"enum=none,enum=passthrough,enum=mapped-xattr,enum=mapped-file" change:"mount,system"`
	// ProtocolVersion of 9p. Default: 9p2000.L.
	ProtocolVersion string `yaml:"protocolVersion" jsonschema:"enum=9p2000,enum=9p2000.u,enum=9p2000.L" change:"mount,system"`
	// MSize is how much one message carries: 512KiB. Default: 128KiB.
	MSize Size `yaml:"msize" change:"mount,system"`
	// Cache of the guest's. Default: mmap where the mount is writable, else fscache.
	Cache string `yaml:"cache" jsonschema:"enum=none,enum=loose,enum=mmap,enum=fscache" change:"mount,system"`
}

// String says what is set of them, in one line.
func (o SSHFS) String() string {
	var set []string
	if o.Cache != nil {
		set = append(set, fmt.Sprint("cache ", *o.Cache))
	}
	if o.FollowSymlinks {
		set = append(set, "followSymlinks true")
	}
	if o.SFTPDriver != "" {
		set = append(set, "sftpDriver "+o.SFTPDriver)
	}
	return strings.Join(set, " ")
}

func (o NineP) String() string {
	var set []string
	for _, one := range [][2]string{{"securityModel", o.SecurityModel}, {"protocolVersion", o.ProtocolVersion}, {"cache", o.Cache}} {
		if one[1] != "" {
			set = append(set, one[0]+" "+one[1])
		}
	}
	if o.MSize != 0 {
		set = append(set, "msize "+o.MSize.String())
	}
	return strings.Join(set, " ")
}

// The types of Lima's mounts.
const (
	OverSSH  = "reverse-sshfs" // comes by an ssh connection, and goes with it
	By9P     = "9p"
	VirtioFS = "virtiofs"
)

// MountType is Lima's for a system: the profile's, or the one that works. Virtiofs is vz's own; on Linux hosts Lima's
// cannot create files (lima#2152), and it is the guest that decides.
func (p *Profile) MountType(of System) string {
	switch own := p.OwnMountType(); {
	case own != "" && (own != OverSSH || of.NoSSHFS == ""):
		return own
	case p.VMType() == "vz":
		return VirtioFS
	}
	return of.Mounts(p.Guest.Release)
}

// OwnMountType is the one that the profile names, which Lima has for all mounts at once.
func (p *Profile) OwnMountType() string {
	if own := lima.ValueAt(p.Lima.Extra.Node, "mountType"); own > 0 {
		return p.Lima.Extra.Node.Content[own].Value
	}
	return p.Lima.MountType
}

// MountsLive reports whether mounts come and go while the VM runs: those over ssh do, the others are the machine's.
func (p *Profile) MountsLive() bool { return p.UnderLima() && p.MountType(p.System()) == OverSSH }

// mountFault is what is wrong with a type of mount.
type mountFault struct {
	refused      bool // by Lima
	useless      bool // taken, and nothing is mounted
	reason, cure string
}

// faultOf holds a type of mount to the driver, the host and the guest's image.
func (p *Profile) faultOf(kind string) (f mountFault, is bool) {
	var unsupported []string
	if !p.HasImage() {
		image, _ := lima.StockTemplateAt(lima.ImageTemplate(p.Guest.System, p.Guest.Release))
		unsupported = strings.Fields(image.Sets["mountTypesUnsupported[]"])
	}
	system := p.System()
	instead := "remove it: " + system.Mounts(p.Guest.Release) + " is taken"
	switch {
	case kind == By9P && p.VMType() == "vz":
		return mountFault{refused: true, reason: "vz mounts by virtiofs or reverse-sshfs", cure: "remove it: virtiofs is vz's own"}, true
	case kind == VirtioFS && p.VMType() != "vz" && p.MacOS():
		return mountFault{refused: true, reason: "virtiofs on macOS is vz's alone", cure: "remove it"}, true
	case slices.Contains(unsupported, kind):
		return mountFault{refused: true, reason: fmt.Sprintf("the image of %s %s has no %s", system.Title, p.Guest.Release, kind), cure: instead}, true
	case kind == OverSSH && system.NoSSHFS != "":
		return mountFault{useless: true, reason: system.NoSSHFS, cure: "remove it"}, true
	case kind == VirtioFS && p.VMType() != "vz":
		return mountFault{reason: "cannot create files on a Linux host (lima#2152)", cure: instead}, true
	}
	return mountFault{}, false
}

// validateMountType holds lima.mountType to what can be, and the options of mounts to it.
func (p *Profile) validateMountType(d *decoder) {
	if f, is := p.faultOf(p.Lima.MountType); is && (f.refused || f.useless) {
		d.bad("lima.mountType", f.reason, f.cure)
	}
	kind := p.MountType(p.System())
	for i, m := range p.Mounts {
		for _, o := range []struct {
			key, of string
			set     bool
		}{{"sshfs", OverSSH, m.SSHFS != (SSHFS{})}, {"9p", By9P, m.NineP != (NineP{})}} {
			if at := join(item("mounts", i), o.key); o.set && o.of != kind {
				d.bad(at, "are options of "+o.of+", and this guest mounts by "+kind, p.canMount(o.of))
			}
		}
	}
}

// validateNineP holds options of 9p, which both runners have.
func (p *Profile) validateNineP(d *decoder) {
	for i, m := range p.Mounts {
		if size := m.NineP.MSize; size != 0 && (size < 4<<10 || size > 512<<10) {
			d.bad(item("mounts", i)+".9p.msize", "must be between 4KiB and 512KiB")
		}
	}
}

// canMount says how mounts come to be of a type, where they can.
func (p *Profile) canMount(kind string) string {
	if _, wrong := p.faultOf(kind); wrong {
		return "take them out"
	}
	return "take them out, or write lima: {mountType: " + kind + "}"
}

func (l *linter) mountType() {
	p := l.p
	for i, m := range p.Mounts {
		if m.NineP.SecurityModel == "passthrough" {
			l.warn("mount-type", item("mounts", i)+".9p.securityModel", "is for a QEMU that runs as root: in the guest, files can belong to nobody but you", "none keeps the host's owners, mapped-xattr the guest's, beside the files")
		}
	}
	if f, is := p.faultOf(p.Lima.MountType); is && p.UnderLima() && !f.refused && !f.useless {
		l.warn("mount-type", "lima.mountType", f.reason, f.cure)
	}
	if !p.Lima.MountInotify || !p.UnderLima() {
		return
	}
	if !slices.ContainsFunc(p.Mounts, func(m Mount) bool { return m.Writable }) {
		l.warn("mount-inotify", "lima.mountInotify", "does nothing: Lima watches writable mounts, and there is none", "remove it, or write writable: true")
		return
	}
	l.warn("mount-inotify", "lima.mountInotify", "is an experiment of Lima's: what it tells the guest of is a change of attributes, whatever happened, and it breaks chmod there (lima#2450)",
		"a watcher that polls needs none of it")
}
