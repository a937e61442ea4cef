package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// What the end-to-end test runs with. It takes minutes, and more where there is no KVM.
//
//	VMLOOM_E2E_LIMACTL  the real limactl; it refuses root
//	VMLOOM_E2E_IMAGE    a Debian cloud image for x86_64, or a .yaml file for lima.extra that names one
//	QEMU_SYSTEM_X86_64  Lima's own: "qemu-system-x86_64 -machine q35 -accel tcg …" without KVM
const (
	e2eLimactl = "VMLOOM_E2E_LIMACTL"
	e2eImage   = "VMLOOM_E2E_IMAGE"
)

// e2eProfile is examples/ascalon on a Linux host, with what a machine without a network has.
const e2eProfile = `version: 1
name: ascalon
host: {os: linux, user: ada, home: $DIR/home}
lima:
  instance: default
  extra:
$EXTRA
guest:
  system: debian
  release: "12"
  arch: x86_64
  user: {name: rbha18, uid: 1000, home: /home/rbha18.linux}
  env: {EDITOR: vim}
resources: {cpus: 1, memory: 1GiB, disk: 5GiB}
home: {disk: 3GiB}
mounts:
  - {host: $DIR/sysinit, guest: /Users/rbha18/sysinit, writable: true}
sockets:
  - name: docker
    host: $DIR/docker.sock
    env: DOCKER_HOST
    check: "curl -fsS -m 10 --unix-socket /run/host-services/docker.sock http://docker/_ping"
autostart: login
wezterm: {domain: ascalon, via: exec}
`

// e2e is a user with a home of his own and the real Lima.
type e2e struct {
	t   *testing.T
	dir string
	env []string
}

// TestLimaEndToEnd lives a VM's whole life with the real Lima: up, use, verify,
// repair, rebuild, destroy and up again with the same home, uninstall, destroy.
func TestLimaEndToEnd(t *testing.T) {
	limactl, image := os.Getenv(e2eLimactl), os.Getenv(e2eImage)
	if limactl == "" || image == "" {
		t.Skipf("SKIPPED: %s and %s name no real limactl and image", e2eLimactl, e2eImage)
	}
	if os.Getuid() == 0 {
		t.Fatal("limactl refuses root: run this test as another user")
	}
	e := newE2E(t, limactl, image)
	before := e.home()

	e.step("up", func() { e.ok("up", "--yes") })
	if out := e.ok("ssh", "--", "hostname"); out != "ascalon\n" {
		t.Errorf("hostname: %q", out)
	}
	e.ok("ssh", "--", "sh", "-c", "echo kept >~/keep; echo lost | sudo tee /etc/lost; echo from the guest >/Users/rbha18/sysinit/file")
	if data, _ := os.ReadFile(filepath.Join(e.dir, "sysinit/file")); string(data) != "from the guest\n" {
		t.Errorf("mount: %q", data)
	}
	e.docker("after up")
	if status := e.run(nil, "ssh", "--", "sh", "-c", "exit 7"); status != 7 {
		t.Errorf("exit 7 became %d", status)
	}
	e.step("up again", func() { e.ok("up", "--yes") })
	if _, err := os.Stat(filepath.Join(e.dir, "home/.config/wezterm/ascalon.lua")); err != nil {
		t.Error(err)
	}
	e.ssh()

	e.step("verify --restart", e.verify)

	// Lima never makes dead forwards again; repair does.
	e.lima("shell", "default", "true")
	config := filepath.Join(e.dir, "lima/default/ssh.config")
	if out, err := exec.Command("ssh", "-F", config, "-O", "exit", "lima-default").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if e.run(nil, "ssh", "--", "curl", "-fsS", "-m", "5", "--unix-socket", "/run/host-services/docker.sock", "http://docker/_ping") == 0 {
		t.Error("the forward outlived its connection: this tests nothing")
	}
	e.step("repair", func() { e.ok("repair") })
	e.docker("after repair")

	e.step("rebuild", func() { e.ok("rebuild", "--yes") })
	e.same("after rebuild")
	e.step("destroy", func() { e.ok("destroy", "--yes") })
	if out := e.lima("list", "-q"); out != "" {
		t.Errorf("left: %s", out)
	}
	e.step("up with the home of before", func() { e.ok("up", "--yes") })
	e.same("after destroy and up")
	e.docker("after destroy and up")

	e.step("down --uninstall", func() { e.ok("down", "--uninstall", "--yes") })
	if d := cmp.Diff(before, e.home()); d != "" {
		t.Errorf("the home after down --uninstall (-before +after):\n%s", d)
	}
	e.step("destroy --purge-home", func() { e.ok("destroy", "--yes", "--purge-home") })
	if out := e.lima("list", "-q") + e.lima("disk", "list", "--json"); out != "" {
		t.Errorf("left: %s", out)
	}
}

