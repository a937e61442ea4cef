package profile

// kvmGroup is that of /dev/kvm.
const kvmGroup = "kvm"

// RosettaTag is what Lima calls the share that has Apple's translator.
const RosettaTag = "vz-rosetta"

// withoutRosetta says what runs programs for x86_64 on Linux hosts.
func (p *Profile) withoutRosetta() string {
	system := p.System()
	switch emulator := "; an emulator runs programs for x86_64: "; {
	case p.Guest.Arch == "x86_64", system.SetUp == ByGuix:
		return "take it out"
	case system.SetUp == ByFlake:
		return "take it out" + emulator + "boot.binfmt.emulatedSystems in a file of nix.modules"
	default:
		return "take it out" + emulator + "packages: [{" + system.Manager.Column + ": qemu-user-static}]"
	}
}

// validateHardware holds what a guest has of its host's processor to runner, driver and processor.
func (p *Profile) validateHardware(d *decoder) {
	if d.wrong["host.arch"] || d.wrong["guest.arch"] || d.wrong["host.os"] {
		return
	}
	if at := "rosetta"; p.Rosetta {
		switch {
		case !p.MacOS():
			d.bad(at, "is Apple's, and this host is "+p.On().Title, p.withoutRosetta())
		case !p.UnderLima():
			d.bad(at, "is for guests under Lima, and "+p.RunBy().Title+" has none of it", "take it out, or have a file of guix.modules add qemu-binfmt-service-type, which emulates")
		case p.HostArch() == "x86_64":
			d.bad(at, "is of Apple silicon, and this host is x86_64", "take it out")
		case p.VMType() != "vz":
			d.bad(at, "is of lima.vmType vz alone", "write lima: {vmType: vz}, or take it out")
		case p.Guest.Arch != "aarch64":
			d.bad(at, "translates programs for x86_64 in a guest of aarch64, and this one's processor is "+p.Guest.Arch, "write guest: {arch: aarch64}, or take it out")
		}
	}
	if at := "resources.nested"; p.Resources.Nested {
		switch {
		case p.MacOS() && !p.UnderLima():
			d.bad(at, "on a Mac it is of Lima's vz alone, and this guest runs by "+p.RunBy().Title, "take it out")
		case p.MacOS() && p.HostArch() == "x86_64":
			d.bad(at, "on a Mac it is of Apple silicon, from the M3 on, and this host is x86_64", "take it out")
		case p.MacOS() && p.VMType() != "vz":
			d.bad(at, "on a Mac it is of lima.vmType vz alone", "write lima: {vmType: vz}: it takes an M3 or newer, and macOS 15")
		case !p.MacOS() && p.Guest.Arch == "aarch64":
			d.bad(at, "QEMU gives a guest of aarch64 no virtualization of its own", "take it out")
		}
	}
}
