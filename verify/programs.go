package verify

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// tool is a program of the host.
type tool struct {
	name string
	// ask has it show what it is, as a line of sh; says begins the answer, which no
	// other program of that name gives.
	ask, says string
	least     lima.Version
	use       string // what it is for
	install   install
	// builds tells one that is needed only while the image is not there.
	builds bool
	needed func(*profile.Profile) bool
}

// searchSbin: the programs of sbin are found as the scripts find them.
const searchSbin = "PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin:/opt/homebrew/opt/e2fsprogs/sbin:/usr/local/opt/e2fsprogs/sbin; "

// A key, and what ssh-keygen makes of it: it has no version to show.
const (
	knownKey         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINKt6VWHtIWHh0bcIJp3gBmEx56OGsnqrVnYBHqKS/Tt vmloom"
	knownFingerprint = "256 SHA256:vsag/6AVFwQdHUWHO4vtAZPGYV2nuAZREWMp/wTqxjk"
)

// emulated reports whether QEMU itself runs the VM.
func emulated(p *profile.Profile) bool { return p.VMType() != "vz" }

func tools() []tool {
	emulates := func(arch string) func(*profile.Profile) bool {
		return func(p *profile.Profile) bool { return emulated(p) && slices.Contains(p.Guest.Arches(), arch) }
	}
	byQEMU := func(p *profile.Profile) bool { return !p.UnderLima() }
	return []tool{
		{
			name: "limactl", ask: "limactl --version", says: "limactl version ", least: lima.Oldest, use: "the runner lima", install: limaPackage,
			needed: (*profile.Profile).UnderLima,
		},
		{name: "ssh", ask: "ssh -V 2>&1", says: "OpenSSH_", use: "every VM", install: installOpenSSH, needed: func(*profile.Profile) bool { return true }},
		{name: "ssh-keygen", ask: "echo '" + knownKey + "' | ssh-keygen -lf -", says: knownFingerprint, use: "the runner qemu", install: installOpenSSH, needed: byQEMU},
		{
			name: "qemu-system-x86_64", ask: "qemu-system-x86_64 --version", says: "QEMU emulator version ", use: "x86_64 guests of QEMU",
			install: installQEMU, needed: emulates("x86_64"),
		},
		{
			name: "qemu-system-aarch64", ask: "qemu-system-aarch64 --version", says: "QEMU emulator version ", use: "aarch64 guests of QEMU",
			install: installQEMU, needed: emulates("aarch64"),
		},
		{name: "qemu-img", ask: "qemu-img --version", says: "qemu-img version ", use: "disks of QEMU", install: installQEMU, needed: emulated},
		{
			name: "mke2fs", ask: "mke2fs -V 2>&1", says: "mke2fs ", use: "the home's disk under the runner qemu", install: installMke2fs,
			needed: func(p *profile.Profile) bool { return byQEMU(p) && (p.Home.Disk > 0 || len(p.Disks) > 0) },
		},
		{
			name: "guix", ask: "guix --version", says: "guix (", least: lima.Version{1, 4}, use: "images of Guix guests, on Linux", install: installGuix, builds: true,
			needed: func(p *profile.Profile) bool { return p.System().SetUp == profile.ByGuix && !p.MacOS() },
		},
		{
			name: "nix", ask: "nix --version", says: "nix (", least: lima.Version{2, 8}, use: "images of NixOS guests", install: installNix, builds: true,
			needed: func(p *profile.Profile) bool {
				return p.System().SetUp == profile.ByFlake && (p.Nix.Base == "own" && p.Build.On == "local" || p.Build.Switch && (p.Build.On == "local" || p.Build.On == "auto"))
			},
		},
	}
}

// NotHere is what was seen of a tool that some profile needs, and this host has not got.
const NotHere = "not here"

func toolRow(p *profile.Profile, t tool) Check {
	c := Check{
		ID: "tool/" + t.name, Title: t.name + " is there, for " + t.use, Not: t.name + " is missing or unfit, for " + t.use, Side: Host, Field: "runner",
		Because: say("it is not installed, or not on this PATH"), Cure: t.install.other,
		steps: func(*Site) []process.Step {
			return []process.Step{{Cmd: process.Cmd{Args: []string{"sh", "-c", searchSbin + "command -v " + t.name + " >/dev/null || { " + t.install.ask() + "; exit 127; }; " + t.ask}}}}
		},
	}
	if p == nil {
		c.Title = t.name + ", for " + t.use // that it is not here is no failure then
	}
	c.judge = func(s *Site, a []answer) verdict {
		mac := s.OS == profile.Mac().Name
		if p != nil {
			mac = p.MacOS()
		}
		cure := t.install.on(mac, lastLine(a[0].out))
		first, _, _ := strings.Cut(strings.TrimSpace(a[0].out), "\n")
		v, ok := lima.ParseVersion(first)
		ours := strings.HasPrefix(first, t.says)
		switch {
		case t.builds && s.Image != "" && !(ours && a[0].ok()):
			return skip("not needed now: the image is there, %s", s.Image)
		case a[0].status == 127 && p == nil:
			return skip(NotHere).since(c.Because, cure)
		case a[0].status == 127:
			return bad("%s: not found", t.name).since(c.Because, cure)
		case a[0].status > 0:
			return bad("%s: %s", t.name, a[0].why()).since(say("it is there, and fails"), say("see what it says; to have it anew: ").Then("", cure))
		case !a[0].ok():
			return noWord(t.name, a[0].why())
		case !ours:
			return bad("it says: %s", orNothing(first)).since(say("another program has its name"), say("see your PATH: %s", "command -v "+t.name).Then("; ", cure))
		case ok && v.Before(t.least):
			return bad("%s", first).since(say("this set-up needs %s or later", fmt.Sprintf("%s %d.%d", t.name, t.least[0], t.least[1])), cure)
		case t.name == "limactl":
			return limaVersion(p)(s, a)
		case t.says == knownFingerprint:
			return good("it reads a key")
		}
		return good("%s", first)
	}
	return c
}
