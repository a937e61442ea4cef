package generate

import (
	"fmt"
	"strings"

	"vmloom/profile"
	"vmloom/templates/quote"
)

// guideView is what docs/guide.md.tmpl prints.
type guideView struct {
	Profile, Name   string
	What            prose
	Picture         picture
	Facts           []fact
	Create, Reach   string // command blocks, as those below
	IncludeSSH      string
	Chapters        []chapter
	System, Systems string
	Upgrade         string
	Rebuild, Stop   string
	Destroy, Repair string
	RebuildKeeps    prose
	DestroyKeeps    prose
	HasSockets      bool
	Troubles        []trouble
}

type fact struct {
	Name  string
	Value prose
}

// chapter is a part of the guide that only some set-ups have.
type chapter struct {
	Title string
	Parts []part
}

// part is a paragraph or a code block.
type part struct {
	Prose      prose
	Info, Code string
}

// prose is text in which names, paths and commands stand as code.
type prose []span

// span is a piece of prose; blanks are pieces of their own, since quoted text has
// none at its ends.
type span struct {
	Text, Code string
	Blank      bool
}

// say writes a paragraph; each %s of the format becomes a code span.
func say(format string, code ...string) prose {
	var out prose
	for i, text := range strings.Split(format, "%s") {
		if i > 0 {
			out = append(out, span{Code: code[i-1]})
		}
		if strings.HasPrefix(text, " ") {
			out = append(out, span{Blank: true})
		}
		if trimmed := strings.Trim(text, " "); trimmed != "" {
			out = append(out, span{Text: trimmed})
			if strings.HasSuffix(text, " ") {
				out = append(out, span{Blank: true})
			}
		}
	}
	return out
}

func paragraph(format string, code ...string) part { return part{Prose: say(format, code...)} }

func run(lines ...string) part { return part{Info: "sh", Code: strings.Join(lines, "\n") + "\n"} }

// trouble is a row of the last table; code in it holds no |.
type trouble struct{ See, Because, Do prose }

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
		What: say("A persistent development VM on "+os+": "+system+" under Lima, instance %s.", p.Lima.Instance),
		Facts: []fact{
			{"guest", say(system+", "+p.Guest.Arch+", host name %s", p.Name)},
			{"user", say("%s, uid "+fmt.Sprint(p.Guest.User.UID)+", home %s, shell %s", p.Guest.User.Name, p.Guest.User.Home, p.Guest.User.Shell)},
			{"resources", say(fmt.Sprintf("%d CPUs, %s memory, %s system disk", p.Resources.CPUs, p.Resources.Memory, p.Resources.Disk))},
			{"home", homeFact(p)},
			{"ssh", portFact(p)},
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
		RebuildKeeps: say("the home is on the system disk and would be lost, so it refuses unless %s is said.", "--purge-home"),
		DestroyKeeps: say("%s deletes the VM with its home, and therefore wants %s as well.", "destroy", "--purge-home"),
		Troubles:     troubles(p),
	}
	if p.Home.Disk > 0 {
		v.RebuildKeeps = say("the home, on its own disk, stays. What you installed by hand outside the home is gone.")
		v.DestroyKeeps = say("%s deletes the VM and keeps the home's disk; %s deletes that too.", "destroy", "--purge-home")
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

func homeFact(p *profile.Profile) prose {
	if p.Home.Disk == 0 {
		return say("on the system disk: lost by a rebuild")
	}
	return say("on a disk of its own, Lima's %s, "+p.Home.Disk.String()+": outlives restarts and rebuilds", homeDisk(p))
}

func portFact(p *profile.Profile) prose {
	if p.Lima.SSHPort == 0 {
		return say("%s; the port is another at each start, the name follows it", p.SSHAlias())
	}
	return say(fmt.Sprintf("%%s or %%s, port %d", p.Lima.SSHPort), p.SSHAlias(), p.Name)
}

func mountChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Share files"}
	for _, m := range p.Mounts {
		state := "read-only"
		if m.Writable {
			state = "writable"
		}
		if to := p.GuestPath(m); to != "" {
			c.Parts = append(c.Parts, paragraph("The host's %s is %s in the guest, "+state+".", m.Host, to))
		} else {
			c.Parts = append(c.Parts, paragraph("The host's %s is at the same path in the guest, "+state+".", m.Host))
		}
	}
	if len(c.Parts) > 0 {
		c.Parts = append(c.Parts, paragraph("Shared directories are slower than the guest's own disk and tell no file events; large builds are better kept in the guest's home. After a reboot from inside the guest they may be gone; this brings them back:"),
			run("limactl restart "+p.Lima.Instance))
	}
	return c, nil
}

func socketChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Sockets of the host"}
	if len(p.Sockets) == 0 {
		return c, nil
	}
	add := func(parts ...part) { c.Parts = append(c.Parts, parts...) }
	add(paragraph("A socket cannot be reached through a mount. Lima forwards these from the guest to the host by ssh:"))
	for _, s := range p.Sockets {
		if s.Env == "" {
			add(paragraph("%s: the host's %s is %s in the guest.", s.Name, s.Host, s.Guest))
		} else {
			add(paragraph("%s: the host's %s is %s in the guest, and %s says so.", s.Name, s.Host, s.Guest, s.Env))
		}
		if s.Check != "" {
			check, err := quote.Sh(s.Check)
			if err != nil {
				return c, err
			}
			add(run(limaShell(p) + " sh -c " + check))
		}
		add(socketAdvice(s)...)
	}
	job := "launchd job"
	if !p.MacOS() {
		job = "systemd timer"
	}
	add(paragraph("Forwards die when the host sleeps or changes its network. The "+job+" of the chapter Start by itself makes them anew every minute; by hand:"),
		run("./scripts/"+p.Name+"-repair.sh"))
	return c, nil
}

// socketAdvice is what a program's users should know.
func socketAdvice(s profile.Socket) []part {
	switch s.From {
	case "ssh-agent":
		return []part{
			paragraph("The agent's own path changes at each login; this line in your shell's start file keeps it in one place:"),
			run(`[ -z "$SSH_AUTH_SOCK" ] || [ "$SSH_AUTH_SOCK" = ~/.ssh/agent.sock ] || ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock`),
		}
	case "1password":
		return []part{paragraph("This is 1Password's SSH agent; turn it on under Settings, Developer. The %s program cannot sign in through a forwarded socket: the app accepts only programs of this host. In the guest use a service account (%s), or run %s on the host.", "op", "OP_SERVICE_ACCOUNT_TOKEN", "op")}
	case "colima", "docker-desktop", "orbstack":
		return []part{paragraph("The Docker daemon runs outside this VM: paths in %s are those of the daemon's machine, not of this guest.", "docker run -v")}
	}
	return nil
}

func portChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Ports"}
	for _, port := range p.Ports {
		c.Parts = append(c.Parts, paragraph(fmt.Sprintf("Port %d of the guest is %%s on the host.", port.Guest), fmt.Sprint("127.0.0.1:", port.Host)))
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
		paragraph("and in %s, before %s; your own domains and keys stay:", "~/.config/wezterm/wezterm.lua", "return config"),
		part{Info: "lua", Code: "require(" + module + ").apply(config)\n"},
		paragraph("The domain is called %s.", w.Domain))
	if w.Keys.Domains != "" {
		c.Parts = append(c.Parts, paragraph("%s lists the domains.", w.Keys.Domains))
	}
	for _, key := range w.Keys.NewTab {
		c.Parts = append(c.Parts, paragraph("%s opens a tab in the VM.", key))
	}
	if w.Via == "mux" {
		c.Parts = append(c.Parts, paragraph("The mux form needs %s in the guest, of the same version as the host's.", "wezterm"))
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
		), paragraph("Undo:"), run(sudo+"launchctl bootout "+domain+"/"+label, sudo+"rm "+target))
	}
	agent := func(label string) { install("~/Library/LaunchAgents", `"gui/$(id -u)"`, "", label) }
	label := "io.lima." + p.Lima.Instance
	switch p.Autostart {
	case "login":
		parts = append(parts, paragraph("The VM starts when you log in. Do not use %s beside it; the job sees that and leaves the start to Lima.", "limactl autostart"))
		agent(label)
	case "boot":
		parts = append(parts, paragraph("The VM starts with the Mac, before anybody logs in."))
		install("/Library/LaunchDaemons", "system", "sudo ", label)
	}
	if len(p.Sockets) > 0 {
		parts = append(parts, paragraph("Dead forwards of sockets are made anew every minute:"))
		agent("io.vmloom." + p.Name + ".repair")
	}
	return append(parts, paragraph("What the jobs say is in %s; %s tells their state.", "~/Library/Logs", "launchctl print gui/$(id -u)/LABEL"))
}

