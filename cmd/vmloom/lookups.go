package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/profile"
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
			p, err := load(c.Args().First())
			if err != nil {
				u.loadError(c.Args().First(), err)
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

func schemaCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "print the JSON Schema of profiles, for editors",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprint(u.data, profile.Schema)
			return err
		},
	}
}

func packagesCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "packages",
		Usage:     "look packages up: their names for each system's manager",
		ArgsUsage: "[NAME ...]",
		Action: func(c *cli.Context) error {
			found := profile.Packages()
			if c.NArg() > 0 {
				found = nil
			}
			missing := false
			for _, name := range c.Args().Slice() {
				if p, ok := profile.LookupPackage(name); ok {
					found = append(found, p)
					continue
				}
				missing = true
				hint := "name it by hand in the profile: " + strings.ReplaceAll(profile.ByHand(), ":", ": NAME")
				if near := profile.NearPackages(name); len(near) > 0 {
					hint = "vmloom packages " + near[0]
				}
				u.fault(hint, "package %s: is not in the package map", name)
			}
			if len(found) > 0 {
				table(u.out, packageTable(found), nil)
			}
			if missing {
				return errSilent
			}
			return nil
		},
	}
}

// packageTable has a column for each package manager.
func packageTable(packages []profile.Package) [][]string {
	columns := profile.PackageColumns()
	rows := [][]string{append([]string{"NAME"}, columns...)}
	for i := range rows[0] {
		rows[0][i] = strings.ToUpper(rows[0][i])
	}
	for _, p := range packages {
		row := []string{p.Name}
		for _, column := range columns {
			row = append(row, orDash(p.In(column)))
		}
		rows = append(rows, row)
	}
	return rows
}

// orDash shows that a system has no such package.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
