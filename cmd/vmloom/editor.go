package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/process"
	"vmloom/profile"
	"vmloom/verify"
)

func editorCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "editor",
		Usage:     "print how an editor of this host works in the guest, or --open it; without a name, how each does",
		ArgsUsage: "[PROFILE] [" + editorNames("|") + "]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "open", Usage: "open it, if ssh reaches the guest by its name"},
			&cli.StringFlag{Name: "dir", Usage: "a directory of the guest; its home otherwise"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			prof, rest, err := sshArgs(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			v, err := u.plainVM(c.Context, prof)
			if err != nil {
				return err
			}
			e := &editorRun{ui: u, vm: v, args: prof, open: c.Bool("open"), dir: c.String("dir")}
			if e.dir == "" {
				e.dir = v.Guest.User.Home
			}
			if !path.IsAbs(e.dir) {
				return usage("flag --dir: "+e.dir+": is not absolute", "--dir "+v.Guest.User.Home+"/src")
			}
			return e.run(c.Context, rest)
		},
	}
}

func editorNames(between string) string {
	var names []string
	for _, e := range profile.Editors() {
		names = append(names, e.Name)
	}
	return strings.Join(names, between)
}

// editorRun is one call of editor.
type editorRun struct {
	*ui
	vm   *machine
	args []string // that name the profile
	open bool
	dir  string
	look *lookAt // once the guest was asked
}

func (r *editorRun) run(ctx context.Context, names []string) error {
	all := profile.Editors()
	switch {
	case len(names) == 0 && r.open:
		return usage("editor: which one is to be opened?", "one of "+editorNames(", "))
	case len(names) == 0:
		return r.each(ctx, all)
	case len(names) > 1:
		return usage("argument "+names[1]+": one editor at a time", "vmloom editor shows all")
	}
	at := slices.IndexFunc(all, func(e profile.Editor) bool { return e.Name == names[0] })
	if at < 0 {
		return usage("editor "+names[0]+": unknown", "one of "+editorNames(", "))
	}
	e := all[at]
	if r.open && e.Open != nil {
		return r.opened(ctx, e)
	}
	found, err := r.ask(ctx, e)
	switch {
	case err != nil:
		return err
	case found.results == nil:
		if err := r.hindered(e); err != nil {
			return err
		}
	case found.lack != "":
		found.blame(found.results)
		return errSilent
	}
	r.result(r.how(e))
	found.tell()
	return nil
}

// each is a row for every editor: how it opens, and what is in its way.
func (r *editorRun) each(ctx context.Context, all []profile.Editor) error {
	var rows [][]string
	silent := &finding{}
	for _, e := range all {
		found, err := r.ask(ctx, e)
		if err != nil {
			return err
		}
		row := []string{e.Name, r.how(e), found.lack}
		if found.results == nil {
			row[2] = r.hindrance(e)
		}
		if found.silent != "" {
			silent = found
		}
		rows = append(rows, row)
	}
	table(r.out, rows, nil)
	silent.tell()
	return nil
}

// how is the command that opens an editor, or what does it in words.
func (r *editorRun) how(e profile.Editor) string {
	if e.Open == nil {
		return fmt.Sprintf(e.By, r.vm.SSHAlias(), r.dir)
	}
	return process.Cmd{Args: e.Open(r.vm.SSHAlias(), r.dir)}.String()
}

// hindrance says why an editor cannot work in this guest as the profile has it; empty: it can.
func (r *editorRun) hindrance(e profile.Editor) string {
	if e.Server == "" || r.vm.RunsForeign() {
		return ""
	}
	return e.Server + " was made for other systems: " + r.vm.System().NoForeign
}

func (r *editorRun) hindered(e profile.Editor) error {
	why := r.hindrance(e)
	if why == "" {
		return nil
	}
	hint := "vmloom editor zed, or emacs: they bring nothing that it cannot run"
	if r.vm.HasFlake() {
		hint = "write nix: {ld: true} into the profile"
	}
	return hinted(errors.New(e.Title+": "+why), hint)
}

// finding is what the guest was found to have for an editor.
type finding struct {
	*lookAt
	// results of the guest's rows; nil: it was not asked, and silent says why.
	results []verify.Result
	silent  string
	// lack is what is in the way; empty: nothing.
	lack string
}

// tell says that nobody was asked, where that is so.
func (f *finding) tell() {
	if f.silent != "" {
		f.say("the guest was not asked what editors need: %s", f.silent)
	}
}

// ask asks a guest that runs for what the editor needs, by the rows of verify. Of several editors it is one question.
func (r *editorRun) ask(ctx context.Context, e profile.Editor) (*finding, error) {
	if r.look == nil {
		l, err := look(ctx, r.ui, r.args)
		if err != nil {
			return nil, err
		}
		l.site.Shared, r.look = verify.NewAnswers(), l
	}
	f := &finding{lookAt: r.look}
	for _, c := range f.run(ctx, verify.Opening(f.Profile, e), "editor") {
		switch {
		case !strings.HasPrefix(c.ID, "editor/"):
			f.silent = cmp.Or(f.silent, c.Words()+": "+c.Seen)
		case c.Status == verify.Unknown:
			f.silent = cmp.Or(f.silent, c.Seen)
		case c.Status == verify.Failed:
			f.lack = cmp.Or(f.lack, c.Seen)
		}
		f.results = append(f.results, c)
	}
	if f.silent != "" && f.lack == "" {
		f.results = nil
	}
	return f, context.Cause(ctx)
}

// opened opens an editor, which would wait long for a guest that ssh does not reach.
func (r *editorRun) opened(ctx context.Context, e profile.Editor) error {
	words := e.Open(r.vm.SSHAlias(), r.dir)
	if _, err := exec.LookPath(words[0]); err != nil {
		return hinted(fmt.Errorf("%s: is not on PATH", words[0]), "its own menus install the command; what it is to do: "+r.how(e))
	}
	ask := process.Cmd{Args: []string{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", r.vm.SSHAlias(), "true"}}
	if err := process.Run(ctx, ask, nil, func(line string) { fmt.Fprintln(r.err, line) }); err != nil {
		return hinted(fmt.Errorf("ssh %s: does not reach the guest: %w", r.vm.SSHAlias(), err), "vmloom up starts it and installs the name; vmloom verify --only access tells what is missing")
	}
	found, err := r.ask(ctx, e)
	switch {
	case err != nil:
		return err
	case found.lack != "":
		found.blame(found.results)
		return errSilent
	}
	found.tell()
	return process.Run(ctx, process.Cmd{Args: words, Foreground: true}, r.data, func(line string) { fmt.Fprintln(r.err, line) })
}
