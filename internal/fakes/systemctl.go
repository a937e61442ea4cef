package main

import (
	"bytes"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
)

// fakeSystemctl is systemctl --user of systemd 252. Units and the links that enable them are
// where the real one has them, below ${XDG_CONFIG_HOME:-~/.config}/systemd/user; a link's
// empty directory goes with it, as with the real one.
func fakeSystemctl() {
	args := os.Args[1:]
	recordCall("systemctl", args)
	var s systemctl
	var words []string
	isUser := false
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--user":
			isUser = true
		case a == "--now":
			s.now = true
		case a == "--quiet" || a == "-q":
			s.quiet = true
		case a == "-p" && i+1 < len(args):
			i++
			s.property = args[i]
		case strings.HasPrefix(a, "--property="):
			s.property = strings.TrimPrefix(a, "--property=")
		case a == "--value":
			s.value = true
		case strings.HasPrefix(a, "-"): // --no-pager, --no-block and the like change nothing here
		default:
			words = append(words, a)
		}
	}
	switch {
	case !isUser || len(words) == 0:
		os.Exit(complain(1, "the fake systemctl knows --user only"))
	case os.Getenv("FAKE_SYSTEMCTL_DOWN") != "":
		os.Exit(complain(1, "Failed to connect to bus: No medium found"))
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(os.Getenv("HOME"), ".config")
	}
	s.dir = filepath.Join(config, "systemd", "user")
	os.Exit(s.run(words[0], words[1:]))
}

type systemctl struct {
	dir               string
	now, quiet, value bool
	property          string
}

func (s systemctl) run(verb string, units []string) int {
	if verb == "daemon-reload" {
		s.reload()
		return 0
	}
	if verb == "show" && len(units) == 0 {
		fmt.Println("Version=252")
		return 0
	}
	for i, u := range units {
		if !strings.Contains(u, ".") {
			units[i] = u + ".service"
		}
	}
	worst := 0
	for _, u := range units {
		worst = max(worst, s.one(verb, u))
	}
	return worst
}

func (s systemctl) one(verb, unit string) int {
	switch verb {
	case "enable":
		return s.enable(unit)
	case "disable":
		return s.disable(unit)
	case "is-enabled":
		return s.isEnabled(unit)
	case "is-active":
		if s.active(unit) {
			return s.print("active", 0)
		}
		return s.print("inactive", 3)
	case "start", "restart":
		return s.start(unit)
	case "stop":
		if !exists(filepath.Join(s.dir, unit)) && !exists(servicesDir("systemd", "loaded", unit)) {
			return complain(5, "Failed to stop %s: Unit %s not loaded.", unit, unit)
		}
		os.Remove(servicesDir("systemd", "active", unit))
		return 0
	case "show":
		return s.show(unit)
	}
	return complain(1, "Unknown command verb %s.", verb)
}

func (s systemctl) print(text string, status int) int {
	if !s.quiet {
		fmt.Println(text)
	}
	return status
}

func (s systemctl) active(unit string) bool { return exists(servicesDir("systemd", "active", unit)) }

// reload takes over what is on disk.
func (s systemctl) reload() {
	os.RemoveAll(servicesDir("systemd", "loaded"))
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(s.dir, e.Name())); err == nil {
			putService(servicesDir("systemd", "loaded", e.Name()), string(data))
		}
	}
}

// wants are the links that an [Install] section asks for.
func (s systemctl) wants(unit string) (links []string, err error) {
	data, err := os.ReadFile(filepath.Join(s.dir, unit))
	for line := range strings.Lines(string(data)) {
		if targets, ok := strings.CutPrefix(strings.TrimSpace(line), "WantedBy="); ok {
			for target := range strings.FieldsSeq(targets) {
				links = append(links, filepath.Join(s.dir, target+".wants", unit))
			}
		}
	}
	return links, err
}

func (s systemctl) enable(unit string) int {
	links, err := s.wants(unit)
	if err != nil {
		return complain(1, "Failed to enable unit: Unit file %s does not exist.", unit)
	}
	if len(links) == 0 {
		complain(0, "The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\nAlias= settings in the [Install] section, and DefaultInstance= for template\nunits). This means they are not meant to be enabled using systemctl.")
	}
	for _, link := range links {
		os.MkdirAll(filepath.Dir(link), 0o755)
		if os.Symlink(filepath.Join(s.dir, unit), link) == nil && !s.quiet {
			complain(0, "Created symlink %s → %s.", link, filepath.Join(s.dir, unit))
		}
	}
	s.reload() // enable and disable do it by themselves
	if s.now {
		return s.start(unit)
	}
	return 0
}

