package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// vmForwards has apply change what is forwarded while the VM runs: what comes serves, what was to go does not, and a
// port that another program has changes nothing.
func vmForwards(t *testing.T, v *vm) {
	dir := filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	file := filepath.Join(dir, "vmloom.yaml")
	first, err := os.ReadFile(file)
	must(t, err)
	become := func(text string) {
		writeFile(t, file, text)
		quietly(t, dir, nil, "vmloom", "gen")
	}
	const boot = "cat /proc/sys/kernel/random/boot_id"
	before, _ := v.do("ssh", "sh", "-c", boot)
	v.do("ssh", "sudo", "sh", "-c", "printf '#!/bin/sh\\necho mine\\n' >/usr/local/bin/mine; chmod 755 /usr/local/bin/mine")
	echo(t, filepath.Join(dir, "more.sock"))
	more, taken, live := freePair(t), freePair(t), freePort(t)
	with := strings.NewReplacer("ports: [", "ports: [{guest: 21-22, host: "+more.both+"}, {guest: 7778, host: "+live+", protocol: udp}, ", "sockets: [", "sockets: [{name: more, host: "+dir+"/more.sock}, ").Replace(string(first))

	become(with)
	_, said := v.do("create")
	v.says(said, "is running already", "is not as the profile says: scripts/vm-apply.sh shows what differs")
	plan, _ := v.do("apply", "--dry-run")
	if want := "live\tports[21-22]\t-\tguest 21-22, host " + more.both + "\nlive\tports[7778/udp]\t-\tguest 7778, host " + live + ", protocol udp\n"; !strings.Contains(plan, want) || strings.Contains(plan, "restart") {
		t.Errorf("plan %q, want %q in it", plan, want)
	}
	_, said = v.do("apply", "--yes")
	v.says(said, "live: sockets[more]: ", "applied")
	if banner := greeting(more.second); !strings.HasPrefix(banner, "SSH-") {
		t.Errorf("the new port says %q", banner)
	}
	if out, _ := v.do("ssh", "perl", "-e", vmAsk, "/run/host-services/more.sock"); out != "from the host\n" {
		t.Errorf("through the new socket: %q", out)
	}
	v.echoes("7778", live)
	_, said = v.do("apply", "--yes")
	v.says(said, "nothing to do")

	// What is lost without a change of the profile, QEMU and the guest are asked.
	must(t, os.WriteFile(filepath.Join(v.state, "monitor.in"), []byte("hostfwd_remove tcp:127.0.0.1:"+more.second+"\n"), 0))
	for pid, words := range v.processes() {
		if strings.HasPrefix(words, "ssh ") {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	plan, _ = v.do("apply", "--dry-run")
	v.says(plan, "live\tports[21-22]\tnot forwarded\tguest 21-22, host "+more.both+"\n", "live\tsockets[more]\tnot forwarded\t")
	v.do("apply", "--yes")
	if banner := greeting(more.second); !strings.HasPrefix(banner, "SSH-") {
		t.Errorf("the port that was lost says %q", banner)
	}

	l, err := net.Listen("tcp", "127.0.0.1:"+taken.second)
	must(t, err)
	become(strings.Replace(with, "host: "+more.both+"}", "host: "+taken.both+"}", 1))
	_, said, status := v.try("apply", "--yes")
	if status != 1 {
		t.Errorf("a port that is taken: status %d", status)
	}
	v.says(said, "port of this host cannot be had: "+taken.second+"; the ports stay as they were")
	if banner := greeting(more.second); !strings.HasPrefix(banner, "SSH-") {
		t.Errorf("the port of before says %q", banner)
	}
	l.Close()
	v.do("apply", "--yes")
	if banner := greeting(taken.second); !strings.HasPrefix(banner, "SSH-") {
		t.Errorf("the port that is free again says %q", banner)
	}

	become(string(first))
	v.do("apply", "--yes")
	if banner := greeting(taken.second); banner != "" {
		t.Errorf("the port that went says %q", banner)
	}
	if _, _, status := v.try("ssh", "perl", "-e", vmAsk, "/run/host-services/more.sock"); status == 0 {
		t.Error("the socket that went answers")
	}
	if after, _ := v.do("ssh", "sh", "-c", boot+"; mine"); after != before+"mine\n" {
		t.Errorf("it was not left running: %q, %q", before, after)
	}
}

// pair are two ports of the host, one after the other.
type pair struct{ both, second string }

// freePair is one at which nobody listens.
func freePair(t *testing.T) pair {
	for range 100 {
		first, err := strconv.Atoi(freePort(t))
		must(t, err)
		second := strconv.Itoa(first + 1)
		if l, err := net.Listen("tcp", "127.0.0.1:"+second); err == nil {
			l.Close()
			return pair{strconv.Itoa(first) + "-" + second, second}
		}
	}
	t.Fatal("no two ports of this host are free")
	return pair{}
}

// greeting is the first line that a port of this host says; empty: none.
func greeting(port string) string {
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, 20*time.Second)
	if err != nil {
		return ""
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	line := make([]byte, 16)
	n, _ := c.Read(line)
	return string(line[:n])
}

func vmStop(t *testing.T, v *vm) {
	v.do("ssh", "sh", "-c", "echo kept >~/file; echo lost | sudo tee /etc/mark")
	_, said := v.do("stop")
	v.says(said, "vm: stopped")
	if strings.Contains(said, "asking the agent") {
		t.Errorf("not in order: %s", said)
	}
	if left := v.processes(); len(left) > 0 {
		t.Fatalf("left: %v", left)
	}
	v.offersNothing("the VM is stopped")
	_, said, status := v.try("ssh", "true")
	if status != 1 {
		t.Errorf("ssh to a stopped VM: status %d", status)
	}
	v.says(said, "vm: is not running", "hint: scripts/vm-create.sh starts it")
	_, said = v.do("stop")
	v.says(said, "is stopped already")
	_, said = v.do("repair")
	v.says(said, "is not running")
	v.stateIs("stopped")
	_, said = v.do("snapshot", "take", "mine")
	v.says(said, "snapshot mine: ")
	_, said = v.do("create")
	v.says(said, "another image reaches it through", "ready: ")
	if out, _ := v.do("ssh", "cat", "file", "/etc/mark"); out != "kept\nlost\n" {
		t.Errorf("after a restart: %q", out)
	}
}

// vmCrash kills QEMU, and puts other traps in the way of who comes after.
func vmCrash(t *testing.T, v *vm) {
	v.do("ssh", "sync")
	qemu := v.qemu()
	must(t, syscall.Kill(qemu, syscall.SIGKILL))
	for v.qemu() != 0 {
		time.Sleep(time.Second / 10)
	}
	_, said, status := v.try("ssh", "true")
	if status != 1 {
		t.Errorf("ssh to a killed VM: status %d", status)
	}
	v.says(said, "is not running")
	v.stateIs("broken")

	// The number is another process's by now, and the lock one of a script that is gone.
	other := exec.Command("sleep", "1000")
	must(t, other.Start())
	defer func() { other.Process.Kill(); other.Wait() }()
	must(t, os.WriteFile(filepath.Join(v.state, "pid"), []byte(fmt.Sprintln(other.Process.Pid)), 0o600))
	must(t, os.WriteFile(v.state+".lock", []byte(fmt.Sprintln(other.Process.Pid, "vm", "vm-create.sh")), 0o600))
	_, said, _ = v.try("ssh", "true")
	v.says(said, "is not running")
	_, said = v.do("stop")
	v.says(said, "is stopped already")
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("stop hit another process: %v", err)
	}
	_, said = v.do("repair")
	v.says(said, "crashed: starting it", "ready: ")
	v.offers("the VM had crashed")
	if out, _ := v.do("ssh", "cat", "file"); out != "kept\n" {
		t.Errorf("after the crash: %q", out)
	}
}

func vmRebuild(t *testing.T, v *vm) {
	hostKey, err := os.ReadFile(filepath.Join(v.state, "known_hosts"))
	must(t, err)
	_, said, status := v.try("rebuild")
	if status != 1 {
		t.Errorf("rebuild without a word: status %d", status)
	}
	v.says(said, "not confirmed", "hint: say --yes")
	if v.qemu() == 0 {
		t.Error("it was stopped all the same")
	}
	_, said = v.do("rebuild", "--yes", "--keep-old")
	v.says(said, "the home stays: "+v.state+"/home.raw", "kept as the snapshot before-rebuild", "ready: ")
	out, _ := v.do("ssh", "sh", "-c", "cat file; ls /etc/mark 2>/dev/null || echo gone")
	if out != "kept\ngone\n" {
		t.Errorf("after the rebuild: %q", out)
	}
	fresh, err := os.ReadFile(filepath.Join(v.state, "known_hosts"))
	must(t, err)
	if string(fresh) == string(hostKey) {
		t.Error("the system is not a new one: it has the host key of the old")
	}
	// The old system stands on its image until it is given up, and the new one runs on.
	if links, _ := filepath.Glob(filepath.Join(v.state, "image-*")); len(links) != 2 {
		t.Errorf("images held: %v", links)
	}
	qemu := v.qemu()
	_, said, status = v.try("rebuild", "--yes", "--keep-old")
	if status != 1 || v.qemu() != qemu {
		t.Errorf("a second one over the kept one: status %d", status)
	}
	v.says(said, "is kept still: nothing was done", "--drop-old gives it up")
	_, said = v.do("rebuild", "--drop-old")
	v.says(said, "snapshot before-rebuild: given up")
	if links, _ := filepath.Glob(filepath.Join(v.state, "image-*")); len(links) != 2 { // the snapshot mine stands on the first
		t.Errorf("images held after --drop-old: %v", links)
	}
	if out, _ := v.do("ssh", "cat", "file"); out != "kept\n" {
		t.Errorf("after the old system was given up: %q", out)
	}
}

// vmDeaf stops a guest that does not answer over SSH: by its agent. It is started again with the system of the
// snapshot, which is that from before the rebuild, and the home as it is.
func vmDeaf(t *testing.T, v *vm) {
	v.do("ssh", "sh", "-c", "echo later >~/later; echo changed | sudo tee /etc/mark; sync")
	v.try("ssh", "sudo", "-n", "systemctl", "mask", "--now", "--runtime", "ssh.service") // it ends this very connection
	_, said := v.do("stop")
	v.says(said, "asking the agent in the guest", "stopped")
	if strings.Contains(said, "does not obey") { // which it says where it waited in vain
		t.Error(said)
	}
	_, said = v.do("snapshot", "restore", "mine", "--yes")
	v.says(said, "the system goes back to mine", "the home stays as it is")
}

// vmSupervisor runs the copy that the units start, and ends it as systemd does: as soon
// as the guest answers, which is before the script has done all its work.
func vmSupervisor(t *testing.T, v *vm) {
	cmd := exec.Command(filepath.Join(v.state, "start"), "--foreground")
	cmd.Env = v.env
	var said strings.Builder
	cmd.Stderr = &said
	must(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for range 300 {
		if _, _, status := v.try("ssh", "true"); status == 0 {
			break
		}
		time.Sleep(time.Second)
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("%v\n%s", err, said.String())
		}
	case <-time.After(3 * time.Minute):
		cmd.Process.Kill()
		t.Errorf("still runs\n%s", said.String())
	}
	if left := v.processes(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func vmDestroy(t *testing.T, v *vm) {
	v.do("create")
	if out, _ := v.do("ssh", "cat", "/etc/mark", "file", "later"); out != "lost\nkept\nlater\n" {
		t.Errorf("after the snapshot was restored: %q", out)
	}
	for _, name := range []string{"mine", "before-restore"} {
		v.do("snapshot", "drop", name)
	}
	if links, _ := filepath.Glob(filepath.Join(v.state, "image-*")); len(links) != 1 {
		t.Errorf("images held after the snapshots were given up: %v", links)
	}
	before := v.files()
	_, said, status := v.try("destroy")
	if status != 1 {
		t.Errorf("destroy without a word: status %d", status)
	}
	v.says(said, "not confirmed")
	if after := v.files(); !slices.Equal(before, after) || v.qemu() == 0 {
		t.Errorf("changed without a word:\n%q\n%q", before, after)
	}
	_, said = v.do("destroy", "--yes")
	for _, file := range before {
		info, err := os.Stat(filepath.Join(v.state, file))
		gone := err != nil
		stays := file == "home.raw" || file == "vmloom.owner"
		if listed := strings.Contains(said, "  "+v.state+"/"+file+"\n"); !stays && file != "guest" && !listed {
			t.Errorf("%s is not listed", file)
		}
		if gone == stays {
			t.Errorf("%s: gone is %v, %v", file, gone, info)
		}
	}
	v.says(said, "the home stays: "+v.state+"/home.raw; --purge-home would delete it")
	v.offersNothing("the VM is destroyed")
	if got := v.files(); !slices.Equal(got, []string{"home.raw", "vmloom.owner"}) {
		t.Errorf("left: %q", got)
	}
	if left := v.processes(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	_, said = v.do("destroy", "--yes", "--purge-home")
	v.says(said, "the home is among them")
	if _, err := os.Stat(filepath.Dir(v.state)); err == nil {
		t.Errorf("left: %q", v.files())
	}
	_, said = v.do("destroy", "--yes")
	v.says(said, "nothing to delete")
}
