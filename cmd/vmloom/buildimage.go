package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/engine"
	"vmloom/generate"
	"vmloom/process"
)

func buildImageCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "build-image",
		Usage:     "build guests' images with nix, guix or limactl, and pin them in " + engine.ImagesDir + "/",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "on", Usage: "where to build: auto, local, ssh://user@host or lima:INSTANCE; build.on of the profile otherwise"},
			&cli.BoolFlag{Name: "builders", Usage: "hand builds to the fleet's builders, at once where the nix daemon trusts you"},
			&cli.BoolFlag{Name: "push", Usage: "sign what is built and copy it to the fleet's caches, and what was built before, too"},
			&cli.BoolFlag{Name: "dry-run", Usage: "print the commands, ready to be pasted, and run none"},
			&cli.BoolFlag{Name: "check-reproducible", Usage: "build twice and compare; no image is taken"},
			&cli.BoolFlag{Name: "locked", Usage: "refuse to pin what is not pinned yet"},
			&cli.BoolFlag{Name: "force", Usage: "build although nothing has changed"},
			&cli.BoolFlag{Name: "fail-fast", Usage: "stop at the first that fails; else the others go on"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to this `FILE`; - is stdout, instead of the paths"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			b := &imageRun{
				ui: u, on: c.String("on"), dryRun: c.Bool("dry-run"), check: c.Bool("check-reproducible"),
				locked: c.Bool("locked"), force: c.Bool("force"), json: c.Bool("json"), failFast: c.Bool("fail-fast"),
				builders: c.Bool("builders"), pushes: c.Bool("push"), junit: c.String("junit"),
			}
			if b.pushes && b.check {
				return usage("--push: does not go with --check-reproducible, which takes no image", "leave one of the two out")
			}
			switch {
			case b.dryRun && b.json:
				return usage("--json: does not go with --dry-run", "vmloom build-image --dry-run prints lines of sh")
			case b.dryRun && b.junit != "":
				return usage("--junit: does not go with --dry-run, which builds nothing", "leave one of them out")
			case b.json && b.junit == "-":
				return usage("build-image: --json and --junit - both want stdout", "vmloom build-image --json --junit FILE")
			}
			return b.all(c.Context, c.Args().Slice())
		},
	}
}

// imageRun is one call of build-image.
type imageRun struct {
	*ui
	on                                           string
	dryRun, check, locked, force, json, failFast bool
	builders, pushes                             bool
	junit                                        string // a file, or - for stdout

	stop        context.CancelCauseFunc // ends all that is under way
	evaluations chan struct{}
	connecting  sync.Mutex
	control     string                     // where the shared connections of ssh are
	unstage     func()                     // removes that
	handing     map[string]engine.Builders // those of a fleet, by its file
	said        map[string]bool            // by which several profiles are told of one thing once
}

// imagesJSON is what --json prints.
type imagesJSON struct {
	format
	Profiles []imageReport `json:"profiles"`
}

// imageReport is how --json prints what became of a profile's image.
type imageReport struct {
	Profile string         `json:"profile"`
	State   string         `json:"state"` // built, unchanged, downloaded, reproducible, none, unpushed, failed or skipped
	Image   *engine.Record `json:"image,omitempty"`
	Pushed  bool           `json:"pushed,omitempty"`
	Error   *failureJSON   `json:"error,omitempty"`
}

type failureJSON struct {
	Cause string `json:"cause"`
	Hint  string `json:"hint,omitempty"`
	Field string `json:"field,omitempty"`
	Line  int    `json:"line,omitempty"`
	Log   string `json:"log,omitempty"`
	// Differs is what a second build made otherwise.
	Differs string `json:"differs,omitempty"`
}

// imageBuild is one profile's image on its way.
type imageBuild struct {
	*imageRun
	*setup
	engine engine.Engine
	job    *engine.Job
	inputs string         // their hash
	pinned *engine.Record // an image that is whole, of other inputs: the derivation decides
	edited string         // the hash of those that only people change
	steps  []process.Step
	caches engine.Caches // that what is built goes to
	due    bool          // there is nothing to build, but to push
	made   bool          // there is a new image, in the lock already
	renews bool          // the lock says something new
	late   bool          // an input was edited while it was built
	told   bool          // its error was
	words  words         // what it says while others look, too

	report imageReport
	err    error
	left   *engine.Uncleaned
}

