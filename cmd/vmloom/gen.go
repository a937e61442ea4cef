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
	"golang.org/x/sys/unix"

	"vmloom/generate"
	"vmloom/process"
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

	made     map[string]map[string]string // what generate.Made tells, by directory, once it was asked
	index    *seen.Index                  // what earlier runs remember; nil: nothing
	watching bool                         // what is looked at counts, though no later run is to remember it

	// What became of the profiles so far.
	total   genTotal
	failed  bool
	reports []genReport
	extends map[string][]string // which profiles extend a file, by its path
}

// garbage is how much of it, in percent of what is alive, may lie about before it is collected. What is alive is little,
// some MiB whatever the number of profiles, and nearly all that is made for one is garbage at the next. Near memory, in
// bytes, it is collected sooner.
const (
	garbage = 400
	memory  = 40 << 20
)

// collectRarely has garbage lie about, as far as the user's environment does not say how much; undo ends that.
func collectRarely() (undo func()) {
	percent, limit := -1, int64(-1)
	if os.Getenv("GOGC") == "" {
		percent = debug.SetGCPercent(garbage)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		limit = debug.SetMemoryLimit(memory)
	}
	return func() {
		if percent >= 0 {
			debug.SetGCPercent(percent)
		}
		debug.SetMemoryLimit(limit) // a negative one changes nothing
	}
}

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
	defer collectRarely()()
	g.fleetBeside(args, "gen")
	g.index = g.openIndex()
	defer g.index.Save()
	paths, missed := profilePathsBy(ctx, args, g.index)
	if missed != nil && len(paths) == 0 {
		return missed
	}
	shared, err := fleets(args)
	if err != nil {
		return err
	}
	g.reports, g.extends, g.told = []genReport{}, map[string][]string{}, map[string]bool{}
	if err := g.each(ctx, paths); err != nil {
		return err
	}
	for _, f := range shared {
		report, drifts, err := g.fleet(ctx, f)
		g.reports, g.failed = append(g.reports, report...), g.failed || drifts || err != nil
		if err != nil && !g.json {
			g.loadError(f.path, err)
		}
	}
	if g.json {
		if err := g.ui.json(genJSON{Profiles: g.reports}); err != nil {
			return err
		}
	}
	if g.check && len(paths) > 1 {
		for _, part := range slices.Sorted(maps.Keys(g.extends)) {
			g.say("%s: extended by %s", part, strings.Join(g.extends[part], ", "))
		}
	}
	if len(paths) > 1 {
		g.say("%s: %s", plural(len(paths), "profile"), g.total.words(g.check))
	}
	if g.failed && missed == nil {
		return errSilent
	}
	return missed
}

// took notes what became of a profile, and says it.
func (g *genRun) took(w *genWork) {
	if w.isKnown {
		g.total.unchanged += w.known.Files
		g.printUnchanged(w.path, w.known)
		g.extend(w.path, w.known.extended(w.path))
		return
	}
	g.tell(w)
	g.failed = g.failed || w.err != nil
	g.total.add(w.plans, w.err)
	if g.json {
		g.reports = append(g.reports, g.reportsOf(w.path, w.plans, w.err)...)
	}
	if len(w.plans) > 0 {
		g.extend(w.path, extended(w.path, w.plans[0].profile))
	}
	if !g.check {
		g.index.Changed()
	}
	for _, plan := range w.plans {
		g.failed = g.failed || plan.Count(generate.Kept) > 0 || g.check && plan.Drift()
	}
}

// extend notes which files a profile extends.
func (g *genRun) extend(path string, parts []string) {
	for _, part := range parts {
		g.extends[part] = append(g.extends[part], path)
	}
}

// cutShort is the error of a run over profiles that was interrupted.
func cutShort(ctx context.Context, done, of int) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("%w: %d of %s done", err, done, plural(of, "profile"))
	}
	return nil
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
		return denied(path, err)
	}
	return ""
}

// denied is the hint where the user may not read a profile or a file beside it, or may not change what is made of it.
func denied(path string, err error) string {
	files := []string{path}
	if at := (*fs.PathError)(nil); errors.As(err, &at) && filepath.IsAbs(at.Path) {
		files = append(files, at.Path)
	}
	for _, file := range files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrPermission) {
			return process.Cmd{Args: []string{"chmod", "u+x", filepath.Dir(file)}}.String()
		}
		if unix.Access(file, unix.R_OK) != nil {
			return readable(file)
		}
	}
	tree := profile.SharedTree
	if strings.Contains(err.Error(), profile.LocalTree) {
		tree = profile.LocalTree
	}
	if tree = filepath.Join(filepath.Dir(path), tree); !there(tree) {
		tree = filepath.Dir(path)
	}
	return fmt.Sprintf("%s, and what is below, must be yours to read and to change: %s shows whose it is", tree, process.Cmd{Args: []string{"ls", "-laR", tree}})
}

// reportsOf are those of a profile: one for each of its trees.
func (g *genRun) reportsOf(path string, plans []*planned, err error) (out []genReport) {
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
