package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"vmloom/adopt"
	"vmloom/atomic"
	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
)

// adoptInput reads the template and what else the flags name, and what of the machine they do not say.
func adoptInput(c *cli.Context, file string) (adopt.Input, error) {
	in := adopt.Input{Name: c.String("name"), Instance: c.String("instance"), Guest: c.String("guest"), Secrets: c.Bool("secrets"),
		Exists: func(path string) bool { _, err := os.Stat(path); return err == nil }, Read: readBeside}
	if onPath("ssh") {
		in.SSHSettings = func(config []byte, host string) ([]byte, error) { return sshSettings(c.Context, config, host) }
	}
	if os := c.String("os"); os != "" && !slices.Contains(hostNames(), os) {
		return in, usage("--os "+os+": unknown", strings.Join(hostNames(), " or "))
	}
	for _, l := range []struct {
		to    *[]adopt.File
		names []string
	}{{&in.SSH, c.StringSlice("ssh-config")}, {&in.WezTerm, c.StringSlice("wezterm")}, {&in.Plists, c.StringSlice("plist")}} {
		for _, name := range l.names {
			f, err := adoptFile(name)
			if err != nil {
				return in, err
			}
			*l.to = append(*l.to, f)
		}
	}
	var err error
	if in.Lima, err = adoptFile(file); err != nil {
		return in, err
	}
	path, err := filepath.Abs(filepath.FromSlash(in.Lima.Name))
	if err != nil {
		return in, err
	}
	if name := instanceAt(path); in.Instance == "" && name != "" {
		in.Instance = name
		if version, err := atomic.Read(filepath.Join(filepath.Dir(path), lima.VersionFile), atomic.Most); err == nil {
			in.LimaVersion = string(version)
		}
	}
	if inLimaHome(path) && onPath("limactl") {
		in.DiskSize = diskSize(c.Context)
	}
	if in.Host, err = adoptHost(c.String("os"), c.String("user")); err == nil {
		in.Host.LimaHome = limaHomeOf(path, in.Host.Home)
	}
	return in, err
}

// inLimaHome reports whether a template is of an instance that limactl sees.
func inLimaHome(path string) bool {
	layout, err := hostLayout()
	return err == nil && filepath.Base(path) == lima.Template && filepath.Dir(filepath.Dir(path)) == limaDir(layout)
}

// diskSize says how many bytes a disk of Lima's has; limactl is asked once, and only if one is looked for.
func diskSize(ctx context.Context) func(name string) int64 {
	ask := sync.OnceValue(func() []lima.Disk {
		var list bytes.Buffer
		if process.Run(ctx, process.Cmd{Args: []string{"limactl", "disk", "list", "--json"}}, &list, func(string) {}) != nil {
			return nil // the note of adopt says how to look
		}
		disks, _ := lima.Disks(list.String())
		return disks
	})
	return func(name string) int64 {
		for _, disk := range ask() {
			if disk.Name == name {
				return disk.Size
			}
		}
		return 0
	}
}

// limaHomeOf is where Lima keeps the instance of a template, if that is another directory than usual.
func limaHomeOf(path, home string) string {
	if !inLimaHome(path) { // and somebody's ~/.lima
		return ""
	}
	return movedLimaHome(home)
}

// instanceAt is the instance whose template lies at a path, where LIMA_HOME or ~/.lima has it; empty: it is elsewhere.
func instanceAt(path string) string {
	if inLimaHome(path) {
		return filepath.Base(filepath.Dir(path))
	}
	return adopt.InstanceOf(filepath.ToSlash(path))
}

// readBeside reads a file that a template names, where a leading ~ is the home.
func readBeside(name string) ([]byte, error) {
	if rest, tilde := strings.CutPrefix(name, "~/"); tilde {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		name = filepath.Join(home, rest)
	}
	data, err := atomic.Read(name, adopt.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no such file")
	}
	return data, err
}

func instanceNames() (names []string) {
	for _, c := range limaInstances("") {
		names = append(names, c.word)
	}
	return names
}

// instanceDir is that of a Lima instance of this name, where there is no such file; empty: there is none.
func instanceDir(name string) string {
	layout, err := hostLayout()
	if _, statErr := os.Lstat(name); err != nil || statErr == nil || strings.ContainsAny(name, "/.") {
		return ""
	}
	if dir := filepath.Join(limaDir(layout), name); isDir(dir) {
		return dir
	}
	return ""
}

func adoptFile(name string) (adopt.File, error) {
	if dir := instanceDir(name); dir != "" {
		name = dir
	}
	if isDir(name) { // an instance's
		template := filepath.Join(name, "lima.yaml")
		if !isFile(template) {
			return adopt.File{}, hinted(fmt.Errorf("%s: is a directory without a lima.yaml", name), "limactl list shows where instances are")
		}
		name = template
	}
	if p, err := load(name); err == nil {
		return adopt.File{}, hinted(fmt.Errorf("%s: is a profile already, of %s", name, p.Name), "vmloom check "+name)
	}
	data, err := atomic.Read(name, adopt.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		if strings.ContainsAny(name, "/.") {
			return adopt.File{}, hinted(fmt.Errorf("%s: no such file", name), "limactl list shows where instances are: DIR/lima.yaml")
		}
		hint := "Lima has no instance here"
		if names := instanceNames(); len(names) > 0 {
			hint = didYouMean(name, names, "instances here: "+strings.Join(names, ", "))
		}
		return adopt.File{}, hinted(fmt.Errorf("%s: no such file, and no instance", name), hint)
	}
	return adopt.File{Name: filepath.ToSlash(name), Data: data}, err
}

// adoptHost is this machine, or the one that the flags speak of.
func adoptHost(system, login string) (adopt.Host, error) {
	here, err := thisHost(".")
	if err != nil {
		return adopt.Host{}, err
	}
	h := adopt.Host{OS: here.OS, Arch: here.Arch, User: here.User, Home: here.Home, UID: os.Getuid()}
	if system != "" && system != h.OS || login != "" && login != h.User {
		h = adopt.Host{OS: here.OS, Arch: here.Arch, User: login}
		if system != "" {
			h.OS = system
		}
		if mac := profile.Mac(); h.OS == mac.Name && here.OS != mac.Name {
			h.Arch = mac.Arch
		}
		if login != "" {
			h.Home = profile.HostNamed(h.OS).Homes + login
		}
	}
	return h, nil
}

// sshSettings is what ssh -G says of a host by a config alone. It connects nowhere, and asks no
// name server; what only another system's ssh knows it passes over.
func sshSettings(ctx context.Context, config []byte, host string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "vmloom-ssh-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	ask := process.Cmd{Args: []string{"ssh", "-G", "-F", file, "-o", "IgnoreUnknown=*", "-o", "CanonicalizeHostname=no", host}}
	err = process.Run(ctx, ask, &out, func(string) {})
	return out.Bytes(), err
}
