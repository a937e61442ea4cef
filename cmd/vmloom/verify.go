package main

import (
	"cmp"
	"context"

	"github.com/urfave/cli/v2"

	"vmloom/profile"
	"vmloom/verify"
)

func verifyCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "hold VMs to every promise of their profiles, from both sides; changes nothing",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "restart", Usage: "also stop and start the VM, and look whether the home and the sockets come back"},
			&cli.StringFlag{Name: "only", Usage: "the checks of this `ID`, or below it: socket, socket/docker"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to this `FILE`; - is stdout, instead of the table"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			if c.Bool("json") && c.String("junit") == "-" {
				return usage("verify: --json and --junit - both want stdout", "vmloom verify --json --junit FILE")
			}
			v := verifyRun{c.Bool("restart"), c.String("only"), c.Bool("json"), c.String("junit")}
			paths, err := u.manyPaths(c.Context, "verify", c.Args().Slice())
			if err != nil {
				return err
			}
			if len(paths) > 0 {
				return u.verifyAll(c.Context, paths, v)
			}
			l, err := look(c.Context, u, c.Args().Slice())
			if err != nil {
				return err
			}
			return l.verify(c.Context, v)
		},
	}
}

// verifyRun is one call of verify.
type verifyRun struct {
	restart bool
	only    string
	json    bool
	junit   string // a file, or - for stdout
}

// checks of a profile that are asked for.
func (v verifyRun) checks(p *profile.Profile) (checks []verify.Check) {
	for _, c := range verify.Checks(p) {
		if v.restart || !c.Restart {
			checks = append(checks, c)
		}
	}
	return checks
}

// noCheck is the error of a word for --only that is none's.
func (v verifyRun) noCheck(p *profile.Profile) error {
	var ids []string
	for _, c := range v.checks(p) {
		ids = append(ids, c.ID)
	}
	return usage("verify: no check "+v.only, didYouMean(v.only, ids, "vmloom verify --json lists the IDs"))
}

// verifyJSON is what --json prints.
type verifyJSON struct {
	format
	Profile string      `json:"profile"`
	Name    string      `json:"name"`
	Counts  tally       `json:"counts"`
	Checks  []checkJSON `json:"checks"`
}

func (l *lookAt) verify(ctx context.Context, v verifyRun) error {
	results := l.run(ctx, v.checks(l.Profile), v.only)
	if len(results) == 0 {
		return v.noCheck(l.Profile)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	n := count(results)
	var unwritten error // said when the results are
	if v.junit != "" {
		unwritten = l.writeJUnit(v.junit, l.verified(results))
	}
	switch {
	case v.json:
		err := l.json(verifyJSON{Profile: l.path, Name: l.Name, Counts: n, Checks: l.checksJSON(results)})
		if err != nil {
			return err
		}
	case v.junit != "-":
		l.rows(results)
		l.blame(results)
	}
	l.say("%s: %s: %s", l.path, plural(len(results), "check"), n)
	if n.status() != verify.OK && unwritten == nil {
		return errSilent
	}
	return unwritten
}

// verifyAll holds several VMs to their profiles. One that has no check of those that are asked for
// is skipped; a word that none has is a mistake.
func (u *ui) verifyAll(ctx context.Context, paths []string, v verifyRun) error {
	all, err := u.lookAtAll(ctx, paths, func(ctx context.Context, one *seenMachine) {
		one.results = verify.Run(ctx, one.site, v.checks(one.Profile), v.only)
	})
	if err != nil {
		return err
	}
	suites, asked := junitSuites{}, false
	for _, one := range all.machines {
		asked = asked || len(one.results) > 0 || one.err != nil
		if one.err != nil {
			suites.Suites = append(suites.Suites, unreadSuite(one))
			continue
		}
		suites.Suites = append(suites.Suites, one.verified(one.results))
	}
	if !asked {
		return v.noCheck(all.machines[0].Profile)
	}
	if v.junit != "" {
		err = u.writeJUnit(v.junit, suites)
	}
	if v.junit == "-" {
		all.unread()
		all.total()
		return cmp.Or(err, all.failed(verify.Skipped))
	}
	return cmp.Or(err, all.report(v.json, verify.Skipped))
}
