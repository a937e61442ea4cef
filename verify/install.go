package verify

import (
	"fmt"

	"vmloom/engine"
)

// install is how a program comes onto a host that lacks it.
type install struct {
	mac Text
	// What the package managers call it; empty: it comes another way there.
	apt, dnf, nixos, guix string
	// rare: not every release that has apt has it, so that apt is asked.
	rare bool
	// other is the way everywhere else.
	other Text
}

// inPackages is a program that every distribution has, by its own name.
func inPackages(name, brew, apt, dnf, nixos string) install {
	i := install{mac: say("%s", "brew install "+brew), apt: apt, dnf: dnf, nixos: nixos, guix: nixos, other: say("install %s by this system's package manager", name)}
	if brew == "" {
		i.mac = say("it belongs to macOS: see your PATH")
	}
	return i
}

// byHand is a program that comes from its own project alone.
func byHand(mac Text, name, url string) install {
	return install{mac: mac, other: say("install %s: %s", name, url)}
}

// The words by which ask names who installs programs here.
const (
	byNixOS = "nixos-rebuild"
	byGuix  = "herd"
	byApt   = "apt-get"
	byDnf   = "dnf"
)

// ask is a line of sh that says who installs programs on this host.
func (i install) ask() string {
	has := "true"
	if i.rare {
		has = "apt-cache show " + i.apt + " >/dev/null 2>&1"
	}
	return fmt.Sprintf("if [ -e /etc/NIXOS ]; then echo %s; elif command -v herd >/dev/null; then echo %s; "+
		"elif command -v apt-get >/dev/null && %s; then echo %s; elif command -v dnf >/dev/null; then echo %s; fi", byNixOS, byGuix, has, byApt, byDnf)
}

// on is the way onto a host, by what ask said there.
func (i install) on(mac bool, manager string) Text {
	switch {
	case mac:
		return i.mac
	case manager == byNixOS && i.nixos != "":
		return say("%s in %s, or for a try %s", i.nixos, "environment.systemPackages", "nix-shell -p "+i.nixos)
	case manager == byGuix && i.guix != "":
		return say("%s", "guix install "+i.guix)
	case manager == byApt && i.apt != "":
		return say("%s", "sudo apt-get install "+i.apt)
	case manager == byDnf && i.dnf != "":
		return say("%s", "sudo dnf install "+i.dnf)
	}
	return i.other
}

var (
	installOpenSSH = inPackages("OpenSSH", "", "openssh-client", "openssh-clients", "openssh")
	installQEMU    = inPackages("QEMU", "qemu", "qemu-system qemu-utils", "qemu-system-x86 qemu-system-aarch64 qemu-img", "qemu")
	installMke2fs  = inPackages("e2fsprogs", "e2fsprogs", "e2fsprogs", "e2fsprogs", "e2fsprogs")
	limaPackage    = byHand(say("%s", "brew install lima"), "Lima", "https://lima-vm.io/docs/installation/")
	// Of Debian's releases only sid has guix, some of Ubuntu's have.
	installGuix = install{
		mac: say("guix runs on Linux only: %s builds the image elsewhere", vmloom("build-image", "--on", "ssh://user@host")),
		apt: "guix", rare: true, other: say("its installer, which checks the signature of what it fetches: %s", engine.GuixInstaller),
	}
	installNix = install{
		mac: say("install Nix: %s", "https://nixos.org/download/"), apt: "nix-bin", guix: "nix", other: say("install Nix: %s", "https://nixos.org/download/"),
	}
)
