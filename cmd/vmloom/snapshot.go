package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

func snapshotCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "snapshot",
		Usage:     "keep the system of the VM as it is, to come back to by restore; of a VM that is off",
		ArgsUsage: "[PROFILE] [NAME]",
		Flags: []cli.Flag{
			stopFlag(),
			&cli.BoolFlag{Name: "home", Usage: "copy the home as well, under QEMU"},
			&cli.BoolFlag{Name: "drop", Usage: "give the snapshot NAME up"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			verb := "take"
			if c.Bool("drop") {
				verb = "drop"
			}
			return u.snapshot(c, verb)
		},
	}
}

func restoreCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Usage:     "bring the system back to a snapshot; what it replaces becomes one, and the home stays as it is",
		ArgsUsage: "[PROFILE] NAME",
		Flags: []cli.Flag{
			stopFlag(),
			&cli.BoolFlag{Name: "home", Usage: "let the home go back, too"},
			yesFlag("no question"), dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error { return u.snapshot(c, "restore") },
	}
}

func stopFlag() cli.Flag {
	return &cli.BoolFlag{Name: "stop", Usage: "stop a VM that runs, and start it again afterwards"}
}

// snapshot runs the script of that name, which looks at the VM itself.
func (u *ui) snapshot(c *cli.Context, verb string) error {
	prof, rest, err := sshArgs(c.Context, c.Args().Slice())
	switch {
	case err != nil:
		return err
	case len(rest) > 1:
		return usage("argument "+rest[1]+": one name at a time", "vmloom snapshots shows those that are there")
	case len(rest) == 0 && verb != "take":
		return usage(verb+": which snapshot?", "vmloom snapshots shows them")
	}
	v, err := u.anyVM(c.Context, prof, !c.Bool("dry-run"))
	if err != nil {
		return err
	}
	if err := v.made(); err != nil {
		return err
	}
	args := append([]string{verb}, rest...)
	for _, flag := range []string{"stop", "home", "dry-run"} {
		if c.Bool(flag) {
			args = append(args, "--"+flag)
		}
	}
	if verb == "restore" && !c.Bool("dry-run") {
		if !c.Bool("yes") {
			if err := u.script(c.Context, v, "snapshot", append(args, "--dry-run")...); err != nil {
				return err
			}
			if err := u.confirm(c.Context, "restore "+rest[0]+"?", "--yes does it"); err != nil {
				return err
			}
		}
		args = append(args, "--yes")
	}
	return u.script(c.Context, v, "snapshot", args...)
}

// dropOld gives up the system that a rebuild has kept.
func (u *ui) dropOld(ctx context.Context, args []string) error {
	v, err := u.anyVM(ctx, args, true)
	if err != nil {
		return err
	}
	if err := v.made(); err != nil {
		return err
	}
	return u.script(ctx, v, "rebuild", "--drop-old")
}
