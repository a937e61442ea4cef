package host

import (
	"context"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"vmloom/cure"
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// wanted is one thing that a profile wants on the host.
type wanted struct {
	item
	data     map[string][]byte // by absolute path
	does     string
	commands []Command // after the files
	reload   []Command // instead, where it is loaded already and only the next start sees the change
	atNext   string    // when that is; empty: commands can be run at any time
	undo     string
	loaded   func(context.Context) bool
	why      string // why vmloom cannot put it there; then hint
	hint     cure.Text
	never    bool   // and must not have it there either
	target   string // of an Include: the file
	home     string // and what ~ stands for
}

func (w *wanted) paths() []string { return slices.Sorted(maps.Keys(w.data)) }

// succeeds asks a tool a question that its exit status answers.
func succeeds(ctx context.Context, args ...string) bool {
	return process.Run(ctx, process.Cmd{Args: args}, io.Discard, nil) == nil
}

func always(context.Context) bool { return true }

func command(args ...string) Command { return Command{Cmd: process.Cmd{Args: args}} }

// wants are the things that the files of a set are for.
func wants(ctx context.Context, layout Layout, set Set) []wanted {
	out := supervisor(ctx, layout, set)
	if data, ok := set.Files["ssh/config"]; ok && len(data) > 0 {
		out = append(out, wantInclude(layout, set))
	}
	name := set.Profile.Name + ".lua"
	if data, ok := set.Files["wezterm/"+name]; ok {
		path := filepath.Join(layout.Config, "wezterm", name)
		w := wanted{item: item{Kind: module, Name: path, Files: map[string][]string{path: nil}}, data: map[string][]byte{path: data}, loaded: always}
		w.does = w.about()
		w.undo = w.item.undo(layout)
		out = append(out, w)
	}
	return out
}

// supervisor is what starts the VM and repairs its sockets.
func supervisor(ctx context.Context, layout Layout, set Set) (out []wanted) {
	p := set.Profile
	if p.MacOS() {
		for _, label := range []string{p.StartLabel(), p.RepairLabel()} {
			if data, ok := set.Files["launchd/"+label+".plist"]; ok {
				out = append(out, launchdJob(layout, set, label, data))
			}
		}
		for _, s := range p.AtLogin() {
			if data, ok := set.Files["launchd/"+p.ProgramLabel(s)+".plist"]; ok {
				out = append(out, notTwice(layout, s, launchdJob(layout, set, p.ProgramLabel(s), data)))
			}
		}
	} else {
		out = units(layout, set)
	}
	tool, answers := "systemctl", []string{"systemctl", "--user", "show", "-p", "Version"}
	if p.MacOS() {
		tool, answers = "launchctl", []string{"launchctl", "print", guiDomain(layout)}
	}
	why, hint := "", cure.Text{}
	if len(out) == 0 {
		return nil
	}
	_, err := exec.LookPath(tool)
	if err != nil {
		why, hint = tool+": not found on this host", cure.Say("host.os of the profile is %s; without %s starting the VM is up to you: %s", p.Host.OS, tool, cure.Vmloom("up"))
	} else if !succeeds(ctx, answers...) {
		why, hint = sh(answers...)+": no answer: nobody is logged in here as far as "+tool+" knows", cure.Say("log in at the host itself, then: %s", cure.Vmloom("up"))
	}
	for i := range out {
		w := &out[i]
		if w.never {
			continue
		}
		switch own := limaUnit(layout, p); {
		case own != "" && startsVM(p, w.item):
			w.never = true
			w.why, w.hint = own+": limactl autostart starts the VM already: ours stays away", cure.Say("to have vmloom's instead: %s, then: %s", sh("limactl", "autostart", "disable", p.Lima.Instance), cure.Vmloom("up"))
		case w.Kind != daemon || err != nil:
			w.why, w.hint = why, hint
		}
	}
	return out
}

// startsVM reports whether a thing is what starts the VM by itself.
func startsVM(p *profile.Profile, i item) bool {
	return i.Name == p.StartLabel() || i.Name == p.Unit()+".service" || i.Kind == linger
}

// limaUnit is what limactl autostart has installed for the instance, or empty. It
// and ours would fight over the VM.
func limaUnit(layout Layout, p *profile.Profile) string {
	if !p.UnderLima() {
		return ""
	}
	for _, path := range lima.AutostartFiles(p.Lima.Instance, layout.agentDir(), layout.Daemons, layout.unitDir()) {
		if exists(path) {
			return path
		}
	}
	return ""
}

func guiDomain(layout Layout) string { return "gui/" + strconv.Itoa(layout.UID) }

func launchdJob(layout Layout, set Set, label string, data []byte) wanted {
	p := set.Profile
	kind, dir, domain, next := agent, layout.agentDir(), guiDomain(layout), "login"
	if p.Autostart == "boot" && label == p.StartLabel() {
		kind, dir, domain, next = daemon, layout.Daemons, "system", "start of the Mac"
	}
	path := filepath.Join(dir, label+".plist")
	w := wanted{item: item{Kind: kind, Name: label, Files: map[string][]string{path: nil}}, data: map[string][]byte{path: data}}
	root := func(c Command) Command {
		if kind == daemon {
			c.Args, c.Foreground = append([]string{"sudo"}, c.Args...), true
		}
		return c
	}
	var put []Command
	if kind == daemon {
		put = []Command{
			root(command("cp", filepath.Join(set.Dir, "launchd", label+".plist"), path+newSuffix)),
			root(command("mv", path+newSuffix, path)),
		}
	}
	// A label that was just booted out may still be going: then bootstrap says
	// Input/output error, and succeeds a moment later.
	out, in := command("launchctl", "bootout", domain+"/"+label), command("launchctl", "bootstrap", domain, path)
	out.MayFail, in.Tries = true, 10
	w.commands = append(put, root(out), command("sleep", "1"), root(command("launchctl", "enable", domain+"/"+label)), root(in))
	if label == p.StartLabel() {
		// The job may be the one that runs the VM: a bootout would stop it.
		w.reload, w.atNext = put, "what is loaded stays until the next "+next
	}
	w.loaded = func(ctx context.Context) bool { return succeeds(ctx, "launchctl", "print", domain+"/"+label) }
	w.does = w.about()
	w.undo = w.item.undo(layout)
	return w
}

// units are those of systemd.
func units(layout Layout, set Set) (out []wanted) {
	p := set.Profile
	add := func(k kind, unit string, names ...string) *wanted {
		w := wanted{item: item{Kind: k, Name: unit, Files: map[string][]string{}}, data: map[string][]byte{}}
		for _, name := range names {
			data, ok := set.Files["systemd/"+name]
			if !ok {
				return nil
			}
			w.data[filepath.Join(layout.unitDir(), name)], w.Files[filepath.Join(layout.unitDir(), name)] = data, nil
		}
		w.does = w.about()
		w.undo = w.item.undo(layout)
		out = append(out, w)
		return &out[len(out)-1]
	}
	unit, repair := p.Unit()+".service", p.Unit()+"-repair.timer"
	if w := add(service, unit, unit); w != nil {
		w.commands = []Command{command("systemctl", "--user", "daemon-reload"), command("systemctl", "--user", "enable", unit)}
		w.loaded = func(ctx context.Context) bool {
			return succeeds(ctx, "systemctl", "--user", "is-enabled", "--quiet", unit)
		}
		if p.Autostart == "boot" {
			w := add(linger, layout.User)
			w.commands = []Command{command("loginctl", "enable-linger", layout.User)}
			w.loaded = func(ctx context.Context) bool { return lingers(ctx, layout.User) }
		}
	}
	for _, s := range p.AtLogin() {
		unit := p.ProgramUnit(s)
		if w := add(service, unit, unit); w != nil {
			w.commands = []Command{command("systemctl", "--user", "daemon-reload"), command("systemctl", "--user", "enable", "--now", unit)}
			w.loaded = func(ctx context.Context) bool {
				return succeeds(ctx, "systemctl", "--user", "is-enabled", "--quiet", unit)
			}
			*w = notTwice(layout, s, *w)
		}
	}
	if w := add(timer, repair, p.Unit()+"-repair.service", repair); w != nil {
		w.commands = []Command{
			command("systemctl", "--user", "daemon-reload"),
			command("systemctl", "--user", "enable", repair),
			command("systemctl", "--user", "restart", repair), // an active one goes on as it was
		}
		w.loaded = func(ctx context.Context) bool {
			return succeeds(ctx, "systemctl", "--user", "is-enabled", "--quiet", repair) &&
				succeeds(ctx, "systemctl", "--user", "is-active", "--quiet", repair)
		}
	}
	return out
}
