package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// stepped are the commands of the scripts that count as steps.
var stepped = strings.Fields("limactl ssh sleep mkdir rm rmdir mv cp cat grep sed awk ln chmod touch tr head tail cut date dirname readlink ps kill sync dd wc sort od")

// stepping is a home with a project, and how far its scripts get.
type stepping struct {
	t         *testing.T
	home, sh  string
	steps     string
	notes     string // on the home's disk
	generated string
	env       []string
	// state is what there is of VMs and disks: which run, and what is on the home's disk.
	state func() string
}

// newStepping has a VM of the fake limactl if it was made before.
func newStepping(t *testing.T, made bool) *stepping {
	t.Helper()
	home, err := os.MkdirTemp("/tmp", "s")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	s := &stepping{t: t, home: home, sh: tooltest.Need(t, "sh"), steps: filepath.Join(home, "count"), generated: filepath.Join(home, "p/generated/dev/scripts")}
	s.notes = filepath.Join(home, ".lima/_disks/dev-home/notes")
	s.state = s.limaState
	for _, dir := range []string{"bin", "steps"} {
		must(t, os.Mkdir(filepath.Join(home, dir), 0o755))
	}
	must(t, tooltest.Fake(filepath.Join(home, "bin"), fakes(), "limactl", "ssh", "sleep"))
	for _, name := range stepped {
		must(t, os.WriteFile(filepath.Join(home, "steps", name), []byte("#!"+fakes()+" step\n"), 0o755))
	}
	writeFile(t, filepath.Join(home, "p/vmloom.yaml"), faultyProfile)
	quietly(t, filepath.Join(home, "p"), nil, "vmloom", "gen")
	if made {
		if status, said := s.run(0, "create"); status != 0 {
			t.Fatal(said)
		}
		writeFile(t, s.notes, "notes of years\n")
	}
	return s
}

