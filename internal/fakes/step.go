package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fakeStep counts the commands of a script in the file that STEPS names, and kills the
// whole script before the one of number KILL_AT, or that says KILL_BEFORE; else it is the next of its name on PATH.
// With KILL_BY=INT that is Ctrl-C, which every process of the terminal gets.
func fakeStep() {
	steps, err := os.OpenFile(os.Getenv("STEPS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	check(err)
	_, err = steps.WriteString(".")
	check(err)
	number, err := steps.Seek(0, io.SeekCurrent) // its own, also where commands of a pipeline count at once
	check(err)
	name, here := filepath.Base(os.Args[0]), filepath.Dir(os.Args[0])
	line, words := strings.Join(append([]string{name}, os.Args[1:]...), " "), os.Getenv("KILL_BEFORE")
	if strconv.FormatInt(number, 10) == os.Getenv("KILL_AT") || words != "" && strings.Contains(line, words) {
		by := syscall.SIGKILL
		if os.Getenv("KILL_BY") == "INT" {
			by = syscall.SIGINT
		}
		check(syscall.Kill(0, by))                       // its process group
		if by == syscall.SIGINT && !signal.Ignored(by) { // as it is in what the shell runs beside itself
			time.Sleep(time.Hour) // which it ends, as soon as it arrives
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); dir == here || err != nil || info.Mode()&0o111 == 0 {
			continue
		}
		check(syscall.Exec(file, append([]string{name}, os.Args[1:]...), os.Environ()))
	}
	os.Exit(complain(127, "%s: not found", strings.TrimSpace(name)))
}

// fakeSleep sleeps a tenth of the time; with FAKE_SLEEP=patient what is a limit for others stays what it is.
func fakeSleep() {
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		panic(err)
	}
	if seconds < 5 || os.Getenv("FAKE_SLEEP") != "patient" {
		seconds /= 10
	}
	time.Sleep(time.Duration(seconds * float64(time.Second)))
}

// probe reads from stdin what the guest is asked: what it lacks, or what a start promises, up to the first that it does not keep.
func (c sshCall) probe() int {
	script, _ := io.ReadAll(os.Stdin)
	if strings.HasPrefix(string(script), "{ # What it lacks.") {
		return c.lacks(string(script))
	}
	if g, ok := openGuest(filepath.Dir(c.dir)); ok && !exists(c.path("unfit")) {
		return g.asked(string(script))
	}
	if strings.HasPrefix(string(script), "listens() {") {
		return c.heard(string(script))
	}
	word, err := os.ReadFile(c.path("unfit"))
	for rest := string(script); err == nil; {
		promise, after, found := strings.Cut(rest, ") </dev/null >&2 || lacks ")
		if !found {
			break
		}
		number, after, _ := strings.Cut(after, "\n")
		if strings.Contains(promise, strings.TrimSpace(string(word))) {
			fmt.Fprintln(os.Stderr, "it does not hold")
			fmt.Println("vmloom lacks", number)
			return 0
		}
		rest = after
	}
	return c.holds(string(script))
}

// hasProfile is whether the guest of an instance has the profile's system, as that of the fake limactl tells it.
func hasProfile(instance string) bool {
	l := &limactl{home: filepath.Dir(instance), out: io.Discard, err: io.Discard, env: os.Getenv}
	return l.shell(nil, []string{filepath.Base(instance), "test", "-e", "/etc/vmloom-profile"}) == nil
}

// holds tells what else a start asks for, as the guest of the fake limactl does.
func (c sshCall) holds(script string) int {
	instance := filepath.Dir(c.dir)
	var said strings.Builder
	l := &limactl{home: filepath.Dir(instance), out: &said, err: io.Discard, env: os.Getenv}
	fmt.Println("vmloom holds")
	if strings.Contains(script, "vmloom profile") && hasProfile(instance) {
		fmt.Println("vmloom profile")
	}
	if l.shell(nil, []string{filepath.Base(instance), "findmnt"}) == nil {
		fmt.Print("vmloom home ", said.String())
	}
	return 0
}

// heard tells where somebody listens, of the lines "listens PATH".
func (c sshCall) heard(script string) int {
	table, _ := os.ReadFile(c.path("guest/proc/net/unix"))
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		if len(words) == 2 && words[0] == "listens" && exists(c.path("guest"+words[1])) && strings.Contains(string(table), " "+words[1]+"\n") {
			fmt.Printf("<%s>\n", words[1])
		}
	}
	return 0
}

// lacks has a guest that was filled say what it lacks, and any what system it boots.
func (c sshCall) lacks(script string) int {
	instance := filepath.Dir(c.dir)
	if strings.Contains(script, "profiles/system") {
		fmt.Printf("system\t%s\n", (&limactl{}).readSystem(&fakeInstance{Dir: instance}))
	}
	if g, ok := openGuest(instance); ok {
		return g.asked(script)
	}
	return 0
}

// asked has a guest that was filled answer to lines of sh.
func (g *fakeGuest) asked(script string) int {
	if exit, ok := g.command([]string{"sh", "-c", script}).Run().(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return 0
}
