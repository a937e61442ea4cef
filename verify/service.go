package verify

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vmloom/atlogin"
	"vmloom/atomic"
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// serviceRows are what starts the VM by itself and repairs its sockets.
func serviceRows(p *profile.Profile) []Check {
	if p.MacOS() {
		return launchdRows(p)
	}
	return systemdRows(p)
}

// installed is a row for files of the host: each must say what the generated one says.
func installed(id, what, is, field string, same func(a, b []byte) bool, files func(*Site) map[string]string) Check {
	return Check{
		ID: id, Title: what + is, Not: what + "not " + is, Field: field, Side: Host, State: true,
		Because: say("it was not installed yet, or the profile was changed since"), Cure: callUp,
		look: func(_ context.Context, s *session) verdict {
			all := files(s.Site)
			for _, generated := range slices.Sorted(maps.Keys(all)) {
				path := all[generated]
				data, err := atomic.Read(path, atomic.Most)
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return bad("there is no %s", path)
				case err != nil:
					return unreadable(err)
				case !same(data, s.Files[generated]):
					return bad("%s says something else than the profile", path)
				}
			}
			return good("as the profile says")
		},
	}
}

// forUs lets the files of a job count only if it serves this project's VM: it tells by a note which it is for.
func forUs(p *profile.Profile, c Check) Check {
	files := c.look
	c.look = func(ctx context.Context, s *session) verdict {
		v := files(ctx, s)
		note := filepath.Join(filepath.Dir(s.State), "installed.d", p.Name+".id")
		data, err := atomic.Read(note, atomic.Most)
		noted := strings.TrimSuffix(string(data), "\n")
		switch {
		case v.status != OK || errors.Is(err, fs.ErrNotExist):
			return v
		case err != nil:
			return unreadable(err)
		case noted != "" && s.Owner.ID != "" && noted != s.Owner.ID:
			return bad("it was installed for another project, and serves no VM of this one: %s", note)
		}
		return v
	}
	return c
}

// repairField is what wants something repaired every minute.
func repairField(p *profile.Profile) string {
	if len(p.Sockets) > 0 {
		return "sockets"
	}
	if p.OnePassword.TokenFile == "" {
		return "guest.envFile"
	}
	return "onepassword"
}

func launchdRows(p *profile.Profile) (rows []Check) {
	if !p.Wants("launchd") {
		return nil
	}
	add := func(id, what, field, label, domain string, dir func(*Site) string, or func(Check) Check) {
		file := forUs(p, installed(id+"/installed", what+": its launchd job is ", "installed", field, samePlist, func(s *Site) map[string]string {
			return map[string]string{"launchd/" + label + ".plist": filepath.Join(dir(s), label+".plist")}
		}))
		loaded := Check{
			ID: id + "/loaded", Title: what + ": launchd has loaded it", Not: what + ": launchd has not loaded it", Field: field, Side: Host, State: true,
			Because: say("it was booted out or disabled, or nobody is logged in at the screen"), Cure: callUp,
			steps: func(s *Site) []process.Step {
				target := strings.ReplaceAll(domain, "UID", strconv.Itoa(s.UID)) + "/" + label
				return []process.Step{{Cmd: process.Cmd{Args: []string{"launchctl", "print", target}}}}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch { // its words are no interface, its status is; but it names what it was asked for
				case a[0].status == 113:
					return bad("it is not loaded")
				case !a[0].ok():
					return noWord("launchctl print", a[0].why())
				case !strings.Contains(a[0].out, label):
					return noWord("launchctl print", "tells of something else")
				}
				return good("%s", label)
			},
		}
		rows = append(rows, or(file), or(loaded))
	}
	byLima := func(c Check) Check { return orLima(p, c) }
	switch p.Autostart {
	case "login":
		add("autostart", "start at login", "autostart", p.StartLabel(), "gui/UID", agentDir, byLima)
	case "boot":
		add("autostart", "start with the Mac", "autostart", p.StartLabel(), "system", func(s *Site) string { return s.Daemons }, byLima)
	}
	if p.Repairs() {
		add("repair", "repair every minute", repairField(p), p.RepairLabel(), "gui/UID", agentDir, func(c Check) Check { return c })
	}
	for _, s := range p.AtLogin() {
		add("socket/"+s.Name+"/start", s.Name+": its program at login", "sockets", p.ProgramLabel(s), "gui/UID", agentDir, func(c Check) Check { return orOwn(s, p.ProgramLabel(s), c) })
	}
	return rows
}

func agentDir(s *Site) string { return filepath.Join(s.Home, "Library", "LaunchAgents") }

// orLima lets limactl autostart do what a row asks for: it and ours would fight.
func orLima(p *profile.Profile, c Check) Check {
	if !p.UnderLima() {
		return c
	}
	return instead(c, "limactl autostart does it: %s", func(s *Site) string {
		for _, path := range lima.AutostartFiles(p.Lima.Instance, agentDir(s), s.Daemons, filepath.Join(s.Config, "systemd", "user")) {
			if _, err := os.Lstat(path); err == nil {
				return path
			}
		}
		return ""
	})
}

