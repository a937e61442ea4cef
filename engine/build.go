package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"vmloom/pattern"
	"vmloom/process"
)

// Choose is the place for a job whose place is Auto, and one line that tells
// why. It looks at the machine and builds nothing.
func (e Engine) Choose(ctx context.Context, j *Job) (Place, string, error) { return e.choose(ctx, j) }

// Preflight looks, before any work, at what would keep the build from succeeding.
func (e Engine) Preflight(ctx context.Context, j *Job) []Finding { return e.preflight(ctx, j) }

// Steps is the build as commands, in order. Nothing is run.
func (e Engine) Steps(j *Job) ([]process.Step, error) { return e.plan(j) }

// Built is what is known of an image that was built, beside its file.
type Built struct {
	// Derivation that made it; empty for an engine that has none.
	Derivation string
	// Version of the engine's tool at the place.
	Version string
}

// Derivation is what would make the image of a job now, by the derivation's name; empty where the engine has none.
func (e Engine) Derivation(ctx context.Context, j *Job, watch func(Progress)) (string, error) {
	if e.names == nil {
		return "", nil
	}
	steps, err := e.names(j)
	if err != nil {
		return "", err
	}
	known, err := e.perform(ctx, j, steps, watch)
	return known[drvVariable], err
}

// drvVariable is what names and plan set to the image's derivation, where they ask for it.
const drvVariable = "DRV"

// Build runs the plan. Whatever happens, what the plan has to clean up is
// cleaned up, and j.Image is there only if every step that makes it has succeeded.
// The error is a *Failure, that of a cut-off context, an *Uncleaned, or one of
// the first two joined with that.
func (e Engine) Build(ctx context.Context, j *Job, watch func(Progress)) (Built, error) {
	steps, err := e.plan(j)
	if err != nil {
		return Built{}, err
	}
	// What a run that was killed has left may be read-only, and cp would not write over it.
	os.Remove(j.Image)
	known, err := e.perform(ctx, j, steps, watch)
	if left := (*Uncleaned)(nil); err != nil && !(errors.As(err, &left) && err == error(left)) {
		os.Remove(j.Image)
		return Built{}, err
	}
	return Built{known[drvVariable], e.version(ctx, j)}, err
}

// version is that of the engine's tool at the job's place, or here where that has none; empty where it tells none.
func (e Engine) version(ctx context.Context, j *Job) string {
	if e.tool == "" {
		return ""
	}
	said, err := askAt(ctx, j.Place, e.tool, "--version")
	if err != nil {
		said, _ = ask(ctx, e.tool, "--version")
	}
	first, _, _ := strings.Cut(said, "\n")
	return toolVersion().FindString(first)
}

// toolVersion is a release, or the commit that guix pull has made guix of.
var toolVersion = pattern.New(`\d+\.\d+[\w.+-]*|[0-9a-f]{40}`)

