package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// vm is a VM that the generated scripts run.
type vm struct {
	t         *testing.T
	name      string
	scripts   string
	state     string
	env       []string
	as        []string // the words by which another account runs the rest; none for the tests' own
	port      string   // of the host, forwarded to the guest's 7777
	datagrams string   // and for UDP
	shell     int      // the scripts run in dash and in bash, by turns
	cloud     *cloud   // what the guest is for a profile of Lima's, too
}

// newVM generates a set-up in a directory with a short path, as ssh's sockets want it.
func newVM(t *testing.T, name, profile string) *vm {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "vmloom")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.WriteFile(filepath.Join(dir, "vmloom.yaml"), []byte(strings.ReplaceAll(profile, "$DIR", dir)), 0o644))
	var stdout, stderr strings.Builder
	if status := run([]string{"vmloom", "gen", filepath.Join(dir, "vmloom.yaml")}, &stdout, &stderr); status != 0 {
		t.Fatal(stderr.String())
	}
	v := &vm{
		t: t, name: name, scripts: filepath.Join(dir, "generated", name, "scripts"), state: filepath.Join(dir, "state/vmloom", name),
		env: append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "TIMEOUT=300"),
	}
	t.Cleanup(func() {
		for pid := range v.processes() {
			t.Errorf("process %d is left", pid)
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if t.Failed() {
			for _, log := range []string{"serial.log", "qemu.log"} {
				data, _ := os.ReadFile(filepath.Join(v.state, log))
				t.Logf("%s: %s", log, data[max(0, len(data)-2000):])
			}
		}
	})
	return v
}

func (v *vm) command(verb string, args ...string) *exec.Cmd {
	v.shell++
	shell := []string{"dash", "bash"}[v.shell%2]
	return v.program(shell, append([]string{filepath.Join(v.scripts, v.name+"-"+verb+".sh")}, args...)...)
}

