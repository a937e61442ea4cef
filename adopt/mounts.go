package adopt

import (
	"cmp"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// takeMountType takes what Lima has for all mounts at once, where it is not what the profile takes anyway.
func (a *Adoption) takeMountType() {
	p := a.made
	p.Lima.MountInotify = scalar(a.root, "mountInotify") == "true"
	q := *p
	q.Runner = q.System().Runner
	q.Lima.VMType = cmp.Or(q.Lima.VMType, q.On().VMTypes[0])
	own := scalar(a.root, "mountType")
	if own == "" || own == q.MountType(q.System()) || own == profile.By9P && lacks9p(p.Guest.System, p.Guest.Release) {
		return
	}
	p.Lima.MountType = own
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
