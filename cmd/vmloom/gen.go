package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/process"
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

	made map[string]map[string]string // what generate.Made tells, by directory, once it was asked
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
	for i, path := range paths {
		if err := cutShort(ctx, i, len(paths)); err != nil {
			return err
		}
		plan, err := g.one(ctx, path)
		failed = failed || err != nil || plan.Count(generate.Kept) > 0 || g.check && plan.Drift()
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

// one plans a profile's files and, unless checking, writes them.
func (g *genRun) one(ctx context.Context, path string) (*generate.Plan, error) {
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
		return plan, nil
	}
	return plan, plan.Apply(ctx)
}

func (g *genRun) print(path string, plan *generate.Plan) {
	dir := filepath.Join(filepath.Dir(path), plan.Dir)
	for _, c := range plan.Changes {
		file := filepath.Join(dir, c.Path)
		switch c.Op {
		case generate.Unchanged:
			continue
		case generate.Kept:
			g.fault(keptHint(file, c, "--force replaces it"), "%s: %s: kept", file, c.Why)
			if g.diff && c.Err == nil {
				g.difference(filepath.ToSlash(file)+" (profile)", c.New, filepath.ToSlash(file)+" (edited)", c.Old)
			}
			continue
		case generate.Remove:
			if !g.check {
				g.say("%s: removed", file)
				continue
			}
		}
		if !g.diff {
			g.result(file)
		} else {
			g.difference(filepath.ToSlash(file), c.Old, filepath.ToSlash(file)+" (profile)", c.New)
		}
	}
	for _, name := range madeFrom(g.madeIn(filepath.Dir(path)), path) {
		former := filepath.Join(filepath.Dir(path), "generated", name)
		if info, err := os.Lstat(former); former == dir || err != nil || !info.IsDir() {
			continue
		}
		g.suggest(fmt.Sprintf("its scripts still destroy the VM of that name; then: rm -r %s", former), "%s: is of this profile under a former name", former)
	}
	changed := plan.Count(generate.Create) + plan.Count(generate.Update) + plan.Count(generate.Remove)
	switch {
	case !plan.Drift():
		g.say("%s: all %s unchanged", path, plural(plan.Count(generate.Unchanged), "file"))
	case g.check:
		g.suggest("vmloom gen "+path, "%s: %s to change, %d unchanged", path, plural(changed, "file"), plan.Count(generate.Unchanged))
	default:
		g.say("%s: %s changed, %d unchanged", path, plural(changed, "file"), plan.Count(generate.Unchanged))
	}
}

// difference shows what one text has and the other has not.
func (u *ui) difference(oldName string, old []byte, newName string, new []byte) {
	for line := range strings.Lines(string(diff.Diff(oldName, old, newName, new))) {
		text, end := strings.CutSuffix(line, "\n")
		styled(u.out, diffLine(text), text)
		if end {
			fmt.Fprintln(u.out)
		}
	}
}

// madeIn asks for a directory once: a thousand profiles may share it.
func (g *genRun) madeIn(base string) map[string]string {
	if g.made[base] == nil {
		if g.made == nil {
			g.made = map[string]map[string]string{}
		}
		g.made[base], _ = generate.Made(base)
	}
	return g.made[base]
}

// keptHint says what to do about a file that is kept; replace is how to have it replaced.
func keptHint(file string, c generate.Change, replace string) string {
	switch {
	case errors.Is(c.Err, syscall.EISDIR):
		return "move the directory away: " + process.Cmd{Args: []string{"mv", file, file + ".mine"}}.String()
	case errors.Is(c.Err, fs.ErrPermission):
		return process.Cmd{Args: []string{"chmod", "u+r", file}}.String() + " lets vmloom look at it; " + replace
	case c.Err != nil:
		return replace
	}
	return keepHint(c.Path) + "; " + replace
}

// keepHint says where an edit belongs so that it lasts.
func keepHint(file string) string {
	switch filepath.Dir(file) {
	case "lima":
		return "lima.extra of the profile keeps your edit"
	case "nix", ".":
		return "nix.modules of the profile keep your edit"
	case "guix":
		return "guix.modules of the profile keep your edit"
	}
	return "the profile is the place for a change"
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

func (g *genRun) report(path string, plan *generate.Plan, err error) genReport {
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
