package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/host"
)

func rebuildCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "rebuild",
		Usage:     "recreate the VM from the present profile; the home on its own disk stays",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("no question"),
			&cli.BoolFlag{Name: "purge-home", Usage: "go on although a home is lost that is on the system disk, or may be"},
			&cli.BoolFlag{Name: "drop-old", Usage: "give up the system that the last rebuild has kept, and rebuild nothing"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			if c.Bool("drop-old") {
				return u.dropOld(c.Context, c.Args().Slice())
			}
			d := &destroyRun{ui: u, verb: "rebuild", yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), purge: c.Bool("purge-home")}
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
			&cli.BoolFlag{Name: "uninstall", Usage: "remove what up installed on this host, too"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			d := &destroyRun{ui: u, verb: "destroy", yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), purge: c.Bool("purge-home"), fromHost: c.Bool("uninstall")}
			return d.run(c.Context, c.Args().Slice())
		},
	}
}

// destroyRun is one call of destroy or rebuild: what deletes. What goes and what stays
// is the script's to say, which looks at the VM itself.
type destroyRun struct {
	*ui
	verb                         string
	yes, dryRun, purge, fromHost bool

	vm   *machine
	plan *host.Plan
}

func (d *destroyRun) run(ctx context.Context, args []string) (err error) {
	if d.vm, err = d.plainVM(ctx, args); err != nil {
		return err
	}
	layout, err := hostLayout()
	if err != nil {
		return err
	}
	if d.plan, err = host.Uninstall(layout, d.vm.name); err != nil {
		return err
	}
	if d.fromHost {
		if err := d.vm.ownHost(d.plan); err != nil {
			return err
		}
	} else if other, _ := d.vm.hostOf(d.plan); other != "" { // or it may be of another
		d.plan = &host.Plan{}
	}
	if d.dryRun {
		plan, err := d.scriptPlan(ctx)
		if err != nil {
			return err
		}
		d.show(d.out, plan)
		return nil
	}
	if err := d.freshen(ctx, d.vm.setup); err != nil {
		return err
	}
	if !d.yes {
		plan, err := d.scriptPlan(ctx)
		if err != nil {
			return err
		}
		if strings.Contains("\n"+plan, "\n- ") || strings.Contains("\n"+plan, "\n~ ") || d.fromHost && len(d.plan.Pending()) > 0 {
			d.show(d.ui.err, plan)
			if err := d.confirm(ctx, d.verb+" "+d.vm.name+"?", "--yes does it"); err != nil {
				return err
			}
		}
	}
	return d.delete(ctx)
}

func (d *destroyRun) flags(first string) []string {
	if d.purge {
		return []string{first, "--purge-home"}
	}
	return []string{first}
}

func (d *destroyRun) delete(ctx context.Context) error {
	if err := d.script(ctx, d.vm, d.verb, d.flags("--yes")...); err != nil {
		return err
	}
	switch {
	case d.verb == "rebuild":
	case d.fromHost:
		return d.uninstall(ctx, d.vm, d.plan)
	case len(d.plan.Changes) > 0:
		d.say("what up has installed on this host stays, and serves no other project's VM; %s takes it away", d.vm.typed(cure.Do(cure.Vmloom("down", "--uninstall"))))
	}
	return nil
}

// show lists every path that goes and every one that stays.
func (d *destroyRun) show(w io.Writer, plan string) {
	fmt.Fprint(w, plan)
	if d.verb == "rebuild" {
		fmt.Fprintf(w, "+ the VM, recreated from %s\n", d.vm.path)
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

// scriptPlan is the script's dry run, as the profile is now.
func (d *destroyRun) scriptPlan(ctx context.Context) (string, error) {
	text, _, err := d.vm.scriptNow(d.verb)
	if err != nil {
		return "", err
	}
	var plan strings.Builder
	where := filepath.Join(d.vm.generated(), "scripts", filepath.Base(d.vm.file(d.verb)))
	err = d.runScript(ctx, where, append([]string{"sh", "-c", text, where}, d.flags("--dry-run")...), &plan)
	return plan.String(), err
}
