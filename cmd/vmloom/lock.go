package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/engine"
	"vmloom/flake"
)

func lockCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "lock",
		Usage:     "pin the flake's inputs at their newest, those named or all, and say what moved",
		ArgsUsage: "[PROFILE] [INPUT ...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "on", Usage: "where nix runs: local, ssh://user@host or lima:INSTANCE; here otherwise, or in a running Lima guest that has it"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			if f, inputs, err := fleetToLock(c.Context, c.Args().Slice()); err != nil {
				return checkedFleet(u, err, false)
			} else if f != nil {
				return u.lockFleet(c, f, inputs)
			}
			prof, inputs, err := sshArgs(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			s, err := u.oneSetup(c.Context, prof)
			if err != nil {
				return err
			}
			ctx, stop := whileHeard(c.Context)
			defer stop()
			moved, err := u.lock(ctx, s, c.String("on"), inputs)
			if err != nil {
				return u.lockFailed(s, err)
			}
			if c.Bool("json") {
				return u.json(lockReport(s.path, lockFile(s.path, s.Name), moved))
			}
			if err := u.printMoved(lockFile(s.path, s.Name), moved); err != nil {
				return err
			}
			return u.toldOfFleet(s, moved)
		},
	}
}

// lock pins inputs of the profile's flake, all of them where none is named.
func (u *ui) lock(ctx context.Context, s *setup, on string, inputs []string) ([]flake.Change, error) {
	if !s.shared.HasFlake() {
		return nil, &engine.Failure{
			Cause: "lock: the profile makes no flake, whose inputs could be pinned",
			Hint:  "a nix section makes one for guests under Lima; Guix's channels have their commits in guix.channels",
		}
	}
	names := mapped(flake.Inputs(s.shared), func(in flake.Input) string { return in.Name })
	for _, name := range inputs {
		if err := engine.KnownInput(s.Name, names, name); err != nil {
			return nil, err
		}
	}
	if err := u.freshen(ctx, s); err != nil {
		return nil, err
	}
	return pin(ctx, &engine.Job{Profile: s.shared.OnArch(thisArch()), Base: s.base}, on, inputs)
}

// pin pins inputs of the flake of a job, whose files are up to date.
func pin(ctx context.Context, j *engine.Job, on string, inputs []string) ([]flake.Change, error) {
	work, done, err := atomic.Stage(workRoot(), j.Profile.Name)
	if err != nil {
		return nil, fmt.Errorf("directory for staging, which TMPDIR names: %w", err)
	}
	defer done()
	j.Work, j.Log = work, filepath.Join(work, "log")
	if on == "" || on == string(engine.Auto) {
		j.Place, err = engine.LockPlace(ctx, j)
	} else {
		j.Place, err = engine.ParsePlace(on)
	}
	if err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	return engine.Pin(ctx, j, inputs, nil)
}

// lockFailed tells why nothing was pinned.
func (u *ui) lockFailed(s *setup, err error) error {
	var f *engine.Failure
	if !errors.As(err, &f) || interrupted(err) {
		return err
	}
	f.Log = "" // it is gone
	b := &imageBuild{imageRun: &imageRun{ui: u}, setup: s, err: f}
	b.printFailure()
	return errSilent
}

// lockJSON is what --json prints.
type lockJSON struct {
	format
	Profile string       `json:"profile"`
	Lock    string       `json:"lock"`
	Moved   []changeJSON `json:"moved"`
}

type changeJSON struct {
	Input string `json:"input"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

func lockReport(path, lock string, moved []flake.Change) lockJSON {
	r := lockJSON{Profile: path, Lock: lock, Moved: []changeJSON{}}
	for _, c := range moved {
		r.Moved = append(r.Moved, changeJSON(c))
	}
	return r
}

// lockFile is the lock as the user would write its name.
func lockFile(path, name string) string {
	return filepath.Join(filepath.Dir(path), flake.LockOf(name))
}

// printMoved prints a line for each input that moved.
func (u *ui) printMoved(lock string, moved []flake.Change) error {
	var lines strings.Builder
	for _, c := range moved {
		switch {
		case c.From == "":
			fmt.Fprintf(&lines, "%s: pinned: %s\n", c.Input, c.To)
		case c.To == "":
			fmt.Fprintf(&lines, "%s: gone: was %s\n", c.Input, c.From)
		default:
			fmt.Fprintf(&lines, "%s: %s -> %s\n", c.Input, c.From, c.To)
		}
	}
	if len(moved) == 0 {
		u.say("%s: nothing has moved", lock)
		return nil
	}
	if _, err := fmt.Fprint(u.data, lines.String()); err != nil {
		return err
	}
	u.say("%s: commit it, so that image and guest follow it everywhere", lock)
	return nil
}
