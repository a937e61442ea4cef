package generate

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/profile"
	"vmloom/quote"
)

// qemuView is what the templates in qemu/ print.
type qemuView struct {
	localView
	Profile, Name string
	User          limaUser
	qemuMachine
	Machines                []qemuMachine // or by the processor of the host
	AnyOwn, AnyGuix, Either bool          // some image is of our own; guix makes some; there are both
	Downloads               bool          // some image of our own may be downloaded
	CPUs, BootSeconds       int
	LockTries               int
	OtherName               string // what to do where another project has the VM
	AskHome                 string // prints the serial number of the disk that has the home
	Memory                  string
	Shares                  shares // of the host, in place of the two
	DiskBytes               int64
	DiskSize                profile.Size
	HomeBytes               int64 // 0: the home is on the system disk
	homeView
	AllDisks           []qemuDisk
	Firmwares          []string // where UEFI firmware may be; none: the guest boots by BIOS
	FirmwareHint       string
	SSHPort            int // 0: a free one
	PortHint           string
	Forwards           string // further values of -nic
	Ports              []hostForward
	GuestTag, GuestDir string
	Mounts             []share
	SecurityModels     bool         // one of them has its own
	Beside             bool         // something of the host is relative to the profile
	NoMarks            bool         // and a socket among it
	Sockets, ToHost    []hostSocket // of the host; of the guest
	OfferedIn          string       // directory of the latter below the host's home, which is vmloom's own; empty: none
	SocketDirs         []string
	secretsView
	SecretDirs                 []string // of the guest, each in memory
	SecretMount                string   // options of their file systems
	Timer                      bool     // there is a timer
	Keys                       []string
	HostKeys                   bool // and those of the host's account
	GuixHint                   string
	MkfsHint                   string
	CreateScript, RepairScript string
	SnapshotScript             string
	Fields                     string // what a VM has of the profile, in scripts/
	UnknownRow                 string // of the plan, for a VM without a note of it
	Guix                       guixInPlace
	Asks                       guestAsks
	Counted                    []string // files that the guest's system is made of and no field tells of
	GuixServers                string   // for its image, with Guix' own; empty: the daemon's
}

// qemuMachine is what the scripts say of a processor.
type qemuMachine struct {
	Arch, GuixSystem           string
	Emulator, Machine, SlowCPU string
	VGA, UEFI                  bool
	Probe                      string // a guest that switches itself off, as printf takes it
	ProbePad                   int    // bytes to the end of its sector's code
	ProbeArgs                  []string
	Loads                      string // the last of these
	ImageType                  string
	QEMUHint                   string
	Image, ImageSHA256         string // of our own, from generated/<name>/; empty: guix makes one
	ImageURL                   string // where that may be downloaded
}

func newQEMUMachine(p *profile.Profile, image *engine.Record) qemuMachine {
	arch := p.Guest.Arch
	m := machines[arch]
	v := qemuMachine{
		Arch: arch, GuixSystem: arch + "-linux",
		Emulator: m.emulator, Machine: m.machine, SlowCPU: m.slowCPU, VGA: m.vga, UEFI: bootsByUEFI(arch),
		Probe: m.probe, ProbePad: 510 - len(m.probe)/4, ProbeArgs: m.probeArgs, Loads: m.probeArgs[len(m.probeArgs)-1],
		ImageType: engine.GuixImageType(p), QEMUHint: qemuHint(p),
	}
	if start := StartsFrom(p, image); start.Record != nil {
		v.Image, v.ImageSHA256, v.ImageURL = "../../"+start.Image, start.Record.SHA256, start.Record.URL
	}
	return v
}

// qemuHint says how QEMU comes to a host.
func qemuHint(p *profile.Profile) string {
	const hint = "install QEMU (apt: qemu-system-x86 qemu-utils; dnf: qemu-system-x86-core qemu-img; pacman: qemu-base; guix: qemu)"
	switch {
	case p.MacOS():
		return "brew install qemu"
	case bootsByUEFI(p.Guest.Arch):
		return strings.NewReplacer("qemu-system-x86 ", "qemu-system-arm ", "qemu-system-x86-core", "qemu-system-aarch64-core", "qemu-base", "qemu-system-aarch64").Replace(hint)
	}
	return hint
}

// addMachines fills in what depends on the processor.
func (v *qemuView) addMachines(p *profile.Profile, images engine.Images) {
	for _, arch := range p.Guest.Arches() {
		m := newQEMUMachine(p.OnArch(arch), images.Of(arch))
		v.Firmwares = append(v.Firmwares, machines[arch].firmwares...)
		v.AnyOwn, v.AnyGuix = v.AnyOwn || m.Image != "", v.AnyGuix || m.Image == ""
		v.Downloads = v.Downloads || m.ImageURL != ""
		v.Machines = append(v.Machines, m)
	}
	v.Either = v.AnyOwn && v.AnyGuix
	if !p.Guest.ArchOfHost() {
		v.qemuMachine, v.Machines = v.Machines[0], nil
	}
}

// machine is what QEMU needs to know of a processor.
type machine struct {
	emulator, machine, slowCPU string
	vga                        bool
	probe                      string
	probeArgs                  []string
	firmwares                  []string
}

