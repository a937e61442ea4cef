package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"vmloom/atomic"
	"vmloom/engine"
	"vmloom/process"
)

// evaluationSize is the memory that reading a whole NixOS or Guix System takes.
const evaluationSize = 3 << 30

// stopped is why what is left of a run with --fail-fast is not done.
type stopped struct{ by string }

func (s stopped) Error() string { return "stopped by --fail-fast: " + s.by + " failed" }

func (b *imageRun) all(ctx context.Context, args []string) error {
	if _, err := engine.ParsePlace(b.on); b.on != "" && err != nil {
		return usage(err.Error(), "vmloom build-image --on lima:default, for example")
	}
	b.fleetBeside(args, "build-image")
	paths, err := profilePaths(ctx, args)
	if err != nil {
		return err
	}
	heard, end := whileHeard(engine.Remembering(ctx))
	defer end()
	ctx, b.stop = context.WithCancelCause(heard)
	defer b.stop(nil)
	b.told, b.said, b.handing = map[string]bool{}, map[string]bool{}, map[string]engine.Builders{}
	var builds []*imageBuild
	for _, path := range paths {
		s, err := loadSetup(path)
		if err == nil {
			s, err = s.builds()
		}
		if err == nil {
			err = b.inLimaHome(s)
		}
		if err != nil && len(paths) == 1 {
			return b.unreadable(path, err)
		}
		one := &imageBuild{imageRun: b, setup: s}
		if builds = append(builds, one); err != nil {
			one.setup = &setup{path: path}
			one.unread(err)
		}
	}
	jobs, evaluations := bounds(builds)
	b.evaluations = make(chan struct{}, evaluations)
	defer b.disconnect(ctx, builds)
	for _, one := range builds {
		one.decide(ctx, len(builds) > 1, one.begin)
	}
	b.tellBehind(locks(builds))
	b.lookAll(ctx, builds, jobs)
	b.buildAll(ctx, builds, jobs)
	for _, one := range builds {
		if one.renews {
			one.renew(ctx)
		}
	}
	return b.report(heard, builds)
}

// locks are those of the flakes of what is to be built, by profile.
func locks(builds []*imageBuild) map[string]string {
	out := map[string]string{}
	for _, one := range builds {
		if one.err == nil && one.report.State == "" {
			out[one.path] = lockFile(one.path, one.Name)
		}
	}
	return out
}

// bounds are how many images are under way at once, and how many evaluations run: the least
// that a profile says, or else what this machine bears.
func bounds(builds []*imageBuild) (jobs, evaluations int) {
	cpus, memory := hostSize()
	most := cpus
	if memory > 0 {
		most = max(1, min(cpus, int(memory/evaluationSize)))
	}
	least := func(of func(*imageBuild) int) (n int) {
		for _, one := range builds {
			if said := 0; one.Profile != nil {
				if said = of(one); said > 0 && (n == 0 || said < n) {
					n = said
				}
			}
		}
		if n == 0 {
			return most
		}
		return n
	}
	return least(func(b *imageBuild) int { return b.Build.Jobs }), least(func(b *imageBuild) int { return b.Build.Evaluations })
}

// decide takes one of them a step on towards its build, or says why it has nothing to do.
func (b *imageBuild) decide(ctx context.Context, several bool, step func(context.Context) error) {
	if b.err != nil || b.report.State != "" {
		return
	}
	b.report.Profile = b.path
	if cut := context.Cause(ctx); cut != nil {
		b.skip(cut)
		return
	}
	if !engine.Builds(b.Profile) && several { // among others it is no mistake
		b.report.State = "none"
		b.say("%s: the VM starts from a published image: none is built", b.path)
		return
	}
	err := step(ctx)
	if cut := context.Cause(ctx); cut != nil {
		err = cut // whatever a question that was cut off seemed to tell
		b.steps = nil
	}
	if err != nil {
		b.fail(err)
	}
}

// lookAll has each of them look at its place, so many at once, for that asks tools and other machines. What they say
// comes in the order of the profiles.
func (b *imageRun) lookAll(ctx context.Context, builds []*imageBuild, jobs int) {
	if b.failFast {
		jobs = 1 // which is the first that fails does not depend on who answers first
	}
	free, looked := make(chan struct{}, jobs), make([]chan struct{}, len(builds))
	for i := range builds {
		looked[i] = make(chan struct{})
	}
	go func() {
		for i, one := range builds {
			free <- struct{}{}
			go func() {
				defer func() { <-free; close(looked[i]) }()
				one.decide(ctx, len(builds) > 1, one.look)
			}()
		}
	}()
	for i, one := range builds {
		one.words.open()
		<-looked[i]
		if b.dryRun && one.steps != nil {
			one.printPlan()
		}
	}
}

