package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/engine"
	"vmloom/generate"
	"vmloom/host"
	"vmloom/ownership"
	"vmloom/process"
)

func yesFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: usage}
}

func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Usage: "print what would be done, and do nothing"}
}

func upCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "up",
		Usage:     "make the VM where there is none, start it, and install on this host what the profile asks for",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("install on this host without a question"),
			&cli.BoolFlag{Name: "take", Usage: "take over an instance or a disk that is there and has no mark of a project"},
			&cli.BoolFlag{Name: "no-install", Usage: "the VM alone: nothing is installed on this host"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			r := &upRun{ui: u, yes: c.Bool("yes"), install: !c.Bool("no-install"), take: c.Bool("take"), dryRun: c.Bool("dry-run")}
			return r.run(c.Context, c.Args().Slice())
		},
	}
}

// upRun is one call of up.
type upRun struct {
	*ui
	yes, install, dryRun bool
	take                 bool // what has no mark of a project
	vm                   *machine
	layout               host.Layout
}

func (r *upRun) run(ctx context.Context, args []string) (err error) {
	if r.vm, err = r.plainVM(ctx, args); err != nil {
		return err
	}
	if r.layout, err = hostLayout(); err != nil {
		return err
	}
	if !r.dryRun {
		if err := r.freshen(ctx, r.vm.setup); err != nil {
			return err
		}
	}
	r.size()
	r.tellBehind(map[string]string{r.vm.path: lockFile(r.vm.path, r.vm.Name)})
	formers := r.vm.formers()
	for _, f := range formers {
		hint, text := f.words(r.vm.Name)
		if f.holds() && (f.same || !isMade(r.vm.setup, r.layout)) {
			return hinted(errors.New(text), hint)
		}
	}
	if err := r.image(ctx); err != nil {
		return err
	}
	plan, err := r.hostPlan(ctx)
	if err != nil {
		return err
	}
	if r.dryRun {
		return r.print(plan, formers)
	}
	for _, f := range formers {
		if hint, text := f.words(r.vm.Name); f.holds() {
			r.suggest(hint, "%s", text)
		}
	}
	pending := plan.Pending()
	if len(pending) > 0 && !r.yes {
		r.vm.showChanges(r.ui.err, pending)
		if err := r.confirm(ctx, "install this on the host, and start the VM?", "--yes installs it; --no-install starts the VM alone"); err != nil {
			return err
		}
	}
	var flags []string
	if r.take {
		flags = []string{"--take"}
	}
	was := isMade(r.vm.setup, r.layout)
	if err := r.script(ctx, r.vm, "create", flags...); err != nil {
		return err
	}
	if err := r.apply(ctx, plan); err != nil || !was {
		return err
	}
	return r.offer(ctx, args)
}

// size warns of a VM that is larger than this machine, before it is made: doctor holds it to that.
func (r *upRun) size() {
	p := r.vm.Profile
	cpus, memory := hostSize()
	wantedCPUs, wanted := p.Resources.CPUs.On(cpus), p.Resources.Memory.On(memory)
	switch {
	case isMade(r.vm.setup, r.layout):
	case cpus > 0 && wantedCPUs > cpus && p.UnderLima(): // QEMU's scripts give it fewer
		r.suggest("write less into resources.cpus", "%s: the VM wants %d processors, and this host has %d", r.vm.path, wantedCPUs, cpus)
	case memory > 0 && int64(wanted) >= memory:
		r.suggest("write less into resources.memory", "%s: the VM wants %s of memory, and this host has %s", r.vm.path, wanted, inUnits(memory))
	}
}

// image looks for the image of vmloom's own that a new VM would start from.
func (r *upRun) image(ctx context.Context) error {
	s := r.vm.setup
	pinned, err := s.image(s.Profile, thisArch())
	if err != nil {
		return err
	}
	start := generate.StartsFrom(s.OnArch(thisArch()), pinned)
	given := !s.UnderLima() && os.Getenv("IMAGE") != "" // the script takes that one
	image := filepath.Join(filepath.Dir(s.path), filepath.FromSlash(start.Image))
	if _, err := os.Stat(image); start.Origin != generate.FromOwn || given || err == nil || isMade(s, r.layout) {
		return nil
	}
	if of := start.Record; of != nil && of.URL != "" {
		if r.dryRun {
			fmt.Fprintf(r.out, "+ %s: downloaded from %s\n", image, of.URL)
			return nil
		}
		r.say("%s: image %s is missing: downloads %s from %s", r.vm.path, image, inUnits(of.Size), of.URL)
		return withCure(engine.Fetch(ctx, s.base, *of))
	}
	return hinted(fmt.Errorf("image %s: not there", image), r.vm.typed(cure.Do(cure.Vmloom("build-image"))))
}

func (r *upRun) hostPlan(ctx context.Context) (*host.Plan, error) {
	if !r.install {
		return &host.Plan{}, nil
	}
	s := r.vm.setup
	made, err := s.files(s.Profile)
	if err != nil {
		return nil, err
	}
	set := host.Set{Profile: s.Profile, Path: filepath.Join(s.base, filepath.Base(s.path)), Dir: s.generated(), Files: map[string][]byte{}}
	for _, f := range made {
		set.Files[f.Path] = f.Data
	}
	return host.Compare(ctx, r.layout, set)
}

// apply installs, and says what was done, what is left to the user, and what is refused.
func (r *upRun) apply(ctx context.Context, plan *host.Plan) error {
	owner, err := ownership.Of(r.vm.path, r.vm.Name)
	if err != nil {
		return err
	}
	if other, err := r.vm.hostOf(plan); err != nil {
		r.say("what is installed on this host for %s was of %s, which cannot be looked at: taken over", r.vm.name, other)
	} else if other != "" {
		r.say("what is installed on this host for %s was of another project, %s: taken over", r.vm.name, other)
	}
	plan.For(owner.ID)
	failed := r.carryOut(ctx, plan)
	for _, s := range sameReason(plan.Of(host.Left)) {
		r.suggest(r.vm.typed(s.Hint), "%s: left to you: %s", s.Does, s.Why)
	}
	refused := plan.Of(host.Refused)
	for _, s := range refused {
		r.fault(r.vm.typed(s.Hint), "%s: refused: %s", s.Does, s.Why)
	}
	if failed == nil && len(refused) > 0 {
		return errSilent
	}
	return failed
}

// print is the dry run. Where up would stop, it says nothing else.
func (r *upRun) print(plan *host.Plan, formers []former) error {
	s := r.vm.setup
	drift, err := s.plan(s.Profile, false)
	if err != nil {
		return err
	}
	if err := keptByHand(s, drift); err != nil {
		return err
	}
	if n := len(drift.Changes) - drift.Count(generate.Unchanged); n > 0 {
		fmt.Fprintf(r.out, "~ %s: %s to be written\n", r.vm.dir, plural(n, "file"))
	}
	for _, f := range formers {
		if _, text := f.words(s.Name); f.holds() {
			fmt.Fprintf(r.out, "= %s\n", text)
		}
	}
	fmt.Fprintf(r.out, "+ the VM: made where there is none, and started\n    run: %s\n", process.Cmd{Args: []string{"sh", r.vm.file("create")}})
	if from := generate.FirstSwitch(s.Profile); from != "" {
		fmt.Fprintf(r.out, "+ the guest: where it is %s still, it goes on to the profile's own system, and restarts once\n    run: %s\n",
			from, process.Cmd{Args: []string{"sh", r.vm.file("switch"), "boot"}})
	}
	r.vm.showChanges(r.out, plan.Changes)
	return nil
}
