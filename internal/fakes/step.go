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

// lacks has a guest that was filled say what it lacks, and any what system it boots.
func (c sshCall) lacks(script string) int {
	instance := filepath.Dir(c.dir)
	if strings.Contains(script, "profiles/system") {
		fmt.Printf("system\t%s\n", (&limactl{}).readSystem(&fakeInstance{Dir: instance}))
	}
	g, ok := openGuest(instance)
	if !ok {
		return 0
	}
	if exit, ok := g.command([]string{"sh", "-c", script}).Run().(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return 0
}
