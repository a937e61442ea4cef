package verify_test

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/verify"
)

// The profiles whose rows are attacked: between them they have every kind of row.
const (
	macWorld = `version: 1
name: ascalon
host: {os: macos, user: ada}
lima: {instance: default, mountType: virtiofs, mountInotify: true, networks: [{name: user-v2, metric: 50}]}
guest:
  system: ubuntu
  release: "26.04"
  user: {name: ada, shell: zsh, authorizedKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmS9b0x7sJ1 ada]}
  timezone: America/Los_Angeles
  locale: en_US.UTF-8
  containers: docker
  groups: [video]
  setup: {once: [./setup.sh]}
  caCerts: [./ca.pem]
  packages: [git]
  env: {EDITOR: vim}
  envFile: ~/env
  proxy: {http: "http://proxy.example.org:3128", noProxy: [.internal]}
resources: {nested: true}
rosetta: true
home: {disk: 10GiB}
disks: [{name: data, size: 2GiB, mount: /data}]
mounts: [{host: ~/src, guest: /mnt/src, writable: true}]
sockets:
  - {name: agent, from: 1password}
  - {name: docker, from: colima, start: login}
  - {name: gpg, from: gpg-agent}
ports: [{guest: 8080, host: 8080}]
onepassword: {tokenFile: ~/token}
autostart: login
wezterm: {domain: ascalon, keys: {domains: CMD+S, newTab: [CMD+SHIFT+T]}}
`
	linuxWorld = `version: 1
name: box
host: {os: linux, user: ada, arch: x86_64, limaHome: ~/.lima}
guest: {system: nixos, user: {name: ada}, env: {EDITOR: vim}, packages: [git]}
nix: {keepStore: true, ld: true}
resources: {cpus: {share: half, min: 2}, memory: 50%}
home: {disk: 10GiB}
mounts: [{host: ~/data, guest: /mnt/data}, {host: ./more, guest: /mnt/more}]
sockets:
  - {name: docker, host: ~/docker.sock, env: DOCKER_HOST, check: docker ps}
  - {name: pods, from: podman, host: ~/pods.sock, env: PODS, start: login}
  - {name: out, from: docker, guest: /run/out.sock, direction: toHost, host: ~/out.sock, check: test ! -e ~/broken}
ports: [{guest: 8080, host: 8080}]
network: {forward: listed, dns: [1.1.1.1], hosts: {db.internal: 10.0.0.5}}
lima: {networks: [{name: user-v2, macAddress: "52:55:55:12:34:56"}]}
autostart: boot
wezterm: {domain: dev, via: mux}
`
	qemuWorld = `version: 1
name: vm
host: {os: linux}
runner: qemu
guest: {system: guix, arch: x86_64, user: {name: dev}, packages: [git]}
resources: {cpus: half, memory: 50%}
home: {disk: 20GiB}
mounts: [{host: ~/src, guest: /mnt/src, writable: true}, {host: ./data, guest: /mnt/data}]
sockets: [{name: agent, from: ssh-agent}]
ports: [{guest: 8080, host: 8080}]
autostart: login
guix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}
`
)

// beside are the files that lie beside the profiles.
func beside(t *testing.T) map[string]string {
	return map[string]string{"setup.sh": "#!/bin/sh\n", "ca.pem": read(t, "../testdata/golden/guix-linux/it's/ca.pem")}
}

// kindOf is an ID without the names that the profile gives.
func kindOf(id string) string { return names.ReplaceAllString(id, "$1/*") }

// tables are those of verify, status and doctor.
func tables(p *profile.Profile) []verify.Check {
	return slices.Concat(verify.Checks(p), verify.Machine(p), verify.Machine(nil))
}