func (b *imageBuild) fail(err error) {
	if other := (stopped{}); errors.As(err, &other) {
		b.skip(err)
		return
	}
	b.err = err
	if b.failFast {
		b.stop(stopped{b.path})
	}
	b.report.State = "failed"
	if other := (unpushed{}); errors.As(err, &other) {
		b.report.State = "unpushed"
	}
	b.report.Error = &failureJSON{Cause: err.Error()}
	var f *engine.Failure
	if errors.As(err, &f) && !interrupted(err) {
		if f.Field == "build.on" && b.on != "" {
			f.Field = "" // --on decided
		}
		b.report.Error = &failureJSON{Cause: f.Cause, Hint: f.Hint, Field: f.Field, Log: f.Log, Differs: f.Differs}
		if b.Given(f.Field) {
			b.report.Error.Line = b.At(f.Field).Line
		}
	}
	var h *failure
	if errors.As(err, &h) {
		b.report.Error.Hint = h.hint
	}
}

// begin reads all that the build follows from; no tool is asked.
func (b *imageBuild) begin(ctx context.Context) (err error) {
	if b.engine, err = engine.For(b.Profile); err != nil {
		return err
	}
	if err := b.freshen(ctx, b.setup); err != nil {
		return err
	}
	b.setup = b.setup.onArch(thisArch())
	if err := b.newJob(); err != nil {
		return err
	}
	if err := b.handOut(ctx); err != nil {
		return err
	}
	return b.takeCaches()
}

