package profile

import (
	"cmp"
	"slices"

	"vmloom/lima"
)

// HostOS is a kind of host. Its row owns what differs between hosts.
type HostOS struct {
	// Name as host.os has it.
	Name string
	// Title is its name in prose, GOOS Go's name of it.
	Title, GOOS string
	// FirstUID is the number of the first account of a person.
	FirstUID int
	// Homes is the directory that holds its users' homes.
	Homes string
	// VMTypes are Lima's drivers there, the default first.
	VMTypes []string
	// Arch is the processor of a guest that names none.
	Arch string
	// Job is what its supervisor calls something that runs every minute.
	Job string

	// MaxSocket is how long a Unix socket's path may be, without its end mark.
	MaxSocket int
	// KVM tells one whose hypervisor is /dev/kvm.
	KVM bool `empty:"it has another"`
	// LowPorts: ports below 1024 are for everybody at 0.0.0.0.
	LowPorts bool `empty:"they are root's"`
	// NoVMNet says why Lima's networks shared, bridged and host are not there.
	NoVMNet string `empty:"they are"`

	socket func(SocketPreset) string
	start  func(SocketPreset) string
}

var hostTable once[[]HostOS]

// HostOSes in the order of the schema.
func HostOSes() []HostOS { return slices.Clone(hostTable.by(hostRows)) }

func hostRows() []HostOS {
	return []HostOS{
		{
			Name: "macos", Title: "macOS", GOOS: "darwin", FirstUID: 501, Homes: "/Users/", VMTypes: []string{"vz", "qemu"}, Arch: "aarch64", Job: "launchd job", LowPorts: true,
			MaxSocket: lima.PathMaxMac - 1,
			socket:    func(s SocketPreset) string { return s.MacOS },
			start:     func(s SocketPreset) string { return s.StartMacOS },
		},
		{
			Name: "linux", Title: "Linux", GOOS: "linux", FirstUID: 1000, Homes: "/home/", VMTypes: []string{"qemu"}, Arch: "x86_64", Job: "systemd timer", KVM: true, NoVMNet: "Lima has this network on macOS alone",
			MaxSocket: lima.PathMaxLinux - 1,
			socket:    func(s SocketPreset) string { return s.Linux },
			start:     func(s SocketPreset) string { return s.StartLinux },
		},
	}
}

// HostNamed is the row of a kind of host. A name that no row has, which Load
// refuses, is taken for the last one, so that nothing follows from the mistake.
func HostNamed(name string) (h HostOS) {
	for _, h = range hostTable.by(hostRows) {
		if h.Name == name {
			break
		}
	}
	return h
}

// HostRunning is the row of the host whose name in Go is goos; ok says whether there is one.
func HostRunning(goos string) (h HostOS, ok bool) {
	for _, h := range HostOSes() {
		if h.GOOS == goos {
			return h, true
		}
	}
	return HostOS{}, false
}

// Mac is the row of macOS.
func Mac() HostOS { return HostNamed("macos") }

// On is the row of the profile's host.
func (p *Profile) On() HostOS { return HostNamed(p.Host.OS) }

// LimaHomeName reports whether host.limaHome may have a text.
func LimaHomeName(text string) bool { return forms["lima home"].ok(text) }

// LimaHome is where Lima keeps its instances on the host: absolute, or starting with ~/.
func (p *Profile) LimaHome() string { return cmp.Or(p.Host.LimaHome, "~/.lima") }

// MacOS reports whether the host is a Mac, whose jobs launchd runs; systemd runs those of others.
func (p *Profile) MacOS() bool { return p.Host.OS == "macos" }