// words are what one of several says while all are at work: nothing before it is its turn, and then at once.
type words struct {
	mu   sync.Mutex
	turn bool
	held []func()
}

func (w *words) say(what func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turn {
		what()
		return
	}
	w.held = append(w.held, what)
}

func (w *words) open() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, what := range w.held {
		what()
	}
	w.turn, w.held = true, nil
}

// buildAll builds what was prepared, so many at once: each of these is a process that may
// need much, and what it builds the tools themselves schedule.
func (b *imageRun) buildAll(ctx context.Context, builds []*imageBuild, jobs int) {
	var due []*imageBuild
	for _, one := range builds {
		if one.steps != nil || one.due {
			due = append(due, one)
		}
	}
	screen := newScreen(b.ui, len(due))
	defer screen.close()
	free := make(chan struct{}, jobs)
	var wg sync.WaitGroup
	for _, one := range due {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if cut := context.Cause(ctx); cut != nil {
			one.skip(cut)
			continue
		}
		wg.Go(func() {
			defer func() { <-free }()
			row := screen.line(one.Name)
			err := one.run(ctx, row.watch)
			if err != nil {
				one.fail(err)
			}
			row.done(err)
		})
	}
	wg.Wait()
}

// skip leaves one undone that was not begun, or ended for another's sake.
func (b *imageBuild) skip(why error) {
	b.err, b.told = why, true
	b.report.State, b.report.Error = "skipped", &failureJSON{Cause: why.Error()}
}

// unread is what becomes of a profile with mistakes among others.
func (b *imageBuild) unread(err error) {
	b.err, b.told = err, true
	b.report = unreadReport(b.path, err)
	if !b.json {
		b.loadError(b.path, err)
	}
	if b.failFast {
		b.stop(stopped{b.path})
	}
}

// renew makes the generated files of a profile anew, with the image's digest.
func (b *imageBuild) renew(ctx context.Context) {
	now, err := loadSetup(b.path) // it may have been edited meanwhile
	if err != nil {
		err = fmt.Errorf("the image is built, but the profile cannot be read any more: %w", err)
	} else {
		err = b.freshen(ctx, now)
	}
	if err != nil {
		b.fail(err)
	}
}

// share has what vmloom does at another machine go by one connection with the other profiles'.
func (b *imageBuild) share() (err error) {
	if b.job.Place.Kind == engine.SSH && !b.dryRun {
		b.job.Place.Control, err = b.controlPath()
	}
	return err
}

// controlPath is where ssh keeps the connections that this run shares: below /tmp, since a
// socket's path may not be long.
func (b *imageRun) controlPath() (string, error) {
	b.connecting.Lock()
	defer b.connecting.Unlock()
	if b.control == "" {
		dir, done, err := atomic.Stage("/tmp", "ssh")
		if err != nil {
			return "", err
		}
		b.control, b.unstage = dir, done
	}
	return filepath.Join(b.control, "%C"), nil
}

func (b *imageRun) disconnect(ctx context.Context, builds []*imageBuild) {
	ctx = context.WithoutCancel(ctx)
	for _, one := range builds {
		if one.job != nil {
			one.job.Place.Disconnect(ctx) // a host of several is asked once
		}
	}
	if b.control != "" {
		b.unstage()
	}
}

func (b *imageRun) report(ctx context.Context, builds []*imageBuild) error {
	reports := []imageReport{}
	failed, left := false, false
	for _, one := range builds {
		left = left || one.left != nil
		reports = append(reports, one.report)
		failed = failed || one.err != nil
		if !b.json {
			one.print()
		}
		if one.left != nil {
			one.printLeft()
		}
	}
	var unwritten error // said when all else is
	if b.junit != "" {
		unwritten = b.ui.writeJUnit(b.junit, b.suite(reports))
	}
	switch {
	case b.json:
		if err := b.ui.json(imagesJSON{Profiles: reports}); err != nil {
			return err
		}
	case len(reports) > 1 && !b.dryRun:
		b.printTable(reports)
	}
	var cut process.Interrupted
	switch {
	case errors.As(context.Cause(ctx), &cut) && left:
		return cut
	case errors.As(context.Cause(ctx), &cut):
		return fmt.Errorf("%w: nothing half-done is left", cut)
	case failed && unwritten == nil:
		return errSilent
	}
	return unwritten
}
