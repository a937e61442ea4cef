package verify

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
	"vmloom/quote"
)

// Machine is the table for the host before there is a VM: what the profile needs
// of it. Without a profile (nil) it looks for every tool that some profile needs;
// one that is missing is skipped then, not failed.
func Machine(p *profile.Profile) []Check {
	var out []Check
	for _, t := range tools() {
		if p == nil || t.needed(p) {
			out = append(out, toolRow(p, t))
		}
	}
	for _, rows := range []func(*profile.Profile) []Check{accelRows, sizeRows, limitRows, managerRows} {
		out = append(out, rows(p)...)
	}
	if p == nil {
		return out
	}
	out = append(append([]Check{osRow(p)}, archRows(p)...), out...)
	out = append(append(out, Template(p)...), hostPorts(p)...)
	for _, c := range append(mountRows(p), append(socketRows(p), spaceRows(p)...)...) {
		if c.Side == Host && len(c.Needs) == 0 {
			out = append(out, c)
		}
	}
	return inWords(p, out)
}

func osRow(p *profile.Profile) Check {
	return Check{
		ID: "host/os", Title: "this machine runs " + p.Host.OS, Not: "this machine does not run " + p.Host.OS, Field: "host.os", Side: Host,
		Because: say("the profile is for another kind of host"), Cure: say("change %s, or use the profile there", "host.os"),
		look: func(_ context.Context, s *session) verdict {
			if s.OS != p.Host.OS {
				return bad("%s", orNothing(s.OS))
			}
			return good("%s", s.OS)
		},
	}
}

// archRows hold the host to its processor, where the profile names it.
func archRows(p *profile.Profile) []Check {
	if p.Host.Arch == "" {
		return nil
	}
	return []Check{{
		ID: "host/arch", Title: "this machine is " + p.Host.Arch, Not: "this machine is not " + p.Host.Arch, Field: "host.arch", Side: Host,
		Because: say("the profile is for a host of another processor"), Cure: say("change %s, or use the profile there", "host.arch"),
		look: func(_ context.Context, s *session) verdict {
			if s.Arch != p.Host.Arch {
				return bad("%s", orNothing(s.Arch))
			}
			return good("%s", s.Arch)
		},
	}}
}

// accelRows look for what makes a VM fast.
func accelRows(p *profile.Profile) []Check {
	if p != nil && p.MacOS() {
		return []Check{{
			ID: "accel/hvf", Title: "the hypervisor of macOS works", Not: "the hypervisor of macOS does not work", Field: "host.os", Side: Host, Because: emulatedVM, Cure: say("macOS offers none inside a virtual machine; use another Mac"),
			steps: func(*Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"sysctl", "-n", "kern.hv_support"}}}}
			},
			judge: func(_ *Site, a []answer) verdict {
				if !a[0].ok() {
					return noWord("sysctl kern.hv_support", a[0].why())
				}
				if lastLine(a[0].out) != "1" {
					return bad("kern.hv_support: %s", orNothing(lastLine(a[0].out)))
				}
				return good("kern.hv_support: 1")
			},
		}}
	}
	return []Check{kvmRow(p)}
}

// limitRows are what the runner does not stand of this host.
func limitRows(p *profile.Profile) []Check {
	if p == nil {
		return nil
	}
	return runBy(p).limits(p)
}

func qemuLimits(p *profile.Profile) []Check {
	if len(p.Sockets) == 0 {
		return nil
	}
	return []Check{{
		ID: "path/state", Title: "the VM's directory is short enough for ssh's socket", Not: "the path of the VM's directory is too long for ssh's socket", Field: "name", Side: Host,
		Because: say(fmt.Sprintf("a socket's path has %d characters at most on macOS, %d on Linux", lima.PathMaxMac, lima.PathMaxLinux)), Cure: say("set %s to a shorter path", "XDG_STATE_HOME"),
		look: func(_ context.Context, s *session) verdict { return short(s.State, 70) },
	}}
}

