package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// shell runs a command of the guest here, in a folder that stands for the guest;
// programs in guest-bin of the instance come first.
func (l *limactl) shell(flags map[string]string, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("requires instance name as first argument")
	}
	in, err := l.inspect(args[0])
	switch {
	case err != nil:
		return fmt.Errorf("instance `%s` does not exist, run `limactl create %s` to create a new instance", args[0], args[0])
	case in.Status == "Stopped":
		return fmt.Errorf("instance `%s` is stopped, run `limactl start %s` to start the instance", in.Name, in.Name)
	case in.Status != "Running":
		l.log("error", "Instance `"+in.Name+"` has configuration errors", "error", in.problem)
		fmt.Fprintln(l.err, "ssh: connect to host 127.0.0.1 port 60022: Connection refused")
		return fakeExit(255)
	}
	guest := filepath.Join(in.Dir, "guest")
	if err := os.MkdirAll(guest, 0o777); err != nil {
		return err
	}
	command := args[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if words := strings.Join(command, " "); words == "readlink /run/current-system" || words == "readlink -f /nix/var/nix/profiles/system" {
		return l.currentSystem(in)
	}
	if words := strings.Join(command, " "); words == "test -e /etc/vmloom-profile" {
		// A guest that was filled by its profile has the profile's system.
		if !exists(filepath.Join(in.Dir, "own")) && !exists(filepath.Join(guest, "etc", "fake")) {
			return fakeExit(1)
		}
		return nil
	}
	if g, ok := openGuest(in.Dir); ok && len(command) > 0 {
		cmd := g.command(command)
		cmd.Stdout, cmd.Stderr = l.out, l.err
		if exit, ok := cmd.Run().(*exec.ExitError); ok {
			return fakeExit(exit.ExitCode())
		}
		return nil
	}
	if len(command) > 0 && command[0] == "sudo" {
		return l.asRoot(in, command)
	}
	bin := filepath.Join(in.Dir, "guest-bin")
	if len(command) == 0 {
		command = []string{"sh"}
	} else if command[0] == "findmnt" {
		if _, err := os.Stat(filepath.Join(bin, "findmnt")); err != nil {
			fmt.Fprintln(l.out, l.homeLabel(in))
			return nil
		}
	}
	cmd := exec.Command("sh", append([]string{"-c", `PATH=$0:$PATH; exec "$@"`, bin}, command...)...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = guest, os.Stdin, l.out, l.err
	err = cmd.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		return fakeExit(exit.ExitCode())
	}
	return err
}