// look decides all that is decided before work: whether at all, and where. It runs beside that of other profiles.
func (b *imageBuild) look(ctx context.Context) (err error) {
	if b.inputs, err = b.engine.InputsHash(ctx, b.job); err != nil {
		return err
	}
	if b.edited, err = b.engine.EditedHash(ctx, b.job); err != nil {
		return err
	}
	if !b.force && !b.check {
		if same, err := b.unchanged(ctx); err != nil || same {
			if err == nil {
				err = b.readyToPush(ctx)
			}
			return err
		}
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	if err := b.ready(ctx); err != nil {
		return err
	}
	b.steps, err = b.engine.Steps(b.job)
	return err
}

func (b *imageBuild) newJob() (err error) {
	b.job = &engine.Job{
		Profile: b.Profile, Base: b.base, Locked: b.locked, Check: b.check,
		Image: filepath.Join(b.base, engine.ImagesDir, "."+engine.Key(b.Profile)+".partial"),
		Log:   filepath.Join(b.base, engine.ImagesDir, engine.Key(b.Profile)+".log"),
		Work:  filepath.Join(workRoot(), "vmloom-"+b.Name), Evaluations: b.evaluations,
	}
	on := b.on
	if on == "" {
		on = b.Build.On
	}
	if b.job.Place, err = engine.ParsePlace(on); err != nil {
		return &engine.Failure{Cause: err.Error(), Hint: "vmloom build-image --on lima:default, for example", Field: "build.on"}
	}
	if err := b.share(); err != nil {
		return err
	}
	if b.engine.Name == "limactl" {
		b.job.Template, err = generate.ImageTemplate(b.Profile)
	}
	return err
}

// workRoot is a directory for staging whose path every tool takes: nix refuses
// blanks in a path.
func workRoot() string {
	if dir := os.TempDir(); regexp.MustCompile(`^/[A-Za-z0-9._/+-]*$`).MatchString(dir) {
		return dir
	}
	return "/tmp"
}

func (b *imageBuild) unchanged(ctx context.Context) (bool, error) {
	record, err := b.setup.pinned(b.Profile)
	if err != nil {
		return false, err
	}
	state, err := engine.Compare(ctx, b.base, b.Profile, record, b.inputs)
	if err != nil {
		return false, err
	}
	if state == engine.Missing && record.Inputs == b.inputs && record.URL != "" {
		b.report.Image = record
		return true, b.download(ctx)
	}
	if state == engine.Stale && record.Derivation != "" {
		b.pinned = record
	}
	if state != engine.UpToDate {
		b.words.say(func() { b.say("%s: image %s %s", b.path, engine.Key(b.Profile), state) })
		return false, nil
	}
	b.words.say(func() { b.say("%s: image %s is up to date: nothing to build", b.path, engine.Key(b.Profile)) })
	b.report.State, b.report.Image = "unchanged", record
	return true, nil
}

// settle fixes the place and looks whether the build can succeed there.
func (b *imageBuild) settle(ctx context.Context) error {
	if b.job.Place.Kind == engine.Auto {
		place, why, err := b.engine.Choose(ctx, b.job)
		if err != nil {
			return err
		}
		b.job.Place = place
		b.words.say(func() { b.say("%s: %s builds at %s: %s", b.path, b.engine.Name, place, why) })
	}
	if b.dryRun {
		return nil
	}
	for _, f := range b.engine.Preflight(ctx, b.job) {
		if f.Fatal {
			return &f.Failure
		}
		b.words.say(func() {
			if !b.said[f.Cause] {
				b.suggest(f.Hint, "%s: %s", b.path, f.Cause)
			}
			b.said[f.Cause] = true
		})
	}
	return nil
}

// printPlan prints the commands, after which there is nothing to do.
func (b *imageBuild) printPlan() {
	steps := append([]process.Step{{
		Does: "A place for what is staged, and for the image",
		Cmd:  process.Cmd{Args: []string{"mkdir", "-p", b.job.Work, filepath.Dir(b.job.Image)}},
	}}, b.steps...)
	b.steps = nil
	if b.pushes {
		more, err := b.engine.PushSteps(b.job, b.caches)
		if err != nil {
			b.fail(err)
			return
		}
		steps = append(steps, more...)
	}
	if _, err := io.WriteString(b.data, process.Script(steps)); err != nil {
		b.fail(err)
	}
}

// run builds, and takes the image into the lock and the generated files.
func (b *imageBuild) run(ctx context.Context, watch func(engine.Progress)) error {
	if err := engine.MakeImagesDir(b.base); err != nil {
		return err
	}
	unlock, err := engine.LockImage(b.job)
	if err != nil {
		return err
	}
	defer unlock()
	work, done, err := atomic.Stage(workRoot(), b.Name)
	if err != nil {
		return fmt.Errorf("directory for staging, which TMPDIR names: %w", err)
	}
	defer done()
	b.job.Work = work
	if b.steps != nil {
		if err := b.build(ctx, watch); err != nil {
			return err
		}
	}
	return b.push(ctx, watch)
}

// build makes the image, or finds that the one that is there is what would be made.
func (b *imageBuild) build(ctx context.Context, watch func(engine.Progress)) error {
	if same, err := b.sameDerivation(ctx, watch); same || err != nil {
		return err
	}
	made, err := b.engine.Build(ctx, b.job, watch)
	if errors.As(err, &b.left) && err == error(b.left) {
		err = nil // the image itself is whole
	}
	if err != nil {
		return err
	}
	if b.check {
		b.report.State = "reproducible"
		return nil
	}
	edited, err := b.engine.EditedHash(ctx, b.job)
	if err != nil {
		return err
	}
	if b.late = edited != b.edited; !b.late { // the build may have pinned inputs
		if b.inputs, err = b.engine.InputsHash(ctx, b.job); err != nil {
			return err
		}
	}
	r, err := engine.Keep(ctx, b.job, b.engine, b.inputs, made)
	if err != nil {
		return err
	}
	b.report.State, b.report.Image, b.made = "built", &r, true
	b.renews = true
	return nil
}

// sameDerivation reports whether the image that is there is what would be built again, though files that it follows
// from have changed: a comment, or a package that nothing of the image has. Then these are what it follows from.
func (b *imageBuild) sameDerivation(ctx context.Context, watch func(engine.Progress)) (bool, error) {
	if b.pinned == nil || b.check {
		return false, nil
	}
	drv, err := b.engine.Derivation(ctx, b.job, watch)
	if err != nil || drv != b.pinned.Derivation {
		return false, err
	}
	edited, err := b.engine.EditedHash(ctx, b.job)
	if err != nil || edited != b.edited {
		return false, err
	}
	if b.inputs, err = b.engine.InputsHash(ctx, b.job); err != nil {
		return false, err
	}
	if err := engine.Follows(ctx, b.base, b.Profile, b.inputs); err != nil {
		return false, err
	}
	b.pinned.Inputs = b.inputs
	b.report.State, b.report.Image = "unchanged", b.pinned
	b.say("%s: image %s is what would be built again: it has the same derivation", b.path, engine.Key(b.Profile))
	return true, nil
}