// program runs in the VM's environment, and by its account.
func (v *vm) program(name string, args ...string) *exec.Cmd {
	words := append(append(slices.Clone(v.as), name), args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = v.env
	return cmd
}

// try runs a script; it is ended with all that it started if it takes too long.
func (v *vm) try(verb string, args ...string) (stdout, stderr string, status int) {
	v.t.Helper()
	cmd := v.command(verb, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	must(v.t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-ctx.Done():
		cmd.Process.Kill()
		v.t.Fatalf("%s %q: still runs after 6 minutes\n%s", verb, args, errs.String())
	}
	if took := time.Since(began); took > 3*time.Second {
		v.t.Logf("%s: %.1f s", verb, took.Seconds())
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// do runs a script that must succeed, and gives what it said.
func (v *vm) do(verb string, args ...string) (stdout, stderr string) {
	v.t.Helper()
	stdout, stderr, status := v.try(verb, args...)
	if status != 0 {
		v.t.Fatalf("%s %q: status %d\n%s%s", verb, args, status, stdout, stderr)
	}
	return stdout, stderr
}

// processes are those that have the state directory in their words, by number.
func (v *vm) processes() map[int]string {
	out := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		words, err := os.ReadFile(file)
		if err == nil && bytes.Contains(words, []byte(v.state)) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			out[pid] = strings.ReplaceAll(string(words), "\x00", " ")
		}
	}
	return out
}

// qemu is the number of the one QEMU there is, or 0.
func (v *vm) qemu() int {
	v.t.Helper()
	found := 0
	for pid, words := range v.processes() {
		if strings.HasPrefix(words, "qemu-system-") {
			if found != 0 {
				v.t.Errorf("two QEMU: %d and %d", found, pid)
			}
			found = pid
		}
	}
	return found
}

func (v *vm) says(got string, words ...string) {
	v.t.Helper()
	for _, want := range words {
		if !strings.Contains(got, want) {
			v.t.Errorf("said %q\nwant %q in it", got, want)
		}
	}
}

// files are all paths below the state directory.
func (v *vm) files() (out []string) {
	dir, err := filepath.EvalSymlinks(v.state)
	if err != nil {
		return nil
	}
	filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil && path != dir {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return nil
	})
	return out
}

// TestQEMU lives the life of a VM with the generated scripts, on a real QEMU.
func TestQEMU(t *testing.T) {
	image, port, datagrams := vmImage(t), freePort(t), freePort(t)
	v := newVM(t, "vm", `version: 1
name: vm
host: {os: linux}
guest: {system: guix, user: {name: dev}}
resources: {cpus: 2, memory: 512MiB, disk: 2GiB}
home: {disk: 256MiB}
mounts:
  - {host: $DIR/share, guest: /mnt/work, writable: true}
  - {host: "$DIR/it's, read-only", guest: /mnt/other}
sockets: [{name: echo, host: $DIR/echo.sock}, {name: out, direction: toHost, guest: /run/out/out.sock, host: $DIR/out.sock, check: test -S "$DIR/out.sock"}]
ports: [{guest: 7777, host: `+port+`}, {guest: 7777, host: `+datagrams+`, protocol: udp}]
`)
	v.port, v.datagrams = port, datagrams
	v.env = append(v.env, "IMAGE="+image)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	for _, share := range []string{"share", "it's, read-only"} {
		must(t, os.Mkdir(filepath.Join(dir, share), 0o755))
		must(t, os.Chown(filepath.Join(dir, share), 1000, 1000))
	}
	echo(t, filepath.Join(dir, "echo.sock"))
	v.cloud = newCloud(t, v)

	steps := []struct {
		name string
		run  func(*testing.T, *vm)
	}{
		{"two creates at once", vmCreate}, {"ssh", vmSSH}, {"shares", vmShares}, {"sockets and ports", vmSockets}, {"a socket of the guest", vmToHost}, {"forwards come and go", vmForwards}, {"backup", vmBackup}, {"clean", vmClean}, {"verify", vmVerify},
		{"another project of its name", vmForeign},
		{"stop and start", vmStop}, {"a guest of Lima's", vmCloud}, {"a crash", vmCrash}, {"its boot", vmCloudBoot}, {"rebuild", vmRebuild}, {"a deaf guest", vmDeaf},
		{"a supervisor", vmSupervisor}, {"destroy", vmDestroy}, {"a home in a new VM", vmRestore},
	}
	for _, step := range steps {
		if !t.Run(step.name, func(t *testing.T) {
			v.t = t
			step.run(t, v)
		}) {
			break
		}
	}
	v.t = t
	v.try("destroy", "--yes", "--purge-home")
}

// echoes sends a datagram to a port of the host, and has the guest's answer it.
func (v *vm) echoes(guest, host string) {
	v.t.Helper()
	server := v.command("ssh", "perl", "-e", `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => `+guest+`, Proto => "udp"); $s->recv(my $said, 99); $s->send("guest: $said")`)
	must(v.t, server.Start())
	defer server.Wait()
	c, err := net.Dial("udp", "127.0.0.1:"+host)
	must(v.t, err)
	defer c.Close()
	got := make([]byte, 99)
	for range 60 { // one that comes before the guest's program is lost
		c.Write([]byte("hello"))
		c.SetReadDeadline(time.Now().Add(time.Second))
		if n, err := c.Read(got); err == nil && string(got[:n]) == "guest: hello" {
			return
		} else if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			time.Sleep(time.Second / 2)
		}
	}
	server.Process.Kill()
	v.t.Errorf("no datagram comes back from the guest's port %s", guest)
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	return port
}

func echo(t *testing.T, path string) {
	t.Helper()
	tooltest.Listen(t, path, func(c net.Conn) { fmt.Fprintln(c, "from the host") })
}

