package generate

import "vmloom/profile"

// runner is what the files of a set-up make of its runner: a row of the table
// below, every attribute of which is set.
type runner struct {
	// scripts is the folder of the life's templates, view what they print.
	scripts string
	view    func(source) (any, error)
	guide   func(source) (File, error)
	ssh     func(source) (File, error)
	// unit is the template of the systemd service that starts the VM.
	unit string
	// vm, host and shown are the VM in the words of a unit, of the picture and of WezTerm's list.
	vm, host, shown func(*profile.Profile) string
	// wezterm is how WezTerm's module finds the VM where its port is not fixed.
	wezterm func(*weztermView, *profile.Profile)
	// tryOp is a line of sh that tries op in the guest.
	tryOp func(*profile.Profile) string
	// atLogin is what the guide says of a start at login on a Mac, troubles are its own among those of the guide.
	atLogin  func() prose
	troubles func() []trouble
	// deleteDisk is the command that deletes a disk, disksOf whose its name is in prose.
	deleteDisk func(p *profile.Profile, disk string) string
	disksOf    string
	// byHand are its own words for what the scripts do, asks those that show how a VM is, and changes says where a
	// change of the machine goes: for files that vmloom makes no more.
	byHand  func(*profile.Profile) byHand
	asks    func(*profile.Profile) prose
	changes func(*profile.Profile) []part
}

// runners by the names of profile.Runners.
func runners() map[string]runner {
	return map[string]runner{
		"lima": {
			scripts: "scripts/", guide: limaGuide, ssh: limaSSH, unit: "vm.service.tmpl",
			view:    func(from source) (any, error) { return newScriptView(from) },
			vm:      func(p *profile.Profile) string { return "Lima VM " + p.Lima.Instance + " of the profile " + p.Name },
			host:    func(p *profile.Profile) string { return "Lima instance " + p.Lima.Instance },
			shown:   func(p *profile.Profile) string { return "Lima VM " + p.Lima.Instance },
			wezterm: func(*weztermView, *profile.Profile) {},
			tryOp:   func(p *profile.Profile) string { return limaShell(p) + " op whoami" },
			atLogin: func() prose {
				return say("The VM starts when you log in. Do not use %s beside it; the job sees that and leaves the start to Lima.", "limactl autostart")
			},
			troubles:   func() []trouble { return nil },
			deleteDisk: func(_ *profile.Profile, disk string) string { return "limactl disk delete " + disk }, disksOf: "Lima's ",
			byHand: limaByHand, changes: limaChanges,
			asks: func(p *profile.Profile) prose {
				return say("%s, %s", "limactl list "+p.Lima.Instance, "limactl disk list")
			},
		},
		"qemu": {
			scripts: "qemu/", guide: qemuGuide, ssh: qemuSSH, unit: "qemu.service.tmpl",
			view:    func(from source) (any, error) { return newQEMUView(from) },
			vm:      func(p *profile.Profile) string { return "QEMU VM of the profile " + p.Name },
			host:    func(p *profile.Profile) string { return "QEMU, " + archWords(p) },
			shown:   func(p *profile.Profile) string { return "QEMU VM " + p.Name },
			wezterm: func(v *weztermView, p *profile.Profile) { v.StateDir, v.KeyFile = "/vmloom/"+p.Name, "/id_ed25519" },
			tryOp:   func(p *profile.Profile) string { return "./scripts/" + p.Name + "-ssh.sh sh -lc 'op whoami'" },
			atLogin: func() prose { return say("The VM starts when you log in, once %s has made it.", "create") },
			troubles: func() []trouble {
				return []trouble{
					{say("a script waits for a process that works on this VM"), say("another of these scripts is at work"), say("wait for it; if it hangs, end it by its number")},
					{say("guix: some substitutes failed, or no space left on device"), say("the machine that builds the image, not the VM, has a problem"), say("try again; %s frees space", "guix gc")},
				}
			},
			deleteDisk: func(p *profile.Profile, disk string) string { return "rm " + stateDir(p) + "/" + disk }, disksOf: "the file ",
			byHand: qemuByHand, changes: qemuChanges,
			asks: func(p *profile.Profile) prose {
				return say("%s", "tail "+stateDir(p)+"/serial.log "+stateDir(p)+"/qemu.log")
			},
		},
	}
}

// runBy is the row of the profile's runner.
func runBy(p *profile.Profile) runner { return runners()[p.RunBy().Name] }
