package generate

import (
	"fmt"

	"vmloom/profile"
)

func packageChapter(p *profile.Profile) (chapter, error) {
	return chapter{Title: "Install a package", Parts: []part{
		paragraph("For a try, in the guest; it is gone with the next rebuild:"),
		run("./scripts/" + p.Name + "-ssh.sh guix install hello"),
		paragraph("For good: add its name to %s in %s, say %s, and apply it as the next chapter shows.", "guest.packages", p.File(), "vmloom gen"),
	}}, nil
}

func updateChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Update the system", Parts: []part{
		paragraph("A changed profile and moved channels reach the VM in place:"),
		run("./scripts/" + p.Name + "-apply.sh"),
		paragraph("It shows what differs and what each change costs, asks, or takes %s, and does it: the guest makes its new system by the pinned Guix (%s), ports and sockets come and go while it runs, and a changed machine (CPUs, memory, mounts) takes one restart. A VM that does not come back is started as it was before; %s has it boot the system of before.", "--yes", "guix system reconfigure", "--rollback"),
		paragraph("What cannot change in place (the system disk, the user) comes by a rebuild. The old system goes only when the new image is there."),
	}}
	if p.Home.Disk > 0 {
		c.Parts = append(c.Parts, run("./scripts/"+p.Name+"-rebuild.sh"),
			paragraph("It asks first, or takes %s. The home, on its own disk, stays; what else was changed in the guest is gone.", "--yes"))
	} else {
		c.Parts = append(c.Parts, run("./scripts/"+p.Name+"-rebuild.sh --purge-home"),
			paragraph("It asks first, or takes %s. The home is on the system's disk and is LOST, which %s accepts.", "--yes", "--purge-home"))
	}
	c.Parts = append(c.Parts,
		paragraph("What runs in the guest is asked of the Shepherd, its first process; a service is started again without a restart of the VM:"),
		run("./scripts/"+p.Name+"-ssh.sh sudo herd status", "./scripts/"+p.Name+"-ssh.sh sudo herd restart ssh-daemon"),
		paragraph("%s in the guest changes the guest's own %s command, for your account alone, and neither its system nor anybody else's VM"+pullFollows(p)+"; %s goes back:", "guix pull", "guix", "guix pull --roll-back"),
		run("./scripts/"+p.Name+"-ssh.sh guix pull"))
	return c, nil
}

// pullFollows says by which channels guix pull goes in the guest.
func pullFollows(p *profile.Profile) string {
	if p.Guix.Version == "1.4" {
		return " (it goes to the newest of Guix)"
	}
	return " (it goes by the same pins)"
}

func configChapter(p *profile.Profile) (chapter, error) {
	return chapter{Title: "Change the configuration", Parts: []part{
		paragraph("Change %s, say %s, then apply it as above. Never change a generated file: the edit is kept and reported, and holds up later changes. What the profile has no word for goes into a Scheme file of your own beside it,", p.File(), "vmloom gen"),
		{Info: "yaml", Code: "guix: {modules: [./local.scm]}\n"},
		paragraph("whose procedure %s gets the operating-system and gives the one to build:", "customize"),
		{Info: "scheme", Code: `(define (customize system)
  (operating-system
    (inherit system)
    (issue "Welcome to our VM.\n")
    (packages (cons (specification->package "emacs-minimal")
                    (operating-system-packages system)))))
`},
	}}, nil
}

func channelChapter(p *profile.Profile) (chapter, error) {
	if file := p.Guix.Channels.File(); file != "" {
		return chapter{Title: "Pin and move channels", Parts: []part{
			paragraph("The channels, and the commits that they are pinned to, are those of the project's %s, which %s reads from where it lies. To move a pin, change it there, then apply it. After a %s on the host this prints the commits that the host itself uses, as such a file:", file, "guix/channels.scm", "guix pull"),
			run("guix describe -f channels"),
		}}, nil
	}
	return chapter{Title: "Pin and move channels", Parts: []part{
		paragraph("%s pins each channel to a commit, so that everyone's VM is the same. To move a pin, write the new commit into %s, %s, then apply it. After a %s on the host this prints the commits that the host itself uses, which are a good choice:", "guix/channels.scm", "guix.channels", "vmloom gen", "guix pull"),
		run("guix describe -f channels"),
		paragraph("Without a commit for the channel guix the profile takes the release %s.", p.Guix.Version),
	}}, nil
}

