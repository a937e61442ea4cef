package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/profile"
)

func genCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "gen",
		Usage:     "make the files of profiles, below generated/NAME/ beside each",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing; list what differs and exit 1"},
			&cli.BoolFlag{Name: "diff", Usage: "as --check, and show the differences"},
			&cli.BoolFlag{Name: "watch", Usage: "go on, and regenerate files when a profile changes"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that were edited by hand"},
			allProblemsFlag(u),
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			g := &genRun{ui: u, diff: c.Bool("diff"), force: c.Bool("force"), json: c.Bool("json")}
			g.check = c.Bool("check") || g.diff
			if c.Bool("watch") {
				if g.check || g.json {
					return usage("--watch: writes as it goes", "leave --check, --diff and --json out")
				}
				return g.watch(c.Context, c.Args().Slice())
			}
			return g.all(c.Context, c.Args().Slice())
		},
	}
}

// genRun is one call of gen.
type genRun struct {
	*ui
	check, diff, force, json bool

	made  map[string]map[string]string // what generate.Made tells, by directory, once it was asked
	total genTotal
}

// genReport is what --json prints for a profile.
type genReport struct {
	Profile  string        `json:"profile"`
	Dir      string        `json:"dir,omitempty"`
	Files    []fileReport  `json:"files,omitempty"`
	Problems []problemJSON `json:"problems,omitempty"`
	NotShown int           `json:"notShown,omitempty"`
	Error    string        `json:"error,omitempty"`
}

type fileReport struct {
	Path string      `json:"path"`
	Op   generate.Op `json:"op"`
	Why  string      `json:"why,omitempty"`
}

func (g *genRun) all(ctx context.Context, args []string) error {
	paths, err := profilePaths(ctx, args)
	if err != nil {
		return err
	}
	reports := []genReport{}
	failed := false
	m := g.meter(len(paths))
	defer m.clear()
	for i, path := range paths {
		if err := cutShort(ctx, i, len(paths)); err != nil {
			return err
		}
		m.at(i, len(paths), path)
		plan, err := g.one(ctx, path)
		failed = failed || err != nil || plan.Count(generate.Kept) > 0 || g.check && plan.Drift()
		g.total.add(plan, err)
		m.clear()
		switch {
		case g.json:
			reports = append(reports, g.report(path, plan, err))
		case err != nil:
			g.loadError(path, err)
		default:
			g.print(path, plan)
		}
	}
	if g.json {
		if err := g.ui.json(reports); err != nil {
			return err
		}
	}
	if len(paths) > 1 {
		g.say("%s: %s", plural(len(paths), "profile"), g.total.words(g.check))
	}
	if failed {
		return errSilent
	}
	return nil
}

// cutShort is the error of a run over profiles that was interrupted.
func cutShort(ctx context.Context, done, of int) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("%w: %d of %s done", err, done, plural(of, "profile"))
	}
	return nil
}

// planned are a profile's files as they are to be.
type planned struct {
	*generate.Plan
	profile *profile.Profile
}

// one plans a profile's files and, unless checking, writes them.
func (g *genRun) one(ctx context.Context, path string) (*planned, error) {
	p, err := load(path)
	if err != nil {
		return nil, err
	}
	made, err := files(p, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	plan, err := generate.Compare(filepath.Dir(path), p.Name, p.File(), made, g.force)
	if err != nil {
		return nil, err
	}
	if warnings := lint(p, path); len(warnings) > 0 && !g.json {
		g.say("%s: %s: vmloom check %s shows them", path, plural(len(warnings), "warning"), path)
		g.problems(g.err, path, slices.DeleteFunc(warnings, func(w profile.Problem) bool { return w.ID != profile.SecretID }))
	}
	if g.check {
		return &planned{plan, p}, nil
	}
	return &planned{plan, p}, plan.Apply(ctx)
}

// loadError prints what is wrong with a profile.
func (u *ui) loadError(path string, err error) {
	var ps profile.Problems
	if !errors.As(err, &ps) {
		u.fault("", "%s: %v", path, err)
		return
	}
	u.problems(u.err, path, ps)
	u.say("%s: %s", path, plural(len(ps), "error"))
}

func (g *genRun) report(path string, plan *planned, err error) genReport {
	r := genReport{Profile: path}
	var ps profile.Problems
	switch {
	case errors.As(err, &ps):
		r.Problems, r.NotShown = g.problemsJSON(path, ps)
	case err != nil:
		r.Error = err.Error()
	default:
		r.Dir = filepath.Join(filepath.Dir(path), plan.Dir)
		for _, c := range plan.Changes {
			r.Files = append(r.Files, fileReport{c.Path, c.Op, c.Why})
		}
	}
	return r
}
