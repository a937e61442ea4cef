package generate

import (
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// agentView is what launchd/agent.plist.tmpl prints.
type agentView struct {
	Profile, Label string
	Daemon         bool   // started by root
	UserName       string // that a daemon runs as
	Arguments      []string
	Home           string // empty: of whoever installs it, and the script asks
	SearchPath     []string
	Log            string
	Interval       int  // seconds; 0: once
	Leaves         bool // what it starts goes on when it ends
}

func absentLaunchd(p *profile.Profile) string {
	if !p.MacOS() {
		return "made for macOS hosts only"
	}
	return absentSupervisor(p)
}

// absentSupervisor is the reason where there is nothing to start or to repair.
func absentSupervisor(p *profile.Profile) string {
	if p.Autostart == "off" && !p.Repairs() {
		return "neither autostart nor sockets are set"
	}
	return ""
}

func launchdFiles(from source) ([]File, error) {
	jobs, err := macJobs(from)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, job := range jobs {
		f, err := render("launchd/"+job.Label+".plist", "launchd/agent.plist.tmpl", job)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// macJobs is what launchd runs, from a plist or from nix-darwin's module.
func macJobs(from source) ([]agentView, error) {
	var jobs []agentView
	p := from.Profile
	add := func(label string, script func(source) (string, error)) (*agentView, error) {
		s, err := script(from)
		job := agentView{Profile: p.File(), Label: label}
		if p.Host.Home != "" {
			job.Home, job.SearchPath = p.Host.Home, macSearchPath(p.Host.Home)
			job.Log = p.Host.Home + "/Library/Logs/" + label + ".log"
		} else if err == nil {
			s, err = anyHome(label, s)
		}
		job.Arguments = []string{"/bin/sh", "-c", s}
		jobs = append(jobs, job)
		return &jobs[len(jobs)-1], err
	}
	if p.Autostart != "off" {
		job, err := add(p.StartLabel(), startScript)
		if err != nil {
			return nil, err
		}
		if p.Autostart == "boot" {
			job.Daemon, job.UserName = true, p.Host.User
		}
	}
	if p.Repairs() {
		job, err := add(p.RepairLabel(), socketScript)
		if err != nil {
			return nil, err
		}
		job.Interval = 60
	}
	for _, s := range p.AtLogin() {
		job, err := add(p.ProgramLabel(s), func(source) (string, error) { return programScript(p, s), nil })
		if err != nil {
			return nil, err
		}
		job.Leaves = true
	}
	return jobs, nil
}

// programScript starts the program of a socket; one that runs says so, and that is all.
func programScript(p *profile.Profile, s profile.Socket) string {
	return "exec " + s.StartOn(p.On()) + "\n"
}

// macSearchPath is where limactl and its ssh may be: launchd gives a job the
// system's directories only (lima#2444).
func macSearchPath(home string) []string {
	return []string{
		"/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin",
		home + "/.nix-profile/bin", "/run/current-system/sw/bin",
		"/usr/bin", "/bin", "/usr/sbin", "/sbin",
	}
}

// anyHome is the script of a job for everybody. launchd expands nothing in a plist, and gives an agent its HOME.
func anyHome(label, script string) (string, error) {
	log, err := quote.Sh("Library/Logs/" + label + ".log")
	return "cd \"$HOME\" && exec >>\"$HOME\"/" + log + " 2>&1 || exit\n" +
		"export PATH=\"" + strings.Join(macSearchPath("$HOME"), ":") + "\"\n" + script, err
}
