package main

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/profile"
)

// thisHost reads what a preset takes from the machine.
func thisHost(dir string) (generate.PresetHost, error) {
	me, err := user.Current()
	if err != nil {
		return generate.PresetHost{}, err
	}
	h := generate.PresetHost{OS: "linux", Arch: thisArch(), User: me.Username, Home: me.HomeDir, GuestUser: me.Username, UID: 1000, Shell: "bash", Timezone: timezone()}
	if runtime.GOOS == "darwin" {
		h.OS = "macos"
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,30}$`).MatchString(me.Username) || me.Username == "root" {
		h.GuestUser = "dev"
	}
	if uid := os.Getuid(); uid >= 1000 && uid <= 60000 {
		h.UID = uid // so that files of a share are the same user's on both sides
	}
	if shell := filepath.Base(os.Getenv("SHELL")); slices.Contains(profile.LoginShells(), shell) {
		h.Shell = shell
	}
	if home, err := os.UserHomeDir(); err == nil {
		h.Home = home // $HOME, as Lima takes it
	}
	for name, field := range map[string]*string{"manifest.scm": &h.Manifest, "guix.scm": &h.Project} {
		if isFile(filepath.Join(dir, name)) {
			*field = "./" + name
		}
	}
	h.Mount, err = filepath.Abs(dir)
	h.Mount = homeTilde(h.Mount, h.Home)
	return h, err
}

// thisArch is the processor of this machine.
func thisArch() string { return engine.ArchOf(runtime.GOARCH) }

// timezone is that of the machine, in the tz database's spelling, or empty.
func timezone() string {
	file, err := filepath.EvalSymlinks("/etc/localtime")
	if err != nil {
		return ""
	}
	_, zone, _ := strings.Cut(file, "/zoneinfo/")
	if !regexp.MustCompile(`^[A-Z][A-Za-z_+-]+(/[A-Za-z0-9_+-]+)+$`).MatchString(zone) {
		return ""
	}
	return zone
}

func onPath(tool string) bool {
	_, err := exec.LookPath(tool)
	return err == nil
}
