// Package verify holds what a profile promises as one table of checks. In goes
// a complete *profile.Profile; out comes the table (Checks for the VM, Machine
// for the host before there is one), a pure function of the profile: what each
// row runs, what must come out, what else must hold before, why it may fail and
// what mends it. Run looks, with the processes of package engine, and says what
// was seen. The guide's troubles are rows of this table. It never mends
// anything, never prints, and leaves no file behind.
package verify

import (
	"context"
	"time"

	"vmloom/ownership"
	"vmloom/process"
	"vmloom/profile"
)

// Side is where a check looks.
type Side string

// The sides. A check of the guest needs one that answers.
const (
	Host  Side = "host"
	Guest Side = "guest"
)

// Check is one promise.
type Check struct {
	// ID is stable: words with slashes between, such as socket/docker/answers.
	ID string
	// Title says what holds when all is well, Not what is so when the check fails.
	Title, Not string
	// Field of the profile that promises it, such as sockets[0]; empty: none.
	Field string
	Side  Side
	// Needs are the IDs of checks that must be ok before; else this one is skipped.
	Needs []string
	// Timeout bounds the whole check; 0: DefaultTimeout.
	Timeout time.Duration
	// See is what a user notices when it fails; only a check that has it is a row of the guide.
	See Text
	// Because says why it may fail, Cure what mends it.
	Because, Cure Text
	// Way marks the checks of a way into the guest: no answer is what they look for.
	Way bool
	// State marks the checks that tell how the VM is now: those of vmloom status.
	State bool
	// Restart marks those that restart the VM. They run last, one by one, in the table's order.
	Restart bool

	// through is a socket of the guest that the check connects to; empty: none.
	through string
	// steps are run in order, until one fails; those that clean up run always.
	steps func(*Site) []process.Step
	// judge tells from the answers to steps, of which there may be fewer, what was seen.
	// Without it every step must end with status 0.
	judge func(*Site, []answer) verdict
	// look stands in place of both where commands alone cannot tell.
	look func(context.Context, *session) verdict
}

// DefaultTimeout of a check: an emulated guest takes seconds for a connection alone.
const DefaultTimeout = time.Minute

// Site is the machine that is looked at, as the caller found it.
type Site struct {
	// Home of the user, and where programs keep their configuration (~/.config), absolute.
	Home, Config string
	UID          int
	User         string
	// Daemons is where launchd's jobs of the whole Mac are: /Library/LaunchDaemons.
	Daemons string
	// TypedLima is where a limactl looks that is typed by hand; empty: where vmloom's does.
	TypedLima string
	// LimaHome is Lima's directory (~/.lima), State that of the runner qemu for this profile.
	LimaHome, State string
	// Owner is the profile as the marks of VMs know it.
	Owner ownership.Self
	// OS and Arch of this machine in the profile's words: macos, linux; aarch64, x86_64.
	OS, Arch string
	// CPUs and Memory, in bytes, are this machine's; 0: it does not say.
	CPUs   int
	Memory int64
	// KVM is the device, /dev/kvm.
	KVM string
	// Proc is where the processes of this host are told, /proc; ps tells them where there is none.
	Proc string
	// Base is the directory of the profile, Generated that of its files, both absolute.
	Base, Generated string
	// Files are what the profile makes now, by their paths below Generated.
	Files map[string][]byte
	// Image is the built image that a new VM starts from, relative to Base; empty: there is none.
	Image string
	// Stale are the files on disk that differ from those.
	Stale []string
	// Token makes names of files that no other run uses: letters and digits.
	Token string
	// Now is the clock.
	Now func() time.Time
	// Shared are the answers that other machines' questions to this host had; nil: nobody else asks.
	Shared *Answers
	// Tell hears how many checks are over of how many, and which was last, from several goroutines; or nil.
	Tell func(done, of int, last string)

	// run gives a command's answer; nil: command does. hurried looks wait a twentieth of their time.
	run     func(context.Context, process.Cmd) answer
	hurried bool
}

// Checks is the table for a profile, in the order of its report.
func Checks(p *profile.Profile) []Check {
	out := make([]Check, 0, 64) // are large, and as many as a usual profile has
	for _, rows := range []func(*profile.Profile) []Check{
		generatedRows, limaHomeRows, instanceRows, besideRows, shareRows, accessRows, systemRows, hardwareRows, containerRows, broughtRows, proxyRows, homeRows, diskRows, mountRows, socketRows, onePasswordRows, envFileRows, hostPorts, portRows, networkRows,
		packageRows, editorRows, wezTermRows, serviceRows, spaceRows, restartRows,
	} {
		out = append(out, rows(p)...)
	}
	return inWords(p, out)
}

// reached is the check that every check of the guest needs.
const reached = "access/guest"

// inGuest makes rows of the guest out of rows: they need a guest that answers.
func inGuest(rows ...Check) []Check {
	for i := range rows {
		rows[i].Side = Guest
		rows[i].Needs = append(rows[i].Needs, reached)
	}
	return rows
}
