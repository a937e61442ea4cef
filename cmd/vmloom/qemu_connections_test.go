package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// askedVM is a VM of a QEMU that stands in, whose guest is the real sshd of this machine.
type askedVM struct {
	*stepping
	log   string // of sshd
	calls string // a line for each ssh
	vm    string // its directory
}

// newAskedVM has a guest that is asked for two sockets of the host, one of its own, a mount and its home's disk.
func newAskedVM(t *testing.T) *askedVM {
	t.Helper()
	s := newQEMUStepping(t, true)
	v := &askedVM{stepping: s, calls: filepath.Join(s.home, "calls"), vm: filepath.Join(s.home, ".local/state/vmloom/dev")}
	bin := filepath.Join(s.home, "guest/bin")
	must(t, os.MkdirAll(bin, 0o755))
	program := func(file, text string) {
		must(t, os.RemoveAll(file))
		must(t, os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	program(filepath.Join(bin, "cat"), "case $1 in */serial) echo vmloom-home ;; /proc/mounts) exec /bin/cat "+s.home+"/guest/mounts ;; *) exec /bin/cat \"$@\" ;; esac")
	program(filepath.Join(bin, "sudo"), "echo \"$*\" >>"+s.home+"/guest/root; cp "+s.home+"/guest/mounts.boot "+s.home+"/guest/mounts")
	for _, file := range []string{"mounts", "mounts.boot"} {
		writeFile(t, filepath.Join(s.home, "guest", file), "share /mnt/work 9p rw 0 0\n")
	}

	config, log := tooltest.SSHD(t, "SetEnv PATH="+bin+":"+os.Getenv("PATH"))
	v.log = log
	text, err := os.ReadFile(config)
	must(t, err)
	master := filepath.Join(filepath.Dir(config), "master")
	writeFile(t, filepath.Join(v.vm, "ssh.config"), strings.NewReplacer("Host t\n", "Host dev\n  LogLevel ERROR\n", "  ControlPath "+master+"\n", "").Replace(string(text)))
	ssh := tooltest.Need(t, "ssh")
	program(filepath.Join(s.home, "bin/ssh"), "echo \"$*\" >>"+v.calls+"\nexec "+ssh+" \"$@\"")
	must(t, os.Remove(filepath.Join(s.home, "bin/sleep"))) // what has its time has it here
	t.Cleanup(func() {
		exec.Command(ssh, "-F", filepath.Join(v.vm, "ssh.config"), "-S", filepath.Join(v.vm, "forward.sock"), "-O", "exit", "dev").Run()
	})

	for _, name := range []string{"one.sock", "two.sock", "guest/out.sock"} {
		echo(t, filepath.Join(s.home, name))
	}
	writeFile(t, filepath.Join(s.home, "p/vmloom.yaml"), steppingQEMU+strings.ReplaceAll(`mounts: [{host: HOME/p, guest: /mnt/work}]
sockets:
  - {name: one, host: HOME/one.sock, guest: /run/host-services/one.sock}
  - {name: two, host: HOME/two.sock, guest: /run/host-services/two.sock}
  - {name: out, direction: toHost, guest: HOME/guest/out.sock, host: HOME/out.sock}
`, "HOME", s.home))
	quietly(t, filepath.Join(s.home, "p"), nil, "vmloom", "gen")
	// Where a guest has its sockets, this machine has no place for those of a test.
	for _, verb := range []string{"create", "repair"} {
		file := filepath.Join(s.generated, "dev-"+verb+".sh")
		script, err := os.ReadFile(file)
		must(t, err)
		writeFile(t, file, strings.ReplaceAll(string(script), "/run/host-services/", s.home+"/guest/sockets/"))
	}
	return v
}

// asks runs a script, and gives how many ssh processes and connections that took.
func (v *askedVM) asks(status int, verb string, args ...string) (said, cost string) {
	v.t.Helper()
	before := v.connections()
	must(v.t, os.RemoveAll(v.calls))
	got, said := v.run(0, verb, args...)
	if got != status {
		v.t.Errorf("%s: status %d, want %d\n%s", verb, got, status, said)
	}
	return said, v.cost(before)
}

// cost is what was done since there had been so many connections.
func (v *askedVM) cost(before int) string {
	calls, _ := os.ReadFile(v.calls)
	v.t.Logf("%s", calls)
	return fmt.Sprintf("%d ssh, %d connections", strings.Count(string(calls), "\n"), v.connections()-before)
}

// status asks how the VM is: here not all is well.
func (v *askedVM) status() (said, cost string) {
	v.t.Helper()
	before := v.connections()
	must(v.t, os.RemoveAll(v.calls))
	cmd := exec.Command("vmloom", "status")
	cmd.Dir = filepath.Join(v.home, "p")
	cmd.Env = append(os.Environ(), "HOME="+v.home, "XDG_STATE_HOME=", "PATH="+filepath.Join(v.home, "bin")+":"+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	return string(out), v.cost(before)
}

func (v *askedVM) connections() int {
	v.t.Helper()
	log, err := os.ReadFile(v.log)
	must(v.t, err)
	return strings.Count(string(log), "Accepted publickey")
}

func (v *askedVM) says(said string, words ...string) {
	v.t.Helper()
	for _, want := range words {
		if !strings.Contains(said, want) {
			v.t.Errorf("it says\n%s\nwithout %q", said, want)
		}
	}
}

// TestQEMUConnections counts what asks the guest of a VM of QEMU, where nothing is to be done and where something is.
func TestQEMUConnections(t *testing.T) {
	t.Parallel()
	v := newAskedVM(t)
	said, _ := v.asks(0, "create")
	v.says(said, "socket one: forwarded to ", "socket two: forwarded to ", "socket out: "+v.home+"/guest/out.sock of the guest is at ", "dev: ready: ")
	// Beside its connections, the ssh that forwards is asked on this host whether it lives, and has the guest's socket.
	for _, c := range []struct{ words, cost string }{
		{"create", "8 ssh, 4 connections"}, {"repair", "9 ssh, 5 connections"}, {"repair --sockets", "9 ssh, 5 connections"},
	} {
		words := strings.Fields(c.words)
		said, cost := v.asks(0, words[0], words[1:]...)
		if cost != c.cost || strings.Contains(said, "socket ") {
			t.Errorf("%s: %s, want %s\n%s", c.words, cost, c.cost, said)
		}
	}
	if said, cost := v.status(); cost != "1 ssh, 1 connections" || !strings.HasPrefix(said, "dev: running\n") {
		t.Errorf("status: %s\n%s", cost, said)
	}

	// What is amiss is mended, and nothing else.
	must(t, os.Remove(filepath.Join(v.home, "guest/sockets/one.sock")))
	writeFile(t, filepath.Join(v.home, "guest/mounts"), "")
	said, cost := v.asks(0, "repair")
	v.says(said, "socket one: forwarded to ", "dev: mounted again: /mnt/work\n")
	if strings.Contains(said, "socket two") || cost != "15 ssh, 9 connections" {
		t.Errorf("repair of a socket and a mount: %s\n%s", cost, said)
	}
	root, _ := os.ReadFile(filepath.Join(v.home, "guest/root"))
	if got := strings.Count(string(root), "boot.sh"); got != 1 {
		t.Errorf("boot.sh ran %d times", got)
	}
	writeFile(t, filepath.Join(v.home, "guest/mounts"), "")
	writeFile(t, filepath.Join(v.home, "guest/mounts.boot"), "")
	said, _ = v.asks(1, "repair")
	v.says(said, "dev: not mounted, and could not be: /mnt/work\n")
}