// TestEveryRowIsAttacked: whatever row any golden profile has, there is an attack for it,
// and it is tried on a VM of that runner.
func TestEveryRowIsAttacked(t *testing.T) {
	tried := map[string]bool{}
	for _, text := range []string{macWorld, linuxWorld, qemuWorld} {
		p, err := profile.Layers{Read: func(file string) ([]byte, error) { return []byte(beside(t)[file]), nil }}.Load("vmloom.yaml", []byte(text))
		must(t, err)
		for _, c := range tables(p) {
			tried[p.RunBy().Name+" "+kindOf(c.ID)], tried[kindOf(c.ID)] = true, true
		}
	}
	own := func(kind string) bool { return strings.HasPrefix(kind, "instance/") || kind == "home/kept" } // a runner has them its own way
	said := map[string]bool{}
	for _, path := range tooltest.Goldens(t) {
		p := loadGolden(t, path)
		for _, c := range tables(p) {
			kind := kindOf(c.ID)
			at := kind
			if own(kind) {
				at = p.RunBy().Name + " " + kind
			}
			switch _, ok := attacks[kind]; {
			case said[at]:
			case !ok:
				t.Errorf("%s: nothing says how %s is broken and lied to", path, kind)
			case !tried[at]:
				t.Errorf("%s: no VM is there to attack %s", path, at)
			}
			said[at] = true
		}
	}
	for kind, a := range attacks {
		kind = kind[strings.LastIndexByte(kind, ' ')+1:]
		if a.broken == nil {
			t.Errorf("%s is not broken", kind)
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(said)), func(k string) bool { return k == kind || strings.HasSuffix(k, " "+kind) }) {
			t.Errorf("no profile has a row %s", kind)
		}
	}
}

// one looks at a row alone.
func (v *fakeVM) one(c verify.Check) verify.Result {
	v.t.Helper()
	return verify.Run(v.t.Context(), v.site, []verify.Check{verify.Alone(c)}, "")[0]
}

// TestAttacks: each row is ok on a VM that keeps its promise; it says so when the promise
// is broken; and whatever answers in the place of what it asks, it never says ok.
func TestAttacks(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a thousand attacks take a minute: not in -short")
	}
	before := map[string]bool{}
	for _, w := range []struct {
		name, text string
		make       func(*testing.T, string) *fakeVM
	}{{"mac", macWorld, limaWorld}, {"linux", linuxWorld, limaWorld}, {"qemu", qemuWorld, qemuLike}} {
		t.Run(w.name, func(t *testing.T) {
			v := w.make(t, onFreePorts(t)(w.text))
			v.site.Hurry()
			keep := v.keeper()
			done := map[string]bool{}
			for _, c := range tables(v.profile) {
				kind := kindOf(c.ID)
				if done[kind] || before[kind] && !again(kind) {
					continue
				}
				done[kind], before[kind] = true, true
				t.Run(strings.ReplaceAll(kind, "/", "-"), func(t *testing.T) {
					v.t = t
					a, own := attacks[v.profile.RunBy().Name+" "+kind]
					if !own {
						a = attacks[kind]
					}
					if !a.linux || !v.profile.MacOS() {
						v.attack(keep, c, a)
					}
				})
			}
		})
	}
}

// again are the kinds whose rows differ by the runner or the host; the others are of the
// same words and the same judge everywhere.
func again(kind string) bool {
	first, _, _ := strings.Cut(kind, "/")
	return kind == "home/kept" || slices.Contains([]string{"instance", "access", "mount", "port", "restart", "autostart", "repair", "service"}, first)
}

func (v *fakeVM) attack(fresh func(), c verify.Check, a attack) {
	t := v.t
	begin := func() {
		for _, end := range v.ends {
			end()
		}
		v.ends = nil
		fresh()
		if a.before != nil {
			a.before(v, c)
		}
	}
	begin()
	known, commands := map[string]any{}, []string{}
	v.site.LieTo("", verify.Lie{}, known, a.live, func(cmd string) {
		if !slices.Contains(commands, cmd) && !strings.Contains(cmd, "rm -f ") || strings.Contains(cmd, "refused") {
			commands = append(commands, cmd)
		}
	})
	r := v.one(c)
	v.site.Truth()
	if r.Status != verify.OK && a.unproven == "" {
		t.Fatalf("where all is well: %s: %s", r.Status, r.Seen)
	}
	quick := c
	quick.Timeout = 3 * time.Second
	for _, cmd := range commands {
		for _, lie := range verify.Lies() {
			if a.live {
				begin()
			}
			v.site.LieTo(cmd, lie, known, a.live, func(string) {})
			r := v.one(quick)
			v.site.Truth()
			switch {
			case r.Status == verify.OK && a.stands[lie.Name] == "":
				t.Errorf("%s instead of an answer to %.200s: ok: %s", lie.Name, cmd, r.Seen)
			case lie.Lost && r.Status == verify.Failed && !c.Way:
				t.Errorf("%.200s got lost: %s: %s", cmd, r.Status, r.Seen)
			}
		}
	}
	try := func(what string, do func(*fakeVM, verify.Check), want verify.Status) {
		begin()
		do(v, c)
		if r := v.one(c); r.Status != want {
			t.Errorf("%s: %s: %s, want %s", what, r.Status, r.Seen, want)
		}
	}
	try("broken", a.broken, cmp.Or(a.wantBroken, verify.Failed))
	switch {
	case a.lied != nil:
		try("lied to", a.lied, cmp.Or(a.want, verify.Failed))
	case len(commands) == 0:
		t.Error("it asks nobody, and nothing says how it is lied to")
	}
	begin()
}

