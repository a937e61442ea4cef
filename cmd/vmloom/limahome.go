package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"vmloom/profile"
)

// limaHome is the one directory of Lima's that a run works in: limactl and the scripts have it of the environment.
type limaHome struct {
	mu    sync.Mutex
	of    string // the profile that was the first to say so; empty: none yet
	named string // what it names; empty: nothing, so that the environment decides
	typed string // where a limactl looks that is typed by hand
}

// movedLimaHome is where LIMA_HOME has Lima keep its instances, absolute; empty: it is where Lima keeps them anyway.
func movedLimaHome(home string) string {
	said := os.Getenv("LIMA_HOME")
	if said == "" || realDir(said) == realDir(filepath.Join(home, ".lima")) {
		return ""
	}
	dir, err := filepath.Abs(said)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(dir)
}

// takeLimaHome has a preset of one machine's say where LIMA_HOME leads: its jobs, ssh and WezTerm do not see the variable.
func (i *initRun) takeLimaHome() {
	if i.host.LimaHome = ""; i.preset.Shared || !slices.Contains(i.preset.Tools, "limactl") {
		return
	}
	if dir := homeTilde(movedLimaHome(i.host.Home), i.host.Home); profile.LimaHomeName(dir) {
		i.host.LimaHome = dir
	}
}

// tellLimaHome says what has become of LIMA_HOME, where it leads elsewhere than usual.
func (i *initRun) tellLimaHome() {
	dir := homeTilde(movedLimaHome(i.host.Home), i.host.Home)
	switch {
	case dir == "" || !slices.Contains(i.preset.Tools, "limactl"):
	case i.host.LimaHome != "":
		i.say("LIMA_HOME: host.limaHome says it too: %s", dir)
	case !profile.LimaHomeName(dir):
		i.suggest("move it to a directory of letters, digits, blanks and . _ @ + -, and write that as host.limaHome", "LIMA_HOME: %s: no profile can say it, and jobs, ssh and WezTerm do not see the variable", dir)
	default:
		i.suggest("write host: {limaHome: "+dir+"} into "+profile.LocalName(defaultProfile)+" beside it", "LIMA_HOME: %s: is this machine's own, and jobs, ssh and WezTerm do not see the variable", dir)
	}
}

// homeTilde is a path as a profile has it, below a home from ~ on.
func homeTilde(path, home string) string {
	if rest, below := strings.CutPrefix(path, home+"/"); below {
		return "~/" + rest
	}
	return path
}

// inLimaHome has this run, and all that it starts, work in the directory of Lima's that a profile names.
func (u *ui) inLimaHome(s *setup) error {
	named := s.Host.LimaHome
	if named == "" && !s.UnderLima() {
		return nil
	}
	layout, err := hostLayout()
	if err != nil {
		return err
	}
	h := u.lima
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of != "" {
		if named != h.named {
			return hinted(fmt.Errorf("%s: host.limaHome: is not that of %s, and a run has one", s.path, h.of), "name one profile at a time")
		}
		return nil
	}
	h.of, h.named, h.typed = s.path, named, limaDir(layout)
	if named == "" {
		return nil
	}
	if below, tilde := strings.CutPrefix(named, "~/"); tilde {
		named = filepath.Join(layout.Home, below)
	}
	return os.Setenv("LIMA_HOME", named)
}