func (s systemctl) disable(unit string) int {
	if !exists(filepath.Join(s.dir, unit)) {
		return complain(1, "Failed to disable unit: Unit file %s does not exist.", unit)
	}
	links, _ := filepath.Glob(filepath.Join(s.dir, "*.wants", unit))
	for _, link := range links {
		os.Remove(link)
		os.Remove(filepath.Dir(link))
		if !s.quiet {
			complain(0, "Removed %q.", link)
		}
	}
	s.reload()
	if s.now {
		os.Remove(servicesDir("systemd", "active", unit))
	}
	return 0
}

func (s systemctl) isEnabled(unit string) int {
	state := s.unitFileState(unit)
	if state == "" {
		return complain(1, "Failed to get unit file state for %s: No such file or directory", unit)
	}
	return s.print(state, map[bool]int{true: 1}[state == "disabled"])
}

// unitFileState is empty for a unit that is not there.
func (s systemctl) unitFileState(unit string) string {
	links, err := s.wants(unit)
	switch {
	case err != nil:
		return ""
	case len(links) == 0:
		return "static"
	case slices.ContainsFunc(links, exists):
		return "enabled"
	}
	return "disabled"
}

func (s systemctl) start(unit string) int {
	data, err := os.ReadFile(filepath.Join(s.dir, unit))
	loaded, known := os.ReadFile(servicesDir("systemd", "loaded", unit))
	switch {
	case err != nil:
		return complain(5, "Failed to start %s: Unit %s not found.", unit, unit)
	case known == nil && !bytes.Equal(data, loaded):
		complain(0, "Warning: The unit file, source configuration file or drop-ins of %s changed on disk. Run 'systemctl --user daemon-reload' to reload units.", unit)
	}
	if strings.HasSuffix(unit, ".timer") || !strings.Contains(string(data), "Type=oneshot") {
		putService(servicesDir("systemd", "active", unit), "")
	}
	return 0
}

// show answers for the one property that a script asks for.
func (s systemctl) show(unit string) int {
	data, err := os.ReadFile(filepath.Join(s.dir, unit))
	loaded, _ := os.ReadFile(servicesDir("systemd", "loaded", unit))
	value := map[string]string{
		"NeedDaemonReload": map[bool]string{true: "yes", false: "no"}[err == nil && !bytes.Equal(data, loaded)],
		"LoadState":        map[bool]string{true: "loaded", false: "not-found"}[err == nil],
		"ActiveState":      map[bool]string{true: "active", false: "inactive"}[s.active(unit)],
		"FragmentPath":     filepath.Join(s.dir, unit),
		"UnitFileState":    s.unitFileState(unit),
	}[s.property]
	if s.value {
		fmt.Println(value)
	} else {
		fmt.Println(s.property + "=" + value)
	}
	return 0
}

// fakeLoginctl keeps whether a user's services run without him.
func fakeLoginctl() {
	args := os.Args[1:]
	recordCall("loginctl", args)
	var words []string
	for i := 0; i < len(args); i++ {
		if args[i] == "-p" {
			i++
		} else if !strings.HasPrefix(args[i], "-") {
			words = append(words, args[i])
		}
	}
	if os.Getenv("FAKE_SYSTEMCTL_DOWN") != "" {
		os.Exit(complain(1, "Failed to connect to bus: No such file or directory"))
	}
	me, err := user.Current()
	if err != nil {
		panic(err)
	}
	name := me.Username
	if len(words) > 1 {
		name = words[1]
	}
	linger := servicesDir("linger", name)
	switch strings.Join(words[:min(1, len(words))], "") {
	case "enable-linger":
		putService(linger, "")
	case "disable-linger":
		os.Remove(linger)
	case "show-user":
		yes := map[bool]string{true: "yes", false: "no"}[exists(linger)]
		if slices.Contains(args, "--value") {
			fmt.Println(yes)
		} else {
			fmt.Println("Linger=" + yes)
		}
	default:
		os.Exit(complain(1, "Unknown command verb %s.", strings.Join(words, " ")))
	}
	os.Exit(0)
}
