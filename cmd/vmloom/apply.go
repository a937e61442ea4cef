package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/cure"
	"vmloom/verify"
)

func applyCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "bring the VM to the present profile in place: a plan with what it costs first, and verify of what has changed after it",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("no question"),
			&cli.BoolFlag{Name: "force", Usage: "drop what was edited in the instance by hand"},
			&cli.BoolFlag{Name: "boot", Usage: "NixOS: have the guest switch at its next boot"},
			&cli.BoolFlag{Name: "test", Usage: "NixOS: have the guest switch until its next boot"},
			&cli.BoolFlag{Name: "rollback", Usage: "NixOS, Guix: go back to the system before the last switch, and do nothing else"},
			&cli.BoolFlag{Name: "upgrade", Usage: "Ubuntu, Debian, Fedora: bring the guest to a newer release in place, with a snapshot before it, rather than by a rebuild"},
			dryRunFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the plan as one JSON document, and do nothing"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			r := &applyRun{ui: u, yes: c.Bool("yes"), force: c.Bool("force"), dryRun: c.Bool("dry-run"), asJSON: c.Bool("json"), upgrade: c.Bool("upgrade")}
			for _, way := range []string{"boot", "test", "rollback"} {
				if c.Bool(way) {
					r.ways = append(r.ways, way)
				}
			}
			return r.run(c.Context, c.Args().Slice())
		},
	}
}

// applyRun is one call of apply. The plan and its steps are the script's, which looks at the VM itself.
type applyRun struct {
	*ui
	yes, force, dryRun, asJSON bool
	upgrade                    bool
	ways                       []string // of a switch: one at most
	vm                         *machine
}

func (r *applyRun) run(ctx context.Context, args []string) (err error) {
	if r.vm, err = r.plainVM(ctx, args); err != nil {
		return err
	}
	if err := r.mayUpgrade(); err != nil {
		return err
	}
	if err := r.way(); err != nil {
		return err
	}
	if err := r.vm.made(); err != nil {
		return err
	}
	if slices.Contains(r.ways, "rollback") {
		return r.rollBack(ctx)
	}
	looking := r.dryRun || r.asJSON
	if !looking {
		if err := r.freshen(ctx, r.vm.setup); err != nil {
			return err
		}
	}
	plan, failed := r.plan(ctx, looking)
	if r.asJSON && (failed == nil || len(plan.Changes) > 0) {
		if err := r.json(plan); err != nil {
			return err
		}
		return failed
	}
	if len(plan.Changes) > 0 {
		out := r.ui.err
		if looking {
			out = r.data
		}
		plan.show(out)
	}
	if failed != nil || looking || len(plan.Changes) == 0 {
		return failed
	}
	if !r.yes {
		if err := r.confirm(ctx, "apply this to "+r.vm.Name+"?", "--yes does it"); err != nil {
			return err
		}
	}
	return r.carryOut(ctx, args, plan)
}

// carryOut has the script do a plan, and holds the guest to it.
func (r *applyRun) carryOut(ctx context.Context, args []string, plan planJSON) error {
	if err := r.script(ctx, r.vm, "apply", r.flags("--yes")...); err != nil {
		return err
	}
	if slices.Contains(r.ways, "boot") { // the guest is as it was until then
		return nil
	}
	if plan.remakes() {
		r.say("what it was is kept: with the profile as it was, %s has it back; %s gives it up",
			r.vm.typed(cure.Do(cure.Vmloom("restore")))+" before-rebuild", r.vm.typed(cure.Do(cure.Vmloom("rebuild", "--drop-old"))))
	}
	return r.verify(ctx, args, plan)
}

func (r *applyRun) flags(first string) []string {
	out := []string{first}
	if r.force {
		out = append(out, "--force")
	}
	if r.upgrade {
		out = append(out, "--upgrade")
	}
	for _, way := range r.ways {
		out = append(out, "--"+way)
	}
	return out
}

// mayUpgrade is the error of an upgrade in place that this guest's system has none of, or nil.
func (r *applyRun) mayUpgrade() error {
	system := r.vm.System()
	switch {
	case !r.upgrade:
		return nil
	case system.ReleaseFrom != "":
		return usage("flag --upgrade: "+system.Title+"'s release is that of "+system.ReleaseFrom, "vmloom lock, then vmloom apply switches to it")
	case len(system.UpgradesFrom(r.vm.Guest.Release)) == 0:
		return usage("flag --upgrade: no release of "+system.Title+" can become "+r.vm.Guest.Release+" in place", "without it the VM is made again")
	}
	return nil
}

