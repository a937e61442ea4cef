package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/profile"
)

func schemaCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "print the JSON Schema of profiles, for editors",
		ArgsUsage: "[PROFILE…]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "part", Usage: "that of local files, of what profiles extend, and of profiles that extend: nothing is required"},
			&cli.BoolFlag{Name: "install", Usage: "write it beside the profiles, or renew the one that is there, instead of printing it"},
		},
		Action: func(c *cli.Context) error {
			s := schemaFile{"vmloom.schema.json", profile.Schema}
			if c.Bool("part") {
				s = schemaFile{"vmloom.part.schema.json", profile.PartSchema}
			}
			switch {
			case c.Bool("install"):
				return u.installSchema(c.Context, s, c.Args().Slice())
			case c.Args().Present():
				return usage("schema: prints the same for every profile", "vmloom schema --install "+c.Args().First()+" writes it beside that one")
			}
			_, err := fmt.Fprint(u.data, s.text)
			return err
		},
	}
}

// schemaFile is a schema, and what it is called beside a profile.
type schemaFile struct{ name, text string }

// installSchema writes it beside each of the profiles.
func (u *ui) installSchema(ctx context.Context, s schemaFile, args []string) error {
	paths, err := profilePaths(ctx, args)
	if err != nil {
		return err
	}
	renewed, done := 0, map[string]bool{}
	for _, path := range paths {
		file := filepath.Join(filepath.Dir(path), s.name)
		if done[file] {
			continue
		}
		done[file] = true
		switch old, err := atomic.Read(file, atomic.Most); {
		case err == nil && string(old) == s.text:
			continue
		case err == nil && !strings.Contains(string(old), `vmloom profile"`):
			return hinted(fmt.Errorf("%s: is no schema of vmloom", file), "set it aside, and run this again")
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := atomic.ReplaceFile(file, []byte(s.text), atomic.How{Mode: 0o644}); err != nil {
			return err
		}
		u.result(file)
		renewed++
	}
	u.say("%s: %d written, %d as they should be", plural(len(done), "schema"), renewed, len(done)-renewed)
	return nil
}
