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
	program(filepath.Join(s.home, "bin/ssh"), "echo \"$*\" >>"+v.calls+"\ncase $* in *\"$(cat "+s.home+"/lost)\"*) exit 255 ;; esac 2>/dev/null\nexec "+ssh+" \"$@\"")
	writeFile(t, filepath.Join(s.home, "lost"), "no such words")
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

// lose has an ssh fail whose words have these, as one does that the guest ends.
func (v *askedVM) lose(words string) { writeFile(v.t, filepath.Join(v.home, "lost"), words) }

func (v *askedVM) says(said string, words ...string) {
	v.t.Helper()
	for _, want := range words {
		if !strings.Contains(said, want) {
			v.t.Errorf("it says\n%s\nwithout %q", said, want)
		}
	}
}

// TestQEMUConnections counts what asks the guest of a VM of QEMU: one connection where nothing is to be done.
func TestQEMUConnections(t *testing.T) {
	t.Parallel()
	v := newAskedVM(t)
	said, _ := v.asks(0, "create")
	v.says(said, "socket one: forwarded to ", "socket two: forwarded to ", "socket out: "+v.home+"/guest/out.sock of the guest is at ", "dev: ready: ")
	unchanged := map[string][]string{"create": {"create"}, "repair": {"repair"}, "job": {"repair", "--sockets"}}
	for name, words := range unchanged {
		said, cost := v.asks(0, words[0], words[1:]...)
		if want := "3 ssh, 1 connections"; cost != want { // beside it, the one that forwards is asked on this host whether it lives, and has the guest's socket
			t.Errorf("%s: %s, want %s\n%s", name, cost, want, said)
		}
		if strings.Contains(said, "socket ") {
			t.Errorf("%s: it says\n%s", name, said)
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
	if strings.Contains(said, "socket two") || cost != "9 ssh, 5 connections" {
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

// TestQEMULostAnswer: where the guest does not answer what it is asked, nothing is said to be well, and what may live is
// left alone.
func TestQEMULostAnswer(t *testing.T) {
	t.Parallel()
	v := newAskedVM(t)
	v.asks(0, "create")
	v.lose("exec sh -s")
	said, _ := v.asks(1, "create")
	v.says(said, "socket one: the guest does not answer, so that nothing is known of ", "socket two: the guest does not answer", "dev: runs, and does not hold: the home is on its own disk\n")
	for _, args := range [][]string{nil, {"--sockets"}} {
		said, _ = v.asks(1, "repair", args...)
		v.says(said, "dev: the guest does not answer\n")
	}
	if root, err := os.ReadFile(filepath.Join(v.home, "guest/root")); err == nil {
		t.Errorf("root did %s", root)
	}

	// A mount that is gone is not said to be back by what was heard before.
	v.lose("no such words")
	writeFile(t, filepath.Join(v.home, "guest/mounts"), "")
	sudo := filepath.Join(v.home, "guest/bin/sudo")
	must(t, os.WriteFile(sudo, []byte("#!/bin/sh\nprintf 'exec sh -s' >"+v.home+"/lost\n"), 0o755))
	said, _ = v.asks(1, "repair")
	v.says(said, "dev: the guest does not say its mounts\n")
}
