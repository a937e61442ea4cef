package generate

import (
	"strings"

	"vmloom/profile"
)

// inGuest is where the guide puts the flake inside the guest: on its own disk,
// since a switch remounts what Lima has mounted.
func inGuest(p *profile.Profile) string { return "/var/lib/vmloom/" + p.Name }

// switchChapter says how a NixOS guest takes this configuration on.
func switchChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Switch to this configuration"}
	add := func(parts ...part) { c.Parts = append(c.Parts, parts...) }
	script := "./scripts/" + p.Name + "-switch.sh"
	if p.Nix.Base == "released" {
		add(paragraph("The VM starts as "+plainImage(p)+". %s goes on to this configuration by itself, through a restart, since the home moves to its own disk. Where that fails, the plain system runs on, and the same command goes on:", p.Name+"-create.sh"),
			run("./scripts/"+p.Name+"-create.sh"),
			paragraph("Later changes, after %s:", "vmloom gen"))
	} else {
		add(paragraph("The image holds this configuration already. Changes, after %s, need no new image:", "vmloom gen"))
	}
	add(run(script),
		paragraph("It brings the flake and what your own modules read to %s in the guest, and what %s gains there back to the one beside the generated %s: commit that, it is the only one, and image and guest follow it. By hand, in the guest:", inGuest(p), "flake.lock", "flake.nix"),
		run("sudo nixos-rebuild switch --flake path:"+inGuest(p)+"#"+p.Name+ofArch(p, "-")))
	if p.Build.Switch {
		add(paragraph("The script has the system built where %s says, and copies it into the guest; the line above builds in the guest.", "build.on"))
	}
	if p.Nix.KeepStore {
		add(paragraph("What the guest's nix has outlives a rebuild: %s copies it to %s on the home's disk first, and the next system takes it from there before it downloads anything. It takes room on that disk, and leaves a GiB of it free; to be rid of it, in the guest:", p.Name+"-rebuild.sh", p.KeptStore()),
			run("sudo rm -rf "+p.KeptStore()))
	}
	if p.Nix.Base == "own" {
		add(paragraph("The image is built on a Linux machine with KVM, here or elsewhere, and lies beside the profile:"),
			run("(cd ../.. && vmloom build-image)"))
		if !p.HasOwnNix() {
			add(paragraph("or by hand, and then without a digest for Lima to check:"),
				run("nix build "+flakeImage(p)+" -o /tmp/"+p.Name+"-image",
					"mkdir -p ../../images",
					"cp /tmp/"+p.Name+"-image/"+p.Name+".qcow2 ../../images/"+p.Name+"-"+archOnHost(p)+".qcow2"))
		}
	}
	return c, nil
}

// updateNixOS and updateCloud tell how the system gets newer software.
func updateNixOS(p *profile.Profile) []part {
	return []part{
		paragraph("Newer packages come with newer inputs of the flake, which its %s pins:", "flake.lock"),
		run("(cd ../.. && vmloom lock)"),
		paragraph("or, where this machine has neither vmloom nor nix, by the guest's nix:"),
		run("./scripts/" + p.Name + "-switch.sh update"),
		paragraph("then switch as above. What cannot change in place (the base image, the user) comes by a rebuild:"),
	}
}

func updateCloud(p *profile.Profile) []part {
	out := []part{
		paragraph("Newer packages come as " + systemName(p) + " brings them:"),
		run(limaShell(p) + " sudo sh -c '" + p.System().Manager.Upgrade + "'"),
	}
	if p.HasImage() { // no release of which anything is known
		return append(out, paragraph("What cannot change in place (the release, the user) comes by a rebuild:"))
	}
	return append(out,
		paragraph("A newer release, once %s says it, comes in place, with all that was installed by hand, after a snapshot:", "guest.release"),
		run("./scripts/"+p.Name+"-apply.sh --upgrade"),
		paragraph("What cannot change in place (the user) comes by a rebuild, and so does a release without that flag:"),
	)
}

// keepHome is what holds for each move to another system.
func keepHome(p *profile.Profile) part {
	keep := paragraph("Keep %s as it is: name, uid and home directory are written into this set-up so that the files of the home fit the next system too.", "guest.user")
	if p.Home.Disk == 0 {
		keep = paragraph("The home is on the system disk and does not come along: give it a disk of its own first (%s), and copy it there.", "home: {disk: 40GiB}")
	}
	return keep
}

func moveSteps(p *profile.Profile) part {
	return run("(cd ../.. && vmloom gen)", "./scripts/"+p.Name+"-rebuild.sh")
}

// cloudSystems are those that Lima's own images bring, in prose.
func cloudSystems() string {
	var titles []string
	for _, s := range profile.MadeBy(profile.ByCloudInit) {
		titles = append(titles, s.Title)
	}
	last := len(titles) - 1
	return strings.Join(titles[:last], ", ") + " or " + titles[last]
}

// moveNixOS and moveCloud tell how another system takes the place of this one, under the same home.
func moveNixOS(p *profile.Profile) []part {
	return []part{
		paragraph("To "+cloudSystems()+": write %s and %s in the profile.", "guest.system: ubuntu", "guest.release"), keepHome(p), moveSteps(p),
	}
}

func moveCloud(p *profile.Profile) []part {
	return []part{
		paragraph("To another release, or to "+cloudSystems()+": change %s and %s in the profile.", "guest.system", "guest.release"), keepHome(p), moveSteps(p),
		paragraph("To NixOS: write %s, remove %s, and do the same. The guide made then has a chapter more, Switch to this configuration; follow it.", "guest.system: nixos", "guest.release"),
	}
}

// applyNixOS and applyCloud tell how a changed profile reaches the VM.
func applyNixOS(p *profile.Profile) []prose {
	mounts := "mounts"
	if len(p.Disks) > 0 {
		mounts = "mounts, disks that are new or move"
	}
	return []prose{
		say("Packages, variables, host name, modules: the guest switches to its new system, and runs on. %s goes back to the one before, %s has it switch at its next boot, %s until then.", "--rollback", "--boot", "--test"),
		say("Ports come while it runs; one that goes or moves, CPUs, memory, disks that grow: one restart. Sockets: while it runs, and a switch; " + mounts + ": a restart and a switch."),
		say("What the profile has no word for: your own NixOS modules in %s, and %s for the Lima template.", "nix.modules", "lima.extra"),
	}
}

func applyCloud(p *profile.Profile) []prose {
	machine := "Sockets come and go while it runs, and ports come; a port that goes or moves, CPUs, memory, disks that grow, mounts: one restart for all of them."
	if p.MountsLive() {
		machine = "Sockets and shared directories come and go while it runs, and ports come; the first shared directory, a port that goes or moves, CPUs, memory, disks that grow: one restart for all of them."
	}
	return []prose{
		say("Packages, containers, groups, scripts, certificates, variables, shell, time zone, locale, keys, names of hosts: while the VM runs, new sessions see them: variables in login shells, and one that the profile has no more goes with the connection. A package that the profile has no more goes if these scripts have installed it and no other needs it."),
		say(machine),
		say("What the profile has no word for: %s is merged into the Lima template as it stands.", "lima.extra"),
	}
}
