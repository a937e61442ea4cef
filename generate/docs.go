package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
	"vmloom/templates/quote"
)

// guideView is what docs/guide.md.tmpl prints.
type guideView struct {
	Profile, Name, What string
	Picture             picture
	Facts               []fact
	Create, Reach       string // command blocks, as those below
	IncludeSSH          string
	Chapters            []chapter
	System, Systems     string
	Upgrade             string
	Rebuild, Stop       string
	Destroy, Repair     string
	RebuildKeeps        string
	DestroyKeeps        string
	HasSockets          bool
	Troubles            []trouble
}

type fact struct{ Name, Value string }

// chapter is a part of the guide that only some set-ups have.
type chapter struct {
	Title string
	Parts []part
}

// part is a paragraph or a code block.
type part struct{ Text, Info, Code string }

// trouble is a row of the last table.
type trouble struct{ See, Because, Do string }

func say(format string, args ...any) part { return part{Text: fmt.Sprintf(format, args...)} }

func run(lines ...string) part { return part{Info: "sh", Code: strings.Join(lines, "\n") + "\n"} }

func docsFiles(p *profile.Profile) ([]File, error) {
	v, err := newGuideView(p)
	if err != nil {
		return nil, err
	}
	f, err := render("docs/"+p.Name+".md", "docs/guide.md.tmpl", v)
	return []File{f}, err
}

func newGuideView(p *profile.Profile) (*guideView, error) {
	script := func(verb string) string { return "./scripts/" + p.Name + "-" + verb + ".sh" }
	os := map[bool]string{true: "macOS", false: "Linux"}[p.MacOS()]
	system := systemName(p)
	v := &guideView{
		Profile: p.File(), Name: p.Name, System: system,
		What: fmt.Sprintf("A persistent development VM on %s: %s under Lima, instance %s.", os, system, p.Lima.Instance),
		Facts: []fact{
			{"guest", system + ", " + p.Guest.Arch + ", host name " + p.Name},
			{"user", fmt.Sprintf("%s, uid %d, home %s, shell %s", p.Guest.User.Name, p.Guest.User.UID, p.Guest.User.Home, p.Guest.User.Shell)},
			{"resources", fmt.Sprintf("%d CPUs, %s memory, %s system disk", p.Resources.CPUs, p.Resources.Memory, p.Resources.Disk)},
			{"home", homeFact(p)},
			{"ssh", p.SSHAlias() + ", " + portFact(p)},
		},
		Picture: newPicture(p, os),
		Create:  script("create") + "\n",
		Reach: fmt.Sprintf("%s                    # a shell\n%s uname -a           # a command\n%s uname -a   # the same, with the command's exit status\n",
			limaShell(p), limaShell(p), script("ssh")),
		IncludeSSH: "mkdir -p ~/.ssh && touch ~/.ssh/config\n" +
			"cp ~/.ssh/config ~/.ssh/config.before-vmloom\n" +
			"{ printf 'Include \"%s\"\\n\\n' \"$PWD/ssh/config\"; cat ~/.ssh/config.before-vmloom; } >~/.ssh/config\n" +
			"ssh " + p.SSHAlias() + " uname -a\n",
		Systems: "ubuntu and debian",
		Upgrade: limaShell(p) + " sudo sh -c 'apt-get update && apt-get upgrade -y'\n",
		Rebuild: script("rebuild") + "\n",
		Stop:    script("stop") + "\n", Destroy: script("destroy") + "\n", Repair: script("repair") + "\n",
		HasSockets:   len(p.Sockets) > 0,
		RebuildKeeps: "the home is on the system disk and would be lost, so it refuses unless --purge-home is said.",
		DestroyKeeps: "destroy deletes the VM with its home, and therefore wants --purge-home as well.",
		Troubles:     troubles(p),
	}
	if p.Home.Disk > 0 {
		v.RebuildKeeps = "the home, on its own disk, stays. What you installed by hand outside the home is gone."
		v.DestroyKeeps = "destroy deletes the VM and keeps the home's disk; --purge-home deletes that too."
	}
	for _, add := range []func(*profile.Profile) (chapter, error){mountChapter, socketChapter, portChapter, wezTermChapter, autostartChapter} {
		c, err := add(p)
		if err != nil {
			return nil, err
		}
		if len(c.Parts) > 0 {
			v.Chapters = append(v.Chapters, c)
		}
	}
	return v, nil
}

func systemName(p *profile.Profile) string {
	return strings.ToUpper(p.Guest.System[:1]) + p.Guest.System[1:] + " " + p.Guest.Release
}

