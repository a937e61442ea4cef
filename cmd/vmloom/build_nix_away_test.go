package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// nixHost is a second machine, as far as nix and ssh can see: its own network
// namespace behind a cable that can be cut, its own /nix, an sshd.
type nixHost struct {
	seam  *nixSeam
	dir   string
	cable string // our end
	store string // what lies at /nix/store there
}

// nixHosts counts them, for names of their own.
var nixHosts atomic.Int32

// newNixHost starts it, under the name builder in the ssh of the seam.
func newNixHost(t *testing.T, s *nixSeam) *nixHost {
	t.Helper()
	ip, sshd := tooltest.Need(t, "ip"), tooltest.SSHDPath(t)
	tooltest.Need(t, "ssh-keygen")
	number := nixHosts.Add(1)
	h := &nixHost{seam: s, dir: filepath.Join(t.TempDir(), "host"), cable: fmt.Sprintf("vml%d-%da", os.Getpid()%100000, number)}
	name := strings.TrimSuffix(h.cable, "a")
	h.store = filepath.Join(h.dir, "store")
	for _, dir := range []string{"store", "var", "home", "conf"} {
		must(t, os.MkdirAll(filepath.Join(h.dir, dir), 0o755))
	}
	if out, err := exec.Command(ip, "netns", "add", name).CombinedOutput(); err != nil {
		unshared(t, "a network namespace", string(out))
	}
	t.Cleanup(func() { exec.Command(ip, "netns", "del", name).Run() })
	must(t, os.MkdirAll("/run/sshd", 0o755)) // where sshd locks itself in
	verify := exec.Command(filepath.Join(s.bin, "nix"), "--extra-experimental-features", "nix-command", "store", "verify", "--all", "--no-contents", "--no-trust")
	if out, err := verify.CombinedOutput(); err != nil { // makes /nix, where there was none
		t.Fatalf("nix store verify: %v\n%s", err, out)
	}
	net := fmt.Sprintf("10.%d.%d.", 100+os.Getpid()/250%15*10+int(number), os.Getpid()%250)
	for _, line := range []string{
		"link add " + h.cable + " type veth peer name " + name + "b netns " + name,
		"addr add " + net + "1/30 dev " + h.cable, "link set " + h.cable + " up",
		"-n " + name + " addr add " + net + "2/30 dev " + name + "b", "-n " + name + " link set " + name + "b up",
	} {
		if out, err := exec.Command(ip, strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v\n%s", line, err, out)
		}
	}
	t.Cleanup(func() { exec.Command(ip, "link", "del", h.cable).Run() })
	for _, key := range []string{"hostkey", "key"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(h.dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	writeFile(t, filepath.Join(h.dir, "conf/nix.conf"), "build-users-group =\nsandbox = false\nsubstitute = false\nextra-platforms = aarch64-linux\n")
	writeFile(t, filepath.Join(h.dir, "sshd_config"), fmt.Sprintf(`Port 22022
ListenAddress %[1]s2
HostKey %[2]s/hostkey
AuthorizedKeysFile %[2]s/key.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
PasswordAuthentication no
ClientAliveInterval 1
ClientAliveCountMax 2
SetEnv NIX_CONF_DIR=%[2]s/conf HOME=%[2]s/home PATH=%[3]s
`, net, h.dir, os.Getenv("PATH")))
	writeFile(t, filepath.Join(h.dir, "ssh_config"), fmt.Sprintf(`Host builder
  HostName %[1]s2
  Port 22022
  User root
  IdentityFile %[2]s/key
  IdentitiesOnly yes
  UserKnownHostsFile %[2]s/known
  StrictHostKeyChecking no
  LogLevel ERROR
`, net, h.dir))
	// A second is soon enough for a cable to be missed.
	writeFile(t, filepath.Join(s.bin, "ssh"), "#!/bin/sh\nexec '"+tooltest.Need(t, "ssh")+"' -F '"+h.dir+"/ssh_config' -oServerAliveInterval=1 -oConnectTimeout=3 \"$@\"\n")
	must(t, os.Chmod(filepath.Join(s.bin, "ssh"), 0o755))
	h.serve(t, ip, sshd, name)
	return h
}

// unshared skips, or fails, where this machine lets us make no second one.
func unshared(t *testing.T, what, why string) {
	t.Helper()
	if os.Getenv("VMLOOM_REQUIRE_TOOLS") == "1" && os.Getuid() == 0 {
		t.Fatalf("%s cannot be made, and VMLOOM_REQUIRE_TOOLS=1: %s", what, why)
	}
	t.Skipf("SKIPPED: %s cannot be made: %s", what, why)
}

func (h *nixHost) serve(t *testing.T, ip, sshd, name string) {
	t.Helper()
	const script = `mount --make-rprivate / && mount --bind "$1/store" /nix/store && mount --bind "$1/var" /nix/var && exec "$2" -D -e -f "$1/sshd_config"`
	cmd := exec.Command(ip, "netns", "exec", name, tooltest.Need(t, "unshare"), "-m", "sh", "-c", script, "sh", h.dir, sshd)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		exec.Command("chmod", "-R", "u+w", h.dir).Run() // a store's directories are read-only
	})
	for range 100 {
		select {
		case err := <-ended:
			ended <- err
			unshared(t, "a second machine", fmt.Sprint(err, "\n", said.String()))
		default:
		}
		try := exec.Command(filepath.Join(h.seam.bin, "ssh"), "-oBatchMode=yes", "builder", "true")
		if try.Run() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("sshd does not answer:\n%s", said.String())
}

// has counts what the host's store holds of a name.
func (h *nixHost) has(pattern string) int {
	found, _ := filepath.Glob(filepath.Join(h.store, pattern))
	return len(found)
}

// staged are the directories that were sent to that machine, which is this one too.
func (s *nixSeam) staged() (left []string) {
	found, _ := filepath.Glob("/tmp/vmloom.*/flake/nix/nixos.nix")
	for _, file := range found {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), s.token) {
			left = append(left, filepath.Dir(file))
		}
	}
	return left
}