// way is the error of a switch that this guest cannot do so, or nil.
func (r *applyRun) way() error {
	switch {
	case len(r.ways) == 0:
		return nil
	case len(r.ways) > 1:
		return usage("flag --"+r.ways[1]+": not with --"+r.ways[0], "one of them")
	case r.ways[0] == "rollback" && (r.dryRun || r.asJSON):
		return usage("flag --rollback: has no plan", "without --dry-run and --json it asks first")
	}
	system, way := r.vm.System(), r.ways[0]
	can := system.SwitchWays()
	switch {
	case slices.Contains(can, way):
		return nil
	case len(can) > 0:
		return usage("flag --"+way+": a guest of "+system.Title+" runs its new system at once, and boots it", "--"+strings.Join(can, ", --"))
	}
	return usage("flag --"+way+": "+system.Title+" keeps no system beside the one that runs", "change the profile back, then vmloom apply")
}

// rollBack is the script's, whose own question stands for one here.
func (r *applyRun) rollBack(ctx context.Context) error {
	if !r.yes {
		if err := r.confirm(ctx, "have "+r.vm.Name+" go back to the system before the last switch?", "--yes does it"); err != nil {
			return err
		}
	}
	return r.script(ctx, r.vm, "apply", "--yes", "--rollback")
}

// plan is the script's dry run, of the files as the profile makes them now.
func (r *applyRun) plan(ctx context.Context, unwritten bool) (planJSON, error) {
	p := planJSON{Profile: r.vm.path, Name: r.vm.Name}
	script := r.vm.file("apply")
	args := append([]string{"sh", script}, r.flags("--dry-run")...)
	if unwritten {
		from, text, done, err := r.unwritten()
		if err != nil {
			return p, err
		}
		if from != "" {
			defer done()
			args = append([]string{"sh", "-c", text, script, "--from=" + from}, r.flags("--dry-run")...)
		}
	}
	var out strings.Builder
	err := r.runScript(ctx, script, args, &out)
	p.readPlan(out.String())
	return p, err
}

// unwritten is a directory of the files that the profile makes where those on disk are others, and the text of the
// script; empty: they are the same. Done removes it.
func (r *applyRun) unwritten() (dir, script string, done func(), err error) {
	drift, err := r.vm.plan(r.vm.Profile, false)
	if err != nil || !drift.Drift() {
		return "", "", nil, err
	}
	script, made, err := r.vm.scriptNow("apply")
	if err != nil {
		return "", "", nil, err
	}
	if dir, done, err = atomic.Stage(os.TempDir(), "apply"); err != nil {
		return "", "", nil, err
	}
	for _, f := range made {
		file := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err = os.MkdirAll(filepath.Dir(file), 0o700); err == nil {
			err = os.WriteFile(file, f.Data, 0o600)
		}
		if err != nil {
			done()
			return "", "", nil, err
		}
	}
	return dir, script, done, nil
}

// verify holds the guest to what has changed, one that was made again to everything.
func (r *applyRun) verify(ctx context.Context, args []string, plan planJSON) error {
	l, err := look(ctx, r.ui, args)
	if err != nil {
		return err
	}
	var checks []verify.Check
	needed := map[string]bool{}
	all := verify.Checks(l.Profile)
	for i := len(all) - 1; i >= 0; i-- { // what a check needs stands before it
		c := all[i]
		if c.Restart || !needed[c.ID] && !plan.remakes() && !r.upgrade && !touched(plan.Changes, c.Field) {
			continue
		}
		checks = append([]verify.Check{c}, checks...)
		for _, id := range c.Needs {
			needed[id] = true
		}
	}
	results := l.run(ctx, checks, "")
	if err := context.Cause(ctx); err != nil {
		return err
	}
	l.rows(results)
	l.blame(results)
	if n := count(results); n.Failed+n.Unknown > 0 {
		r.suggest(r.vm.typed(cure.Do(cure.Vmloom("verify"))), "%s: applied, and not all of it holds: %s", r.vm.path, n)
		return errSilent
	}
	return nil
}

// touched reports whether a plan changes the field of a check: ports[0] is one of ports.
func touched(plan []fieldChange, field string) bool {
	section := func(path string) string {
		return strings.FieldsFunc(path+".", func(r rune) bool { return r == '[' })[0]
	}
	for _, p := range plan {
		if field != "" && (field == p.Field || section(field) == section(p.Field)) {
			return true
		}
	}
	return false
}