func vmCreate(t *testing.T, v *vm) {
	var both sync.WaitGroup
	said := make([]string, 2)
	for i := range said {
		cmd := v.command("create")
		both.Go(func() {
			out, err := cmd.CombinedOutput()
			said[i] = string(out)
			if err != nil {
				t.Errorf("create %d: %v\n%s", i, err, out)
			}
		})
	}
	began := time.Now()
	both.Wait()
	t.Logf("created in %.1f s", time.Since(began).Seconds())
	v.says(said[0], "ready: ")
	v.says(said[1], "ready: ")
	v.says(said[0]+said[1], "waiting for vm-create.sh (process ", "is running already", "socket echo: forwarded",
		"socket out: /run/out/out.sock of the guest is at "+v.outSocket()+" of this host", "socket out: nothing is at /run/out/out.sock in the guest yet")
	home, err := os.ReadFile(filepath.Join(v.state, "home.at"))
	if string(home) != "disk\n" {
		t.Errorf("where the home lies: %q, %v", home, err)
	}
	if v.qemu() == 0 {
		t.Fatal("no QEMU")
	}
	if strings.Contains(said[0]+said[1], "runs by emulation") {
		v.env = append(v.env, "ACCEL=tcg") // no further probes of what does not work here
	}
	if _, err := os.Stat(v.state + ".lock"); err == nil {
		t.Error("the lock is left")
	}
}

func vmSSH(t *testing.T, v *vm) {
	for _, want := range []int{0, 1, 7} {
		if _, _, got := v.try("ssh", "sh", "-c", fmt.Sprint("exit ", want)); got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	words := []string{"it's", `a\b`, "", "$HOME `id`", "two\nlines\n", "*", `"`, "-x", "a  b"}
	out, _ := v.do("ssh", append([]string{"printf", `<%s>`}, words...)...)
	if want := "<" + strings.Join(words, "><") + ">"; out != want {
		t.Errorf("words arrive as %q, want %q", out, want)
	}
	out, _ = v.do("ssh", "sh", "-c", "id -un; pwd; sudo -n id -un; awk '$2 == \"/home\" { print $3 }' /proc/mounts")
	if out != "dev\n/home/dev\nroot\next4\n" {
		t.Errorf("in the guest: %q", out)
	}
}

func vmShares(t *testing.T, v *vm) {
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	must(t, os.WriteFile(filepath.Join(dir, "share/host"), []byte("from the host\n"), 0o644))
	out, _ := v.do("ssh", "sh", "-c", "cat /mnt/work/host; echo from the guest >/mnt/work/guest; touch /mnt/other/x || echo refused")
	if out != "from the host\nrefused\n" {
		t.Errorf("in the guest: %q", out)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "share/guest")); string(data) != "from the guest\n" {
		t.Errorf("on the host: %q, %v", data, err)
	}
}

const vmAsk = `use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => shift) or die "$!\n"; print <$s>`

func vmSockets(t *testing.T, v *vm) {
	ask := func() {
		t.Helper()
		out, _ := v.do("ssh", "perl", "-e", vmAsk, "/run/host-services/echo.sock")
		if out != "from the host\n" {
			t.Errorf("through the socket: %q", out)
		}
	}
	ask()
	// The forward dies, and repair recreates it.
	for pid, words := range v.processes() {
		if strings.HasPrefix(words, "ssh ") {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	if _, _, status := v.try("ssh", "perl", "-e", vmAsk, "/run/host-services/echo.sock"); status == 0 {
		t.Error("the socket answers without its forward")
	}
	_, said := v.do("repair", "--sockets")
	v.says(said, "socket echo: forwarded")
	ask()

	v.echoes("7777", v.datagrams)
	server := v.command("ssh", "perl", "-e", `use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalPort => 7777, Listen => 1, ReuseAddr => 1); my $c = $l->accept; print $c "from the guest\n"`)
	must(t, server.Start())
	defer server.Wait()
	for range 60 {
		if c, err := net.DialTimeout("tcp", "127.0.0.1:"+v.port, time.Second); err == nil {
			c.SetDeadline(time.Now().Add(5 * time.Second))
			data, _ := io.ReadAll(c)
			c.Close()
			if string(data) == "from the guest\n" {
				return
			}
		}
		time.Sleep(time.Second / 2)
	}
	server.Process.Kill()
	t.Error("the guest's port does not answer on the host")
}
