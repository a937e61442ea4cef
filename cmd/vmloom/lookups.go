package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
)

func targetsCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "targets",
		Usage:     "what is generated, and for a profile which of it applies",
		ArgsUsage: "[PROFILE]",
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				var rows [][]string
				for _, t := range generate.Targets() {
					rows = append(rows, []string{t.Name, t.About})
				}
				table(u.out, rows, nil)
				return nil
			}
			file := c.Args().First()
			if slices.ContainsFunc(generate.Targets(), func(t generate.Target) bool { return t.Name == file }) && !isFile(file) {
				return usage(file+": is a target, not a profile", "vmloom targets "+defaultProfile+" says whether it applies there")
			}
			if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
				return noProfile(file)
			}
			p, err := load(file)
			if err != nil {
				u.loadError(file, err)
				return errSilent
			}
			var rows [][]string
			for _, t := range generate.Targets() {
				state, why := "yes", t.About
				if reason := t.Absent(p); reason != "" {
					state, why = "no", reason
				}
				rows = append(rows, []string{t.Name, state, why})
			}
			table(u.out, rows, nil)
			return nil
		},
	}
}
