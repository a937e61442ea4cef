package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"vmloom/guest"
	"vmloom/profile"
)

func cleanCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "clean",
		Usage:     "free room in the running guest: old generations, downloads, logs; what goes is shown first",
		ArgsUsage: "[PROFILE]",
		Flags:     []cli.Flag{yesFlag("no question"), dryRunFlag(), quietFlag(u)},
		Action: func(c *cli.Context) error {
			v, err := u.plainVM(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			r := &cleanRun{ui: u, vm: v, sweeps: v.System().Sweeps, yes: c.Bool("yes"), dryRun: c.Bool("dry-run")}
			return r.run(c.Context)
		},
	}
}

// cleanRun is one call of clean.
type cleanRun struct {
	*ui
	vm          *machine
	sweeps      []profile.Sweep
	yes, dryRun bool
}

// room is how much a guest has free, in KiB: on its system's disk and where the home is.
type room struct{ system, home int64 }

// lookAtRoom prints the room, and what each of its arguments, lines of sh, finds.
const lookAtRoom = `say() { printf '%s %s\n' "$token" "$*"; }
token=$0
say free "$(df -Pk / | awk 'NR == 2 { print $4 }')"
say home "$(df -Pk "$4" | awk 'NR == 2 { print $4 }')"
shift 4
for size; do say size "$(sh -c "$size" 2>/dev/null)"; done`

func (r *cleanRun) run(ctx context.Context) error {
	if err := r.vm.made(); err != nil {
		return err
	}
	g, err := r.guest(ctx, r.vm)
	if err != nil {
		return err
	}
	before, sizes, err := r.look(ctx, g, r.dryRun || !r.yes)
	if err != nil {
		return err
	}
	if r.dryRun {
		r.plan(r.out, before, sizes)
		return nil
	}
	if !r.yes {
		r.plan(r.ui.err, before, sizes)
		if err := r.confirm(ctx, "let it go?", "--yes does it"); err != nil {
			return err
		}
	}
	failed := r.sweep(ctx, g)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: what was begun may be half done; the same command again goes on", context.Cause(ctx))
	}
	after, _, err := r.look(ctx, g, false)
	if err != nil {
		return err
	}
	r.say("%s: %s free on its system's disk, and %s before; where the home is, %s and %s", r.vm.name,
		inUnits(after.system<<10), inUnits(before.system<<10), inUnits(after.home<<10), inUnits(before.home<<10))
	return failed
}

// look asks the guest for its room, and for the size, the count and, for a plan, the dead part of what each sweep would
// let go, as text.
func (r *cleanRun) look(ctx context.Context, g guest.Guest, plan bool) (now room, sizes []string, err error) {
	var args []string
	for _, s := range r.sweeps {
		if !plan { // of which nobody would hear, after a minute
			s.Dead = ""
		}
		args = append(args, s.Size, s.Count, s.Dead)
	}
	l := guest.NewLines()
	err = g.Run(ctx, lookAtRoom, l, nil, nil, args...)
	if err != nil {
		return now, nil, fmt.Errorf("%s: does not say how much room it has: %w", r.vm.name, err)
	}
	for word, into := range map[string]*int64{"free": &now.system, "home": &now.home} {
		if *into, err = strconv.ParseInt(l.One(word), 10, 64); err != nil {
			return now, nil, fmt.Errorf("%s: does not say how much room it has", r.vm.name)
		}
	}
	if sizes = l.All("size"); len(sizes) != asked*len(r.sweeps) {
		return now, nil, fmt.Errorf("%s: does not say all that takes room", r.vm.name)
	}
	return now, sizes, nil
}

// asked are the questions about each sweep.
const asked = 3

// plan shows what goes.
func (r *cleanRun) plan(w io.Writer, now room, sizes []string) {
	for i, s := range r.sweeps {
		size := ""
		if n, err := strconv.ParseInt(sizes[asked*i], 10, 64); err == nil {
			size = ": " + inUnits(n<<10)
		}
		if n, err := strconv.Atoi(sizes[asked*i+1]); err == nil {
			size += fmt.Sprintf(": %d of them", n)
		}
		if s.Dead != "" {
			size += "; " + dead(sizes[asked*i+2])
		}
		fmt.Fprintf(w, "- %s%s\n    run: %s\n", s.What, size, s.Run)
	}
	fmt.Fprintf(w, "= %s: %s free on its system's disk, %s where the home is; nothing in the home is touched\n", r.vm.name, inUnits(now.system<<10), inUnits(now.home<<10))
}

// dead says what the guest told of its store. What old generations alone need is not dead before they are gone.
func dead(told string) string {
	n, err := strconv.ParseInt(told, 10, 64)
	if err != nil {
		return "how much of the store that is, only doing it tells"
	}
	return inUnits(n<<10) + " of the store nothing needs today, and more once they are gone"
}

// sweep lets everything go; what fails keeps the rest from nothing.
func (r *cleanRun) sweep(ctx context.Context, g guest.Guest) (failed error) {
	m := r.meter(len(r.sweeps))
	defer m.clear()
	for i, s := range r.sweeps {
		m.at(i+1, len(r.sweeps), s.What)
		if err := g.Run(ctx, s.Run, guest.NewLines(), nil, nil); err != nil && ctx.Err() == nil {
			m.clear()
			r.fault("vmloom ssh, and there: sudo sh -c '"+s.Run+"'", "%s: stays: %v", s.What, err)
			failed = errSilent
		}
	}
	return failed
}