var machines = map[string]machine{
	"x86_64": {
		emulator: "qemu-system-x86_64", machine: "q35", vga: true,
		slowCPU: "max,la57=off", // a fifth level of page tables only costs emulation time
		// mov al, 0xfe; out 0x64, al: the keyboard controller resets the machine. A boot sector.
		probe:     `\260\376\346\144\364`,
		probeArgs: []string{"-machine", "q35", "-cpu", "host", "-hda"},
	},
	"aarch64": {
		emulator: "qemu-system-aarch64", machine: "virt", slowCPU: "cortex-a72",
		// mov w0, 0x84000008; hvc 0: the firmware's call SYSTEM_OFF.
		probe:     `\000\001\200\122\000\200\260\162\002\000\000\324`,
		probeArgs: []string{"-machine", "virt", "-cpu", "host", "-kernel"},
		firmwares: []string{
			"/opt/homebrew/share/qemu/edk2-aarch64-code.fd", "/usr/local/share/qemu/edk2-aarch64-code.fd",
			"/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", "/usr/share/AAVMF/AAVMF_CODE.fd",
			"/usr/share/edk2/aarch64/QEMU_EFI.fd", "/run/current-system/profile/share/firmware/ovmf_aarch64.bin",
		},
	},
}

func newQEMUView(from source) (*qemuView, error) {
	p, g := from.Profile, from.Guest
	v := &qemuView{
		localView: newLocalView(p),
		Profile:   p.File(), Name: p.Name, User: newLimaUser(g.User, g.User.Shell),
		CPUs: p.Resources.CPUs.Count, Shares: newShares(p), BootSeconds: 900, LockTries: lockTries,
		Memory:    fmt.Sprint(int64(p.Resources.Memory.Size)>>20, "M"),
		DiskBytes: int64(p.Resources.Disk), DiskSize: p.Resources.Disk,
		HomeBytes: int64(p.Home.Disk), homeView: newHomeView(p), AllDisks: qemuDisks(p),
		OtherName:    otherProject("name"),
		FirmwareHint: "install QEMU's firmware (apt: qemu-efi-aarch64, dnf: edk2-aarch64), or give FIRMWARE=/path/of/QEMU_EFI.fd",
		SSHPort:      p.QEMU.SSHPort, PortHint: "set XDG_STATE_HOME to a directory of its own for a second VM of this name",
		GuestTag: guestTag, GuestDir: guestDir, Mounts: guestShares(p)[1:], SecurityModels: slices.ContainsFunc(p.Mounts, func(m profile.Mount) bool { return m.NineP.SecurityModel != "" }),
		Sockets: hostSockets(p.ToGuest()), ToHost: hostSockets(p.ToHost()), SocketDirs: qemuSocketDirs(p), OfferedIn: offeredIn(p),
		Beside: p.SharesBeside() || slices.ContainsFunc(p.SecretFiles(), profile.Beside), NoMarks: p.SocketsBeside(),
		Keys: g.User.Keys(), HostKeys: g.User.HostKeys(),
		GuixHint:     "install Guix: https://guix.gnu.org/manual/en/html_node/Binary-Installation.html; or give IMAGE=/path/of/a/disk/image",
		MkfsHint:     "install e2fsprogs",
		CreateScript: p.Name + "-create.sh", RepairScript: p.Name + "-repair.sh",
		SnapshotScript: p.Name + "-snapshot.sh",
		GuixServers:    engine.GuixServers(p),
		Fields:         p.Name + ".fields", UnknownRow: "restart,switch\tguest.system\tas an earlier vmloom made it\tas the profile says",
	}
	if v.SSHPort != 0 {
		v.PortHint = "end the program that has it, or change qemu.sshPort in the profile"
	}
	v.addMachines(p, from.images)
	if p.MacOS() {
		v.MkfsHint = "brew install e2fsprogs"
		v.GuixHint = "guix runs on Linux only: make the image there, by this very script or vmloom, copy it here, and give IMAGE=/path/of/the/image"
	}
	v.Ports, v.Asks = hostForwards(p.Ports...), newGuestAsks(from, false)
	for _, f := range v.Ports {
		v.Forwards += ",hostfwd=" + f.Rule()
	}
	var err error
	if v.AskHome, err = askHome(g.User.Home); err != nil {
		return nil, err
	}
	v.secretsView, err = newSecrets(p)
	v.SecretDirs, v.SecretMount = secretDirs(p), "size=64k,mode=0700,uid="+g.User.UID.String()
	v.Timer = p.Repairs()
	return v, err
}

// KeepsDisks reports whether disks may stay: those that the profile has no more as well.
func (v *qemuView) KeepsDisks() bool { return true }

// AnySocket reports whether one is forwarded, either way.
func (v *qemuView) AnySocket() bool { return len(v.Sockets)+len(v.ToHost) > 0 }

// homeSerial is the serial number of the home's disk.
const homeSerial = "vmloom-home"

// askHome prints, in the guest, the serial number of the disk that a directory is on; a partition
// has its disk's one above it. No backslash and no quote: two shells read it.
func askHome(home string) (string, error) {
	const line = `PATH=$PATH:/run/current-system/profile/bin:/usr/bin:/bin; set -- $(df -P "$0" | tail -n 1); ` +
		`d=/sys/class/block/${1##*/}; cat "$d/serial" 2>/dev/null || cat "$d/../serial"`
	dir, err := quote.Sh(home)
	return "exec sh -c '" + line + "' " + dir, err
}

// qemuSocketDirs are the directories of the guest's sockets. A system without
// systemd-logind makes no /run/user/UID either.
func qemuSocketDirs(p *profile.Profile) []string {
	dirs := socketDirs(p)
	for _, s := range p.ToGuest() {
		own := "/run/user/" + p.Guest.User.UID.String()
		if strings.HasPrefix(s.Guest, own+"/") {
			dirs = append(dirs, own)
			if dir := s.Guest[:strings.LastIndexByte(s.Guest, '/')]; dir != own {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}
