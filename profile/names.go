package profile

import (
	"crypto/sha256"
	"fmt"
)

// What belongs to a profile's VM is called alike everywhere: in the files that
// are made, in the jobs that the host runs, and in what looks for either.

// HomePartition names the partition of the home's disk, once it is formatted.
const HomePartition = "vmloom-home"

// OldHomeLabel is what every VM's home was labelled by earlier versions.
const OldHomeLabel = "vmloom-home"

// HomeNotice is the guest's file that says why its home is not the one to expect.
// Where it is, sshd's message of the day has it.
const HomeNotice = "/run/motd.d/vmloom-home"

// HomeLabel names the file system of the home disk inside the guest, and no other
// VM's. Lima's own label, lima-NAME, would pass ext4's 16 characters for a name of
// more than 11: cut short, it is never found again.
func (p *Profile) HomeLabel() string {
	sum := sha256.Sum256([]byte(p.Home.Name))
	return fmt.Sprintf("vmloom-%x", sum[:4])
}

// Marker is the line of an instance's lima.yaml that shows whose it is.
func (p *Profile) Marker() string { return "# vmloom-profile: " + p.Name }

// RepairLabel names the launchd job that forwards dead sockets again.
func (p *Profile) RepairLabel() string { return "io.vmloom." + p.Name + ".repair" }

// Unit is the prefix of the VM's systemd user units: UNIT.service starts it,
// UNIT-repair.timer forwards dead sockets again.
func (p *Profile) Unit() string { return "vmloom-" + p.Name }

// Given reports whether the profile's file itself has a field, such as nix.base.
func (p *Profile) Given(path string) bool {
	_, ok := p.pos[path]
	return ok && path != ""
}

// ProblemAt is what there is to say of a field, with its line to show.
func (p *Profile) ProblemAt(path, reason string) Problem {
	ps := Problems{{Pos: p.At(path), Path: path, Reason: reason}}
	ps.sort(p.sources)
	return ps[0]
}

// At is where the profile's file has a field, such as sockets[0].host, or else
// the nearest one around it.
func (p *Profile) At(path string) Pos { return find(p.pos, path) }

// Label is the error of a text that cannot be a profile's name, or nil.
func Label(text string) error {
	if form := forms["label"]; !form.ok(text) || len(text) > mostLabel {
		return fmt.Errorf("must be %s, at most %d of them", form.words, mostLabel)
	}
	return nil
}

// mostLabel is how long a name may be, as its tag has it.
const mostLabel = 40
