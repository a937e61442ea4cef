package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// nixOS does what a NixOS guest does for root: nixos-rebuild, which fails where switch-fails is in the instance's
// directory (with "unit" in it when the new system runs already, with "cut" since the connection broke), and work on the
// flake, which is in its folder that stands for the guest. From its first system on the file own is there.
func (l *limactl) nixOS(in *fakeInstance, command []string) (done bool, err error) {
	const flakes = "/var/lib/vmloom/"
	switch {
	case command[0] == "nixos-rebuild":
		return true, l.nixosRebuild(in, command[1])
	case len(command) < 4 || command[0] != "sh" || !strings.HasPrefix(command[3], flakes):
		return false, nil
	}
	if exists(filepath.Join(in.Dir, "cut-before")) {
		if word, _ := os.ReadFile(filepath.Join(in.Dir, "cut-before")); strings.Contains(command[2], strings.TrimSpace(string(word))) {
			fmt.Fprintln(l.err, "client_loop: send disconnect: Broken pipe")
			return true, fakeExit(255)
		}
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

func (l *limactl) nixosRebuild(in *fakeInstance, verb string) error {
	why, err := os.ReadFile(filepath.Join(in.Dir, "switch-fails"))
	fails := strings.TrimSpace(string(why))
	switch {
	case err != nil, fails == "unit":
		if verb == "switch" || verb == "test" {
			next := l.readSystem(in) + "I"
			check(os.WriteFile(filepath.Join(in.Dir, "system"), []byte(next), 0o666))
		}
		check(os.WriteFile(filepath.Join(in.Dir, "own"), nil, 0o666))
		if err == nil {
			fmt.Fprintln(l.err, "warning: the following units failed: web.service")
			return fakeExit(4)
		}
		return nil
	case fails == "cut":
		check(os.WriteFile(filepath.Join(in.Dir, "deaf"), nil, 0o666))
		fmt.Fprintln(l.err, "client_loop: send disconnect: Broken pipe")
		return fakeExit(255)
	}
	fmt.Fprintln(l.err, "error: attribute 'rigrep' missing")
	return fakeExit(1)
}

// readSystem is the system that runs; each switch makes another one.
func (l *limactl) readSystem(in *fakeInstance) string {
	system, err := os.ReadFile(filepath.Join(in.Dir, "system"))
	if err != nil {
		return "/nix/store/0-nixos-system"
	}
	return strings.TrimSpace(string(system))
}

func (l *limactl) currentSystem(in *fakeInstance) error {
	if exists(filepath.Join(in.Dir, "deaf")) {
		return fakeExit(255)
	}
	fmt.Fprintln(l.out, l.readSystem(in))
	return nil
}
