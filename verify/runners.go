package verify

import (
	"context"
	"fmt"
	"path"

	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// runner is what the checks ask of a runner: a row of the table below, every
// attribute of which is set.
type runner struct {
	// inside runs words in the guest, ssh is ssh to it by the file that is written at each start.
	inside func(p *profile.Profile, s *Site, words ...string) process.Cmd
	ssh    func(p *profile.Profile, s *Site) []string
	// disks is where the VM's disks grow, serial the log of the guest's console as a user writes its path.
	disks func(*Site) string
	// files are those of the VM alone, its disks and what is kept of it included.
	files  func(*profile.Profile, *Site) []string
	serial func(*profile.Profile) string
	// instance says about the VM itself; started is the row of it that must be ok before the guest can answer.
	instance func(*profile.Profile) []Check
	started  string
	// ways are further ways into the guest, limits what the runner does not stand of this host.
	ways, limits func(*profile.Profile) []Check
	// dir is the VM's own, which the words of its processes name.
	dir func(*profile.Profile, *Site) string
	// cpus is how many processors the guest should have, and whether it may have fewer.
	cpus func(*profile.Profile, *Site) (want int, orFewer bool)
	// disk looks at a disk of a size that a field says, and none is the verdict where it is missing; port looks at the way
	// through a port.
	disk func(ctx context.Context, s *session, p *profile.Profile, name string, want profile.Size, field string, none verdict) verdict
	port func(context.Context, *session, *profile.Profile, profile.Port) verdict
	// given is what the VM has of the host, by its last start.
	given func(*profile.Profile, *Site) (given, error)
	// project is the profile's directory as the VM has it.
	project func(*profile.Profile, *Site) (string, error)
	// noKVM says what follows where KVM is there and does not work, and what mends it.
	noKVM func(*profile.Profile) words
	// words stand in for those of rows, whose IDs match the pattern of path.Match.
	words func(*profile.Profile) map[string]words
}

// words are what a user notices of a failure, why it may be, and what mends it;
// those that are zero leave the row's.
type words struct{ see, because, cure Text }

// runners by the names of profile.Runners.
func runners() map[string]runner {
	return map[string]runner{
		"lima": {
			inside: limaInside, ssh: limaSSH,
			disks: func(s *Site) string { return s.LimaHome },
			files: func(p *profile.Profile, s *Site) []string {
				all := []string{s.LimaHome + "/" + p.Lima.Instance, s.LimaHome + "/_disks/" + p.HomeDisk(), s.LimaHome + "/_vmloom/" + p.Lima.Instance + ".kept"}
				for _, d := range p.Disks {
					all = append(all, s.LimaHome+"/_disks/"+p.DiskOf(d))
				}
				return all
			},
			serial:   func(p *profile.Profile) string { return p.LimaHome() + "/" + p.Lima.Instance + "/" + lima.Serial },
			instance: limaRows, started: "instance/ready", ways: limaWays, limits: limaLimits, dir: func(p *profile.Profile, s *Site) string { return s.LimaHome + "/" + p.Lima.Instance }, cpus: limaCPUs,
			disk: limaDisk, given: limaGiven, project: limaProject, port: limaPort, noKVM: limaNoKVM, words: limaWords,
		},
		"qemu": {
			inside: qemuInside, ssh: qemuSSH,
			disks:    func(s *Site) string { return s.State },
			files:    func(_ *profile.Profile, s *Site) []string { return []string{s.State + "/"} },
			serial:   func(p *profile.Profile) string { return "~/.local/state/vmloom/" + p.Name + "/serial.log" },
			instance: qemuRows, started: "instance/running",
			ways: func(*profile.Profile) []Check { return nil }, limits: qemuLimits, dir: func(_ *profile.Profile, s *Site) string { return s.State }, cpus: qemuCPUs,
			disk: qemuDisk, given: qemuGiven, project: qemuProject, port: qemuPort, noKVM: qemuNoKVM, words: qemuWords,
		},
	}
}

// runBy is the row of the profile's runner.
func runBy(p *profile.Profile) runner { return runners()[p.RunBy().Name] }

func limaWords(p *profile.Profile) map[string]words {
	return map[string]words{
		"home/kept": {say("the home's disk is in use by an instance that is gone"), say("a crash left the lock"),
			say("%s, then %s", "limactl disk unlock "+p.HomeDisk(), vmloom("up"))},
		"mount/*/shared": {say("a shared directory is empty"), say("the guest was rebooted from inside"), say("%s", "limactl restart "+p.Lima.Instance)},
		"space/home":     {cure: say("delete what is not needed, or: %s, %s, %s", vmloom("stop"), "limactl disk resize "+p.HomeDisk()+" --size SIZE", vmloom("up"))},
		"restart/stop":   {cure: say("wait, or %s", "limactl stop -f "+p.Lima.Instance)},
		fmt.Sprintf("port/%d/free", p.Lima.SSHPort): {say("the start fails within seconds"),
			say(fmt.Sprintf("something else holds port %d", p.Lima.SSHPort)), say("free it, or write %s", "sshPort: 0")},
	}
}

func qemuWords(p *profile.Profile) map[string]words {
	see := say("see %s", runBy(p).serial(p))
	taken := say("a port of this host is taken")
	change := say("end it, or change the profile: %s, %s", "qemu.sshPort", "ports")
	owner := say("write what %s says on the host into %s, then %s", "id -u", "guest.user.uid", vmloom("rebuild"))
	if p.Guest.User.UID.OfHost() {
		owner = say("share what is yours, or give it to your account")
	}
	return map[string]words{
		"guest/hostname": {see: say("the host name or a package is not that of the profile")},
		"guest/system":   {because: say("the VM was made from another image (%s)", "IMAGE")},
		reached: {say("%s waits and then says: the guest does not answer", "create"), say("the boot hangs, or is slow by emulation"),
			see.Then("; ", say("%s waits longer", vmloom("up").With("TIMEOUT=3000")))},
		"home/kept":    {because: say("the guest could not mount it"), cure: see.Then(", then ", callRebuild)},
		"disk/*/kept":  {cure: say("%s brings a new one; of one that is gone, %s makes a blank one", vmloom("apply"), vmloom("rebuild"))},
		"mount/*/host": {see: say("%s: no such directory", "create")},
		"mount/*/shared": {say("permission denied on a shared directory"), say("its files belong to another number than the guest's user"),
			owner},
		"port/*":       {taken, say("another program, or another VM, was there first"), change},
		"port/*/free":  {see: taken, cure: change},
		"accel/*":      {see: say("everything is slow, and %s said why", "create")},
		"restart/stop": {cure: say("wait: after three minutes %s switches it off", "stop")},
	}
}

// inWords gives rows the words of the profile's runner.
func inWords(p *profile.Profile, rows []Check) []Check {
	for pattern, w := range runBy(p).words(p) {
		for i := range rows {
			if ok, _ := path.Match(pattern, rows[i].ID); ok {
				rows[i].See, rows[i].Because, rows[i].Cure = otherwise(w.see, rows[i].See), otherwise(w.because, rows[i].Because), otherwise(w.cure, rows[i].Cure)
			}
		}
	}
	return rows
}

func otherwise(t, plain Text) Text {
	if t.IsZero() {
		return plain
	}
	return t
}
