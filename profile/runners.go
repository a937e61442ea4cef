package profile

import (
	"fmt"
	"slices"

	"vmloom/lima"
)

// Runner is what starts a VM. Its row owns what differs between runners in the
// profile itself: names, defaults, and what a runner refuses.
type Runner struct {
	// Name as the profile's runner has it; the section of the profile that is for it alone has the same.
	Name string
	// Title is its name in prose.
	Title string
	// SSHPortField is where the profile may fix the host's port of ssh.
	SSHPortField string

	// HostName is what a guest calls the host.
	HostName string

	// Machine is what a change of the machine costs, Disk one of the system disk's size.
	Machine, Disk Cost

	// ForwardsAll: every port at which a program of the guest listens is on the host, unless it is told otherwise.
	ForwardsAll bool `empty:"QEMU forwards what it is told"`
	// PortsByKind: ssh brings a port to a VM that runs, which knows single ones of TCP.
	PortsByKind bool `empty:"QEMU takes all kinds by its monitor"`

	unusedLint string                   // warns of its section in a profile of another runner
	home       func(user string) string // the home that the profile does not give
	alias      func(*Profile) string
	startLabel func(*Profile) string
	homeDisk   func(*Profile) string
	disk       func(p *Profile, name string) string
	sshPort    func(*Profile) int
	refuses    func(System) (reason, hint string)
	validate   func(*Profile, *decoder)
}

var runnerTable once[[]Runner]

// Runners in the order of the schema.
func Runners() []Runner { return slices.Clone(runnerTable.by(runnerRows)) }

func runnerRows() []Runner {
	return []Runner{
		{
			Name: "lima", Title: "Lima", SSHPortField: "lima.sshPort", HostName: "host.lima.internal", Machine: Restart, Disk: Restart, ForwardsAll: true, PortsByKind: true,
			unusedLint: "unused-lima",
			home:       func(user string) string { return lima.GuestHome(user, "") },
			alias:      func(p *Profile) string { return lima.Hostname(p.Lima.Instance) },
			startLabel: func(p *Profile) string { return "io.lima." + p.Lima.Instance },
			homeDisk:   func(p *Profile) string { return p.Home.Name + "-home" },
			disk:       func(p *Profile, name string) string { return p.Home.Name + "-" + name },
			sshPort:    func(p *Profile) int { return p.Lima.SSHPort },
			refuses: func(s System) (string, string) {
				return "Lima cannot boot a " + s.Title + " guest", "write " + s.Runner + ", or remove the line"
			},
			validate: (*Profile).validateLima,
		},
		{
			Name: "qemu", Title: "QEMU", SSHPortField: "qemu.sshPort", HostName: "10.0.2.2", Machine: Restart,
			Disk:       Rebuild, // no Guix guest grows its root
			unusedLint: "unused-qemu",
			home:       func(user string) string { return "/home/" + user },
			alias:      func(p *Profile) string { return p.Name },
			startLabel: func(p *Profile) string { return "io.vmloom." + p.Name },
			homeDisk:   func(*Profile) string { return "home.raw" },
			disk:       func(_ *Profile, name string) string { return "data-" + name + ".raw" },
			sshPort:    func(p *Profile) int { return p.QEMU.SSHPort },
			refuses: func(s System) (string, string) {
				return fmt.Sprintf("qemu runs Guix guests; %s needs %s", s.Name, s.Runner), ""
			},
			validate: (*Profile).validateQEMU,
		},
	}
}

// RunnerNamed is the row of a runner. A name that no row has, which Load refuses,
// is taken for the first one, so that nothing follows from the mistake.
func RunnerNamed(name string) Runner {
	all := runnerTable.by(runnerRows)
	for _, r := range all {
		if r.Name == name {
			return r
		}
	}
	return all[0]
}

// RunBy is the row of the profile's runner.
func (p *Profile) RunBy() Runner { return RunnerNamed(p.Runner) }

// SSHAlias is the Host name in the file that the runner writes for ssh.
func (p *Profile) SSHAlias() string { return p.RunBy().alias(p) }

// StartLabel names the launchd job that starts the VM.
func (p *Profile) StartLabel() string { return p.RunBy().startLabel(p) }

// HomeDisk is what the runner calls the home's disk.
func (p *Profile) HomeDisk() string { return p.RunBy().homeDisk(p) }

// DiskOf is what the runner calls one of the profile's disks.
func (p *Profile) DiskOf(d Disk) string { return p.RunBy().disk(p, d.Name) }

// UnderLima reports whether Lima starts the VM.
func (p *Profile) UnderLima() bool { return p.Runner == "lima" }

// VMType is Lima's driver of the VM; empty under another runner.
func (p *Profile) VMType() string {
	if p.UnderLima() {
		return p.Lima.VMType
	}
	return ""
}

// SSHPort is the host's port of ssh; 0: another at each start.
func (p *Profile) SSHPort() int { return p.RunBy().sshPort(p) }
