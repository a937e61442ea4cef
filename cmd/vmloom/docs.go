package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
)

func docsCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "docs",
		Usage:     "print the VM's guide, or a chapter for the project's own README.md and AGENTS.md",
		ArgsUsage: "[PROFILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "snippet", Usage: "that chapter: the commands of a day, and what may be edited; vmloom docs --snippet >>AGENTS.md"}},
		Action: func(c *cli.Context) error {
			path, err := oneProfile(c.Context, c.Args().Slice())
			if err != nil {
				return err
			}
			s, err := loadSetup(path)
			if err != nil {
				u.loadError(path, err)
				return errSilent
			}
			for _, target := range []string{"docs", "scripts"} {
				if !s.shared.Wants(target) {
					return hinted(fmt.Errorf("%s: its targets leave %s out", path, target), "add "+target+" to targets")
				}
			}
			text, err := u.docs(s, c.Bool("snippet"))
			if err != nil {
				return err
			}
			_, err = u.data.Write(text)
			return err
		},
	}
}

// docs are those that everybody has of a profile.
func (u *ui) docs(s *setup, snippet bool) ([]byte, error) {
	if snippet {
		return generate.Snippet(s.shared)
	}
	files, err := s.files(s.shared)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(files, func(f generate.File) bool { return f.Path == "docs/"+s.Name+".md" })
	return files[i].Data, nil
}