// ExportLimaHome is the command that tells limactl where the profile has Lima's instances.
func ExportLimaHome(p *profile.Profile) string {
	below, tilde := strings.CutPrefix(p.Host.LimaHome, "~/")
	path, _ := quote.Sh(below) // of plain characters
	if tilde {
		path = "~/" + path
	}
	return "export LIMA_HOME=" + path
}

// limaHomeRows hold a limactl that is typed by hand to the place that the profile names.
func limaHomeRows(p *profile.Profile) []Check {
	if p.Host.LimaHome == "" || !p.UnderLima() {
		return nil
	}
	return []Check{{
		ID: "host/lima-home", Title: "a limactl typed by hand looks where the profile says", Not: "a limactl typed by hand looks elsewhere than the profile says", Field: "host.limaHome", Side: Host,
		See:     say("%s does not show the VM", "limactl list"),
		Because: say("the variable %s of this shell says another place", "LIMA_HOME"),
		Cure:    say("%s, in the start file of your shell too", ExportLimaHome(p)),
		look: func(_ context.Context, s *session) verdict {
			if s.TypedLima != "" && s.TypedLima != s.LimaHome {
				return bad("%s", s.TypedLima)
			}
			return good("%s", s.LimaHome)
		},
	}}
}

func limaLimits(p *profile.Profile) []Check {
	return append(limaHomeRows(p), []Check{{
		ID: "user/root", Title: "you are not root", Not: "you are root", Field: "runner", Side: Host, Because: say("limactl refuses to run as root"), Cure: say("use your own account"),
		look: func(_ context.Context, s *session) verdict {
			if s.UID == 0 {
				return bad("root")
			}
			return good("uid %d", s.UID)
		},
	}, {
		ID: "path/lima", Title: "Lima's directory is short enough for its sockets", Not: "the path of Lima's directory is too long for its sockets", Field: "lima.instance", Side: Host,
		Because: say(fmt.Sprintf("a socket's path has %d characters at most on macOS, %d on Linux", lima.PathMaxMac, lima.PathMaxLinux)), Cure: say("set %s to a shorter path", "host.limaHome"),
		look: func(_ context.Context, s *session) verdict {
			return short(lima.LongestSocket(s.LimaHome, p.Lima.Instance), profile.HostNamed(s.OS).MaxSocket)
		},
	}}...)
}

func short(path string, most int) verdict {
	if len(path) > most {
		return bad("%d characters, %d are the most: %s", len(path), most, path)
	}
	return good("%d characters of %d", len(path), most)
}

// managerRows ask whether jobs of the user's can be installed here.
func managerRows(p *profile.Profile) []Check {
	if p == nil || p.Autostart == "off" && !p.Repairs() {
		return nil
	}
	c := Check{ID: "service/manager", Field: "autostart", Side: Host, Title: "systemd runs your services", Not: "no systemd runs your services", Because: say("this session has no systemd of its own"), Cure: say("log in again, at the machine or by ssh; under %s there is none", "su"),
		steps: func(*Site) []process.Step {
			return []process.Step{systemdAnswers}
		}}
	if p.MacOS() {
		c.Title, c.Not, c.Because, c.Cure = "launchd has a domain for you", "launchd has no domain for you", say("nobody is logged in at the screen"), say("log in at the Mac itself")
		c.steps = func(s *Site) []process.Step {
			return []process.Step{{Cmd: process.Cmd{Args: []string{"launchctl", "print", "gui/" + strconv.Itoa(s.UID)}}}}
		}
	}
	own := "Version="
	if p.MacOS() {
		own = " = {"
	}
	c.judge = func(_ *Site, a []answer) verdict {
		switch {
		case a[0].status > 0 || a[0].missing():
			return bad("%s", a[0].why())
		case !a[0].ok() || !strings.Contains(a[0].out, own):
			return noWord(a[0].cmd, orNothing(a[0].why()))
		}
		return good("it answers")
	}
	return []Check{c}
}