// keeper gives a function that makes the VM and its host as they are now.
func (v *fakeVM) keeper() func() {
	whole, site, files := v.t.TempDir(), *v.site, v.site.Files
	kept := []string{}
	entries, err := os.ReadDir(v.site.Home)
	must(v.t, err)
	for _, e := range entries {
		if n := e.Name(); n != "fakes" && !strings.HasPrefix(n, "fake-") {
			kept = append(kept, n)
		}
	}
	copies := func(line string) { v.run(append([]string{"sh", "-c", line, v.site.Home, whole}, kept...)...) }
	copies(`cd "$0" && w=$1 && shift && cp -a "$@" "$w"`)
	return func() {
		*v.site, v.site.Files = site, files
		copies(`cd "$0" && w=$1 && shift && rm -rf "$@" other && cp -a "$w/." .`)
		for _, s := range v.profile.Sockets {
			v.listen(strings.Replace(s.Host, "~", v.site.Home, 1), false)
		}
	}
}

// tunnel is a program that listens at the first port of the host for a VM; with the words of
// one, it is its QEMU.
func (v *fakeVM) tunnel(file string, words ...string) {
	v.t.Helper()
	port := v.profile.Ports[0]
	args := append([]string{file, fmt.Sprint(port.Host), fmt.Sprint(port.Guest)}, words...)
	cmd := exec.Command(filepath.Join(filepath.Dir(v.fakes), "fake-tunnel"), args...)
	out, err := cmd.StdoutPipe()
	must(v.t, err)
	in, err := cmd.StdinPipe()
	must(v.t, err)
	must(v.t, cmd.Start())
	end := func() { in.Close(); cmd.Wait() }
	if len(words) == 0 {
		v.ends = append(v.ends, end)
	} else {
		v.t.Cleanup(end)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		v.t.Fatal("fake-tunnel does not listen")
	}
	if len(words) > 0 {
		must(v.t, os.WriteFile(words[1], fmt.Appendln(nil, cmd.Process.Pid), 0o644))
	}
}

// limaWorld is a VM of the fake limactl, with all that is asked of its host.
func limaWorld(t *testing.T, text string) *fakeVM {
	v := newFakeVM(t, func(string) string { return text })
	v.tools()
	table := filepath.Join(vm(v), "fake-ssh/guest/proc/net/tcp")
	must(t, os.MkdirAll(filepath.Dir(table), 0o755))
	must(t, os.WriteFile(table, []byte("  sl  local_address rem_address st\n"), 0o644))
	if v.profile.HasToken() {
		v.write("token", "ops_secret\n")
		must(t, os.Chmod(filepath.Join(v.site.Home, "token"), 0o600))
		inVM("guest/etc/environment", strings.TrimSpace(read(t, filepath.Join(vm(v), "guest/etc/environment")))+"\nOP_SERVICE_ACCOUNT_TOKEN=x")(v, verify.Check{})
		must(t, os.MkdirAll(filepath.Dir(token(v)), 0o755))
		must(t, os.WriteFile(token(v), []byte("ops_secret\n"), 0o600))
	}
	if v.profile.Guest.EnvFile != "" {
		v.write("env", "export GREETING='hello'\n")
		must(t, os.Chmod(filepath.Join(v.site.Home, "env"), 0o600))
		inVM("guest/etc/environment", strings.TrimSpace(read(t, filepath.Join(vm(v), "guest/etc/environment")))+"\nGREETING=hello")(v, verify.Check{})
		must(t, os.MkdirAll(filepath.Dir(envFile(v)), 0o755))
		must(t, os.WriteFile(envFile(v), []byte("GREETING=hello\n"), 0o600))
	}
	return v
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	return string(data)
}

