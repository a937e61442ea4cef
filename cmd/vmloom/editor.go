package main

import (
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
}

func (r *editorRun) run(ctx context.Context, names []string) error {
	all := profile.Editors()
	switch {
	case len(names) == 0 && r.open:
		return usage("editor: which one is to be opened?", "one of "+editorNames(", "))
	case len(names) == 0:
		var rows [][]string
		for _, e := range all {
			rows = append(rows, []string{e.Name, r.how(e), r.hindrance(e)})
		}
		table(r.out, rows, nil)
		return nil
	case len(names) > 1:
		return usage("argument "+names[1]+": one editor at a time", "vmloom editor shows all")
	}
	at := slices.IndexFunc(all, func(e profile.Editor) bool { return e.Name == names[0] })
	if at < 0 {
		return usage("editor "+names[0]+": unknown", "one of "+editorNames(", "))
	}
	e := all[at]
	if why := r.hindrance(e); why != "" {
		hint := "vmloom editor zed, or emacs: they bring nothing that it cannot run"
		if r.vm.HasFlake() {
			hint = "write nix: {ld: true} into the profile"
		}
		return hinted(errors.New(e.Title+": "+why), hint)
	}
	if !r.open || e.Open == nil {
		r.result(r.how(e))
		return nil
	}
	return r.opened(ctx, e)
}

// how is the command that opens an editor, or what does it in words.
func (r *editorRun) how(e profile.Editor) string {
	if e.Open == nil {
		return fmt.Sprintf(e.By, r.vm.SSHAlias(), r.dir)
	}
	return process.Cmd{Args: e.Open(r.vm.SSHAlias(), r.dir)}.String()
}

// hindrance says why an editor cannot work in this guest; empty: it can.
func (r *editorRun) hindrance(e profile.Editor) string {
	if e.Server == "" || r.vm.RunsForeign() {
		return ""
	}
	return e.Server + " was made for other systems: " + r.vm.System().NoForeign
}

// holds is the error of a guest that lacks what the editor's server needs, by the rows of verify.
func (r *editorRun) holds(ctx context.Context) error {
	l, err := look(ctx, r.ui, r.args)
	if err != nil {
		return err
	}
	results := l.run(ctx, verify.Checks(l.Profile), "editor")
	l.blame(results)
	if n := count(results); n.Failed+n.Unknown > 0 {
		return errSilent
	}
	return context.Cause(ctx)
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
	if e.Server != "" {
		if err := r.holds(ctx); err != nil {
			return err
		}
	}
	return process.Run(ctx, process.Cmd{Args: words, Foreground: true}, r.data, func(line string) { fmt.Fprintln(r.err, line) })
}
