package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// limaHome is the one directory of Lima's that a run works in: limactl and the scripts have it of the environment.
type limaHome struct {
	mu    sync.Mutex
	of    string // the profile that was the first to say so; empty: none yet
	named string // what it names; empty: nothing, so that the environment decides
	typed string // where a limactl looks that is typed by hand
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
