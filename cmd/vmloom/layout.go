package main

import (
	"errors"
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
		return host.Layout{}, hinted(errors.New("HOME: is not set"), "export HOME=DIRECTORY, your own home")
	}
	if !filepath.IsAbs(home) {
		return host.Layout{}, hinted(fmt.Errorf("HOME: %q: not an absolute path", home), "export HOME=DIRECTORY, your own home")
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

// limaDir is where Lima keeps its instances: as Lima has it, with links followed.
func limaDir(layout host.Layout) string {
	dir := os.Getenv("LIMA_HOME")
	if dir == "" {
		dir = filepath.Join(layout.Home, ".lima")
	}
	return realDir(dir)
}

// realDir is a directory with links followed, as far as it is there.
func realDir(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// isMade reports whether there is a VM by the profile's name, whosever it is.
func isMade(s *setup, layout host.Layout) bool {
	if s.UnderLima() {
		return hasVM(layout, s.Name, s.Lima.Instance)
	}
	return hasVM(layout, s.Name, "")
}

// hasVM reports whether there is a VM of a name: an instance of Lima, or QEMU's where that is empty.
func hasVM(layout host.Layout, name, instance string) bool {
	if instance != "" {
		return there(filepath.Join(limaDir(layout), instance))
	}
	return there(filepath.Join(layout.State, "vmloom", name, "system.qcow2"))
}

// hasHome reports whether there is the disk of a VM's home, by the name that it is made under.
func hasHome(layout host.Layout, name, instance string) bool {
	if instance != "" {
		return there(filepath.Join(limaDir(layout), "_disks", name+"-home"))
	}
	return there(filepath.Join(layout.State, "vmloom", name, "home.raw"))
}
