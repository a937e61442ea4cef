package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
)

func sshCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:            "ssh",
		Usage:           "open a shell in the VM, or run a command there and end with its exit status",
		ArgsUsage:       "[PROFILE] [--] [COMMAND ...]",
		SkipFlagParsing: true, // the flags are the command's
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
				return cli.ShowCommandHelp(c.Lineage()[1], "ssh")
			}
			prof, command, err := sshArgs(c.Context, args)
			if err != nil {
				return err
			}
			v, err := u.anyVM(c.Context, prof, true)
			if err != nil {
				return err
			}
			if err := v.made(); err != nil {
				return err
			}
			if layout, err := hostLayout(); err == nil {
				if c := v.straight(layout, command); len(c.Args) > 0 {
					return become(c.Args)
				}
			}
			return become(append([]string{"sh", v.file("ssh")}, command...))
		},
	}
}

// sshArgs parts the profile from the command: the first argument is a profile
// only where it looks like one, and nothing after -- is.
func sshArgs(ctx context.Context, args []string) (prof, command []string, err error) {
	if len(args) == 0 {
		return nil, nil, nil
	}
	first, rest := args[0], args[1:]
	switch {
	case first == "--":
		return nil, rest, nil
	case strings.HasPrefix(first, "-"):
		return nil, nil, usage("flag "+first+": vmloom ssh has none", "a command for the VM stands behind --: vmloom ssh -- COMMAND")
	case !namesProfile(ctx, first):
		return nil, args, nil
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	return []string{first}, rest, nil
}

func namesProfile(ctx context.Context, arg string) bool {
	ext := filepath.Ext(arg)
	if ext == ".yaml" || ext == ".yml" {
		return true
	}
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return false
	}
	found, err := profilesBelow(ctx, arg, nil)
	return err == nil && len(found) > 0
}

// become makes this process the command, so that terminal, signals and exit
// status are its own.
func become(args []string) error {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	err = syscall.Exec(program, args, os.Environ())
	return fmt.Errorf("%s: %w", program, err)
}
