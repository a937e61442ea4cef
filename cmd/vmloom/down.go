package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"vmloom/host"
	"vmloom/process"
)

func downCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "down",
		Usage:     "stop the VM; with --uninstall, remove from this host what up installed",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "uninstall", Usage: "remove what up installed on this host"},
			yesFlag("no question"), dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			v, err := u.anyVM(c.Context, c.Args().Slice(), !c.Bool("dry-run"))
			if err != nil {
				return err
			}
			d := &downRun{ui: u, vm: v, yes: c.Bool("yes"), dryRun: c.Bool("dry-run")}
			return d.run(c.Context, c.Bool("uninstall"))
		},
	}
}

// downRun is one call of down.
type downRun struct {
	*ui
	vm          *machine
	yes, dryRun bool
}

func (d *downRun) run(ctx context.Context, uninstall bool) error {
	plan, err := d.plan(uninstall)
	if err != nil {
		return err
	}
	if d.dryRun {
		fmt.Fprintf(d.out, "- the VM runs no more; nothing of it is deleted\n    run: %s\n", process.Cmd{Args: []string{"sh", d.vm.file("stop")}})
		d.vm.showChanges(d.out, plan.Changes)
		return nil
	}
	if pending := plan.Pending(); len(pending) > 0 && !d.yes {
		d.vm.showChanges(d.ui.err, plan.Changes)
		if err := d.confirm(ctx, "stop the VM, and take this away from the host?", "--yes takes it away"); err != nil {
			return err
		}
	}
	err = d.script(ctx, d.vm, "stop")
	if !uninstall || ctx.Err() != nil {
		return err
	}
	if err != nil { // Lima may be gone, or the VM another's: what up has installed is removed all the same
		d.fault("", "%v", err)
		err = errSilent
	}
	return cmp.Or(d.uninstall(ctx, d.vm, plan), err)
}

func (d *downRun) plan(uninstall bool) (*host.Plan, error) {
	if !uninstall {
		return &host.Plan{}, nil
	}
	layout, err := hostLayout()
	if err != nil {
		return nil, err
	}
	plan, err := host.Uninstall(layout, d.vm.name)
	if err != nil {
		return nil, err
	}
	return plan, d.vm.ownHost(plan)
}

// uninstall removes what a plan has, and says what stays.
func (u *ui) uninstall(ctx context.Context, v *machine, plan *host.Plan) error {
	if len(plan.Changes) == 0 {
		u.say("nothing of vmloom's is installed on this host for this VM")
	}
	for _, s := range plan.Of(host.Left) {
		u.suggest(v.typed(s.Hint), "%s", s.Why)
	}
	return u.carryOut(ctx, plan)
}