func systemdParts(p *profile.Profile) []part {
	unit := "vmloom-" + p.Name
	parts := []part{run("mkdir -p ~/.config/systemd/user", "cp systemd/* ~/.config/systemd/user/", "systemctl --user daemon-reload")}
	var units []string
	if p.Autostart != "off" {
		parts = append(parts, paragraph("The VM starts when you log in:"), run("systemctl --user enable "+unit+".service"))
		units = append(units, unit+".service")
	}
	if p.Autostart == "boot" {
		parts = append(parts, paragraph("and with the machine, once your services may run without you:"), run("loginctl enable-linger"))
	}
	if len(p.Sockets) > 0 {
		parts = append(parts, paragraph("Dead forwards of sockets are made anew every minute:"), run("systemctl --user enable --now "+unit+"-repair.timer"))
		units = append(units, unit+"-repair.timer")
	}
	return append(parts, paragraph("Undo:"), run("systemctl --user disable --now "+strings.Join(units, " "), "rm ~/.config/systemd/user/"+unit+"*"))
}

func troubles(p *profile.Profile) []trouble {
	script := func(verb string) string { return "./scripts/" + p.Name + "-" + verb + ".sh" }
	out := []trouble{
		{say("%s ends with: did not become ready", "create"), say("a promise of this set-up does not hold: the last probe that %s names", "limactl"), say("see %s here and %s in the guest", "~/.lima/"+p.Lima.Instance+"/ha.stderr.log", "/var/log/cloud-init-output.log")},
		{say("the instance is %s", "Broken"), say("the host crashed or was switched off"), say("%s", script("repair"))},
		{say("%s takes minutes", "stop"), say("the guest was still booting and did not hear the power button"), say("wait, or %s", "limactl stop -f "+p.Lima.Instance)},
		{say("a generated file was %s", "kept"), say("it was edited by hand, and belongs to the profile"), say("%s shows the edit: write it into the profile, then %s", "vmloom gen --diff", "vmloom gen --force")},
	}
	if len(p.Sockets) > 0 {
		out = append(out, trouble{say("connection refused at a socket that is there"), say("the forward died with a sleep or a change of network"), say("%s", script("repair"))},
			trouble{say("connection reset at a socket"), say("nothing listens on the host's side"), say("start the program on the host; the forward need not be made anew")})
	}
	if len(p.Mounts) > 0 {
		out = append(out, trouble{say("a shared directory is empty"), say("the guest was rebooted from inside"), say("%s", "limactl restart "+p.Lima.Instance)})
	}
	if p.Home.Disk > 0 {
		out = append(out, trouble{say("the home's disk is in use by an instance that is gone"), say("a crash left the lock"), say("%s", "limactl disk unlock "+homeDisk(p))})
	}
	if p.Lima.SSHPort != 0 {
		out = append(out, trouble{say("the start fails within seconds"), say(fmt.Sprintf("something else holds port %d", p.Lima.SSHPort)), say("free it, or write %s", "sshPort: 0")})
	}
	if p.WezTerm != nil && p.WezTerm.Via == "exec" {
		out = append(out, trouble{say("WezTerm's tab closes at once"), say("the VM does not run"), say("%s", script("create"))})
	}
	return out
}
