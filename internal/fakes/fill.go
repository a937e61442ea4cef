package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"vmloom/profile"
)

// fakeFill makes a guest that keeps every promise of a profile out of its instance below
// $HOME/.lima, or changes what such a guest says: fill PROFILE NAME=VALUE...
func fakeFill() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	read := func(file string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(os.Args[1]), file)) }
	p, err := profile.Layers{Read: read, Local: true}.Load(filepath.Base(os.Args[1]), text)
	check(err)
	home := os.Getenv("HOME")
	g, made := openGuest(filepath.Join(home, ".lima", p.Lima.Instance))
	if !made {
		g.fill(p, home)
	}
	for _, change := range os.Args[2:] {
		name, value, _ := strings.Cut(change, "=")
		if _, known := g.state[name]; !known {
			check(fmt.Errorf("the fake guest says nothing of %s", name))
		}
		g.state[name] = value
	}
	g.save()
}

func check(err error) {
	if err != nil {
		os.Exit(complain(1, "%v", err))
	}
}

func (g *fakeGuest) save() {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(g.state)) {
		text += name + "=" + g.state[name] + "\n"
	}
	g.put("etc/fake", text)
}

func (g *fakeGuest) put(path, text string) {
	file := filepath.Join(g.dir, "guest", path)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		panic(err)
	}
}

// hostArch is this machine's processor.
func hostArch() string {
	return map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
}

// guestPrograms answer by etc/fake.
var guestPrograms = []string{"uname", "id", "getconf", "date", "findmnt", "df", "dpkg-query", "ssh-add", "docker", "timeout", "rm", "stat", "op", "sync", "wezterm", "locale", "nix", "sudo", "getent", "ip", "gpg"}

func (g *fakeGuest) fill(p *profile.Profile, home string) {
	u := p.Guest.User
	if u.UID.OfHost() {
		u.UID = profile.UID(os.Getuid())
	}
	g.state = map[string]string{
		"host": p.Guest.Hostname, "machine": p.OnArch(hostArch()).Guest.Arch, "kernel": "Linux", "user": u.Name, "uid": u.UID.String(), "home": u.Home,
		"cpus": strconv.Itoa(p.Resources.CPUs.On(runtime.NumCPU())), "clock": "0", "label": p.HomeLabel(), "free": "20000000", "freehome": "20000000", "used": "60",
		"keys": "256 SHA256:abc ada (ED25519)", "refused": "", "closed": "", "stranger": "", "docker": "up", "gpg": "0123456789ABCDEF", "readonly": "", "wezterm": "wezterm 20240203", "listen": "yes",
		"sync": "ok", "token-mode": "600", "token-fs": "tmpfs", "op": "ok", "home-lost": "no", "charmap": "UTF-8", "owner": u.UID.String(), "substituters": "https://cache.nixos.org/ file://" + p.KeptStore() + "?priority=10&trusted=true", "forwards": "yes", "mounts": "virtiofs", "kvm": "character special file", "groups": strings.Join(append([]string{u.Name}, p.Groups()...), " "),
	}
	for _, s := range p.ToHost() { // its program runs there
		if !exists(filepath.Join(g.dir, "fake-ssh/guest", s.Guest)) {
			addListener(filepath.Join(g.dir, "fake-ssh"), s.Guest)
		}
	}
	for _, d := range p.Disks {
		g.state["disk:"+d.Mount] = p.DiskLabel(d)
	}
	for _, s := range p.ToGuest() {
		g.state["leads:"+s.Guest] = strings.Replace(s.Host, "~", home, 1)
	}
	environment := []string{}
	for _, name := range slices.Sorted(maps.Keys(p.Guest.Env)) {
		environment = append(environment, name+"="+p.Guest.Env[name])
	}
	for name, value := range p.ProxyEnv() {
		environment = append(environment, name+"="+value)
	}
	for _, s := range p.ToGuest() {
		environment = append(environment, s.Env+"="+s.EnvValue())
	}
	packages := ""
	for _, pkg := range p.Guest.Packages {
		name, _, _ := strings.Cut(pkg.Apt, "|")
		packages += name + " installed;"
	}
	if p.Rosetta {
		file := filepath.Join(g.dir, "fake-ssh/guest/proc/sys/fs/binfmt_misc/rosetta")
		check(os.MkdirAll(filepath.Dir(file), 0o777))
		check(os.WriteFile(file, []byte("enabled\ninterpreter /mnt/lima-rosetta/rosetta\nflags: OCF\n"), 0o666))
	}
	if p.Lima.MountInotify {
		g.watches(p, home)
	}
	for path, text := range map[string]string{
		"lib64/ld-linux-x86-64.so.2":     "",
		"etc/environment":                strings.Join(environment, "\n") + "\n",
		"etc/os-release":                 fmt.Sprintf("ID=%s\nVERSION_ID=%q\n", p.Guest.System, p.Guest.Release),
		"etc/passwd":                     fmt.Sprintf("root:x:0:0::/root:/bin/bash\n%s:x:%d:%d::%s:/bin/%s\n", u.Name, u.UID, u.UID, u.Home, u.Shell),
		"etc/packages":                   packages,
		"etc/default/locale":             "LANG=" + p.Guest.Locale + "\n",
		"etc/resolv.conf":                resolvers(p),
		"etc/hosts":                      hostLines(p),
		"etc/cards":                      cards(p),
		u.Home + "/.ssh/authorized_keys": strings.Join(u.Keys(), "\n") + "\n",
	} {
		g.put(path, text)
	}
	if file := p.System().Manager.ProxyFile; p.HasProxy() && file != "" {
		g.put(file, p.Guest.Proxy.HTTP+" "+p.Guest.Proxy.HTTPS+"\n")
	}
	for _, s := range p.SetupScripts() {
		g.put(profile.SetupDir+"/"+s.Key(), s.Text)
	}
	for _, c := range p.Certificates() {
		g.put(p.System().Manager.Bundle, c.PEM+"\n")
	}
	check(os.Symlink("/usr/share/zoneinfo/"+p.Guest.Timezone, filepath.Join(g.dir, "guest/etc/localtime")))
	for _, m := range p.Mounts {
		here := filepath.Join(home, strings.TrimPrefix(m.Host, "~/"))
		there := filepath.Join(g.dir, "guest", p.GuestPath(m))
		check(os.MkdirAll(here, 0o777))
		check(os.MkdirAll(filepath.Dir(there), 0o777))
		check(os.Symlink(here, there))
		if !m.Writable {
			g.state["readonly"] += there + " "
		}
	}
	self, err := os.Executable()
	check(err)
	for _, name := range guestPrograms {
		file := filepath.Join(g.dir, "guest-bin", name)
		check(os.MkdirAll(filepath.Dir(file), 0o777))
		check(os.WriteFile(file, []byte("#!"+self+" guest\n"), 0o777))
	}
}
