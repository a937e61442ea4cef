package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"vmloom/host"
)

// hostLayout is where things are on the machine that vmloom runs on.
func hostLayout() (host.Layout, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return host.Layout{}, err
	}
	if !filepath.IsAbs(home) {
		return host.Layout{}, fmt.Errorf("HOME: %q: not an absolute path", home)
	}
	me, err := user.Current()
	if err != nil {
		return host.Layout{}, err
	}
	return host.Layout{
		User: me.Username, UID: os.Getuid(), Home: home,
		Config:  xdg("XDG_CONFIG_HOME", filepath.Join(home, ".config")),
		State:   xdg("XDG_STATE_HOME", filepath.Join(home, ".local", "state")),
		Daemons: "/Library/LaunchDaemons",
	}, nil
}

// xdg is a directory of the XDG specification, by which a relative path counts for none.
func xdg(variable, otherwise string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return otherwise
}

func limaDir(layout host.Layout) string {
	if dir := os.Getenv("LIMA_HOME"); dir != "" {
		return dir
	}
	return filepath.Join(layout.Home, ".lima")
}

// traces is what a VM leaves on the host, as far as it is there.
type traces struct {
	system []string // goes with the VM
	home   string   // the home's disk; empty: there is none
}

func lookFor(s *setup, layout host.Layout) traces {
	var t traces
	there := func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	if s.UnderLima() {
		for _, instance := range []string{s.Lima.Instance, s.Lima.Instance + "-next"} {
			if dir := filepath.Join(limaDir(layout), instance); there(dir) {
				t.system = append(t.system, dir)
			}
		}
		if disk := filepath.Join(limaDir(layout), "_disks", s.HomeDisk()); s.Home.Disk > 0 && there(disk) {
			t.home = disk
		}
		return t
	}
	files, _ := os.ReadDir(filepath.Join(layout.State, "vmloom", s.Name))
	for _, f := range files {
		path := filepath.Join(layout.State, "vmloom", s.Name, f.Name())
		if f.Name() == s.HomeDisk() {
			t.home = path
		} else {
			t.system = append(t.system, path)
		}
	}
	return t
}
