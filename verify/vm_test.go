package verify_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/ownership"
	"vmloom/profile"
	"vmloom/verify"
)

// fakeVM is a VM of the fake limactl that keeps every promise of a profile, and the host
// that it is on.
type fakeVM struct {
	t       *testing.T
	fakes   string
	profile *profile.Profile
	file    string // the profile's
	site    *verify.Site
	ends    []func() // what a change of the VM has begun
}

// stubs are tools of the host that no fake is for.
var stubs = map[string]string{
	"df":      "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo '/dev/disk3s5 482797652 351452480 75234567 83% /'",
	"luac":    `[ "$1" != -v ] || exec echo Lua 5.4; test -f "$2"`,
	"wezterm": `[ "$1" != --version ] || exec echo wezterm 20240203; printf '%s\n' ' SUPER s -> ShowLauncherArgs(x)' ' SHIFT | SUPER T -> SpawnTab(DomainName("ascalon"))' ' SHIFT | CTRL T -> SpawnTab(DomainName("ascalon"))'`,
	"gpg":     "case $* in *--list-secret-keys*) echo sec:u:255:22:0123456789ABCDEF:1795728290: ;; *--import*) echo '[GNUPG:] IMPORT_RES 1 0 0 0 1 0' ;; *) echo pub:u: ;; esac",
	"sysctl":  "echo 1",
}

