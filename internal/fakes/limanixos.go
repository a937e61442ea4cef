package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// nixOS does what a NixOS guest does for root: nixos-rebuild, which fails where switch-fails is in the instance's
// directory, and work on the flake, which is in its folder that stands for the guest.
func (l *limactl) nixOS(in *fakeInstance, command []string) (done bool, err error) {
	const flakes = "/var/lib/vmloom/"
	switch {
	case command[0] == "nixos-rebuild" && exists(filepath.Join(in.Dir, "switch-fails")):
		fmt.Fprintln(l.err, "error: attribute 'rigrep' missing")
		return true, fakeExit(1)
	case command[0] == "nixos-rebuild":
		return true, nil
	case len(command) < 4 || command[0] != "sh" || !strings.HasPrefix(command[3], flakes):
		return false, nil
	}
	there := filepath.Join(in.Dir, "guest", flakes)
	if err := os.MkdirAll(there, 0o777); err != nil {
		return true, err
	}
	args := append([]string{}, command[1:]...)
	args[2] = filepath.Join(there, strings.TrimPrefix(args[2], flakes))
	cmd := exec.Command("sh", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, l.out, l.err
	if exit, is := cmd.Run().(*exec.ExitError); is {
		return true, fakeExit(exit.ExitCode())
	}
	return true, nil
}
