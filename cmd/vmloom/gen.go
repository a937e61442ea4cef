package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/profile"
	"vmloom/seen"
)

func genCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "gen",
		Usage:     "make the files of profiles, below generated/NAME/ beside each",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing; list what differs and exit 1"},
			&cli.BoolFlag{Name: "diff", Usage: "as --check, and show the differences"},
			&cli.BoolFlag{Name: "strict", Usage: "compare every file, also of profiles about which nothing has changed since the last run"},
			&cli.BoolFlag{Name: "watch", Usage: "go on, and regenerate files when a profile changes"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that were edited by hand"},
			allProblemsFlag(u),
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			g := &genRun{ui: u, diff: c.Bool("diff"), force: c.Bool("force"), json: c.Bool("json"), strict: c.Bool("strict")}
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
	check, diff, force, json, strict bool

	made  map[string]map[string]string // what generate.Made tells, by directory, once it was asked
	parts map[string][]string          // what a profile extends, by its path, while it is watched
	total genTotal
	index *seen.Index // what earlier runs remember; nil: nothing
}

// garbage is how much of it, in percent of what is alive, may lie about before it is collected. What is alive is little,
// some MiB whatever the number of profiles, and nearly all that is made for one is garbage at the next.
const garbage = 400

// genJSON is what --json prints.
type genJSON struct {
	format
	Profiles []genReport `json:"profiles"`
}

// genReport is how --json prints one of a profile's trees, or why it has none.
type genReport struct {
	Profile string `json:"profile"`
	Dir     string `json:"dir,omitempty"`
	// Extends are the files that the profile is made of beside its own.
	Extends  []string      `json:"extends,omitempty"`
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
	if os.Getenv("GOGC") == "" { // else it is the user's
		defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	}
	g.fleetBeside(args, "gen")
	g.index = g.openIndex()
	defer g.index.Save()
	paths, err := profilePathsBy(ctx, args, g.index)
	if err != nil {
		return err
	}
	shared, err := fleets(args)
	if err != nil {
		return err
	}
	reports := []genReport{}
	failed := false
	g.told = map[string]bool{}
	extends := map[string][]string{} // which profiles extend a file, by its path
	m := g.meter(len(paths))
	defer m.clear()
	for i, path := range paths {
		if err := cutShort(ctx, i, len(paths)); err != nil {
			return err
		}
		m.at(i, len(paths), path)
		if known, ok := g.unchanged(path); ok {
			m.clear()
			g.total.unchanged += known.Files
			g.printUnchanged(path, known)
			for _, part := range known.extended(path) {
				extends[part] = append(extends[part], path)
			}
			continue
		}
		plans, err := g.one(ctx, path)
		failed = failed || err != nil
		g.total.add(plans, err)
		m.clear()
		if g.json {
			reports = append(reports, g.reports(path, plans, err)...)
		}
		if len(plans) > 0 {
			for _, part := range extended(path, plans[0].profile) {
				extends[part] = append(extends[part], path)
			}
		}
		for _, plan := range plans {
			failed = failed || plan.Count(generate.Kept) > 0 || g.check && plan.Drift()
		}
		switch {
		case g.json:
		case err != nil:
			g.loadError(path, err)
		default:
			g.print(path, plans)
		}
	}
	for _, f := range shared {
		report, drifts, err := g.fleet(ctx, f)
		reports, failed = append(reports, report...), failed || drifts || err != nil
		if err != nil && !g.json {
			g.loadError(f.path, err)
		}
	}
	if g.json {
		if err := g.ui.json(genJSON{Profiles: reports}); err != nil {
			return err
		}
	}
	if g.check && len(paths) > 1 {
		for _, part := range slices.Sorted(maps.Keys(extends)) {
			g.say("%s: extended by %s", part, strings.Join(extends[part], ", "))
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

// planned are the files of a profile as they are to be, in one of its trees.
type planned struct {
	*generate.Plan
	profile *profile.Profile
}

// one plans a profile's files and, unless checking, writes them: the shared ones
// and, where there is a local file, those of this machine.
func (g *genRun) one(ctx context.Context, path string) (plans []*planned, err error) {
	s, err := loadLooking(path, g.looks())
	if err != nil {
		return nil, err
	}
	for _, p := range s.forms() {
		plan, err := s.plan(p, g.force)
		if err != nil {
			return nil, err
		}
		plans = append(plans, &planned{plan, p})
	}
	generate.LookLeftover(s.looks, s.base, s.Profile)
	gone, err := generate.Leftover(s.base, s.Profile, g.force)
	if err != nil {
		return nil, err
	}
	if gone != nil {
		plans = append(plans, &planned{gone, s.Profile})
	}
	warnings := lint(s.Profile, path, s.looks)
	if len(warnings) > 0 && !g.json {
		g.warned(path, len(warnings))
		g.problems(g.err, path, slices.DeleteFunc(warnings, func(w profile.Problem) bool { return w.ID != profile.SecretID }))
	}
	if g.check {
		g.remember(s, plans, warnings)
		return plans, nil
	}
	for _, plan := range plans {
		if err := plan.Apply(ctx); err != nil {
			return plans, err
		}
		if plan.Count(generate.Create) > 0 && plan.profile.HasLocal() {
			if cure := unignored(ctx, path); cure != "" {
				g.suggest(cure, "%s: Git would take in the local file and what is made of it, which are this machine's alone", path)
			}
		}
	}
	g.remember(s, plans, warnings)
	return plans, nil
}

// loadError prints what is wrong with a profile.
func (u *ui) loadError(path string, err error) {
	var ps profile.Problems
	if above := (fleetFaults{}); errors.As(err, &above) {
		path, ps = above.path, above.Problems
	} else if !errors.As(err, &ps) {
		u.fault(cureFor(path, err), "%s: %v", path, err)
		return
	}
	news := u.news(path, ps)
	if len(news) == 0 {
		u.say("%s: %s, which another profile has too: told above", path, plural(len(ps), "error"))
		return
	}
	u.problems(u.err, path, news)
	u.say("%s: %s", path, plural(len(ps), "error"))
}

// cureFor is the hint where a profile or its tree cannot be read at all; empty where there is none to name.
func cureFor(path string, err error) string {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.hint
	case errors.Is(err, generate.ErrNewer):
		return newerHint(path)
	case errors.Is(err, generate.ErrNotOurs):
		return "look at it with ls -ld, then rename or remove it: vmloom gen makes a directory in its place"
	case errors.Is(err, fs.ErrPermission):
		return readable(path)
	}
	return ""
}

// reports are those of a profile: one for each of its trees.
func (g *genRun) reports(path string, plans []*planned, err error) (out []genReport) {
	var ps profile.Problems
	switch {
	case errors.As(err, &ps):
		r := genReport{Profile: path}
		r.Problems, r.NotShown = g.problemsJSON(path, ps)
		return []genReport{r}
	case err != nil:
		return []genReport{{Profile: path, Error: err.Error()}}
	}
	for _, plan := range plans {
		r := genReport{Profile: path, Dir: filepath.Join(filepath.Dir(path), plan.Dir), Extends: extended(path, plan.profile)}
		for _, c := range plan.Changes {
			r.Files = append(r.Files, fileReport{c.Path, c.Op, c.Why})
		}
		out = append(out, r)
	}
	return out
}
