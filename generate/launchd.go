package generate

import (
	"strings"

	"vmloom/profile"
)

// agentView is what launchd/agent.plist.tmpl prints.
type agentView struct {
	Profile, Label   string
	UserName         string // of a daemon, which root starts
	Arguments        []string
	Home, SearchPath string
	Log              string
	Interval         int // seconds; 0: once
}

func absentLaunchd(p *profile.Profile) string {
	if !p.MacOS() {
		return "made for macOS hosts only"
	}
	return absentSupervisor(p)
}

// absentSupervisor is the reason where there is nothing to start or to repair.
func absentSupervisor(p *profile.Profile) string {
	if p.Autostart == "off" && len(p.Sockets) == 0 {
		return "neither autostart nor sockets are set"
	}
	return needsLima(p)
}

func launchdFiles(p *profile.Profile) ([]File, error) {
	var out []File
	add := func(label, userName string, interval int, script func(*profile.Profile) (string, error)) error {
		s, err := script(p)
		if err != nil {
			return err
		}
		f, err := render("launchd/"+label+".plist", "launchd/agent.plist.tmpl", agentView{
			Profile: p.File(), Label: label, UserName: userName, Interval: interval,
			Arguments: []string{"/bin/sh", "-c", s},
			Home:      p.Host.Home, SearchPath: macSearchPath(p.Host.Home),
			Log: p.Host.Home + "/Library/Logs/" + label + ".log",
		})
		out = append(out, f)
		return err
	}
	if p.Autostart != "off" {
		user := ""
		if p.Autostart == "boot" {
			user = p.Host.User
		}
		if err := add("io.lima."+p.Lima.Instance, user, 0, startScript); err != nil {
			return nil, err
		}
	}
	if len(p.Sockets) > 0 {
		return out, add("io.vmloom."+p.Name+".repair", "", 60, socketScript)
	}
	return out, nil
}

// macSearchPath is where limactl and its ssh may be: launchd gives a job the
// system's directories only (lima#2444).
func macSearchPath(home string) string {
	return strings.Join([]string{
		"/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin",
		home + "/.nix-profile/bin", "/run/current-system/sw/bin",
		"/usr/bin", "/bin", "/usr/sbin", "/sbin",
	}, ":")
}
