package profile

import (
	"cmp"
	"slices"

	"vmloom/lima"
)

// System is a guest system. Its row owns all that differs between systems: what
// is asked of one anywhere is an attribute here, and nowhere compared by name.
// No attribute may be missing, but for those whose tag says what that means.
type System struct {
	// Name as guest.system and the ID of /etc/os-release have it.
	Name string
	// Title is its name in prose.
	Title string
	// SetUp is what makes the profile's guest of it.
	SetUp SetUp
	// Runner that starts it.
	Runner string
	// Releases that guest.release may name, oldest first.
	Releases []Release `empty:"ReleaseFrom decides"`
	// ReleaseFrom is the field that decides where guest.release does not.
	ReleaseFrom string `empty:"guest.release decides"`
	// Manager of its packages.
	Manager Manager
	// Index is where and how the package map's names for it were looked up.
	Index string `empty:"nowhere: its names are unverified"`
	// MountType is Lima's under QEMU; vz has its own.
	MountType string `empty:"its runner is not Lima"`
	// NoSSHFS says why mounts over ssh do not come.
	NoSSHFS string `empty:"they do, or its runner is not Lima"`
	// SELinux guards the guest's files by their labels.
	SELinux bool `empty:"it does not"`
	// NoVsock tells Lima to reach sshd by the network alone.
	NoVsock bool `empty:"any way will do"`
	// MinimumLima is the first Lima that starts it.
	MinimumLima lima.Version `empty:"its runner is not Lima"`
	// NoGetent: nothing in it asks its libc for a name; /etc/hosts tells those of its own.
	NoGetent bool `empty:"getent does"`
	// Change is what it costs to bring it to a changed profile.
	Change Cost
	// BootLog is the command that shows what its boot said.
	BootLog string
	// OwnModules is the field of the user's own definitions.
	OwnModules string `empty:"scripts set it up"`
	// NoForeign says why programs that were made for other systems do not run in it.
	NoForeign string `empty:"they do"`
	// Sweeps are what takes room in it over the years.
	Sweeps []Sweep
	// Upgrade brings it to a newer release in place.
	Upgrade Upgrade `empty:"ReleaseFrom decides, and a switch brings it"`
	// Generations is a line of sh that prints those of its system that it still has: number, date, time, and current.
	Generations string `empty:"its system has one state alone"`
	// AnyEnv are the shells that see a variable which /etc/environment cannot carry.
	AnyEnv Shells `empty:"such a variable is refused"`
	// Token are the shells that have the token of 1Password.
	Token Shells
	// OpPackage is op's name in the package map.
	OpPackage string `empty:"it has no package of op"`
	// OpSource is who else has op for its package manager.
	OpSource string `empty:"nobody"`

	lint func(*linter) `empty:"nothing about it disappoints"`
}

// journal is what systemd's boot said.
const journal = "journalctl -b"

// SetUp is a way to make the profile's guest of a system.
type SetUp string

// The ways.
const (
	ByCloudInit SetUp = "cloud-init" // scripts in Lima's template, on the distribution's own image
	ByFlake     SetUp = "flake"      // a NixOS configuration
	ByGuix      SetUp = "guix"       // an operating-system of Guix
)

// SwitchWays are what a guest can do with a changed system beside running it at once, as apply's flags have it:
// boot it next time, run it until then, go back to the one before.
func (s System) SwitchWays() []string {
	switch s.SetUp {
	case ByFlake:
		return []string{"boot", "test", "rollback"}
	case ByGuix: // whose reconfigure does all at once
		return []string{"rollback"}
	}
	return nil
}

// BootLink is what leads to the system that a guest boots, where a switch makes it another; empty: there is none.
func (s System) BootLink() string {
	switch s.SetUp {
	case ByFlake:
		return "/nix/var/nix/profiles/system"
	case ByGuix:
		return "/var/guix/profiles/system"
	}
	return ""
}