// perform runs steps, and gives the variables that they have set. Whatever happens, what they have to clean up is
// cleaned up.
func (e Engine) perform(ctx context.Context, j *Job, steps []process.Step, watch func(Progress)) (map[string]string, error) {
	if err := os.Truncate(j.Log, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j.sweep(ctx)
	return e.carryOut(ctx, j, steps, nil, watch)
}

// carryOut is perform after other steps, whose variables are known already, and whose log it goes on with.
func (e Engine) carryOut(ctx context.Context, j *Job, steps []process.Step, known map[string]string, watch func(Progress)) (map[string]string, error) {
	log, err := os.OpenFile(j.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	r := &run{engine: e, job: j, log: log, watch: watch, variables: map[string]string{}}
	maps.Copy(r.variables, known)
	var failed, left error
	for _, s := range steps {
		switch {
		case !s.Cleanup && failed == nil:
			failed = r.step(ctx, s)
		case s.Cleanup && !slices.ContainsFunc(steps, func(of process.Step) bool { return r.unset(of.Sets) && s.Needs(of.Sets) }):
			// What ended the build must not end its cleaning up.
			if err := r.step(context.WithoutCancel(ctx), s); err != nil {
				left = &Uncleaned{asFailure(err)}
			} else {
				r.cleaned(steps, s)
			}
		}
	}
	switch {
	case failed == nil:
		failed = left
	case left != nil:
		failed = errors.Join(failed, left)
	}
	return r.variables, failed
}

// run is one build under way.
type run struct {
	engine    Engine
	job       *Job
	log       io.Writer
	watch     func(Progress)
	variables map[string]string
	does      string
}

// cleaned forgets the directory at the place that a step has removed.
func (r *run) cleaned(steps []process.Step, by process.Step) {
	for _, s := range steps {
		if s.Accept == placeDir && by.Needs(s.Sets) {
			r.job.forget(r.job.Place.String() + " " + r.variables[s.Sets])
		}
	}
}

// unset reports whether a variable has no value: what it was to name was never made.
func (r *run) unset(variable string) bool {
	_, set := r.variables[variable]
	return variable != "" && !set
}

// maxSaid is how much of a step's talk is searched for a known failure.
const maxSaid = 1 << 20

func (r *run) step(ctx context.Context, s process.Step) error {
	c := s.With(r.variables)
	fmt.Fprintf(r.log, "\n$ %s\n", c)
	if s.Does != "" { // else it goes on with what the last one did
		r.does = s.Does
	}
	if s.Evaluates {
		release, err := r.job.turn(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	p := r.engine.parse()
	var said []byte
	var shown []string
	report := func() {
		if r.watch != nil {
			now := p.progress()
			now.Step = r.does
			r.watch(now)
		}
	}
	report()
	var out bytes.Buffer
	err := process.Run(ctx, c, &out, func(line string) {
		text, show := p.line(line)
		if show {
			fmt.Fprintln(r.log, text)
			for one := range strings.SplitSeq(text, "\n") {
				shown = append(shown, process.Short(one))
			}
			shown = shown[max(0, len(shown)-process.LastLines):]
			if said = append(append(said, text...), '\n'); len(said) > 2*maxSaid {
				said = append(said[:0], said[len(said)-maxSaid:]...)
			}
		}
		report()
	})
	if out.Len() > 0 {
		fmt.Fprintf(r.log, "%s\n", strings.TrimRight(out.String(), "\n"))
	}
	if err != nil {
		return r.failure(err, p, string(said), shown)
	}
	if m := nixBuilt().FindSubmatch(out.Bytes()); m != nil {
		r.variables[drvVariable] = string(m[1])
	}
	if s.Sets == "" {
		return nil
	}
	value := lastLine(out.String())
	if ok, _ := regexp.MatchString(s.Accept, value); !ok || value == "" {
		return &Failure{Cause: fmt.Sprintf("%s: gave %q, which is not what was asked for", c.Args[0], value), Hint: "see " + r.job.Log, Log: r.job.Log}
	}
	r.variables[s.Sets] = value
	if s.Accept == placeDir {
		r.job.note(value)
	}
	return nil
}

// nixBuilt is the derivation in what nix build --json prints.
var nixBuilt = pattern.New(`"drvPath":"(/[^"]+\.drv)"`)

// turn waits until one more evaluation may run; release gives the turn on.
func (j *Job) turn(ctx context.Context) (release func(), err error) {
	if j.Evaluations == nil {
		return func() {}, nil
	}
	select {
	case j.Evaluations <- struct{}{}:
		return func() { <-j.Evaluations }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (r *run) failure(err error, p parser, said string, shown []string) error {
	var cut process.Interrupted
	if errors.As(err, &cut) {
		return err
	}
	var exit *process.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	exit.Last, exit.Cmd = shown, exit.Cmd.Brief()
	f := r.job.Builders.blame(r.engine.explain(r.job, exit, p, said+exit.Error()+"\n"))
	f.Log = r.job.Log
	return f
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Inputs are the files that the image of a job follows from, relative to Base,
// sorted. One that is not there is named all the same: its coming is a change.
func (e Engine) Inputs(j *Job) []string {
	files := e.inputs(j.Profile)
	if e.found != nil {
		files = append(files, e.found(j)...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// askTime bounds a question to a tool, such as its version.
const askTime = 20 * time.Second

// ask runs a short command and gives its standard output without the last line end.
func ask(ctx context.Context, args ...string) (string, error) {
	return askCmd(ctx, process.Cmd{Args: args, Env: []string{"LC_ALL=C.UTF-8"}})
}

func askCmd(ctx context.Context, c process.Cmd) (string, error) {
	return remembered(ctx, append(slices.Clone(c.Env), c.Args...), func() (string, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, askTime, fmt.Errorf("no answer within %s", askTime))
		defer cancel()
		var out bytes.Buffer
		err := process.Run(ctx, c, &out, nil)
		return strings.TrimRight(out.String(), "\n"), err
	})
}
