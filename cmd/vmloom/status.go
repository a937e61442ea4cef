package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/profile"
	"vmloom/verify"
)

func statusCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "how the VM is now, and what differs from its profile; looks, and never trusts a pid file",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON document"}, quietFlag(u)},
		Action: func(c *cli.Context) error {
			paths, err := u.manyPaths(c.Context, "status", c.Args().Slice())
			if err != nil {
				return err
			}
			if len(paths) > 0 {
				return u.statusOfAll(c.Context, paths, c.Bool("json"))
			}
			l, err := look(c.Context, u, c.Args().Slice())
			if err != nil {
				return err
			}
			return l.status(c.Context, c.Bool("json"))
		},
	}
}

// statusJSON is what --json prints.
type statusJSON struct {
	format
	Profile string       `json:"profile"`
	Name    string       `json:"name"`
	State   verify.State `json:"state"`
	Checks  []checkJSON  `json:"checks"`
}

func (u *ui) statusOfAll(ctx context.Context, paths []string, asJSON bool) error {
	all, err := u.lookAtAll(ctx, paths, func(ctx context.Context, one *seenMachine) {
		results := verify.Run(ctx, one.site, stateChecks(one.Profile), "")
		one.state = verify.StateOf(results)
		one.results = shownIn(one.state, results)
	})
	if err != nil {
		return err
	}
	locks := map[string]string{}
	for _, one := range all.machines {
		if one.err == nil {
			locks[one.path] = lockFile(one.path, one.Name)
		}
	}
	defer u.tellBehind(locks)
	defer all.tellEnding()
	return all.report(asJSON)
}

// stateChecks are those that tell how the VM is, with what they need.
func stateChecks(p *profile.Profile) (checks []verify.Check) {
	needed := map[string]bool{}
	all := verify.Checks(p)
	for i := len(all) - 1; i >= 0; i-- { // what a check needs stands before it
		if c := all[i]; c.State || needed[c.ID] {
			checks = append([]verify.Check{c}, checks...)
			for _, id := range c.Needs {
				needed[id] = true
			}
		}
	}
	return checks
}

func (l *lookAt) status(ctx context.Context, asJSON bool) error {
	results := l.run(ctx, stateChecks(l.Profile), "")
	if err := context.Cause(ctx); err != nil {
		return err
	}
	state := verify.StateOf(results)
	shown := shownIn(state, results)
	n := count(shown)
	if asJSON {
		err := l.json(statusJSON{Profile: l.path, Name: l.Name, State: state, Checks: l.checksJSON(shown)})
		if err != nil {
			return err
		}
	} else {
		l.result(fmt.Sprintf("%s: %s", l.Name, state))
		l.rows(shown)
		l.blame(shown)
		for _, r := range shown {
			if !r.Advice.IsZero() {
				l.suggest(l.typed(r.Advice), "%s: %s", r.Title, r.Seen)
			}
		}
		switch up := l.typed(cure.Do(cure.Vmloom("up"))); state {
		case verify.Absent:
			l.suggest(up, "there is no VM yet")
		case verify.Stopped:
			l.suggest(up, "the VM is switched off")
		}
	}
	l.tellEnding()
	l.tellBehind(map[string]string{l.path: lockFile(l.path, l.Name)})
	if n.Failed+n.Unknown > 0 {
		return errSilent
	}
	return nil
}

// shownIn are the rows that say something of a VM in that state: one that was
// never made, or was stopped, is no failure.
func shownIn(state verify.State, results []verify.Result) (shown []verify.Result) {
	hidden := func(id string) bool { return false }
	switch state {
	case verify.Absent:
		hidden = func(id string) bool { return id != "generated/fresh" }
	case verify.Stopped:
		hidden = func(id string) bool { return id == "instance/running" || strings.HasPrefix(id, "socket/") }
	}
	for _, r := range results {
		if r.Status != verify.Skipped && !hidden(r.ID) && (r.State || r.Status != verify.OK) {
			shown = append(shown, r)
		}
	}
	return shown
}
