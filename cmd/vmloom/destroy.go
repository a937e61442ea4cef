package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/host"
)

func rebuildCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "rebuild",
		Usage:     "make the VM anew from the present profile; the home on its own disk stays",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("no question"),
			&cli.BoolFlag{Name: "purge-home", Usage: "go on although a home on the system disk is lost"},
			&cli.BoolFlag{Name: "unchecked", Usage: "go on although the VM does not run and cannot tell where its home is"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			d := &destroyRun{ui: u, verb: "rebuild", yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), purge: c.Bool("purge-home")}
			if c.Bool("unchecked") {
				d.more = []string{"--unchecked"}
			}
			return d.run(c.Context, c.Args().Slice())
		},
	}
}

func destroyCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "destroy",
		Usage:     "delete the VM; the home on its own disk stays, and so does what is installed on this host",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("no question"),
			&cli.BoolFlag{Name: "purge-home", Usage: "delete the home as well"},
			&cli.BoolFlag{Name: "uninstall", Usage: "take away what up has installed on this host, too"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			d := &destroyRun{ui: u, verb: "destroy", yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), purge: c.Bool("purge-home"), fromHost: c.Bool("uninstall")}
			return d.run(c.Context, c.Args().Slice())
		},
	}
}

// destroyRun is one call of destroy or rebuild: what deletes.
type destroyRun struct {
	*ui
	verb                         string
	yes, dryRun, purge, fromHost bool
	more                         []string // of the script

	vm     *machine
	traces traces
	plan   *host.Plan
}

func (d *destroyRun) run(ctx context.Context, args []string) (err error) {
	if d.vm, err = d.plainVM(ctx, args); err != nil {
		return err
	}
	layout, err := hostLayout()
	if err != nil {
		return err
	}
	d.traces = lookFor(d.vm.setup, layout)
	if d.plan, err = host.Uninstall(layout, d.vm.name); err != nil {
		return err
	}
	if len(d.traces.system) > 0 && d.vm.Home.Disk == 0 && !d.purge {
		return hinted(errors.New("the home is on the system disk and would be lost"), d.vm.typed(cure.Say("save it, then: %s", cure.Vmloom(d.verb, "--purge-home"))))
	}
	if d.verb == "destroy" && d.vm.UnderLima() && len(d.traces.system) > 0 && d.traces.home == "" && !d.purge {
		return hinted(errors.New("the home is NOT on its own disk and would be lost"), d.vm.typed(cure.Say("save it, then: %s", cure.Vmloom("destroy", "--purge-home"))))
	}
	if d.dryRun {
		d.show(d.out)
		return nil
	}
	if err := d.freshen(ctx, d.vm.setup); err != nil {
		return err
	}
	if d.deletes() && !d.yes {
		d.show(d.ui.err)
		if err := d.confirm(ctx, d.verb+" "+d.vm.name+"?", "--yes does it"); err != nil {
			return err
		}
	}
	return d.delete(ctx)
}

func (d *destroyRun) deletes() bool {
	return len(d.traces.system) > 0 || d.verb == "destroy" && (d.purge && d.traces.home != "" || d.fromHost && len(d.plan.Pending()) > 0)
}

func (d *destroyRun) delete(ctx context.Context) error {
	args := append([]string{"--yes"}, d.more...)
	if d.purge {
		args = append(args, "--purge-home")
	}
	if err := d.script(ctx, d.vm, d.verb, args...); err != nil {
		return err
	}
	switch {
	case d.verb == "rebuild":
	case d.fromHost:
		return d.uninstall(ctx, d.vm, d.plan)
	case len(d.plan.Changes) > 0:
		d.say("what up has installed on this host stays; %s takes it away", d.vm.typed(cure.Do(cure.Vmloom("down", "--uninstall"))))
	}
	return nil
}

// show lists every path that goes and every one that stays.
func (d *destroyRun) show(w io.Writer) {
	for _, path := range d.traces.system {
		fmt.Fprintf(w, "- %s\n", path)
	}
	if d.verb == "rebuild" {
		fmt.Fprintf(w, "+ the VM, made anew from %s\n", d.vm.path)
	}
	if home := d.traces.home; home != "" && d.purge && d.verb == "destroy" {
		fmt.Fprintf(w, "- %s: the HOME\n", home)
	} else if home != "" {
		fmt.Fprintf(w, "= %s: the home stays\n", home)
	}
	fmt.Fprintf(w, "= %s and %s stay\n", d.vm.path, d.vm.dir)
	if d.fromHost {
		d.vm.showChanges(w, d.plan.Changes)
		return
	}
	for _, s := range d.plan.Changes {
		for _, path := range s.Paths {
			fmt.Fprintf(w, "= %s stays on this host\n", path)
		}
	}
}
