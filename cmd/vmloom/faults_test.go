package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// faulty is a run of the program that writes files, into whose system calls errors go.
type faulty struct {
	name  string
	args  []string
	fakes []string
	setup func(t *testing.T, dir string)
	// again is what the next run may say where the one before wrote all it had to.
	again string
}

const faultyProfile = "version: 1\nname: dev\nhost: {os: linux, user: ada, home: /home/ada}\nlima: {instance: vm}\nguest: {system: debian, release: \"13\", user: {name: ada}}\nresources: {cpus: 2}\nhome: {disk: 10GiB}\nautostart: login\n"

const faultyGuix = "version: 1\nname: dev\nhost: {os: linux}\nrunner: qemu\nguest: {system: guix, arch: x86_64, user: {name: ada}}\nguix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}\n"

func faultyRuns() []faulty {
	profile := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "vmloom.yaml"), text) }
	}
	generated := func(t *testing.T, dir string) {
		profile(faultyProfile)(t, dir)
		quietly(t, dir, nil, "vmloom", "gen")
	}
	return []faulty{
		{name: "gen", args: []string{"gen"}, setup: profile(faultyProfile)},
		{name: "gen again", args: []string{"gen"}, setup: func(t *testing.T, dir string) {
			generated(t, dir)
			profile(strings.Replace(faultyProfile, "cpus: 2", "cpus: 4", 1))(t, dir)
		}},
		{name: "init", args: []string{"init", ".", "--preset", "ascalon"}, setup: func(*testing.T, string) {}, again: "exists already"},
		{name: "adopt", args: []string{"adopt", "lima.yaml", "--os", "linux", "--user", "ada", "-o", "vmloom.yaml"}, again: "exists already",
			setup: func(t *testing.T, dir string) {
				writeFile(t, filepath.Join(dir, "lima.yaml"), "images: [{location: template:_images/debian-13}]\ncpus: 2\nmemory: 4GiB\n")
			}},
		{name: "build-image", args: []string{"build-image", "--on", "local"}, fakes: []string{"guix", "cp", "cat"}, setup: func(t *testing.T, dir string) {
			profile(faultyGuix)(t, dir)
			quietly(t, dir, nil, "vmloom", "gen")
		}},
		{name: "up", args: []string{"up", "--yes"}, fakes: []string{"limactl", "ssh", "systemctl", "loginctl", "sleep"}, setup: generated},
	}
}

// faults are what goes wrong, each at a system call that writes or opens.
var faults = []struct{ call, fault string }{
	{"openat", "error=EACCES"}, {"openat", "error=ENOSPC"}, {"write", "error=ENOSPC"}, {"write", "error=EIO"}, {"write", "signal=KILL"},
	{"fsync", "error=EIO"}, {"renameat", "error=EIO"}, {"renameat", "error=EACCES"}, {"renameat", "signal=KILL"}, {"mkdirat", "error=ENOSPC"},
	{"fsync", "signal=KILL"}, {"unlinkat", "error=EACCES"}, {"fchmodat", "error=EIO"},
}

// TestFaults: whatever system call of whatever run fails, or is the last one, each file
// is the old or the new one, and the next run says the truth and mends it. A sample;
// VMLOOM_FULL=1 tries them all.
func TestFaults(t *testing.T) {
	strace := tooltest.Need(t, "strace")
	if out, err := exec.Command(strace, "-qq", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: strace may not trace here: %v: %s", err, out)
	}
	sample := 25 // of each run
	if testing.Short() {
		sample = 4
	}
	if tooltest.Full() {
		sample = 1 << 20
	}
	for _, f := range faultyRuns() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.run(t, strace, sample)
		})
	}
}

