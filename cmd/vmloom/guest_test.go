package main

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"vmloom/profile"

	"github.com/rogpeppe/go-internal/testscript"
)

// A fake guest is the folder guest of an instance of the fake limactl that keeps every
// promise of a profile; internal/fakes answers by it. What no file can say is in
// etc/fake, as NAME=VALUE.
type fakeGuest struct {
	dir   string // of the instance
	state map[string]string
}

func openGuest(instance string) (*fakeGuest, bool) {
	data, err := os.ReadFile(filepath.Join(instance, "guest", "etc", "fake"))
	g := &fakeGuest{instance, map[string]string{}}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		g.state[name] = value
	}
	return g, err == nil
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

// guestPrograms answer by etc/fake.
var guestPrograms = []string{"uname", "id", "getconf", "date", "findmnt", "df", "dpkg-query", "ssh-add", "docker", "timeout", "rm", "stat", "op", "sync", "wezterm", "locale"}

// guest makes a fake guest of the instance of a profile, or changes what it says.
func guest(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	p, err := profile.Load(filepath.Base(args[0]), []byte(text))
	ts.Check(err)
	home := ts.Getenv("HOME")
	g, made := openGuest(filepath.Join(home, ".lima", p.Lima.Instance))
	if !made {
		g.fill(ts, p, home)
	}
	for _, change := range args[1:] {
		name, value, _ := strings.Cut(change, "=")
		if _, known := g.state[name]; !known {
			ts.Fatalf("the fake guest says nothing of %s", name)
		}
		g.state[name] = value
	}
	g.save()
}

func (g *fakeGuest) fill(ts *testscript.TestScript, p *profile.Profile, home string) {
	u := p.Guest.User
	g.state = map[string]string{
		"host": p.Name, "machine": p.Guest.Arch, "kernel": "Linux", "user": u.Name, "uid": strconv.Itoa(u.UID), "home": u.Home,
		"cpus": strconv.Itoa(p.Resources.CPUs), "clock": "0", "label": p.HomeLabel(), "free": "20000000", "freehome": "20000000", "used": "60",
		"keys": "256 SHA256:abc ada (ED25519)", "refused": "", "closed": "", "docker": "up", "readonly": "", "wezterm": "wezterm 20240203", "listen": "yes",
		"sync": "ok", "token-mode": "600", "token-fs": "tmpfs", "op": "ok", "home-lost": "no", "charmap": "UTF-8", "forwards": "yes",
	}
	environment := []string{}
	for _, name := range slices.Sorted(maps.Keys(p.Guest.Env)) {
		environment = append(environment, name+"="+p.Guest.Env[name])
	}
	for _, s := range p.Sockets {
		environment = append(environment, s.Env+"="+s.EnvValue())
	}
	packages := ""
	for _, pkg := range p.Guest.Packages {
		name, _, _ := strings.Cut(pkg.Apt, "|")
		packages += name + " installed;"
	}
	for path, text := range map[string]string{
		"etc/environment":                strings.Join(environment, "\n") + "\n",
		"etc/os-release":                 fmt.Sprintf("ID=%s\nVERSION_ID=%q\n", p.Guest.System, p.Guest.Release),
		"etc/passwd":                     fmt.Sprintf("root:x:0:0::/root:/bin/bash\n%s:x:%d:%d::%s:/bin/%s\n", u.Name, u.UID, u.UID, u.Home, u.Shell),
		"etc/packages":                   packages,
		"etc/default/locale":             "LANG=" + p.Guest.Locale + "\n",
		u.Home + "/.ssh/authorized_keys": strings.Join(u.AuthorizedKeys, "\n") + "\n",
	} {
		g.put(path, text)
	}
	ts.Check(os.Symlink("/usr/share/zoneinfo/"+p.Guest.Timezone, filepath.Join(g.dir, "guest/etc/localtime")))
	for _, m := range p.Mounts {
		here := filepath.Join(home, strings.TrimPrefix(m.Host, "~/"))
		there := filepath.Join(g.dir, "guest", p.GuestPath(m))
		ts.Check(os.MkdirAll(here, 0o777))
		ts.Check(os.MkdirAll(filepath.Dir(there), 0o777))
		ts.Check(os.Symlink(here, there))
		if !m.Writable {
			g.state["readonly"] += there + " "
		}
	}
	for _, name := range guestPrograms {
		file := filepath.Join(g.dir, "guest-bin", name)
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
		ts.Check(os.WriteFile(file, []byte("#!"+fakes()+" guest\n"), 0o777))
	}
}

// freePortIn sets a variable to a port that nobody has.
func freePortIn(ts *testscript.TestScript, neg bool, names []string) {
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(name, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		ts.Check(l.Close())
	}
}

// taken has another program listen at ports, until the script ends.
func taken(ts *testscript.TestScript, neg bool, ports []string) {
	for _, port := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		ts.Check(err)
		ts.Defer(func() { l.Close() })
	}
}

// shortHome gives the script a home under a short name, since a socket's path has 104
// characters at most.
func shortHome(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.MkdirTemp("/tmp", "vm")
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(dir) })
	ts.Setenv("HOME", dir)
}

// serve listens at sockets of the host, and accepts; "serve -FILE" stops it.
func serve(ts *testscript.TestScript, neg bool, files []string) {
	for _, file := range files {
		if gone, ok := strings.CutPrefix(file, "-"); ok {
			ts.Check(os.Remove(ts.MkAbs(gone)))
			continue
		}
		path := ts.MkAbs(file)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		l, err := net.Listen("unix", path)
		ts.Check(err)
		ts.Defer(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() { // an agent waits for what it understands
					time.Sleep(5 * time.Second)
					c.Close()
				}()
			}
		}()
	}
}
