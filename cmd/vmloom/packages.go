package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/profile"
)

func packagesCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "packages",
		Usage:     "look packages up: their names for each system's manager, and what lacks them",
		ArgsUsage: "[NAME ...]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "where", Usage: "a row for each system, with the index that was asked"}},
		Action: func(c *cli.Context) error {
			found, err := profile.Packages(), error(nil)
			if c.NArg() > 0 {
				found, err = u.lookUp(c.Args().Slice())
			}
			rows := packageTable(found)
			if c.Bool("where") {
				rows = whereTable(found)
			}
			if len(found) > 0 {
				table(u.out, rows, nil)
			}
			return err
		},
	}
}

// lookUp finds packages by any word for them, and says which word stands for what.
func (u *ui) lookUp(words []string) (found []profile.Entry, err error) {
	for _, word := range words {
		same := profile.SamePackages(word)
		for _, e := range same {
			if e.Name != word {
				u.say("%s is in the package map as %s", word, e.Name)
			}
			if !slices.ContainsFunc(found, func(f profile.Entry) bool { return f.Name == e.Name }) {
				found = append(found, e)
			}
		}
		if len(same) > 0 {
			continue
		}
		hint := "name it by hand in the profile: " + strings.ReplaceAll(profile.ByHand(), ":", ": NAME")
		if near := profile.NearPackages(cmp.Or(profile.PackageMeant(word), word)); len(near) > 0 {
			hint = "vmloom packages " + near[0]
		}
		u.fault(hint, "package %s: is not in the package map", word)
		err = errSilent
	}
	return found, err
}

// packageTable has a column for each package manager.
func packageTable(packages []profile.Entry) [][]string {
	columns := profile.PackageColumns()
	rows := [][]string{append([]string{"NAME"}, columns...)}
	for i := range rows[0] {
		rows[0][i] = strings.ToUpper(rows[0][i])
	}
	rows[0] = append(rows[0], "LACKED BY")
	for _, e := range packages {
		row := []string{e.Name}
		for _, column := range columns {
			row = append(row, orDash(e.In(column)))
		}
		rows = append(rows, append(row, strings.Join(e.LackedBy(), ", ")))
	}
	return rows
}

// whereTable has a row for each package and system.
func whereTable(packages []profile.Entry) [][]string {
	rows := [][]string{{"NAME", "SYSTEM", "PACKAGE", "PROCESSORS", "LOOKED UP IN"}}
	for _, e := range packages {
		for _, s := range profile.Systems() {
			releases := s.ReleaseNames()
			if len(releases) == 0 {
				releases = []string{""}
			}
			for _, release := range releases {
				rows = append(rows, whereRow(e, s, release))
			}
		}
	}
	return rows
}

func whereRow(e profile.Entry, s profile.System, release string) []string {
	var names, has []string
	for _, arch := range profile.Arches() {
		switch e.Stock(s, release, arch) {
		case profile.InStock:
			names, has = append(names, e.Names(s, release, arch)), append(has, arch)
		case profile.Unsure:
			names, has = append(names, e.Names(s, release, arch)), append(has, arch+"?")
		}
	}
	index := s.Index
	if index == "" {
		index = "unverified"
	}
	return []string{
		e.Name, strings.TrimSpace(s.Name + " " + release),
		orDash(strings.Join(slices.Compact(names), " ")), orDash(strings.Join(has, " ")), index,
	}
}

// orDash shows that a system has no such package.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