func homeFact(p *profile.Profile) string {
	if p.Home.Disk == 0 {
		return "on the system disk: lost by a rebuild"
	}
	return fmt.Sprintf("on a disk of its own, %s of Lima, %s: outlives restarts and rebuilds", homeDisk(p), p.Home.Disk)
}

func portFact(p *profile.Profile) string {
	if p.Lima.SSHPort == 0 {
		return "another port at each start, which the alias follows"
	}
	return fmt.Sprintf("port %d", p.Lima.SSHPort)
}

func mountChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Share files"}
	for _, m := range p.Mounts {
		state := "read-only"
		if m.Writable {
			state = "writable"
		}
		to := p.GuestPath(m)
		if to == "" {
			to = "at the same path"
		}
		c.Parts = append(c.Parts, say("The host's %s is %s in the guest, %s.", m.Host, to, state))
	}
	if len(c.Parts) > 0 {
		c.Parts = append(c.Parts, say("Shared directories are slower than the guest's own disk and tell no file events; large builds are better kept in the guest's home. After a reboot from inside the guest they may be gone: stop and create bring them back."))
	}
	return c, nil
}

func socketChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Sockets of the host"}
	if len(p.Sockets) == 0 {
		return c, nil
	}
	c.Parts = append(c.Parts, say("A socket cannot be reached through a mount. Lima forwards these from the guest to the host by ssh:"))
	for _, s := range p.Sockets {
		text := fmt.Sprintf("%s: the host's %s is %s in the guest", s.Name, s.Host, s.Guest)
		if s.Env != "" {
			text += fmt.Sprintf(", and %s says so", s.Env)
		}
		c.Parts = append(c.Parts, say("%s.", text))
		if s.Check != "" {
			check, err := quote.Sh(s.Check)
			if err != nil {
				return c, err
			}
			c.Parts = append(c.Parts, run(limaShell(p)+" sh -c "+check))
		}
		switch s.From {
		case "ssh-agent":
			c.Parts = append(c.Parts, say("The agent's own path changes at each login; a link in your shell's start file keeps it in one place:"),
				run(`[ -z "$SSH_AUTH_SOCK" ] || [ "$SSH_AUTH_SOCK" = ~/.ssh/agent.sock ] || ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock`))
		case "1password":
			c.Parts = append(c.Parts, say("This is 1Password's SSH agent (turn it on under Settings, Developer). The op program cannot sign in through a forwarded socket: the app accepts only programs of this host. In the guest use a service account, OP_SERVICE_ACCOUNT_TOKEN, or run op on the host."))
		case "colima", "docker-desktop", "orbstack":
			c.Parts = append(c.Parts, say("The Docker daemon runs outside this VM: paths in docker run -v are those of the daemon's machine, not of this guest."))
		}
	}
	c.Parts = append(c.Parts, say("Forwards die when the host sleeps or changes its network. %s", map[bool]string{
		true:  "The launchd job of the chapter Start by itself makes them anew every minute; by hand:",
		false: "The systemd timer of the chapter Start by itself makes them anew every minute; by hand:",
	}[p.MacOS()]), run("./scripts/"+p.Name+"-repair.sh"))
	return c, nil
}

func portChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Ports"}
	for _, port := range p.Ports {
		c.Parts = append(c.Parts, say("Port %d of the guest is 127.0.0.1:%d on the host.", port.Guest, port.Host))
	}
	return c, nil
}

func wezTermChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "WezTerm"}
	w := p.WezTerm
	if w == nil {
		return c, nil
	}
	module, err := quote.Lua(p.Name)
	if err != nil {
		return c, err
	}
	c.Parts = append(c.Parts,
		run("mkdir -p ~/.config/wezterm", "cp wezterm/"+p.Name+".lua ~/.config/wezterm/"),
		say("and in ~/.config/wezterm/wezterm.lua, before return config; your own domains and keys stay:"),
		part{Info: "lua", Code: "require(" + module + ").apply(config)\n"},
		say("The domain is called %s.", w.Domain))
	if w.Keys.Domains != "" {
		c.Parts = append(c.Parts, say("%s lists the domains.", w.Keys.Domains))
	}
	if len(w.Keys.NewTab) > 0 {
		c.Parts = append(c.Parts, say("%s opens a tab in the VM.", strings.Join(w.Keys.NewTab, " or ")))
	}
	if w.Via == "mux" {
		c.Parts = append(c.Parts, say("The mux form needs wezterm in the guest, of the same version as the host's."))
	}
	return c, nil
}

func autostartChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Start by itself"}
	if absentSupervisor(p) != "" {
		return c, nil
	}
	if p.MacOS() {
		c.Parts = launchdParts(p)
	} else {
		c.Parts = systemdParts(p)
	}
	return c, nil
}

func launchdParts(p *profile.Profile) []part {
	var parts []part
	install := func(dir, domain, sudo, label string) {
		target := dir + "/" + label + ".plist"
		parts = append(parts, run(
			sudo+"mkdir -p "+dir,
			sudo+"cp launchd/"+label+".plist "+target,
			sudo+"launchctl bootout "+domain+"/"+label+" 2>/dev/null; sleep 1",
			sudo+"launchctl enable "+domain+"/"+label,
			sudo+"launchctl bootstrap "+domain+" "+target,
		), say("Undo:"), run(sudo+"launchctl bootout "+domain+"/"+label, sudo+"rm "+target))
	}
	agent := func(label string) { install("~/Library/LaunchAgents", "gui/$(id -u)", "", label) }
	label := "io.lima." + p.Lima.Instance
	switch p.Autostart {
	case "login":
		parts = append(parts, say("The VM starts when you log in. Do not use limactl autostart beside it; the job sees that and leaves the start to Lima."))
		agent(label)
	case "boot":
		parts = append(parts, say("The VM starts with the Mac, before anybody logs in."))
		install("/Library/LaunchDaemons", "system", "sudo ", label)
	}
	if len(p.Sockets) > 0 {
		parts = append(parts, say("Dead forwards of sockets are made anew every minute:"))
		agent("io.vmloom." + p.Name + ".repair")
	}
	return append(parts, say("What the jobs say is in ~/Library/Logs; launchctl print gui/$(id -u)/LABEL tells their state."))
}

func systemdParts(p *profile.Profile) []part {
	unit := "vmloom-" + p.Name
	parts := []part{run("mkdir -p ~/.config/systemd/user", "cp systemd/* ~/.config/systemd/user/", "systemctl --user daemon-reload")}
	var units []string
	if p.Autostart != "off" {
		parts = append(parts, say("The VM starts when you log in:"), run("systemctl --user enable "+unit+".service"))
		units = append(units, unit+".service")
	}
	if p.Autostart == "boot" {
		parts = append(parts, say("and with the machine, once your services may run without you:"), run("loginctl enable-linger"))
	}
	if len(p.Sockets) > 0 {
		parts = append(parts, say("Dead forwards of sockets are made anew every minute:"), run("systemctl --user enable --now "+unit+"-repair.timer"))
		units = append(units, unit+"-repair.timer")
	}
	return append(parts, say("Undo:"), run("systemctl --user disable "+strings.Join(units, " "), "rm ~/.config/systemd/user/"+unit+"*"))
}

func troubles(p *profile.Profile) []trouble {
	logs := "~/.lima/" + p.Lima.Instance + "/ha.stderr.log"
	out := []trouble{
		{"create ends with: did not become ready", "a promise of this set-up does not hold; the last probe that limactl names", "see " + logs + " on the host and /var/log/cloud-init-output.log in the guest"},
		{"the instance is Broken", "the host crashed or was switched off", "scripts/" + p.Name + "-repair.sh"},
		{"stop takes minutes", "the guest was still booting and did not hear the power button", "wait, or limactl stop -f " + p.Lima.Instance},
		{"an edit of a generated file comes back or is reported", "generated files belong to the profile", "vmloom gen --diff, then write it into the profile"},
	}
	if len(p.Sockets) > 0 {
		out = append(out, trouble{"connection refused at a socket that is there", "the forward died with a sleep or a change of network", "scripts/" + p.Name + "-repair.sh"},
			trouble{"connection reset at a socket", "nothing listens on the host's side", "start the program on the host; the forward need not be made anew"})
	}
	if len(p.Mounts) > 0 {
		out = append(out, trouble{"a shared directory is empty", "the guest was rebooted from inside", "limactl restart " + p.Lima.Instance})
	}
	if p.Home.Disk > 0 {
		out = append(out, trouble{"the home disk is in use by an instance that is gone", "a crash left the lock", "limactl disk unlock " + homeDisk(p)})
	}
	if p.Lima.SSHPort != 0 {
		out = append(out, trouble{"start fails within seconds", fmt.Sprintf("something else holds port %d", p.Lima.SSHPort), "free it, or write sshPort: 0"})
	}
	if p.WezTerm != nil && p.WezTerm.Via == "exec" {
		out = append(out, trouble{"WezTerm's tab closes at once", "the VM does not run", "scripts/" + p.Name + "-create.sh"})
	}
	return out
}