// newFakeVM makes and starts the VM of a text of examples/ascalon by its own script, and
// installs on the host what vmloom up would.
func newFakeVM(t *testing.T, edit func(string) string) *fakeVM {
	t.Helper()
	home, err := os.MkdirTemp("/tmp", "vm") // a socket's path has 104 characters at most
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	v := &fakeVM{t: t, file: filepath.Join(home, "vmloom.yaml")}
	src, err := os.ReadFile("../examples/ascalon/vmloom.yaml")
	must(t, err)
	must(t, os.WriteFile(v.file, []byte(edit(string(src))), 0o644))
	for file, text := range beside(t) {
		must(t, os.WriteFile(filepath.Join(home, file), []byte(text), 0o644))
	}
	v.profile = loadGolden(t, v.file)

	bin := filepath.Join(home, "bin")
	must(t, os.Mkdir(bin, 0o755))
	v.fakes, err = tooltest.BuildFakes(home)
	must(t, err)
	must(t, tooltest.Fake(bin, v.fakes, "limactl", "lima", "ssh", "ssh-add", "launchctl", "systemctl", "loginctl"))
	for name, text := range stubs {
		must(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("WORK", home)
	v.generate()
	v.run("sh", filepath.Join(v.site.Generated, "scripts", v.profile.Name+"-create.sh"))
	v.site.Owner, err = ownership.Of(v.file, v.profile.Name)
	must(t, err)
	v.guest()
	v.install()
	return v
}

// generate writes the profile's files, and says what the site is.
func (v *fakeVM) generate() {
	home := filepath.Dir(v.file)
	files, err := generate.Files(v.profile, nil)
	must(v.t, err)
	plan, err := generate.Compare(home, v.profile, files, true)
	must(v.t, err)
	must(v.t, plan.Apply(v.t.Context()))
	v.site = &verify.Site{
		Home: home, Config: filepath.Join(home, ".config"), UID: os.Getuid(), User: "root", Daemons: filepath.Join(home, "daemons"),
		LimaHome: filepath.Join(home, ".lima"), State: filepath.Join(home, "state"), OS: v.profile.Host.OS, Arch: v.profile.Guest.Arch, KVM: "/dev/null",
		Base: home, Generated: filepath.Join(home, "generated", v.profile.Name), Files: map[string][]byte{}, Token: "token", Now: time.Now,
	}
	v.site.Owner, err = ownership.Of(v.file, v.profile.Name)
	must(v.t, err)
	for _, f := range files {
		v.site.Files[f.Path] = f.Data
	}
}

// install is what vmloom up does on the host, and the programs behind the sockets.
func (v *fakeVM) install() {
	home := v.site.Home
	v.write(".ssh/config", `Include "`+v.site.Generated+"/ssh/config\"\n")
	name := v.profile.Name
	v.write(".config/wezterm/"+name+".lua", string(v.site.Files["wezterm/"+name+".lua"]))
	v.write(".config/wezterm/wezterm.lua", "local config = require(\"wezterm\").config_builder()\nrequire(\""+name+"\").apply(config)\nreturn config\n")
	for path, data := range v.site.Files {
		if filepath.Dir(path) == "launchd" {
			job := "Library/LaunchAgents/" + filepath.Base(path)
			v.write(job, string(data))
			v.run("launchctl", "bootstrap", "gui/"+strings.TrimSpace(v.run("id", "-u")), filepath.Join(home, job))
		}
	}
	v.units()
	for _, s := range v.profile.Sockets {
		path := strings.Replace(s.Host, "~", home, 1)
		must(v.t, os.MkdirAll(filepath.Dir(path), 0o755))
		v.listen(path, false)
		v.write(strings.TrimPrefix(path, home+"/")+".keys", "256 SHA256:abc ada (ED25519)\n")
	}
}

// units are those of systemd that the profile wants.
func (v *fakeVM) units() {
	any := false
	for path, data := range v.site.Files {
		if filepath.Dir(path) == "systemd" {
			v.write(".config/systemd/user/"+filepath.Base(path), string(data))
			any = true
		}
	}
	if !any {
		return
	}
	v.run("systemctl", "--user", "daemon-reload")
	if v.profile.Autostart != "off" {
		v.run("systemctl", "--user", "enable", v.profile.Unit()+".service")
	}
	for _, s := range v.profile.AtLogin() {
		v.run("systemctl", "--user", "enable", v.profile.ProgramUnit(s))
	}
	v.run("systemctl", "--user", "enable", "--now", v.profile.Unit()+"-repair.timer")
	v.run("loginctl", "enable-linger", v.site.User)
}

// listen is a program behind a socket of the host.
func (v *fakeVM) listen(path string, stranger bool) {
	v.t.Helper()
	os.Remove(path)
	tooltest.Listen(v.t, path, func(c net.Conn) { tooltest.Answer(c, stranger) })
}

func (v *fakeVM) write(path, text string) {
	v.t.Helper()
	file := filepath.Join(v.site.Home, path)
	must(v.t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(v.t, os.WriteFile(file, []byte(text), 0o644))
}

func (v *fakeVM) run(args ...string) string {
	v.t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		v.t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// guest changes what the guest says: NAME=VALUE.
func (v *fakeVM) guest(changes ...string) {
	v.t.Helper()
	v.run(append([]string{v.fakes, "fill", "fill", v.file}, changes...)...)
}

// wants holds the results to what is wanted: "STATUS ID: SEEN", a regexp for what is seen.
func (v *fakeVM) wants(results []verify.Result, want ...string) {
	v.t.Helper()
	var got []string
	for _, r := range results {
		got = append(got, string(r.Status)+" "+r.ID+": "+r.Seen)
		if r.Status != verify.OK && r.Status != verify.Skipped && (r.Because.IsZero() || r.Cure.IsZero()) {
			v.t.Errorf("%s: no reason or no cure", r.ID)
		}
	}
	if len(got) != len(want) {
		v.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		return
	}
	for i := range got {
		if !regexp.MustCompile("^" + want[i] + "$").MatchString(got[i]) {
			v.t.Errorf("got %s, want %s", got[i], want[i])
		}
	}
}

// notOK runs a table and leaves out what is well.
func (v *fakeVM) notOK(table []verify.Check, only string) (out []verify.Result) {
	for _, r := range verify.Run(v.t.Context(), v.site, table, only) {
		if r.Status != verify.OK {
			out = append(out, r)
		}
	}
	return out
}

// onFreePorts puts the ports of the host where nobody listens.
func onFreePorts(t *testing.T) func(string) string {
	return func(src string) string {
		return regexp.MustCompile(`host: [0-9]+`).ReplaceAllStringFunc(src, func(string) string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			defer l.Close()
			return fmt.Sprint("host: ", l.Addr().(*net.TCPAddr).Port)
		})
	}
}

// broken are what may happen to a VM, each with the rows that notice.
var broken = []struct {
	name, only string
	do         func(v *fakeVM)
	want       []string
}{
	{"host name", "guest/hostname", guest("host=other"), []string{"failed guest/hostname: other instead of ascalon"}},
	{"clock", "guest", guest("clock=100"), []string{`failed guest/clock: (9|10)[0-9] s ahead`}},
	{"cpus", "guest/cpus", guest("cpus=2"), []string{`failed guest/cpus: 2 instead of 6`}},
	{"kernel", "access/guest", guest("kernel=Darwin"), []string{`failed access/guest: answers "Darwin"`}},
	{"user", "user", guest("user=eve", "uid=7"), []string{`failed user/name: eve instead of rbha18`, `failed user/uid: 7 instead of 1000`}},
	{"label", "home", guest("label=rootfs"), []string{`failed home/disk: this home is temporary: it is on rootfs`}},
	{"full", "space", guest("free=1000", "freehome=1000", "used=99"), []string{`failed space/system: 0 MiB free, 99% used`, `failed space/home: 0 MiB free, 99% used`}},
	{"docker", "socket/docker", guest("docker=down"), []string{`failed socket/docker/check: status 1: Cannot connect to the Docker daemon .*`}},
	{"keys", "socket/onepassword-agent", guest("keys=256 SHA256:xyz eve (ED25519)"), []string{`failed socket/onepassword-agent/same: 1 on the host, 1 in the guest`}},
	{"refused", "socket/onepassword-agent", guest("refused=/run/host-services/1password-agent.sock"), []string{`failed socket/onepassword-agent/answers: what connects in the guest is closed at once`, `skipped socket/onepassword-agent/check: needs: .*`, `skipped socket/onepassword-agent/same: needs: .*`}},
	{"closed", "socket/onepassword-agent", guest("closed=/run/host-services/1password-agent.sock"), []string{`failed socket/onepassword-agent/answers: what connects in the guest is closed at once`, `skipped socket/onepassword-agent/check: needs: .*`, `skipped socket/onepassword-agent/same: needs: .*`}},
	{"mount", "mount", func(v *fakeVM) { must(v.t, os.RemoveAll(filepath.Join(v.site.Home, "github"))) }, []string{`failed mount/0/host: ~/github/personal/roshbhatia/sysinit: no such directory`, `skipped mount/0/shared: needs: .*`}},
	{"generated", "generated", func(v *fakeVM) { v.site.Stale = []string{"ssh/config"} }, []string{`failed generated/fresh: 1 differ: ssh/config`}},
	{"wezterm", "wezterm", func(v *fakeVM) {
		v.write(".config/wezterm/wezterm.lua", "-- require('ascalon')\n")
		v.write(".config/wezterm/ascalon.lua", "x")
	}, []string{`failed wezterm/installed: .* is not what the profile makes`, `skipped wezterm/loads: needs: .*`, `failed wezterm/required: .* does not name the module ascalon`, `skipped wezterm/keys: needs: .*`}},
	{"launchd", "autostart", func(v *fakeVM) { must(v.t, os.RemoveAll(filepath.Join(v.site.Home, "Library/LaunchAgents"))) }, []string{`failed autostart/installed: there is no ~/Library/LaunchAgents/io.lima.default.plist`}},
	{"packages", "packages", func(v *fakeVM) { v.write(".lima/default/guest/etc/packages", "git installed;") }, []string{`failed packages: missing: ripgrep, .*, fd-find`}},
	{"environment", "env", func(v *fakeVM) { v.write(".lima/default/guest/etc/environment", "EDITOR=ed\n") }, []string{`failed env/EDITOR: EDITOR is "ed"`}},
	{"ssh", "access", func(v *fakeVM) { v.write(".lima/default/fake-ssh/down", "") }, []string{`failed access/ssh-config: ssh: connect to host .*: Connection refused`, `skipped access/ssh: needs: .*`}},
	{"degraded", "instance", func(v *fakeVM) {
		v.write(".lima/default/ha.stdout.log", `{"status":{"running":true,"degraded":true,"errors":["x"]}}`+"\n")
	}, []string{`failed instance/ready: degraded: x`}},
	{"drift", "instance/template", func(v *fakeVM) {
		v.run("sed", "-i", "s/^cpus: 6/cpus: 4/", filepath.Join(v.site.LimaHome, "default/lima.yaml"))
	}, []string{`failed instance/template: differs in cpus`}},
	{"home's disk", "home/kept", func(v *fakeVM) {
		v.run("limactl", "stop", "-f", "default")
		v.run("limactl", "disk", "delete", "ascalon-home")
		v.run("limactl", "start", "default")
	}, nil},
	{"broken", "instance", func(v *fakeVM) { must(v.t, os.Remove(filepath.Join(v.site.LimaHome, "default/ha.pid"))) }, []string{`failed instance/running: Broken: vz driver is running but host agent is not`, `skipped instance/ready: needs: the VM runs`}},
	{"stopped", "access/guest", func(v *fakeVM) { v.run("limactl", "stop", "-f", "default") }, []string{`failed instance/running: Stopped`, `skipped access/guest: needs: the VM runs`}},
	{"foreign", "instance/ours", func(v *fakeVM) {
		v.write("other/.vmloom/ascalon.id", "0123\n")
		v.write("other/vmloom.yaml", "")
		v.write(".lima/default/vmloom.owner", "id=0123\nname=ascalon\nprofile="+v.site.Home+"/other/vmloom.yaml\nof=default\n")
	}, []string{`failed instance/ours: the instance default is of another project, .*/other/vmloom.yaml`}},
	{"unowned", "instance/ours", func(v *fakeVM) {
		must(v.t, os.Remove(filepath.Join(v.site.LimaHome, "default/vmloom.owner")))
		v.run("sed", "-i", "/vmloom-profile/d", filepath.Join(v.site.LimaHome, "default/lima.yaml"))
	}, []string{`failed instance/ours: the instance default was not made from this profile`}},
	{"copied", "instance/ours", func(v *fakeVM) {
		v.run("sed", "-i", "s/^of=.*/of=other/", filepath.Join(v.site.LimaHome, "default/vmloom.owner"))
	}, []string{`failed instance/ours: the instance default is a copy of other`}},
	{"gone", "instance", func(v *fakeVM) { v.run("limactl", "delete", "-f", "default") }, []string{`failed instance/exists: there is none`, `skipped instance/ours: .*`, `skipped instance/running: .*`, `skipped instance/ready: .*`, `skipped instance/template: .*`}},
}

func guest(changes ...string) func(*fakeVM) { return func(v *fakeVM) { v.guest(changes...) } }

// TestLimaVM: all is well on a VM that keeps its promises, and each that it breaks is noticed.
func TestLimaVM(t *testing.T) {
	v := newFakeVM(t, onFreePorts(t))
	table := verify.Checks(v.profile)
	v.wants(v.notOK(table, ""))
	kept := []string{".lima", ".config", "Library/LaunchAgents", "github"}
	whole := t.TempDir()
	keep := func(from, to string) { v.run("sh", "-c", `rm -rf "$1" && cp -a "$0" "$1"`, from, to) }
	for _, dir := range kept {
		keep(filepath.Join(v.site.Home, dir), filepath.Join(whole, filepath.Base(dir)))
	}
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			v.t = t
			b.do(v)
			v.wants(v.notOK(table, b.only), b.want...)
			v.site.Stale = nil
			for _, dir := range kept {
				keep(filepath.Join(whole, filepath.Base(dir)), filepath.Join(v.site.Home, dir))
			}
		})
	}
}
