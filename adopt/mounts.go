package adopt

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// takeMountType takes what Lima has for all mounts at once, where it is not what the profile takes anyway.
func (a *Adoption) takeMountType() {
	p, q := a.made, a.underLima()
	p.Lima.MountInotify = scalar(a.root, "mountInotify") == "true"
	own := scalar(a.root, "mountType")
	if own == "" && q.VMType() == "qemu" && a.without9p() {
		own = profile.OverSSH
	}
	if own == "" || own == q.MountType(q.System()) || own == profile.By9P && lacks9p(p.Guest.System, p.Guest.Release) {
		return
	}
	p.Lima.MountType = own
}

// underLima is the profile so far, with what it is filled with where a type of mount hangs on it.
func (a *Adoption) underLima() profile.Profile {
	q := *a.made
	q.Runner = q.System().Runner
	q.Lima.VMType = cmp.Or(q.Lima.VMType, q.On().VMTypes[0])
	return q
}

// relativeHost is a relative directory as a profile has it: ".", "./src", "..".
func relativeHost(location string) string {
	if location = path.Clean(location); location == "." || location == ".." || strings.HasPrefix(location, "../") {
		return location
	}
	return "./" + location
}

// without9p reports whether QEMU mounts the directories of the instance over ssh though
// nothing names a type: 9p is ruled out, or a Lima before 1.0 made it.
func (a *Adoption) without9p() bool {
	if made, ok := lima.ParseVersion(a.in.LimaVersion); ok && made.Before(lima.Version{1, 0, 0}) {
		return true
	}
	return slices.ContainsFunc(items(child(a.root, "mountTypesUnsupported")), func(n *yaml.Node) bool { return n.Value == profile.By9P })
}

// optionsOf takes what a mount says of the type that the directories are mounted by.
func (a *Adoption) optionsOf(m *yaml.Node, to *profile.Mount) {
	q := a.underLima()
	switch q.MountType(q.System()) {
	case profile.OverSSH:
		to.SSHFS = sshfsOf(m)
	case profile.By9P:
		to.NineP = ninePOf(m)
	}
}

// sshfsOf and ninePOf are options of a mount, without those that are Lima's own anyway.
func sshfsOf(m *yaml.Node) (o profile.SSHFS) {
	if scalar(m, "sshfs", "cache") == "false" {
		no := false
		o.Cache = &no
	}
	o.FollowSymlinks = scalar(m, "sshfs", "followSymlinks") == "true"
	o.SFTPDriver = scalar(m, "sshfs", "sftpDriver")
	return o
}

func ninePOf(m *yaml.Node) (o profile.NineP) {
	own := func(name string) string {
		text := scalar(m, "9p", name)
		if limas, _ := lima.DefaultAt("mounts[].9p." + name); text == limas {
			return ""
		}
		return text
	}
	o.SecurityModel, o.ProtocolVersion, o.Cache = own("securityModel"), own("protocolVersion"), own("cache")
	if bytes, ok := lima.ParseSize(own("msize")); ok && bytes%(1<<10) == 0 {
		o.MSize = profile.Size(bytes)
	}
	return o
}

func (d *differ) explainMount(x *Difference, added, removed bool) string {
	if len(x.keys) < 2 {
		return ""
	}
	switch {
	case len(x.keys) > 2 && d.otherType(x.keys[2]):
		return "did nothing: the directories are mounted by " + d.new.str("mountType")
	case len(x.keys) == 3 && x.keys[2] == "location" && relative(x.Old):
		return "Lima refuses it: the profile's directory is relative to where the profile lies"
	case removed:
		location := d.old.str("mounts", x.keys[1], "location")
		if _, _, holds := socketDir(location); holds && d.forwardsInto(location) {
			return "socket mount replaced by a forward: a socket cannot be reached through a mount"
		}
	case added && (x.keys[1] == "~" || x.keys[1] == d.host.Home):
		for _, b := range d.old.get("base").names() {
			if strings.HasSuffix(b, "_default/mounts") {
				return "what base: template:_default/mounts brought"
			}
		}
	}
	return ""
}

// otherType reports whether a key of a mount is of another type than what the new template mounts by.
func (d *differ) otherType(key string) bool {
	kind := d.new.str("mountType")
	of := profile.TypeOfOptions(key)
	return kind != "" && of != "" && of != kind
}

func (d *differ) mountsHome() bool {
	for _, k := range d.new.get("mounts").names() {
		if location := d.new.str("mounts", k, "location"); location == "~" || location != "" && location == d.host.Home {
			return true
		}
	}
	return false
}
