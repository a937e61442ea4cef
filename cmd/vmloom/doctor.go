package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"vmloom/verify"
)

func doctorCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "whether this machine has what profiles need, or, without one, what it has; changes nothing",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON document"}, quietFlag(u)},
		Action: func(c *cli.Context) error {
			paths, err := u.manyPaths(c.Context, "doctor", c.Args().Slice())
			if err != nil {
				return err
			}
			if len(paths) > 0 {
				return u.doctorOfAll(c.Context, paths, c.Bool("json"))
			}
			l, err := doctorAt(u, c)
			if err != nil {
				return err
			}
			return l.doctor(c.Context, c.Bool("json"))
		},
	}
}

// doctorAt takes a profile where one is named or lies here.
func doctorAt(u *ui, c *cli.Context) (*lookAt, error) {
	if _, err := os.Stat(defaultProfile); err != nil && !c.Args().Present() {
		site, err := here("")
		return &lookAt{ui: u, path: defaultProfile, site: site}, err
	}
	return look(c.Context, u, c.Args().Slice())
}

// doctorJSON is what --json prints.
type doctorJSON struct {
	format
	Profile string      `json:"profile,omitempty"`
	Counts  tally       `json:"counts"`
	Checks  []checkJSON `json:"checks"`
}

func (u *ui) doctorOfAll(ctx context.Context, paths []string, asJSON bool) error {
	all, err := u.lookAtAll(ctx, paths, func(ctx context.Context, one *seenMachine) {
		one.results = verify.Run(ctx, one.site, verify.Machine(one.Profile), "")
	})
	if err != nil {
		return err
	}
	defer all.tellEnding()
	return all.report(asJSON)
}

func (l *lookAt) doctor(ctx context.Context, asJSON bool) error {
	results := l.run(ctx, verify.Machine(l.Profile), "")
	if err := context.Cause(ctx); err != nil {
		return err
	}
	n := count(results)
	if asJSON {
		doc := doctorJSON{Counts: n, Checks: l.checksJSON(results)}
		if l.Profile != nil {
			doc.Profile = l.path
		}
		if err := l.json(doc); err != nil {
			return err
		}
	} else {
		l.rows(results)
		if l.Profile != nil {
			l.blame(results)
		} else {
			l.advise(results)
		}
		l.say("%s: %s", plural(len(results), "check"), n)
	}
	if l.Profile != nil {
		l.tellEnding()
	}
	if n.Failed+n.Unknown > 0 {
		return errSilent
	}
	return nil
}

// advise says without a profile what is wrong, and how a tool that is not here is installed.
func (l *lookAt) advise(results []verify.Result) {
	var all told
	for _, r := range results {
		if r.Status == verify.Failed || r.Status == verify.Unknown || r.Status == verify.Skipped && r.Seen == verify.NotHere {
			all.add(r.Words()+": "+r.Seen, "", l.typed(r.Cure))
		}
	}
	l.troubles(all)
}
