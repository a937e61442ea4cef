package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"howett.net/plist"
)

// The stand-ins for what a host's service manager is told by: launchctl, systemctl,
// loginctl, and the sudo in front of them. What they know is below $WORK/.services, not in
// the home, so that a script can hold the home to what it was.
//
//	FAKE_LAUNCHCTL_LOG=FILE, FAKE_SYSTEMCTL_LOG, FAKE_LOGINCTL_LOG, FAKE_SUDO_LOG
//	                        each call as a line
//	FAKE_LAUNCHCTL_DOWN=1   nobody is logged in at the screen: there is no domain gui/UID
//	FAKE_LAUNCHCTL_SLOW=S   a label that was booted out is free after S seconds only
//	FAKE_SYSTEMCTL_DOWN=1   there is no systemd of the user, as in a container
//	FAKE_SUDO_FAIL=1        the password is wrong

func servicesDir(parts ...string) string {
	return filepath.Join(append([]string{os.Getenv("WORK"), ".services"}, parts...)...)
}

func putService(path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		panic(err)
	}
}

// recordCall appends the call to the file that FAKE_TOOL_LOG names.
func recordCall(tool string, args []string) {
	file := os.Getenv("FAKE_" + strings.ToUpper(tool) + "_LOG")
	if file == "" {
		return
	}
	line := tool
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \"'$") {
			a = strconv.Quote(a)
		}
		line += " " + a
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, strings.ReplaceAll(line, os.Getenv("WORK"), "$WORK"))
}

// complain says something on stderr and gives the status to end with.
func complain(status int, format string, args ...any) int {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	return status
}

// fakeSudo runs a command as root would: the other fakes see FAKE_ROOT. The
// Mac's own directories are in the test's, and what else names a file of this machine is refused.
func fakeSudo() {
	args := os.Args[1:]
	recordCall("sudo", args)
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = args[1:]
	}
	if os.Getenv("FAKE_SUDO_FAIL") != "" {
		os.Exit(complain(1, "sudo: a password is required"))
	}
	for i, arg := range args {
		switch {
		case strings.HasPrefix(arg, "/Library/"):
			args[i] = filepath.Join(os.Getenv("WORK"), arg)
		case filepath.IsAbs(arg) && !ofTest(arg):
			os.Exit(complain(1, "sudo: %s: is not the test's", arg))
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "FAKE_ROOT=1")
	err := cmd.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		os.Exit(exit.ExitCode())
	} else if err != nil {
		os.Exit(complain(1, "sudo: %s: command not found", args[0]))
	}
	os.Exit(0)
}

// ofTest reports whether a path is in the directory of the test, or in its home, which may have a shorter name.
func ofTest(path string) bool {
	return slices.ContainsFunc([]string{os.Getenv("WORK"), os.Getenv("HOME")}, func(dir string) bool {
		return filepath.IsAbs(dir) && strings.HasPrefix(filepath.Clean(path), dir+"/")
	})
}

// fakeLaunchctl is launchctl 2 as macOS has it since 10.10. Exit statuses and words are
// those of home-manager's and Lima's sources and of launchctl's error command.
func fakeLaunchctl() {
	recordCall("launchctl", os.Args[1:])
	if len(os.Args) < 2 {
		os.Exit(complain(64, "Usage: launchctl <subcommand> ..."))
	}
	os.Exit(launchctl(os.Args[1], os.Args[2:]))
}

func launchctl(verb string, args []string) int {
	var rest []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			rest = append(rest, a)
		}
	}
	if len(rest) == 0 {
		return complain(64, "Usage: launchctl %s ...", verb)
	}
	domain, label := launchdTarget(rest[0])
	loaded := servicesDir("launchd", "loaded", domain, label)
	switch verb {
	case "bootstrap":
		return launchdBootstrap(domain, rest[1:])
	case "bootout":
		if label == "" && len(rest) > 1 { // DOMAIN PLIST
			label, _ = plistLabel(rest[1])
			loaded = servicesDir("launchd", "loaded", domain, label)
		}
		if os.Remove(loaded) != nil {
			return complain(3, "Boot-out failed: 3: No such process")
		}
		putService(servicesDir("launchd", "leaving", domain, label), "")
		return 0
	case "enable":
		os.Remove(servicesDir("launchd", "disabled", domain, label))
		return 0
	case "disable":
		putService(servicesDir("launchd", "disabled", domain, label), "")
		return 0
	case "print", "kickstart", "kill":
		text, err := os.ReadFile(loaded)
		if label != "" && err != nil {
			return complain(113, "Bad request.\nCould not find service %q in domain for %s", label, launchdWords(domain))
		}
		if label == "" && strings.HasPrefix(domain, "gui") && os.Getenv("FAKE_LAUNCHCTL_DOWN") != "" {
			return complain(113, "Bad request.\nCould not find domain for %s", launchdWords(domain))
		}
		if verb == "print" {
			fmt.Printf("%s = {\n\tactive count = 1\n\tpath = %s\n\ttype = LaunchAgent\n\tstate = running\n}\n", rest[0], text)
		}
		return 0
	}
	return complain(64, "Unrecognized subcommand: %s", verb)
}

func launchdTarget(s string) (domain, label string) {
	if rest, ok := strings.CutPrefix(s, "system"); ok {
		return "system", strings.TrimPrefix(rest, "/")
	}
	parts := strings.SplitN(s, "/", 3)
	if len(parts) == 3 {
		label = parts[2]
	}
	return strings.Join(parts[:min(2, len(parts))], "-"), label
}

// launchdWords is a domain as launchctl prints it: user gui: 501.
func launchdWords(domain string) string {
	kind, uid, _ := strings.Cut(domain, "-")
	switch kind {
	case "gui":
		return "user gui: " + uid
	case "user":
		return "user: " + uid
	}
	return kind
}

func launchdBootstrap(domain string, files []string) int {
	const inputOutput = "Bootstrap failed: 5: Input/output error\nTry re-running the command as root for richer errors."
	if domain == "system" && os.Getenv("FAKE_ROOT") == "" {
		return complain(1, "Bootstrap failed: 1: Operation not permitted")
	}
	if strings.HasPrefix(domain, "gui") && os.Getenv("FAKE_LAUNCHCTL_DOWN") != "" {
		return complain(125, "Bootstrap failed: 125: Domain does not support specified action")
	}
	for _, file := range files {
		label, err := plistLabel(file)
		if err != nil {
			return complain(5, inputOutput)
		}
		loaded := servicesDir("launchd", "loaded", domain, label)
		if exists(loaded) || exists(servicesDir("launchd", "disabled", domain, label)) || launchdLeaving(domain, label) {
			return complain(5, inputOutput)
		}
		putService(loaded, file)
	}
	return 0
}

// launchdLeaving reports whether a job that was booted out still ends.
func launchdLeaving(domain, label string) bool {
	slow, err := strconv.ParseFloat(os.Getenv("FAKE_LAUNCHCTL_SLOW"), 64)
	if err != nil {
		return false
	}
	info, err := os.Stat(servicesDir("launchd", "leaving", domain, label))
	return err == nil && time.Since(info.ModTime()).Seconds() < slow
}

func plistLabel(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var job struct {
		Label            string
		ProgramArguments []string
	}
	if _, err := plist.Unmarshal(data, &job); err != nil {
		return "", err
	}
	if job.Label == "" || len(job.ProgramArguments) == 0 {
		return "", fmt.Errorf("%s: no job", file)
	}
	return job.Label, nil
}