// Release is one of a system's releases.
type Release struct {
	// Name as guest.release has it, and the word that its makers call it by.
	Name string
	Code string
	// Ended says why it gets no updates; empty: it does.
	Ended string
	// Ends is the day of its last update for nothing, as its makers announce it; empty: it was before this was written.
	Ends string
	// Long reports whether it is supported for years, as every release of Debian is.
	Long bool
	// MountType stands in for the system's.
	MountType string
	// Indexes are the releases of Debian whose indexes tell what it has: its own, or
	// those before and after it.
	Indexes []string
}

// Shells are some of a guest's shells.
type Shells struct {
	// Title names them in prose.
	Title string
	// Of guest.user.shell.
	Of []string
}

var (
	shShells    = Shells{"login shells of sh and bash", []string{"bash"}}
	loginShells = Shells{"login shells", LoginShells()}
	allShells   = Shells{"shells", LoginShells()}
)

// LoginShells are those that a guest's user may have, in the order of the schema.
func LoginShells() []string { return []string{"bash", "zsh", "fish"} }

var systemTable once[[]System]

// Systems in the order of the schema. Releases are those that Lima has an image of.
func Systems() []System { return slices.Clone(systemTable.by(systemRows)) }

func systemRows() []System {
	const noUpdates, paidUpdates = "gets no updates any more", "gets no updates without a subscription"
	return []System{
		{
			Name: "nixos", Title: "NixOS", SetUp: ByFlake, Runner: "lima", ReleaseFrom: "nix.nixpkgs", Manager: nixManager, Change: Switch, BootLog: journal,
			Sweeps: []Sweep{nixSweep, journalSweep, trimSweep}, Generations: generationsIn("/nix/var/nix/profiles"),
			OwnModules: "nix.modules",
			NoForeign:  "NixOS runs it by nix-ld alone, which nix.ld turns on",
			Index:      "nixpkgs 26.11pre of 2026-07-14, by nix-instantiate",
			MountType:  "9p",
			NoSSHFS:    "is mounted by nobody in a NixOS guest: nixos-lima has no sshfs",
			// So that the flake knows the mounts.
			MinimumLima: lima.TagsByPath, AnyEnv: allShells, Token: allShells, OpPackage: "onepassword-cli", lint: (*linter).nixos,
		},
		{
			Name: "guix", Title: "Guix System", SetUp: ByGuix, Runner: "qemu", ReleaseFrom: "guix.channels", Manager: guixManager, Change: Switch, BootLog: "sudo cat /var/log/messages",
			Sweeps: []Sweep{guixSweep, trimSweep}, Generations: generationsIn("/var/guix/profiles"),
			OwnModules: "guix.modules", NoGetent: true,
			NoForeign: "Guix System has no loader for it",
			Index:     "Guix 1.5.0, by guix repl", Token: shShells,
		},
		{
			Name: "ubuntu", Title: "Ubuntu", SetUp: ByCloudInit, Runner: "lima", Manager: aptManager, Change: Live, BootLog: journal, Upgrade: ubuntuUpgrade,
			Sweeps: []Sweep{aptSweep, journalSweep, trimSweep},
			Releases: []Release{
				{Name: "20.04", Code: lima.UbuntuCode("20.04"), Ended: paidUpdates, Long: true, Indexes: []string{"11"}}, {Name: "22.04", Code: lima.UbuntuCode("22.04"), Ends: "2027-06-01", Long: true, Indexes: []string{"11", "12"}},
				{Name: "24.04", Code: lima.UbuntuCode("24.04"), Ends: "2029-05-31", Long: true, Indexes: []string{"12", "13"}}, {Name: "24.10", Code: lima.UbuntuCode("24.10"), Ended: noUpdates, MountType: "reverse-sshfs", Indexes: []string{"12", "13"}},
				{Name: "25.04", Code: lima.UbuntuCode("25.04"), Ended: noUpdates, Indexes: []string{"12", "13"}}, {Name: "25.10", Code: lima.UbuntuCode("25.10"), Ended: noUpdates, Indexes: []string{"13"}},
				{Name: "26.04", Code: lima.UbuntuCode("26.04"), Ends: "2031-05-29", Long: true, Indexes: []string{"13"}},
			},
			MountType: "9p", MinimumLima: lima.Oldest, AnyEnv: loginShells, Token: allShells, OpSource: "1Password's own apt repository",
		},
		{
			Name: "debian", Title: "Debian", SetUp: ByCloudInit, Runner: "lima", Manager: aptManager, Change: Live, BootLog: journal, Upgrade: debianUpgrade,
			Sweeps: []Sweep{aptSweep, journalSweep, trimSweep},
			Releases: []Release{
				{Name: "11", Code: "bullseye", Ended: paidUpdates, Long: true, Indexes: []string{"11"}},
				{Name: "12", Code: "bookworm", Ends: "2028-06-30", Long: true, Indexes: []string{"12"}}, {Name: "13", Code: "trixie", Ends: "2030-06-30", Long: true, Indexes: []string{"13"}},
			},
			Index:       "each release, by apt-cache",
			MountType:   "reverse-sshfs", // the cloud kernel has no 9p
			MinimumLima: lima.Oldest, AnyEnv: loginShells, Token: allShells, OpSource: "1Password's own apt repository",
		},
		{
			Name: "fedora", Title: "Fedora", SetUp: ByCloudInit, Runner: "lima", Manager: dnfManager, Change: Live, BootLog: journal, Upgrade: fedoraUpgrade,
			Sweeps: []Sweep{dnfSweep, journalSweep, trimSweep},
			Releases: []Release{
				{Name: "41", Ended: noUpdates, MountType: "reverse-sshfs"},                                         // its kernels break 9p
				{Name: "42", Ended: noUpdates}, {Name: "43", Ends: "2026-12-02"}, {Name: "44", Ends: "2027-05-12"}, // a month after the next but one, to the week
			},
			MountType: "9p", SELinux: true,
			NoVsock:     true, // its SELinux forbids sshd a vsock (lima#4334, lima#5085)
			MinimumLima: lima.Oldest, AnyEnv: loginShells, Token: allShells, OpSource: "1Password's own rpm repository",
		},
	}
}