func qemuSocketChapter(p *profile.Profile) (chapter, error) {
	return socketsBy(p, paragraph("A socket cannot be reached through a mount. %s forwards these from the guest to the host:", "ssh"), "./scripts/"+p.Name+"-ssh.sh", part{Info: "sh", Code: qemuScript(p, "repair")})
}

func imageChapter(p *profile.Profile) (chapter, error) {
	boots := bootsBy(p)
	return chapter{Title: "Another image", Parts: []part{
		paragraph("%s makes the VM of any disk image that boots by "+boots+", in the format qcow2 or raw; the image stays as it is and must stay where it is. %s takes one in the same way. The image needs an SSH server, and at each boot it must do what the host asks for. For one with systemd this is enough, enabled as %s:", "IMAGE=/path/of/the/image ./scripts/"+p.Name+"-create.sh", "rebuild", "/etc/systemd/system/vmloom.service"),
		{Info: "text", Code: bootUnit},
		paragraph("The host's %s makes the user, mounts the home and the shares, and lets the VM's key in; guix/system.scm says the same to Guix in its own words.", "boot.sh"),
	}}, nil
}

// bootUnit is what an image of another system needs.
const bootUnit = `[Unit]
Description=What the host asks for at each boot
After=local-fs.target
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=mkdir -p ` + guestDir + `
ExecStart=mount -t 9p -o trans=virtio,version=9p2000.L,ro ` + guestTag + ` ` + guestDir + `
ExecStart=sh ` + guestDir + `/boot.sh

[Install]
WantedBy=multi-user.target
`

func destroyChapter(p *profile.Profile) chapter {
	c := chapter{Title: "Destroy", Parts: []part{
		paragraph("Every path is listed first; then it asks, or takes %s. The VM is shut down in order. No process, lock or file is left", "--yes"),
	}}
	last := &c.Parts[0].Prose
	if p.Home.Disk > 0 {
		*last = append(*last, say(" but the home's disk, which the next %s takes up again:", "create")...)
		c.Parts = append(c.Parts, run("./scripts/"+p.Name+"-destroy.sh"), paragraph("The home as well:"))
	} else {
		*last = append(*last, say(". The home goes with the system's disk:")...)
	}
	c.Parts = append(c.Parts, run("./scripts/"+p.Name+"-destroy.sh --purge-home"))
	if len(p.Disks) > 0 {
		c.Parts = append(c.Parts, paragraph("Further disks stay in any case; %s names the command that deletes each.", "destroy"))
	}
	if !p.MacOS() {
		c.Parts = append(c.Parts, paragraph("The image and what it was made of stay in guix's store until %s; nothing protects them any more.", "guix gc"))
	}
	return c
}

// includeSSH puts the set-up's file first into ~/.ssh/config, once. The backup is of what was there before the first
// time, and a file that is a link stays one.
func includeSSH(p *profile.Profile) string {
	return "mkdir -p ~/.ssh && touch ~/.ssh/config\n" +
		"[ -e ~/.ssh/config.before-vmloom ] || cp ~/.ssh/config ~/.ssh/config.before-vmloom\n" +
		"grep -qF \"Include \\\"$PWD/ssh/config\\\"\" ~/.ssh/config || {\n" +
		"  { printf 'Include \"%s\"\\n\\n' \"$PWD/ssh/config\"; cat ~/.ssh/config; } >~/.ssh/config.new\n" +
		"  cat ~/.ssh/config.new >~/.ssh/config && rm ~/.ssh/config.new\n" +
		"}\n" +
		fmt.Sprintf("ssh %s uname -a\n", p.SSHAlias())
}