// run runs a script, which is killed before its step of that number; 0: never.
func (s *stepping) run(killAt int, verb string, args ...string) (status int, said string) {
	s.t.Helper()
	must(s.t, os.RemoveAll(s.steps))
	cmd := exec.Command(s.sh, slices.Concat([]string{filepath.Join(s.generated, "dev-"+verb+".sh")}, args)...)
	path := strings.Join([]string{filepath.Join(s.home, "steps"), filepath.Join(s.home, "bin"), os.Getenv("PATH")}, ":")
	cmd.Env = append(os.Environ(), "HOME="+s.home, "WORK="+s.home, "PATH="+path, "STEPS="+s.steps, "FAKE_SLEEP=patient", fmt.Sprint("KILL_AT=", killAt))
	cmd.Env = append(cmd.Env, s.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// limaState takes the directory of locks, which goes with the last.
func (s *stepping) limaState() string {
	var out []string
	for _, pattern := range []string{".lima/*", ".lima/*/ha.pid", ".lima/*/disk", ".lima/_disks/*", ".lima/_disks/*/datadisk"} {
		found, err := filepath.Glob(filepath.Join(s.home, pattern))
		must(s.t, err)
		for _, path := range found {
			if rel, _ := filepath.Rel(s.home, path); !strings.HasPrefix(rel, ".lima/_fake") {
				out = append(out, rel)
			}
		}
	}
	for _, file := range []string{s.notes, filepath.Join(s.home, ".lima/vm/lima.yaml"), filepath.Join(s.home, ".lima/vm/vmloom.fields")} {
		data, _ := os.ReadFile(file)
		out = append(out, string(data))
	}
	return strings.Join(out, "\n")
}

// killed is a script that is killed on its way.
type killed struct {
	name, verb string
	args       []string
	made       bool
	by         string // INT: by Ctrl-C, and not by kill -9
	fails      bool   // it takes back what it did, since the VM does not start with that
	change     string // of the profile, since it was made
	arrives    string // with it, in the VM's note
	sample     int    // how many kills; 0: 8
	or         string // what it says where the kill met what it had set apart; it fails then
}

func killedScripts() []killed {
	return []killed{
		{name: "create", verb: "create"},
		{name: "start", verb: "create", made: true},
		{name: "apply", verb: "apply", args: []string{"--yes"}, made: true, change: "resources: {cpus: 3}\n", arrives: "resources.cpus\t3"},
		{name: "apply, Ctrl-C", verb: "apply", args: []string{"--yes"}, made: true, by: "INT", change: "resources: {cpus: 3}\n", arrives: "resources.cpus\t3", sample: 4},
		{name: "apply, taken back", verb: "apply", args: []string{"--yes"}, made: true, fails: true, change: "resources: {memory: 3GiB}\n", arrives: "resources.memory\t3GiB", sample: 4},
		{name: "apply live", verb: "apply", args: []string{"--yes"}, made: true, change: "ports: [{guest: 80, host: 8080}]\n", arrives: "ports[80]\t", sample: 4},
		{name: "rebuild", verb: "rebuild", args: []string{"--yes"}, made: true},
		{name: "destroy", verb: "destroy", args: []string{"--yes"}, made: true},
		{name: "purge", verb: "destroy", args: []string{"--yes", "--purge-home"}, made: true},
	}
}

// TestKilledScripts kills each script before each of its commands, and then runs it
// again: it ends as if nothing had been, and the home is never lost unasked. A sample;
// VMLOOM_FULL=1 tries each command.
func TestKilledScripts(t *testing.T) {
	for runner, fresh := range map[string]func(*testing.T, bool) *stepping{"lima": newStepping, "qemu": newQEMUStepping} {
		for _, c := range killedScripts() {
			t.Run(runner+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.everywhere(t, fresh)
			})
		}
	}
}

func (c killed) everywhere(t *testing.T, made func(*testing.T, bool) *stepping) {
	fresh := func(t *testing.T, is bool) *stepping {
		s := made(t, is)
		if c.change != "" {
			project := filepath.Join(s.home, "p")
			text, err := os.ReadFile(filepath.Join(project, "vmloom.yaml"))
			must(t, err)
			key, _, _ := strings.Cut(c.change, ":") // stands in the profile but once
			kept := regexp.MustCompile("(?m)^"+key+":.*\n").ReplaceAllString(string(text), "")
			writeFile(t, filepath.Join(project, "vmloom.yaml"), kept+c.change)
			quietly(t, project, nil, "vmloom", "gen")
		}
		return s
	}
	s := fresh(t, c.made)
	status, said := s.run(0, c.verb, c.args...)
	if status != 0 {
		t.Fatalf("status %d\n%s", status, said)
	}
	want := s.state()
	if c.change != "" && !strings.Contains(want, c.arrives) {
		t.Fatalf("the change has not arrived\n%s\n%s", said, want)
	}
	if c.fails {
		c.takenBack(t, s, fresh)
	}
	count, err := os.ReadFile(s.steps)
	must(t, err)
	sample := cmp.Or(c.sample, 8)
	if testing.Short() {
		sample = 2
	}
	every := max(1, len(count)/sample)
	if tooltest.Full() {
		every = 1
	}
	killed := 0
	for n := every; n <= len(count); n += every {
		s := fresh(t, c.made)
		// A script waits and asks as long as it takes: another run may have fewer commands.
		switch status, said := c.interrupted(s, n); {
		case status == -1:
			killed++
		case status == c.status(), status == 1 && c.or != "" && strings.Contains(said, c.or):
		default:
			t.Errorf("command %d of %d: not killed: status %d\n%s", n, len(count), status, said)
		}
		if notes, err := os.ReadFile(s.notes); c.made && c.name != "purge" && !strings.Contains(string(notes), "notes of years\n") {
			t.Fatalf("command %d: the home is lost: %q, %v", n, notes, err)
		}
		status, said := s.run(0, c.verb, c.args...)
		// What would delete a home that nobody knows the place of refuses, and says what asks.
		if status != 0 && strings.Contains(said, "scripts/dev-create.sh starts the VM and asks it") {
			if status, said = s.run(0, "create"); status == 0 {
				status, said = s.run(0, c.verb, c.args...)
			}
		}
		if got := s.state(); status != 0 || got != want {
			t.Errorf("command %d of %d: the next run: status %d\n%s\ngot\n%s\nwant\n%s", n, len(count), status, said, got, want)
		}
	}
	if killed == 0 {
		t.Error("never killed")
	}
	t.Logf("%d commands, killed before %d of them", len(count), killed)
}

// status is how it ends where nobody ends it.
func (c killed) status() int {
	if c.fails {
		return 1
	}
	return 0
}

// interrupted is a run that is ended before its command of that number; -1 says that it was. By Ctrl-C it leaves nothing behind.
func (c killed) interrupted(s *stepping, n int) (status int, said string) {
	s.t.Helper()
	was := s.env
	defer func() { s.env = was }()
	if c.fails {
		s.env = slices.Concat(s.env, []string{"FAKE_LIMACTL_FAIL=start:1", "REFUSE=-m 3072"})
	}
	if c.by == "" {
		return s.run(n, c.verb, c.args...)
	}
	tmp := filepath.Join(s.home, "tmp")
	must(s.t, os.MkdirAll(tmp, 0o755))
	s.env = slices.Concat(s.env, []string{"TMPDIR=" + tmp, "KILL_BY=" + c.by})
	if status, said = s.run(n, c.verb, c.args...); status != 130 {
		return status, said
	}
	left, err := os.ReadDir(tmp)
	must(s.t, err)
	for _, file := range left {
		if !strings.HasPrefix(file.Name(), "fake-") { // by a stand-in
			s.t.Errorf("command %d: Ctrl-C leaves %s", n, file.Name())
		}
	}
	return -1, said
}

// takenBack: the old state, said truly.
func (c killed) takenBack(t *testing.T, s *stepping, fresh func(*testing.T, bool) *stepping) {
	t.Helper()
	last := s.steps
	s = fresh(t, true)
	was := s.state()
	status, said := c.interrupted(s, 0)
	if got := s.state(); status != 1 || !strings.Contains(said, "runs as it was before") || got != was {
		t.Errorf("taken back: status %d\n%s\ngot\n%s\nwant\n%s", status, said, got, was)
	}
	must(t, os.Rename(s.steps, last)) // by these it is cut off
}

// TestTwoApplies has a second apply begin while the first is at its work: it waits, says for whom, and finds nothing to do.
func TestTwoApplies(t *testing.T) {
	t.Parallel()
	s := newStepping(t, true)
	project := filepath.Join(s.home, "p")
	writeFile(t, filepath.Join(project, "vmloom.yaml"), strings.Replace(faultyProfile, "cpus: 2", "cpus: 3", 1))
	quietly(t, project, nil, "vmloom", "gen")
	real := filepath.Join(s.home, "bin/limactl")
	must(t, os.Rename(real, real+".real"))
	must(t, os.WriteFile(real, []byte(`#!/bin/sh
case $* in *stop*) : >"$WORK/at"; until [ -e "$WORK/go" ]; do /bin/sleep 0.1; done ;; esac
exec "$0.real" "$@"
`), 0o755))
	var both sync.WaitGroup
	said, status := make([]string, 2), make([]int, 2)
	apply := func(i int, steps string) {
		run := *s
		run.steps = filepath.Join(s.home, steps)
		both.Go(func() { status[i], said[i] = run.run(0, "apply", "--yes") })
	}
	wait := func(path string) {
		for {
			if _, err := os.Stat(path); err == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	apply(0, "first")
	wait(filepath.Join(s.home, "at"))
	must(t, os.WriteFile(filepath.Join(s.home, "bin/sleep"), []byte("#!/bin/sh\n: >\"$WORK/waits\"\nexec /bin/sleep 0.1\n"), 0o755))
	apply(1, "second")
	wait(filepath.Join(s.home, "waits"))
	writeFile(t, filepath.Join(s.home, "go"), "")
	both.Wait()
	if status[0] != 0 || !strings.Contains(said[0], "dev: applied\n") {
		t.Errorf("the first: status %d\n%s", status[0], said[0])
	}
	if status[1] != 0 || !strings.Contains(said[1], "dev: waiting for dev-apply.sh (process ") || !strings.Contains(said[1], "dev: nothing to do: ") {
		t.Errorf("the second: status %d\n%s", status[1], said[1])
	}
}
