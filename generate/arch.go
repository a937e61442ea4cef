package generate

import (
	"strings"

	"vmloom/profile"
)

// Where guest.arch is the host's, what follows from it is chosen where it is known: by Lima, in the scripts, and by
// whoever makes a system of the definitions. This file holds the words of it.

// uname is the processor in a line of sh that its reader runs.
const uname = "$(uname -m)"

// archWords are the guest's processor in prose.
func archWords(p *profile.Profile) string {
	if p.Guest.ArchOfHost() {
		return "the host's processor"
	}
	return p.Guest.Arch
}

// archOnHost is the processor in a line of sh.
func archOnHost(p *profile.Profile) string {
	if p.Guest.ArchOfHost() {
		return uname
	}
	return p.Guest.Arch
}

// ofArch is the end of a name that is there for each processor; empty where there is one.
func ofArch(p *profile.Profile, before string) string {
	if p.Guest.ArchOfHost() {
		return before + uname
	}
	return ""
}

// flakeImage is the image's attribute of the flake here, as a word of sh.
func flakeImage(p *profile.Profile) string {
	mark := "'"
	if p.Guest.ArchOfHost() {
		mark = `"`
	}
	return mark + "path:.#packages." + archOnHost(p) + "-linux." + p.Name + "-image" + mark
}

// bootsByUEFI reports whether a processor's VMs of the runner qemu boot by UEFI.
func bootsByUEFI(arch string) bool { return len(machines[arch].firmwares) > 0 }

// bootsBy words how the VM's disk boots.
func bootsBy(p *profile.Profile) string {
	var words []string
	for _, arch := range p.Guest.Arches() {
		word := map[bool]string{true: "UEFI", false: "BIOS"}[bootsByUEFI(arch)]
		if p.Guest.ArchOfHost() {
			word += " (" + arch + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " or ")
}