// tools of the host that some row asks for.
func (v *fakeVM) tools() {
	for name, says := range map[string]string{
		"qemu-system-x86_64": "QEMU emulator version 9.2.0", "qemu-system-aarch64": "QEMU emulator version 9.2.0", "qemu-img": "qemu-img version 9.2.0",
		"mke2fs": "mke2fs 1.47.0 (5-Feb-2023)", "guix": "guix (GNU Guix) 1.5.0", "nix": "nix (Nix) 2.24.1",
		"ssh-keygen": "256 SHA256:vsag/6AVFwQdHUWHO4vtAZPGYV2nuAZREWMp/wTqxjk vmloom (ED25519)",
	} {
		program(name, "echo '"+says+"'")(v, verify.Check{})
	}
}

// qemuLike is a VM of the runner qemu whose guest is a fake one, as under Lima.
func qemuLike(t *testing.T, text string) *fakeVM {
	fakes, err := tooltest.BuildFakes(t.TempDir()) // before the home is another
	must(t, err)
	v := qemuVM(t, func(string) string { return text })
	home := v.site.Home
	v.fakes = fakes
	v.file, v.site.State = filepath.Join(home, "vmloom.yaml"), filepath.Join(home, ".lima", v.profile.Lima.Instance)
	must(t, os.WriteFile(v.file, []byte(text), 0o644))
	must(t, tooltest.Fake(filepath.Join(home, "bin"), v.fakes, "ssh", "ssh-add", "systemctl", "loginctl"))
	t.Setenv("WORK", home)
	state := v.site.State
	v.generate()
	v.site.State = state
	v.guest()
	v.tools()
	for name, script := range stubs {
		program(name, script)(v, verify.Check{})
	}
	must(t, os.WriteFile(filepath.Join(state, "system.qcow2"), nil, 0o644))
	must(t, os.WriteFile(filepath.Join(state, "project"), []byte(home+"\n"), 0o644))
	must(t, os.WriteFile(homeDisk(v), nil, 0o644))
	must(t, os.Truncate(homeDisk(v), int64(v.profile.Home.Disk)))
	must(t, os.WriteFile(filepath.Join(state, "ssh.config"), fmt.Appendf(nil, "Host %s\n  Hostname 127.0.0.1\n", v.profile.SSHAlias()), 0o644))
	s := v.profile.Sockets[0]
	for path, text := range map[string]string{
		"guest-bin/sh": "#!/bin/sh\n[ \"$1\" != -lc ] || { shift; set -- -c \"$@\"; }\nexec /bin/sh \"$@\"\n",
		"fake-ssh/guest/proc/sys/kernel/random/boot_id": "one\n",
		"fake-ssh/guest/proc/net/unix":                  "0: 00000002 00000000 00010000 0001 01 4711 " + s.Guest + "\n",
	} {
		file := filepath.Join(state, path)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(text), 0o755))
	}
	at := filepath.Join(state, "fake-ssh/guest", s.Guest)
	must(t, os.MkdirAll(filepath.Dir(at), 0o755))
	short := filepath.Join(home, "short")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	l.Close()
	must(t, os.Rename(short, at))
	port, pid := v.profile.Ports[0], filepath.Join(state, "pid")
	v.tunnel(filepath.Join(state, "ha.sock"), "-pidfile", pid, "-smp", "4", "-netdev", fmt.Sprintf("user,id=net0,hostfwd=tcp:127.0.0.1:%d-:%d", port.Host.First, port.Guest.First))
	v.install()
	v.write(".ssh/config", "Include "+filepath.Join(state, "ssh.config")+"\n")
	copied := filepath.Join(state, "fake-ssh/pid")
	v.run("cp", pid, copied)
	script("stop", "rm "+pid)(v, verify.Check{})
	script("create", "cp "+copied+" "+pid+"; date +%N >"+filepath.Join(state, "fake-ssh/guest/proc/sys/kernel/random/boot_id"))(v, verify.Check{})
	return v
}
