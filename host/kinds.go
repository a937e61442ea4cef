package host

import (
	"context"
	"path/filepath"
	"strings"

	"vmloom/process"
)

const (
	repairs = "repairs the VM's links to this host every minute"
	starts  = "starts the program of a socket when you log in"
)

// about says what a thing is for.
func (i item) about() string {
	switch i.Kind {
	case agent, daemon:
		if strings.HasSuffix(i.Name, ".repair") {
			return repairs
		}
		if strings.Contains(i.Name, ".start.") {
			return starts
		}
		if i.Kind == daemon {
			return "starts the VM with the Mac"
		}
		return "starts the VM when you log in"
	case service:
		if strings.Contains(i.Name, ".start-") {
			return starts
		}
		return "starts the VM when you log in"
	case timer:
		return repairs
	case linger:
		return "lets the services of " + i.Name + " run from the boot on"
	case include:
		return "lets ssh know the VM by its name"
	}
	return "gives WezTerm the VM's domain"
}

// job reports whether it is run by launchd or systemd.
func (i item) job() bool {
	return i.Kind == agent || i.Kind == daemon || i.Kind == service || i.Kind == timer
}

func (i item) domain(layout Layout) string {
	if i.Kind == daemon {
		return "system/" + i.Name
	}
	return guiDomain(layout) + "/" + i.Name
}

// unload are the commands before the files go. Where those are gone already, so
// may be what they had loaded.
func (i item) unload(layout Layout, gone bool) []Command {
	switch i.Kind {
	case agent:
		out := command("launchctl", "bootout", i.domain(layout))
		out.MayFail = true
		return []Command{out}
	case daemon:
		commands := []Command{command("sudo", "launchctl", "bootout", i.domain(layout))}
		commands[0].MayFail = true
		for _, path := range i.paths() {
			commands = append(commands, command("sudo", "rm", "-f", path))
		}
		for n := range commands {
			commands[n].Foreground = true
		}
		return commands
	case service, timer:
		out := command("systemctl", "--user", "disable", "--now", i.Name)
		out.MayFail = gone
		return []Command{out}
	case linger:
		return []Command{command("loginctl", "disable-linger", i.Name)}
	}
	return nil
}

// reload are the commands after the files have gone.
func (i item) reload() []Command {
	if i.Kind == service || i.Kind == timer {
		return []Command{command("systemctl", "--user", "daemon-reload")}
	}
	return nil
}

// undo is how to take the thing away by hand.
func (i item) undo(layout Layout) string {
	var lines []string
	for _, c := range i.unload(layout, false) {
		lines = append(lines, c.String())
	}
	if paths := i.paths(); len(paths) > 0 && i.Kind != daemon {
		lines = append(lines, sh(append([]string{"rm"}, paths...)...))
	}
	return strings.Join(lines, "; ")
}

// lingers asks whether a user's services run without him.
func lingers(ctx context.Context, user string) bool {
	var out strings.Builder
	err := process.Run(ctx, process.Cmd{Args: []string{"loginctl", "show-user", user, "--property=Linger", "--value"}}, &out, nil)
	return err == nil && strings.TrimSpace(out.String()) == "yes"
}

// sshDir is where ssh has its configuration.
func (p Layout) sshDir() string { return filepath.Join(p.Home, ".ssh") }
