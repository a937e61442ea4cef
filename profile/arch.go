package profile

import "cmp"

// Arches are the processors that a guest may have, in the order of the schema.
func Arches() []string { return []string{"aarch64", "x86_64"} }

// HostArch is the host's processor: that which the profile names, or the usual one of such hosts.
func (p *Profile) HostArch() string { return cmp.Or(p.Host.Arch, p.On().Arch) }

// ArchOfHost reports whether the guest has the processor of the host that runs the VM: known when it is made and
// started, and not before.
func (g Guest) ArchOfHost() bool { return g.Arch == hostWord }

// Arches are those that the guest may have: its own, or each where the host decides.
func (g Guest) Arches() []string {
	if g.ArchOfHost() {
		return Arches()
	}
	return []string{g.Arch}
}

// OnArch is the profile on a host of a processor: what depends on it is known there.
func (p *Profile) OnArch(arch string) *Profile {
	if !p.Guest.ArchOfHost() {
		return p
	}
	q := *p
	q.Guest.Arch, q.forEveryArch = arch, true
	return &q
}

// ForEveryArch reports whether the files of the profile are for each processor, whether or not it is known here which one.
func (p *Profile) ForEveryArch() bool { return p.forEveryArch || p.Guest.ArchOfHost() }