// withoutNix is a PATH that has all that vmloom calls, but no nix.
func (s *nixSeam) withoutNix(t *testing.T) []string {
	t.Helper()
	bin := filepath.Join(filepath.Dir(s.bin), "plain")
	must(t, os.MkdirAll(bin, 0o755))
	for _, tool := range []string{"sh", "tar", "cp", "mv", "ln", "cat", "cmp", "mkdir", "tail", "test"} {
		must(t, os.Symlink(tooltest.Need(t, tool), filepath.Join(bin, tool)))
	}
	must(t, os.Symlink(filepath.Join(s.bin, "ssh"), filepath.Join(bin, "ssh")))
	return append(s.env, "PATH="+bin)
}

// TestBuildImageNixSSH builds in another machine's store by the real ssh and
// nix, and by the nix of that machine alone.
func TestBuildImageNixSSH(t *testing.T) {
	t.Parallel()
	s := newNixSeam(t, "") // here nobody builds for aarch64
	h := newNixHost(t, s)
	out, errs := s.want(t, true, []string{"build-image", "--on", "ssh://builder"}, "is built:")
	if out != "images/ascalon-aarch64.qcow2\n" || !strings.Contains(s.read(t, "images/ascalon-aarch64.qcow2"), "/mnt/lima-cidata") {
		t.Errorf("%s%s", out, errs)
	}
	if h.has("*-ascalon") != 1 || !strings.Contains(s.read(t, "images/ascalon-aarch64.lock.json"), `"place": "ssh://builder"`) {
		t.Errorf("it was built elsewhere:\n%s", s.read(t, "images/ascalon-aarch64.lock.json"))
	}
	sum := sha256Hex(s.read(t, "images/ascalon-aarch64.qcow2"))
	s.clean(t, "")
	s.want(t, true, []string{"build-image", "--on", "ssh://builder", "--check-reproducible"}, "is reproducible")
	if s.calls("--rebuild") != 1 {
		t.Error("nothing was built again")
	}

	s.paste(t, "--on", "ssh://builder")
	c := s.pushAway(t, "ssh://builder")

	// Without a nix here, everything is done over there; the same image comes of it.
	before := s.calls("")
	s.env = s.withoutNix(t)
	must(t, os.Remove(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")))
	s.want(t, false, []string{"build-image", "--push", "--on", "ssh://builder"}, "--push: nix here signs and copies what ssh://builder builds, and there is none")
	must(t, os.Remove(filepath.Join(s.dir, "vmloom.fleet.yaml")))
	must(t, os.RemoveAll(filepath.Join(c.dir, "cache")))
	s.want(t, true, []string{"build-image", "--on", "ssh://builder"}, "Send it to ssh://builder", "is built:")
	if sha256Hex(s.read(t, "images/ascalon-aarch64.qcow2")) != sum || s.calls("") != before {
		t.Error("another image, or nix was called here")
	}
	s.want(t, true, []string{"build-image", "--on", "ssh://builder", "--check-reproducible"}, "is reproducible")
	if left := s.staged(); len(left) > 0 {
		t.Errorf("left over there: %v", left)
	}
	s.paste(t, "--on", "ssh://builder")
	if left := s.staged(); len(left) > 0 {
		t.Errorf("left over there: %v", left)
	}
	s.want(t, false, []string{"build-image", "--force", "--on", "ssh://me@127.0.0.1:1"},
		"ssh://me@127.0.0.1:1: cannot be reached: ssh: connect to host 127.0.0.1 port 1: Connection refused", "ssh -o BatchMode=yes me@127.0.0.1 true")
}

// pushAway has --push fill a cache with what was built at a place, signed, in a later run than the build and in the
// same, and by what --dry-run prints; and run a command there.
func (s *nixSeam) pushAway(t *testing.T, place string) *nixCache {
	t.Helper()
	c := newNixCache(t, s)
	c.fleet(t, c.push())
	s.want(t, true, []string{"gen", "-q", "vmloom.fleet.yaml"})
	s.want(t, true, []string{"build-image", "--push"}, "is up to date", "is pushed")
	c.taken(t)
	for _, push := range []func(){
		func() { s.want(t, true, []string{"build-image", "--push", "--force", "--on", place}, "is pushed") },
		func() { s.paste(t, "--push", "--on", place) },
	} {
		must(t, os.RemoveAll(filepath.Join(c.dir, "cache")))
		if push(); c.image(t) == "" {
			t.Error("no image in the cache")
		}
	}
	keeper := filepath.Join(s.bin, "keep paths")
	writeFile(t, keeper, "#!/bin/sh\nprintf '%s\\n' \"$@\" > '"+c.dir+"/kept'\n")
	must(t, os.Chmod(keeper, 0o755))
	own := fmt.Sprintf("version: 1\nmachines: [vmloom.yaml]\ncaches: [{url: \"https://own.example.org\", key: %q, pushBy: [%q, \"a b;$(false)\"]}]\n", c.public, keeper)
	writeFile(t, filepath.Join(s.dir, "vmloom.fleet.yaml"), own)
	s.want(t, true, []string{"build-image", "--push"}, "is pushed")
	if kept := s.read(t, "../kept"); !strings.HasPrefix(kept, "a b;$(false)\n/nix/store/") || !strings.HasSuffix(kept, "-ascalon\n") {
		t.Errorf("the command was given %q", kept)
	}
	writeFile(t, filepath.Join(s.dir, "vmloom.fleet.yaml"), strings.Replace(own, "keep paths", "keep none", 1))
	s.want(t, false, []string{"build-image", "--push"}, "caches[0].pushBy: "+filepath.Join(s.bin, "keep none")+": not found at "+place)
	c.fleet(t, c.push())
	s.clean(t, "")
	return c
}

// TestBuildImageNixSSHCut cuts the cable in the middle of a build: a clear
// error, nothing half-written, no process left at either end. So does Ctrl-C.
func TestBuildImageNixSSHCut(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it waits for connections to be missed")
	}
	for _, c := range []struct {
		name  string
		alone bool // no nix here
		cut   func(*testing.T, *nixHost, *exec.Cmd)
		says  string
	}{
		{"cable, nix here", false, pull, "nix at ssh://builder was lost in the middle of the build"},
		{"cable, no nix here", true, pull, "nix at ssh://builder was lost in the middle of the build"},
		{"interrupt, nix here", false, interrupt, "interrupt: nothing half-done is left"},
		{"interrupt, no nix here", true, interrupt, "interrupt: nothing half-done is left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newNixSeam(t, "aarch64-linux")
			marker := fmt.Sprintf("%d.%09d", 4000+os.Getpid()%1000, time.Now().UnixNano()%1e9)
			h := newNixHost(t, s)
			s.want(t, true, []string{"build-image"}) // the pins
			s.image(t, `echo started; sleep `+marker)
			must(t, os.Remove(filepath.Join(s.dir, "generated/ascalon/flake.lock")))
			must(t, os.Remove(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")))
			s.pin(t)
			if c.alone {
				s.env = s.withoutNix(t)
			}
			cmd := s.command("build-image", "--on", "ssh://builder")
			var errs bytes.Buffer
			cmd.Stderr = &errs
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			must(t, cmd.Start())
			for range 400 {
				if len(running("sleep\x00"+marker)) > 0 {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			if len(running("sleep\x00"+marker)) == 0 {
				cmd.Process.Kill()
				t.Fatalf("the builder did not start:\n%s", errs.String())
			}
			start := time.Now()
			c.cut(t, h, cmd)
			if err := cmd.Wait(); err == nil || !strings.Contains(errs.String(), c.says) {
				t.Errorf("%v\nno %q in:\n%s", err, c.says, errs.String())
			}
			t.Logf("it took %v", time.Since(start))
			s.clean(t, marker)
			if left := s.staged(); len(left) > 0 {
				t.Errorf("left over there: %v", left)
			}
			if _, err := os.Stat(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")); err == nil {
				t.Error("an image of half a build")
			}
		})
	}
}

func pull(t *testing.T, h *nixHost, _ *exec.Cmd) {
	if out, err := exec.Command("ip", "link", "set", h.cable, "down").CombinedOutput(); err != nil {
		t.Errorf("ip link: %v\n%s", err, out)
	}
}

func interrupt(t *testing.T, _ *nixHost, cmd *exec.Cmd) {
	must(t, syscall.Kill(cmd.Process.Pid, syscall.SIGINT))
}

// pin writes flake.lock with the stubs there are now.
func (s *nixSeam) pin(t *testing.T) {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.bin, "nix"), "--extra-experimental-features", "nix-command flakes", "flake", "lock", "path:.")
	cmd.Dir, cmd.Env = filepath.Join(s.dir, "generated/ascalon"), s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestBuildImageNixLima builds inside a running Lima instance: the real nix,
// in the guest of the fake limactl, which runs commands here.
func TestBuildImageNixLima(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	s.want(t, true, []string{"build-image"}) // the pins
	s.image(t, nixDeterministic+`; echo made in the guest >> "$out/$fileName"`)
	s.pin(t)
	must(t, tooltest.Fake(s.bin, fakes(), "limactl"))
	s.env = append(s.env, "FAKE_LIMACTL_LOG="+s.bin+"/lima-calls")
	s.want(t, false, []string{"build-image", "--on", "lima:tools"}, "lima:tools: there is no such instance", "limactl list shows those there are")
	// A login shell has a PATH of its own: the guest's nix is our wrapper.
	writeFile(t, filepath.Join(s.Home, ".profile"), "PATH='"+s.bin+"':$PATH\n")
	limactl := func(args ...string) {
		t.Helper()
		cmd := exec.Command(filepath.Join(s.bin, "limactl"), args...)
		cmd.Dir, cmd.Env = s.dir, s.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("limactl %q: %v\n%s", args, err, out)
		}
	}
	writeFile(t, filepath.Join(s.dir, "tools.yaml"), "arch: aarch64\nimages: [{location: /dev/null}]\n")
	limactl("create", "--name=tools", "tools.yaml")
	s.want(t, false, []string{"build-image", "--on", "lima:tools"}, "lima:tools: is stopped", "limactl start tools")
	limactl("start", "tools")
	s.want(t, true, []string{"build-image", "--on", "lima:tools"}, "Send it to lima:tools", "is built:")
	if image := s.read(t, "images/ascalon-aarch64.qcow2"); !strings.HasSuffix(image, "made in the guest\n") {
		t.Errorf("%.300s", image)
	}
	calls, err := os.ReadFile(filepath.Join(s.bin, "lima-calls"))
	must(t, err)
	for _, want := range []string{"shell --workdir / tools sh -lc \"mktemp -d /tmp/vmloom.XXXXXX\"", "rm -rf /tmp/vmloom."} {
		if !strings.Contains(string(calls), want) {
			t.Errorf("no %q in:\n%s", want, calls)
		}
	}
	s.clean(t, "")

	s.pushAway(t, "lima:tools")
	if left := s.staged(); len(left) > 0 {
		t.Errorf("left over there: %v", left)
	}
	must(t, os.Remove(filepath.Join(s.dir, "vmloom.fleet.yaml")))

	// Where nobody here builds for the guest, auto finds the instance.
	s.platforms = ""
	s.wrap(t)
	s.want(t, true, []string{"build-image", "--force", "--dry-run"},
		"nix builds at lima:tools: nix here (x86_64-linux) has no builder for it; the Lima instance tools runs and has nix")
}
