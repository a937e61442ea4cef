package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/process"
)

func ejectCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "eject",
		Usage:     "leave vmloom: the generated files become your own, with a page that says how to go on without it",
		ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{
			yesFlag("no question"), dryRunFlag(),
			&cli.BoolFlag{Name: "force", Usage: "take the header out of files that were edited by hand, too; the edit stays"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			s, err := u.oneSetup(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			r := &ejectRun{ui: u, setup: s, yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), force: c.Bool("force")}
			return r.run(c.Context)
		},
	}
}

// ejectRun is one call of eject. It is about the files that everybody has.
type ejectRun struct {
	*ui
	setup              *setup
	yes, dryRun, force bool
}

func (r *ejectRun) run(ctx context.Context) error {
	s := r.setup
	files, err := s.files(s.shared)
	if err != nil {
		return err
	}
	e, err := generate.Eject(s.base, s.shared, files, r.force)
	if err != nil {
		return hinted(err, cureFor(s.path, err))
	}
	if e.Over() {
		r.say("%s: is yours already, as %s says: nothing to do", r.in(e, ""), r.in(e, generate.PageName))
		return nil
	}
	if err := r.current(e); err != nil {
		return err
	}
	if r.dryRun {
		r.plan(r.out, e)
		return nil
	}
	if !r.yes {
		r.plan(r.ui.err, e)
		if err := r.confirm(ctx, "make them yours?", "--yes does it"); err != nil {
			return err
		}
	}
	if err := e.Apply(ctx); err != nil {
		return err
	}
	r.result(r.in(e, generate.PageName))
	for _, c := range e.Kept {
		r.say("%s: %s: stays as it is", r.in(e, c.Path), c.Why)
	}
	r.say("%s: is yours: the header is gone from %s; %s says which command does what vmloom did", r.in(e, ""), plural(len(e.Freed), "file"), generate.PageName)
	return nil
}

// in is a path of the tree as the user would write it.
func (r *ejectRun) in(e *generate.Ejection, file string) string {
	return filepath.Join(filepath.Dir(r.setup.path), filepath.FromSlash(e.Dir), file)
}

// current refuses files that are not what the profile makes: what goes on living would be something else.
func (r *ejectRun) current(e *generate.Ejection) error {
	if len(e.Stale) == 0 {
		return nil
	}
	if e.Newer() {
		return hinted(fmt.Errorf("%s: was written by a newer vmloom, which makes other files of the profile: nothing was done", r.in(e, "")), newerHint(r.setup.path))
	}
	first := e.Stale[0]
	what := map[generate.Op]string{generate.Create: "is not there", generate.Update: "is not what the profile makes of it", generate.Remove: "belongs to the profile no more"}[first.Op]
	more := ""
	if n := len(e.Stale) - 1; n > 0 {
		more = ", and " + plural(n, "file") + " more are not up to date"
		if n == 1 {
			more = ", and another file is not up to date"
		}
	}
	return hinted(fmt.Errorf("%s: %s%s: nothing was done", r.in(e, first.Path), what, more),
		process.Cmd{Args: []string{"vmloom", "gen", r.setup.path}}.String()+" brings the files up to date first")
}

// plan shows what becomes of the files.
func (r *ejectRun) plan(w io.Writer, e *generate.Ejection) {
	line := func(mark, path, words string) { fmt.Fprintf(w, "%s %s: %s\n", mark, oneLine(path), oneLine(words)) }
	switch e.Page.Op {
	case generate.Create, generate.Update:
		line("+", r.in(e, e.Page.Path), "which command does what vmloom did")
	case generate.Kept:
		line("=", r.in(e, e.Page.Path), e.Page.Why+": stays as it is; --force writes it")
	}
	for _, c := range e.Freed {
		line("~", r.in(e, c.Path), "its header goes")
	}
	for _, c := range e.Kept {
		line("=", r.in(e, c.Path), c.Why+": stays as it is")
	}
	if e.Manifest {
		line("-", r.in(e, generate.ManifestName), "from then on the files are not vmloom's")
	}
	if dir := generate.OfThisMachine(r.setup.base, r.setup.shared); dir != "" {
		line("=", filepath.Join(filepath.Dir(r.setup.path), filepath.FromSlash(dir)), "this machine's own, of the local file: stays vmloom's, and the scripts hand over to it while that file is there")
	}
	line("=", r.setup.path, "stays, and so does all that is installed on this host; vmloom gen would keep these files, as not its own, and say so")
}
