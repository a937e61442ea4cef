package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

// steppingVM is a VM of the real QEMU whose scripts are killed before one of their commands.
type steppingVM struct {
	*vm
	dir string
}

// killAt is before which command: its number, or words in it.
type killAt struct {
	number int
	words  string
}

// killed runs a script; it reports whether it was killed there, and whether QEMU ran then.
func (v *steppingVM) killed(at killAt, verb string, args ...string) (hit, ran bool) {
	v.t.Helper()
	steps := filepath.Join(v.dir, "count")
	must(v.t, os.RemoveAll(steps))
	cmd := v.command(verb, args...)
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(v.dir, "steps")+":"+os.Getenv("PATH"), "STEPS="+steps, fmt.Sprint("KILL_AT=", at.number), "KILL_BEFORE="+at.words)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdout, cmd.Stderr = nil, nil
	err := cmd.Run()
	status := cmd.ProcessState.ExitCode()
	if status > 0 {
		v.t.Errorf("%s, killed at %v: status %d, %v", verb, at, status, err)
	}
	return status == -1, v.qemu() != 0
}

// notes are in the home while the guest runs, and are looked for on its disk while it does not.
func (v *steppingVM) notes(when string) {
	v.t.Helper()
	var out string
	if v.qemu() != 0 {
		out, _ = v.do("ssh", "cat", "notes")
	} else {
		text, err := exec.Command("debugfs", "-R", "cat /dev/notes", filepath.Join(v.state, "home.raw")).Output()
		must(v.t, err)
		out = string(text)
	}
	if out != "notes of years\n" {
		v.t.Fatalf("%s: the home holds %q", when, out)
	}
}

// TestQEMUKilled kills the scripts of a VM of the real QEMU: the same command goes on, and the home is never lost.
// A sample, at the worst moments; VMLOOM_FULL=1 kills before every command, which takes hours.
func TestQEMUKilled(t *testing.T) {
	tooltest.Dear(t)
	image := vmImage(t)
	tooltest.Need(t, "debugfs")
	v := &steppingVM{vm: newVM(t, "vm", "version: 1\nname: vm\nhost: {os: linux}\nguest: {system: guix, user: {name: dev}}\nresources: {cpus: 2, memory: 512MiB, disk: 2GiB}\nhome: {disk: 256MiB}\n")}
	v.dir = filepath.Dir(filepath.Dir(filepath.Dir(v.state)))
	must(t, os.Mkdir(filepath.Join(v.dir, "steps"), 0o755))
	for _, name := range append(strings.Fields("qemu-system-x86_64 qemu-img mke2fs e2label ssh-keygen mkfifo mktemp find"), stepped...) {
		must(t, os.WriteFile(filepath.Join(v.dir, "steps", name), []byte("#!"+fakes()+" step\n"), 0o755))
	}
	v.env = append(v.env, "IMAGE="+image)
	t.Cleanup(func() { v.try("destroy", "--yes", "--purge-home") })
	create := func() {
		t.Helper()
		_, said := v.do("create")
		v.says(said, "ready: ")
	}
	rebuild := func() {
		t.Helper()
		_, said := v.do("rebuild", "--yes")
		v.says(said, "ready: ")
		v.notes("after the rebuild")
	}
	destroy := func() {
		t.Helper()
		v.do("destroy", "--yes")
		v.notes("after the destroy")
		if v.qemu() != 0 {
			t.Error("it runs on")
		}
	}

	// The guest boots, and nobody waits for it; the new system is there, and the old one down; half is deleted.
	worst := func(words string, runs bool, verb string, args ...string) {
		t.Helper()
		if hit, ran := v.killed(killAt{words: words}, verb, args...); !hit || ran != runs {
			t.Fatalf("%s: killed before %q: %v; QEMU runs: %v", verb, words, hit, ran)
		}
	}
	worst("ssh -F", true, "create")
	create()
	v.do("ssh", "sh", "-c", "echo notes of years >notes; sync")
	worst("system.new "+v.state+"/system.qcow2", false, "rebuild", "--yes")
	v.notes("killed in the rebuild")
	rebuild()
	worst("rm -rf", false, "destroy", "--yes")
	v.notes("killed in the destroy")
	destroy()
	if !tooltest.Full() {
		return
	}

	// Before each command, up to some in the wait for the guest, which are always the same.
	for verb, again := range map[string]func(){"create": create, "rebuild": rebuild, "destroy": destroy} {
		waits, n := 0, 1
		for ; waits < 10; n++ {
			args := []string{"--yes"}
			switch {
			case verb == "create":
				v.do("destroy", "--yes")
				args = nil
			case v.qemu() == 0:
				create()
			}
			hit, ran := v.killed(killAt{number: n}, verb, args...)
			if !hit {
				break
			}
			if verb == "create" && ran {
				waits++
			}
			again()
		}
		t.Logf("%s: killed before %d commands", verb, n-1)
	}
}
