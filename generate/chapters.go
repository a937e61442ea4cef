package generate

import (
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// chapter is a part of the guide that only some set-ups have.
type chapter struct {
	Title string
	Parts []part
}

func mountChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Share files"}
	for _, m := range p.Mounts {
		state := "read-only"
		if m.Writable {
			state = "writable"
		}
		if to := p.GuestPath(m); to != "" {
			c.Parts = append(c.Parts, paragraph(capital(theHosts(m.Host))+" is %s in the guest, "+state+".", m.Host, to))
		} else {
			c.Parts = append(c.Parts, paragraph("The host's %s is at the same path in the guest, "+state+".", m.Host))
		}
	}
	if len(c.Parts) > 0 {
		c.Parts = append(c.Parts, mountWords(p)...)
		events := "report no file events"
		if p.Lima.MountInotify && p.UnderLima() {
			events = "report of changes on the host only that there was one, where they are writable"
		}
		c.Parts = append(c.Parts, paragraph("Shared directories are slower than the guest's own disk and "+events+"; large builds are better kept in the guest's home. After a reboot from inside the guest, or with the connection that carried them, they may be gone, and their directories take nothing then; this brings them back:"),
			run("./scripts/"+p.Name+"-repair.sh"))
	}
	return c, nil
}

// mountWords say what the profile says of how directories are mounted.
func mountWords(p *profile.Profile) (parts []part) {
	if kind := p.OwnMountType(); kind != "" && p.UnderLima() {
		parts = append(parts, paragraph("They are mounted by %s, as %s says.", kind, "lima.mountType"))
	}
	for _, m := range p.Mounts {
		if options := strings.TrimSpace(m.SSHFS.String() + " " + m.NineP.String()); options != "" {
			parts = append(parts, paragraph("Options of %s: %s.", m.Host, options))
		}
		if model := m.NineP.SecurityModel; strings.HasPrefix(model, "mapped-") {
			parts = append(parts, paragraph("By %s, owners and modes that the guest gives are kept beside the files: to the host, what the guest makes there is yours.", model))
		}
	}
	return parts
}

// theHosts words a path of the host, which is to follow as code.
func theHosts(path string) string {
	switch {
	case path == "." || path == "..":
		return profile.Place(path) + ", %s,"
	case profile.Beside(path):
		return "%s of the profile's directory"
	}
	return "the host's %s"
}

func capital(words string) string { return strings.ToUpper(words[:1]) + words[1:] }

func portChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Ports"}
	for _, port := range p.Ports {
		c.Parts = append(c.Parts, portPart(p, port))
	}
	if p.Forwards() != "all" && p.UnderLima() {
		c.Parts = append(c.Parts, paragraph("Lima forwards no other port, as %s says. For a while, another one is by %s; for good, add it to %s, say %s and %s.",
			"network.forward", "ssh -N -L 3000:127.0.0.1:3000 "+p.SSHAlias(), "ports", "vmloom gen", "./scripts/"+p.Name+"-apply.sh"))
		return c, nil
	}
	if !p.UnderLima() {
		c.Parts = append(c.Parts, paragraph("No other port of the guest is reachable. For a while, another one is by %s; for good, add it to %s in %s, say %s and %s.",
			"ssh -N -L 3000:127.0.0.1:3000 "+p.SSHAlias(), "ports", p.File(), "vmloom gen", "./scripts/"+p.Name+"-apply.sh"))
		return c, nil
	}
	c.Parts = append(c.Parts,
		paragraph("Lima forwards every other port as well at which a program of the guest listens, also at the guest's own %s: to the same number of the host's %s, where it is free. To have the ports of the profile alone, add this to %s, then %s and %s:",
			"127.0.0.1", "127.0.0.1", p.File(), "vmloom gen", "./scripts/"+p.Name+"-apply.sh"),
		part{Info: "yaml", Code: onlyListed})
	return c, nil
}

// onlyListed is what has Lima forward the ports of the profile alone.
const onlyListed = "network: {forward: listed}\n"

// portPart says of a port where it is on the host.
func portPart(p *profile.Profile, port profile.Port) part {
	words, verb, values := "Port ", " is", []string{port.At() + ":" + port.Host.String()}
	if port.Guest.Len() > 1 {
		words, verb = "Ports ", " are"
	}
	words += port.Guest.String()
	if port.UDP() {
		words += " (UDP)"
	}
	words += " of the guest" + verb + " %s on the host."
	if port.Open() {
		words += " Others reach it there, too."
	}
	if port.UDP() && p.UnderLima() {
		words += " Only Lima's own forwarder knows UDP: ssh does not, nor Lima where %s is set."
		values = append(values, "LIMA_SSH_PORT_FORWARDER")
	}
	return paragraph(words, values...)
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
		), paragraph("Undo:"), run(sudo+"launchctl bootout "+domain+"/"+label, sudo+"rm "+target, forget(p)))
	}
	agent := func(label string) { install("~/Library/LaunchAgents", `"gui/$(id -u)"`, "", label) }
	label := p.StartLabel()
	switch p.Autostart {
	case "login":
		parts = append(parts, part{Prose: runBy(p).atLogin()})
		agent(label)
	case "boot":
		parts = append(parts, paragraph("The VM starts with the Mac, before anybody logs in."))
		install("/Library/LaunchDaemons", "system", "sudo ", label)
	}
	if p.Repairs() {
		parts = append(parts, paragraph(repairTask(p)))
		agent(p.RepairLabel())
	}
	for _, s := range p.AtLogin() {
		parts = append(parts, programAtLogin(p, s))
		agent(p.ProgramLabel(s))
	}
	return append(parts, paragraph("What the jobs say is in %s; %s shows their state.", "~/Library/Logs", "launchctl print gui/$(id -u)/LABEL"))
}

func systemdParts(p *profile.Profile) []part {
	unit := p.Unit()
	parts := []part{run("mkdir -p ~/.config/systemd/user", "cp systemd/* ~/.config/systemd/user/", "systemctl --user daemon-reload")}
	var units []string
	if p.Autostart != "off" {
		parts = append(parts, paragraph("The VM starts when you log in:"), run("systemctl --user enable "+unit+".service"))
		units = append(units, unit+".service")
	}
	if p.Autostart == "boot" {
		parts = append(parts, paragraph("and with the machine, once your services may run without you:"), run("loginctl enable-linger"))
	}
	if p.Repairs() {
		parts = append(parts, paragraph(repairTask(p)), run("systemctl --user enable --now "+unit+"-repair.timer"))
		units = append(units, unit+"-repair.timer")
	}
	for _, s := range p.AtLogin() {
		parts = append(parts, programAtLogin(p, s), run("systemctl --user enable --now "+p.ProgramUnit(s)))
		units = append(units, p.ProgramUnit(s))
	}
	return append(parts, paragraph("Undo:"), run("systemctl --user disable --now "+strings.Join(units, " "), "rm ~/.config/systemd/user/"+unit+"*", forget(p)))
}

// programAtLogin says what a job of AtLogin is for. Where the user has one already, there is no need of it.
func programAtLogin(p *profile.Profile, s profile.Socket) part {
	return paragraph("The program of the socket "+s.Name+" starts when you log in, by %s. What starts it already is enough: then leave this out.", s.StartOn(p.On()))
}

// forget removes the note of which project the jobs are for.
func forget(p *profile.Profile) string {
	return "rm -f ~/.local/state/vmloom/installed.d/" + p.Name + ".id"
}