func newE2E(t *testing.T, limactl, image string) *e2e {
	dir, err := os.MkdirTemp("/tmp", "e2e") // short: sockets are below it
	must(t, err)
	e := &e2e{t: t, dir: dir}
	t.Cleanup(func() {
		exec.Command("chmod", "-R", "u+w", dir).Run()
		os.RemoveAll(dir)
	})
	for _, d := range []string{"home/.ssh", "bin", "sysinit", "lima"} {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(dir, "bin/vmloom"))) // as testscript runs it
	for file, text := range map[string]string{
		"home/.ssh/config":                 "Host work\n  User ada\n",
		"home/.config/wezterm/wezterm.lua": "local config = {}\nrequire(\"ascalon\").apply(config)\nreturn config\n",
		"bin/lima":                         "#!/bin/sh\nexec limactl shell \"${LIMA_INSTANCE:-default}\" \"$@\"\n", // as Lima's own
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o700))
	}

	extra := "images: [{location: " + image + ", arch: x86_64}]\n"
	if filepath.Ext(image) == ".yaml" {
		data, err := os.ReadFile(image)
		must(t, err)
		extra = string(data)
	}
	extra = "    " + strings.ReplaceAll(strings.TrimSpace(extra), "\n", "\n    ")
	profile := strings.NewReplacer("$DIR", dir, "$EXTRA", extra).Replace(e2eProfile)
	must(t, os.WriteFile(filepath.Join(dir, "vmloom.yaml"), []byte(profile), 0o644))

	e.env = append(os.Environ(), "HOME="+dir+"/home", "LIMA_HOME="+dir+"/lima", "XDG_CONFIG_HOME=", "XDG_STATE_HOME=",
		"PATH="+dir+"/bin:"+filepath.Dir(limactl)+":"+os.Getenv("PATH"))
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "lima/default/ha.stderr.log"))
			t.Logf("ha.stderr.log: %s", log[max(0, len(log)-3000):])
		}
		e.command("limactl", "--tty=false", "delete", "--force", "default", "default-next").Run()
	})
	fakeDocker(t, filepath.Join(dir, "docker.sock"))
	return e
}

// fakeDocker answers every request as Docker does a ping.
func fakeDocker(t *testing.T, path string) {
	t.Helper()
	tooltest.Listen(t, path, func(c net.Conn) {
		c.Read(make([]byte, 4096))
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
	})
}

func (e *e2e) command(args ...string) *exec.Cmd {
	cmd := exec.Command("env", append([]string{"--"}, args...)...) // looked up on the PATH of e.env
	cmd.Dir, cmd.Env = e.dir, e.env
	return cmd
}

// run runs vmloom and gives its exit status.
func (e *e2e) run(stdout *bytes.Buffer, args ...string) int {
	e.t.Helper()
	cmd := e.command(append([]string{"vmloom"}, args...)...)
	if stdout != nil {
		cmd.Stdout = stdout
	}
	var talk bytes.Buffer
	cmd.Stderr = &talk
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		e.t.Fatal(err)
	}
	for line := range strings.Lines(talk.String()) {
		if strings.HasPrefix(line, "vmloom: ") || strings.HasPrefix(line, "ascalon: ") || err != nil {
			e.t.Logf("%s: %s", args[0], strings.TrimRight(line, "\n"))
		}
	}
	return cmd.ProcessState.ExitCode()
}

