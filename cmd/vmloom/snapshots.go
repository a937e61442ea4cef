package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/process"
)

func snapshotsCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "snapshots",
		Usage:     "list the ways back: snapshots, and the generations of a NixOS or Guix guest that runs",
		ArgsUsage: "[PROFILE]",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print one JSON document"}, quietFlag(u)},
		Action: func(c *cli.Context) error {
			v, err := u.anyVM(c.Context, c.Args().Slice(), true)
			if err != nil {
				return err
			}
			if err := v.made(); err != nil {
				return err
			}
			return u.snapshots(c.Context, v, c.Bool("json"))
		},
	}
}

// snapshotsJSON is what --json prints.
type snapshotsJSON struct {
	format
	Name      string         `json:"name"`
	Snapshots []snapshotJSON `json:"snapshots"`
	// Generations of the guest's system, which its own tools go back to; none unless it runs.
	Generations []generationJSON `json:"generations"`
}

type snapshotJSON struct {
	Name  string `json:"name"`
	Taken string `json:"taken"`
	// Bytes that it holds on the host; 0: they are in a disk that has more.
	Bytes  int64    `json:"bytes"`
	Covers []string `json:"covers"`
	Where  string   `json:"where"`
}

type generationJSON struct {
	Number  int    `json:"number"`
	Made    string `json:"made"`
	Current bool   `json:"current"`
}

func (u *ui) snapshots(ctx context.Context, v *machine, asJSON bool) error {
	var said strings.Builder
	if err := u.runScript(ctx, v.file("snapshot"), []string{"sh", v.file("snapshot"), "list"}, &said); err != nil {
		return err
	}
	doc := snapshotsJSON{Name: v.name, Snapshots: readSnapshots(said.String()), Generations: []generationJSON{}}
	if v.setup != nil && v.System().Generations != "" {
		var lines strings.Builder
		// A VM that is off has none to show, and says so itself; that is no failure of the list.
		if err := u.quietly(ctx, v, &lines, v.System().Generations); err == nil {
			doc.Generations = readGenerations(lines.String())
		} else if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if asJSON {
		return u.json(doc)
	}
	if len(doc.Snapshots)+len(doc.Generations) == 0 {
		u.say("%s: no snapshot yet", v.name)
	}
	var rows [][]string
	for _, s := range doc.Snapshots {
		size := "-"
		if s.Bytes > 0 {
			size = inUnits(s.Bytes)
		}
		rows = append(rows, []string{s.Name, s.Taken, size, strings.Join(s.Covers, ", "), s.Where})
	}
	for _, g := range doc.Generations {
		now := ""
		if g.Current {
			now = ", current"
		}
		rows = append(rows, []string{"generation " + strconv.Itoa(g.Number), g.Made, "-", "system's definition", "in the guest" + now})
	}
	table(u.data, rows, nil)
	return nil
}

// quietly runs a line of sh in the guest by the VM's script, and keeps its talk.
func (u *ui) quietly(ctx context.Context, v *machine, out io.Writer, line string) error {
	return process.Run(ctx, process.Cmd{Args: []string{"sh", v.file("ssh"), "sh", "-c", line}}, out, func(string) {})
}

// readSnapshots reads what list of the script prints.
func readSnapshots(text string) []snapshotJSON {
	out := []snapshotJSON{} // not null
	for line := range strings.Lines(text) {
		part := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(part) != 5 {
			continue
		}
		kib, _ := strconv.ParseInt(part[2], 10, 64)
		out = append(out, snapshotJSON{Name: part[0], Taken: part[1], Bytes: kib << 10, Covers: strings.Split(part[3], ","), Where: part[4]})
	}
	return out
}

// readGenerations reads the lines of a system's row: number, date and time, and a word for the one that runs.
func readGenerations(text string) []generationJSON {
	out := []generationJSON{} // not null
	for line := range strings.Lines(text) {
		part := strings.Fields(line)
		if len(part) < 3 {
			continue
		}
		if n, err := strconv.Atoi(part[0]); err == nil {
			out = append(out, generationJSON{Number: n, Made: fmt.Sprint(part[1], " ", part[2]), Current: len(part) > 3})
		}
	}
	return out
}