func (f faulty) run(t *testing.T, strace string, sample int) {
	dir, env := f.fresh(t)
	old := contents(t, dir)
	log := filepath.Join(t.TempDir(), "calls")
	status, said := f.try(dir, env, strace, "-f", "-b", "execve", "-qq", "-o", log, "-e", "trace=openat,write,fsync,renameat,mkdirat,unlinkat,fchmodat")
	if status != 0 {
		t.Fatalf("without a fault: status %d\n%s", status, said)
	}
	made := contents(t, dir)
	calls := countCalls(t, log)
	all := 0
	for _, fault := range faults {
		all += calls[fault.call]
	}
	every := max(1, all/sample)
	tried, whole, failed := 0, 0, 0
	at := len(f.name) // another one of the sample for each run
	for _, fault := range faults {
		for n := 1; n <= calls[fault.call]; n++ {
			if at++; at%every != 0 {
				continue
			}
			tried++
			what := fmt.Sprintf("%s:%s:when=%d", fault.call, fault.fault, n)
			dir, env := f.fresh(t)
			status, said := f.try(dir, env, strace, "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace="+fault.call, "-e", "inject="+what)
			after := contents(t, dir)
			notOldOrNew(t, what+"\n"+said, old, made, after)
			if status == 0 {
				whole++
			} else {
				failed++
			}
			litter := func(path string) bool { return strings.HasPrefix(path, "+.vmloom-") } // the next run's to clean
			if d := slices.DeleteFunc(f.differing(made, after), litter); status == 0 && len(d) > 0 {
				t.Errorf("%s: status 0, and not made: %v\n%s", what, d, said)
			}
			status, again := f.try(dir, env)
			if status != 0 && (f.again == "" || !strings.Contains(again, f.again)) {
				t.Errorf("%s: the next run: status %d\n%s\nafter\n%s", what, status, again, said)
			}
			if d := f.differing(made, contents(t, dir)); len(d) > 0 {
				t.Errorf("%s: the next run leaves: %v\n%s\nafter\n%s", what, d, again, said)
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d faults: %d runs went on and made all, %d failed and the next made it", tried, whole, failed)
}

// fresh is a directory as the run finds it, and its environment.
func (f faulty) fresh(t *testing.T) (dir string, env []string) {
	t.Helper()
	home, err := os.MkdirTemp("/tmp", "f") // a socket's path has 104 characters at most
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	dir = filepath.Join(home, "p")
	must(t, os.Mkdir(dir, 0o755))
	bin := filepath.Join(home, "bin")
	must(t, os.Mkdir(bin, 0o755))
	if f.fakes != nil {
		must(t, tooltest.Fake(bin, fakes(), f.fakes...))
	}
	repo := tooltest.Repository(t)
	env = append(os.Environ(), "HOME="+home, "WORK="+home, "REPO="+repo, "SHELL=/bin/sh", "NO_COLOR=1", "GOMAXPROCS=1", "PATH="+bin+":"+os.Getenv("PATH"))
	f.setup(t, dir)
	return dir, env
}

func (f faulty) try(dir string, env []string, before ...string) (status int, said string) {
	args := slices.Concat(before, []string{"vmloom"}, f.args)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, env
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func quietly(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

// contents are the files below dir. What says about the run itself is left out.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if base := filepath.Base(path); filepath.Ext(path) == ".log" || filepath.Base(filepath.Dir(path)) == "images" && base[0] == '.' {
			return nil // a protocol, or what is remembered of an image's bytes: of this run alone
		}
		text := strings.ReplaceAll(string(data), filepath.Dir(dir), "HOME")
		rel, _ := filepath.Rel(dir, path)
		out[rel] = chance.ReplaceAllString(text, "CHANCE")
		return err
	}))
	return out
}

// chance differs from run to run: a time, a duration, the VM's own number.
var chance = regexp.MustCompile(`20\d\d-\d\d-\d\dT[0-9:.]+Z|"seconds": *[0-9.]+|^[0-9a-f]{32}\n$`)

func notOldOrNew(t *testing.T, what string, old, made, after map[string]string) {
	t.Helper()
	for path, text := range after {
		before, was := old[path]
		now, is := made[path]
		switch {
		case was && text == before, is && text == now:
		case strings.HasPrefix(filepath.Base(path), ".vmloom") && filepath.Ext(path) == ".json":
			if !json.Valid([]byte(text)) {
				t.Errorf("%s: %s is torn: %q", what, path, text)
			}
		case strings.HasPrefix(filepath.Base(path), "."): // a dead run's: the next one cleans it
		default:
			t.Errorf("%s: %s is neither old nor new: %.200q", what, path, text)
		}
	}
	for path := range old {
		_, there := after[path]
		if _, stays := made[path]; stays && !there {
			t.Errorf("%s: %s is gone", what, path)
		}
	}
}

func (f faulty) differing(want, got map[string]string) (out []string) {
	for path := range want {
		// The record of hashes may name the old ones beside the new until the next gen.
		if got[path] != want[path] && !(filepath.Base(path) == ".vmloom.json" && json.Valid([]byte(got[path]))) {
			out = append(out, path)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			out = append(out, "+"+path)
		}
	}
	slices.Sort(out)
	return out
}

// countCalls counts the system calls of the busiest thread, by which strace counts too.
func countCalls(t *testing.T, log string) map[string]int {
	t.Helper()
	data, err := os.ReadFile(log)
	must(t, err)
	byThread := map[string]map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +(\w+)\(`).FindAllStringSubmatch(string(data), -1) {
		if byThread[m[1]] == nil {
			byThread[m[1]] = map[string]int{}
		}
		byThread[m[1]][m[2]]++
	}
	most := map[string]int{}
	for _, counts := range byThread {
		for call, n := range counts {
			most[call] = max(most[call], n)
		}
	}
	if most["openat"] == 0 {
		t.Fatalf("no calls in %s", strconv.Quote(string(data)))
	}
	return most
}
