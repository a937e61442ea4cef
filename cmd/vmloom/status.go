package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/verify"
)

func statusCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "how the VM is now, and what differs from its profile; looks, and never trusts a pid file",
		ArgsUsage: "[PROFILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON document"}, quietFlag(u)},
		Action: func(c *cli.Context) error {
			l, err := look(u, c.Args().Slice())
			if err != nil {
				return err
			}
			return l.status(c.Context, c.Bool("json"))
		},
	}
}

func (l *lookAt) status(ctx context.Context, asJSON bool) error {
	var checks []verify.Check
	needed := map[string]bool{}
	all := verify.Checks(l.Profile)
	for i := len(all) - 1; i >= 0; i-- { // what a check needs stands before it
		if c := all[i]; c.State || needed[c.ID] {
			checks = append([]verify.Check{c}, checks...)
			for _, id := range c.Needs {
				needed[id] = true
			}
		}
	}
	results := verify.Run(ctx, l.site, checks, "")
	if err := context.Cause(ctx); err != nil {
		return err
	}
	state, shown := vmState(results)
	n := count(shown)
	if asJSON {
		err := l.json(struct {
			Profile string      `json:"profile"`
			Name    string      `json:"name"`
			State   string      `json:"state"`
			Checks  []checkJSON `json:"checks"`
		}{l.path, l.Name, state, l.checksJSON(shown)})
		if err != nil {
			return err
		}
	} else {
		l.result(l.Name + ": " + state)
		l.rows(shown)
		l.blame(shown)
		switch state {
		case "absent", "stopped":
			l.hint(l.typed(cure.Do(cure.Vmloom("up"))))
		}
	}
	if n.Failed > 0 {
		return errSilent
	}
	return nil
}

// vmState is the VM's state in a word, and the rows that say something in it: a VM
// that was never made, or was stopped, is no failure.
func vmState(results []verify.Result) (state string, shown []verify.Result) {
	by := map[string]verify.Result{}
	for _, r := range results {
		by[r.ID] = r
	}
	failed := func(id string) bool { return by[id].Status == verify.Failed }
	hidden := func(id string) bool { return false }
	switch running := by["instance/running"]; {
	case failed("tool/limactl"), failed("instance/exists") && !strings.HasPrefix(by["instance/exists"].Seen, "there is no"):
		state = "unknown"
	case failed("instance/exists"):
		state = "absent"
		hidden = func(id string) bool { return id != "generated/fresh" }
	case failed("instance/ours"):
		state = "foreign"
	case failed("instance/running") && (strings.HasPrefix(running.Seen, "Broken") || running.Seen == "crashed"):
		state = "broken"
	case failed("instance/running"):
		state = "stopped"
		hidden = func(id string) bool { return id == "instance/running" || strings.HasPrefix(id, "socket/") }
	case failed("instance/ready"):
		state = "booting"
	case failed("access/guest"):
		state = "silent"
	default:
		state = "running"
	}
	for _, r := range results {
		if r.Status != verify.Skipped && !hidden(r.ID) && (r.State || r.Status == verify.Failed) {
			shown = append(shown, r)
		}
	}
	return state, shown
}