func (e *e2e) ok(args ...string) string {
	e.t.Helper()
	var out bytes.Buffer
	if status := e.run(&out, args...); status != 0 {
		e.t.Fatalf("vmloom %s: exit status %d\n%s", strings.Join(args, " "), status, out.String())
	}
	return out.String()
}

func (e *e2e) lima(args ...string) string {
	e.t.Helper()
	var talk bytes.Buffer
	cmd := e.command(append([]string{"limactl"}, args...)...)
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		e.t.Fatalf("limactl %v: %v: %s", args, err, talk.String())
	}
	return string(out)
}

func (e *e2e) step(what string, do func()) {
	e.t.Helper()
	began := time.Now()
	do()
	e.t.Logf("%s: %.1f s", what, time.Since(began).Seconds())
}

func (e *e2e) docker(when string) {
	e.t.Helper()
	if out := e.ok("ssh", "--", "curl", "-fsS", "-m", "10", "--unix-socket", "/run/host-services/docker.sock", "http://docker/_ping"); out != "OK" {
		e.t.Errorf("%s: the host's Docker says %q", when, out)
	}
}

// same: the home is the one of before, the system is not.
func (e *e2e) same(when string) {
	e.t.Helper()
	if out := e.ok("ssh", "--", "sh", "-c", "cat ~/keep; cat /etc/lost 2>/dev/null; findmnt -n -o LABEL --target ~"); out != "kept\n"+(&profile.Profile{Home: profile.Home{Name: "ascalon"}}).HomeLabel()+"\n" {
		e.t.Errorf("%s: %q", when, out)
	}
}

// verify holds the VM to its profile, a restart included. What only this test's
// host cannot have does not count.
func (e *e2e) verify() {
	e.t.Helper()
	var out bytes.Buffer
	e.run(&out, "verify", "--restart", "--json")
	var report struct {
		Checks []struct{ ID, Title, Status, Seen string }
	}
	must(e.t, json.Unmarshal(out.Bytes(), &report))
	cannot := []string{"access/ssh"} // ssh takes ~ from the passwd file, not from HOME
	if exec.Command("systemctl", "--user", "show", "-p", "Version").Run() != nil {
		cannot = append(cannot, "autostart/installed", "autostart/enabled", "repair/installed", "repair/enabled", "repair/active")
	}
	good := 0
	for _, c := range report.Checks {
		switch {
		case c.Status == "ok":
			good++
		case slices.Contains(cannot, c.ID):
			e.t.Logf("verify: not on this host: %s", c.ID)
		default:
			e.t.Errorf("verify: %s: %s: %s", c.ID, c.Status, c.Seen)
		}
	}
	e.t.Logf("verify: %d of %d checks ok", good, len(report.Checks))
	if good < 20 {
		e.t.Fatal("verify has looked at next to nothing")
	}
}

// ssh: the real one takes the configuration with its Include.
func (e *e2e) ssh() {
	e.t.Helper()
	out, err := exec.Command("ssh", "-F", filepath.Join(e.dir, "home/.ssh/config"), "-G", "lima-default").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "serveraliveinterval 15\n") {
		e.t.Errorf("ssh -G lima-default: %v: %s", err, out)
	}
}

// home is every file below the home, with its bytes.
func (e *e2e) home() map[string]string {
	out := map[string]string{}
	root := filepath.Join(e.dir, "home")
	must(e.t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		if err != nil || rel == ".cache" {
			return fs.SkipDir // Lima's downloads
		}
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			out[rel] = string(data)
			return err
		}
		out[rel] = d.Type().String()
		return nil
	}))
	return out
}