// SystemNamed is the row of a system. One for a name that no row has, which Load
// refuses, is empty.
func SystemNamed(name string) System {
	rows := systemTable.by(systemRows)
	for i := range rows { // without a copy of each
		if rows[i].Name == name {
			return rows[i]
		}
	}
	return System{}
}

// NixOS is the row of the system that the flake describes: the guest's, or the one it may move to.
func NixOS() System { return SystemNamed("nixos") }

// System is the row of the profile's guest system.
func (p *Profile) System() System { return SystemNamed(p.Guest.System) }

// MadeBy are the systems that are set up in a way, in the order of the schema.
func MadeBy(how SetUp) (out []System) {
	for _, s := range Systems() {
		if s.SetUp == how {
			out = append(out, s)
		}
	}
	return out
}

// ReleaseNames are the values of guest.release; none: ReleaseFrom decides.
func (s System) ReleaseNames() (names []string) {
	for _, r := range s.Releases {
		names = append(names, r.Name)
	}
	return names
}

// Latest is the newest release.
func (s System) Latest() string { return s.Releases[len(s.Releases)-1].Name }

// Mounts is Lima's type of mount for a release, under QEMU.
func (s System) Mounts(release string) string {
	return cmp.Or(s.release(release).MountType, s.MountType)
}

// release is a release's row; one of an unknown name is empty.
func (s System) release(name string) Release {
	for _, r := range s.Releases {
		if r.Name == name {
			return r
		}
	}
	return Release{}
}

// NewestLong is the newest release that is supported for years; empty where guest.release says nothing.
func (s System) NewestLong() (name string) {
	for _, r := range s.Releases {
		if r.Long && r.Ended == "" {
			name = r.Name
		}
	}
	return name
}