// orOwn lets a job of the user's own start the program of a socket.
func orOwn(k profile.Socket, job string, c Check) Check {
	pre, _ := k.Preset()
	return instead(c, "a job of your own does it: %s", func(s *Site) string {
		return atlogin.Starts(pre.Program, job, agentDir(s), filepath.Join(filepath.Dir(s.Daemons), "LaunchAgents"), s.Daemons, filepath.Join(s.Config, "systemd", "user"))
	})
}

// instead lets a file do what a row asks for, where there is one.
func instead(c Check, words string, own func(*Site) string) Check {
	steps, judge, look := c.steps, c.judge, c.look
	c.steps, c.judge = nil, nil
	c.look = func(ctx context.Context, s *session) verdict {
		if path := own(s.Site); path != "" {
			return good(words, path)
		}
		if look != nil {
			return look(ctx, s)
		}
		return judge(s.Site, s.walk(ctx, steps(s.Site)))
	}
	return c
}

// systemdAnswers asks the user's systemd for anything at all.
var systemdAnswers = process.Step{Cmd: process.Cmd{Args: []string{"systemctl", "--user", "show", "-p", "Version"}}}

func systemdRows(p *profile.Profile) (rows []Check) {
	if !p.Wants("systemd") {
		return nil
	}
	unit := p.Unit()
	files := func(names ...string) func(*Site) map[string]string {
		return func(s *Site) map[string]string {
			out := map[string]string{}
			for _, name := range names {
				out["systemd/"+name] = filepath.Join(s.Config, "systemd", "user", name)
			}
			return out
		}
	}
	ask := func(id, title, not, field, property, of string, well ...string) Check {
		return Check{
			ID: id, Title: title, Not: not, Field: field, Side: Host, State: true,
			Because: say("it was disabled or stopped"), Cure: callUp,
			steps: func(*Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"systemctl", "--user", "show", "-p", property, of}}}}
			},
			judge: func(_ *Site, a []answer) verdict {
				value, told := strings.CutPrefix(lastLine(a[0].out), property+"=")
				switch {
				case !a[0].ok():
					return noWord("systemctl --user", a[0].why())
				case !told:
					return noWord("systemctl --user", "tells nothing of "+property)
				case !slices.Contains(well, value):
					return bad("%s", cmp.Or(value, "not there"))
				}
				return good("%s", value)
			},
		}
	}
	enabled := func(id, title, not, field, of string) Check {
		return ask(id, title, not, field, "UnitFileState", of, "enabled", "enabled-runtime", "static", "alias", "indirect", "generated")
	}
	if p.Autostart != "off" {
		name := unit + ".service"
		rows = append(rows,
			orLima(p, forUs(p, installed("autostart/installed", "start at login: its unit is ", "installed", "autostart", sameUnit, files(name)))),
			orLima(p, enabled("autostart/enabled", "start at login: it is enabled", "start at login: it is not enabled", "autostart", name)))
	}
	if p.Autostart == "boot" {
		rows = append(rows, Check{
			ID: "autostart/linger", Title: "start with the machine: your services run without you", Not: "start with the machine: your services do not run without you", Field: "autostart", Side: Host, State: true,
			Because: say("systemd starts a user's services when he logs in"), Cure: say("%s", "loginctl enable-linger"),
			steps: func(s *Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"loginctl", "show-user", s.User, "-p", "Linger", "--value"}}}}
			},
			judge: func(_ *Site, a []answer) verdict {
				switch {
				case !a[0].ok():
					return noWord("loginctl", a[0].why())
				case lastLine(a[0].out) == "yes":
					return good("Linger=yes")
				case lastLine(a[0].out) == "no":
					return bad("Linger=no")
				}
				return noWord("loginctl", "tells nothing of Linger")
			},
		})
	}
	for _, s := range p.AtLogin() {
		id, what, job := "socket/"+s.Name+"/start", s.Name+": its program at login: its unit is ", p.ProgramUnit(s)
		rows = append(rows,
			orOwn(s, job, forUs(p, installed(id+"/installed", what, "installed", "sockets", sameUnit, files(job)))),
			orOwn(s, job, enabled(id+"/enabled", what+"enabled", what+"not enabled", "sockets", job)))
	}
	if p.Repairs() {
		timer := unit + "-repair.timer"
		rows = append(rows,
			forUs(p, installed("repair/installed", "repair every minute: its units are ", "installed", repairField(p), sameUnit, files(unit+"-repair.service", timer))),
			enabled("repair/enabled", "repair every minute: its timer is enabled", "repair every minute: its timer is not enabled", repairField(p), timer),
			ask("repair/active", "repair every minute: its timer runs", "repair every minute: its timer does not run", repairField(p), "ActiveState", timer, "active", "reloading", "refreshing"))
	}
	return rows
}
