package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/profile"
)

func checkCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "errors and warnings of profiles; writes nothing",
		ArgsUsage: "[PROFILE | DIRECTORY ... | -]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "strict", Usage: "exit 1 for warnings too"},
			&cli.StringFlag{Name: "explain", Usage: "which file and line a field's value comes from, what it took the place of, and what a change costs: guest.user.uid"},
			&cli.BoolFlag{Name: "limactl", Usage: "have this machine's limactl read the templates too"},
			allProblemsFlag(u),
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			if c.IsSet("explain") {
				return explain(c.Context, u, c.Args().Slice(), c.String("explain"), c.Bool("json"))
			}
			r := &checkRun{ui: u, strict: c.Bool("strict"), json: c.Bool("json"), limactl: c.Bool("limactl")}
			return r.all(c.Context, c.Args().Slice())
		},
	}
}

// checkedJSON is what --json prints.
type checkedJSON struct {
	format
	Profiles []checkReport `json:"profiles"`
}

type checkReport struct {
	Profile  string        `json:"profile"`
	Errors   []problemJSON `json:"errors"`
	Warnings []problemJSON `json:"warnings"`
	// NotShown is how many places were left out; --all-problems shows them.
	NotShown int `json:"notShown,omitempty"`
}

// checkRun is one call of check.
type checkRun struct {
	*ui
	strict, json, limactl bool
}

func (c *checkRun) all(ctx context.Context, args []string) error {
	c.fleetBeside(args, "check")
	paths, missed := args, error(nil)
	if len(args) != 1 || args[0] != "-" {
		if paths, missed = profilePaths(ctx, args); missed != nil && len(paths) == 0 {
			return checkedFleet(c.ui, missed, c.json)
		}
	}
	shared, err := fleets(args)
	if err != nil {
		return checkedFleet(c.ui, err, c.json)
	}
	results := []checkReport{}
	nErrors, nWarnings := 0, 0
	host := &hostTaken{by: map[string]taker{}}
	c.told = map[string]bool{}
	for i, path := range paths {
		if err := cutShort(ctx, i, len(paths)); err != nil {
			return err
		}
		errs, warnings, err := host.findings(ctx, path, len(shared) > 0)
		if err != nil && (len(paths) == 1 || ctx.Err() != nil) {
			return hinted(fmt.Errorf("%s: %w", path, err), cureFor(path, err))
		}
		if err != nil { // the others have their turn
			nErrors++
			if c.json {
				r := checkReport{Profile: path, Warnings: []problemJSON{}}
				r.Errors = []problemJSON{{Line: 1, Col: 1, Reason: err.Error(), Hint: cureFor(path, err)}}
				results = append(results, r)
				continue
			}
			c.fault(cureFor(path, err), "%s: %v", path, err)
			continue
		}
		if c.limactl && len(errs) == 0 && path != "-" {
			if errs, err = c.refused(ctx, path); err != nil {
				return err
			}
		}
		newErrs, newWarnings := c.news(path, errs), c.news(path, warnings)
		nErrors, nWarnings = nErrors+len(newErrs), nWarnings+len(newWarnings)
		if !c.json {
			c.problems(c.out, path, append(newErrs, newWarnings...))
			continue
		}
		r := checkReport{Profile: path}
		var more int
		r.Errors, r.NotShown = c.problemsJSON(path, errs)
		r.Warnings, more = c.problemsJSON(path, warnings)
		r.NotShown += more
		results = append(results, r)
	}
	for _, f := range shared {
		warnings := f.keyFiles()
		nWarnings += len(warnings)
		if c.json {
			r := checkReport{Profile: f.path, Errors: []problemJSON{}}
			r.Warnings, r.NotShown = c.problemsJSON(f.path, warnings)
			results = append(results, r)
			continue
		}
		c.problems(c.out, f.path, warnings)
	}
	if c.json {
		if err := c.ui.json(checkedJSON{Profiles: results}); err != nil {
			return err
		}
	}
	c.say("%s: %s, %s", plural(len(paths), "profile"), plural(nErrors, "error"), plural(nWarnings, "warning"))
	if missed == nil && (nErrors > 0 || c.strict && nWarnings > 0) {
		return errSilent
	}
	return missed
}

// findings are a profile's errors, or else its warnings; what its targets
// refuse is an error too, and what an earlier profile has taken a warning. With a
// local file they are those of the profile as everybody has it and as it is here.
func (t *hostTaken) findings(ctx context.Context, path string, fleet bool) (errs, warnings []profile.Problem, err error) {
	s, err := setupOr(ctx, path)
	var ps profile.Problems
	if errors.As(err, &ps) {
		return ps, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, p := range s.forms() {
		if _, err := s.files(p); err != nil {
			return nil, nil, err
		}
		for _, w := range lint(p, path, nil, profile.Ending(p, today())...) {
			if !slices.ContainsFunc(warnings, func(said profile.Problem) bool { return said.Pos == w.Pos && said.Reason == w.Reason }) {
				warnings = append(warnings, w)
			}
		}
	}
	if clashes := t.clashes(path, s.Profile, fleet); fleet {
		return clashes, warnings, nil
	} else {
		return nil, append(warnings, clashes...), nil
	}
}

// setupOr is loadSetup, with - for standard input, which ends with ctx: whoever is to
// write may never do.
func setupOr(ctx context.Context, path string) (*setup, error) {
	if path != "-" {
		return loadSetup(path)
	}
	type input struct {
		text []byte
		err  error
	}
	read := make(chan input, 1)
	go func() {
		text, err := atomic.ReadFrom(os.Stdin, profile.MaxBytes)
		read <- input{text, err}
	}()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case in := <-read:
		if in.err != nil {
			return nil, in.err
		}
		p, err := layers(defaultProfile, false, nil).Load(defaultProfile, in.text)
		return &setup{Profile: p, shared: p, path: path, base: "."}, err
	}
}
