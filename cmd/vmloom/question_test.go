package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// pseudoTerminal is a terminal: what a person types goes into keys, and programs have the other end.
func pseudoTerminal(t *testing.T) (keys, terminal *os.File) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: how a pseudo-terminal is had is Linux' here")
	}
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED: no terminal to be had: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	fd := int(keys.Fd())
	must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	must(t, err)
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { terminal.Close() })
	return keys, terminal
}

// TestInterruptedQuestion: Ctrl-C at a question ends with 130, as a shell has
// it, and leaves nothing behind.
func TestInterruptedQuestion(t *testing.T) {
	for _, args := range [][]string{{"init"}, {"up"}} {
		t.Run(args[0], func(t *testing.T) {
			keys, terminal := pseudoTerminal(t)
			dir := t.TempDir()
			program, err := exec.LookPath("vmloom") // of testscript
			must(t, err)
			if args[0] != "init" {
				writeFile(t, dir+"/vmloom.yaml", leastProfile+"autostart: login\n")
			}
			cmd := exec.CommandContext(t.Context(), program, args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+t.TempDir())
			cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			must(t, cmd.Start())
			terminal.Close()
			var said strings.Builder
			for out := bufio.NewReader(keys); ; {
				c, err := out.ReadByte()
				if err != nil {
					break // the other end is closed
				}
				said.WriteByte(c)
				if text := said.String(); strings.HasSuffix(text, "]: ") || strings.HasSuffix(text, "[y/N] ") {
					if _, err := keys.WriteString("\x03"); err != nil {
						t.Fatal(err)
					}
				}
			}
			cmd.Wait()
			if cmd.ProcessState.ExitCode() != 130 || !strings.Contains(said.String(), "vmloom: interrupt: nothing was ") {
				t.Errorf("status %d: %s", cmd.ProcessState.ExitCode(), said.String())
			}
			if _, err := os.Stat(dir + "/vmloom.yaml"); args[0] == "init" && err == nil {
				t.Error("init has written a profile")
			}
		})
	}
}
