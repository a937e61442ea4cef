package profile

import "vmloom/lima"

// OverSSH is Lima's type of a mount that comes by an ssh connection, and goes with it.
const OverSSH = "reverse-sshfs"

// MountType is the one that works for a system: virtiofs is vz's own; on Linux hosts Lima's virtiofs cannot create
// files (lima#2152), and it is the guest that decides.
func (p *Profile) MountType(of System) string {
	if p.VMType() == "vz" {
		return "virtiofs"
	}
	return of.Mounts(p.Guest.Release)
}

// MountsLive reports whether mounts come and go while the VM runs: those over ssh do, the others are the machine's.
func (p *Profile) MountsLive() bool {
	if !p.UnderLima() {
		return false
	}
	if own := lima.ValueAt(p.Lima.Extra.Node, "mountType"); own > 0 {
		return p.Lima.Extra.Node.Content[own].Value == OverSSH
	}
	return p.MountType(p.System()) == OverSSH
}
