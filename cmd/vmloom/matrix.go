package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/engine"
	"vmloom/process"
)

func matrixCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "matrix",
		Usage:     "the images that profiles build, with what builds them, for the jobs of a CI; builds nothing",
		ArgsUsage: "[PROFILE | DIRECTORY ...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "say of each whether Git has changed what it is made of since this `COMMIT`"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			return u.matrix(c.Context, c.Args().Slice(), c.String("since"), c.Bool("json"))
		},
	}
}

// matrixJSON is what --json prints.
type matrixJSON struct {
	format
	Images []imageJob `json:"images"`
}

// imageJob is an image that a CI may build.
type imageJob struct {
	Profile string `json:"profile"`
	Name    string `json:"name"`
	Engine  string `json:"engine"`
	System  string `json:"system"`
	// Features are what the machine that builds must have.
	Features []string `json:"features"`
	Runner   string   `json:"runner"`
	Changed  *bool    `json:"changed,omitempty"`
}

func (u *ui) matrix(ctx context.Context, args []string, since string, asJSON bool) error {
	paths, err := profilePaths(ctx, args)
	if err != nil {
		return err
	}
	doc := matrixJSON{Images: []imageJob{}}
	u.told = map[string]bool{}
	git, failed := gitChanges{since: since, of: map[string]map[string]bool{}}, false
	for i, path := range paths {
		if err := cutShort(ctx, i, len(paths)); err != nil {
			return err
		}
		s, err := loadSetup(path)
		if err != nil {
			failed = true
			u.loadError(path, err)
			continue
		}
		if !engine.Builds(s.Profile) {
			continue
		}
		for _, arch := range s.Guest.Arches() {
			job, err := git.job(ctx, s.onArch(arch))
			if err != nil {
				return err
			}
			doc.Images = append(doc.Images, job)
		}
	}
	if failed { // a matrix that lacks a machine would let it pass
		return errSilent
	}
	if asJSON {
		return u.json(doc)
	}
	var rows [][]string
	for _, j := range doc.Images {
		row := []string{j.Profile, j.Engine, j.System, strings.Join(j.Features, ","), j.Runner}
		if j.Changed != nil && *j.Changed {
			row = append(row, "changed")
		}
		rows = append(rows, row)
	}
	table(u.out, rows, nil)
	return nil
}

// gitChanges are the files that differ from a commit, by the top of their repository.
type gitChanges struct {
	since string // empty: nobody asks
	of    map[string]map[string]bool
}

// job is the image of a profile that builds one.
func (g gitChanges) job(ctx context.Context, s *setup) (j imageJob, err error) {
	e, err := engine.For(s.Profile)
	if err != nil {
		return j, fmt.Errorf("%s: %w", s.path, err)
	}
	in, err := fleetAbove(s.path, nil)
	if err != nil {
		return j, err
	}
	system := s.Guest.Arch + "-linux"
	j = imageJob{Profile: s.path, Name: s.Name, Engine: e.Name, System: system, Features: e.Features(), Runner: in.fleet.RunnerOf(system)}
	if g.since != "" {
		changed, err := g.changed(ctx, s, e)
		if err != nil {
			return j, err
		}
		j.Changed = &changed
	}
	return j, nil
}

// changed reports whether a file that the profile's image is made of differs from the commit.
func (g gitChanges) changed(ctx context.Context, s *setup, e engine.Engine) (bool, error) {
	real, err := filepath.EvalSymlinks(s.base)
	if err != nil {
		return false, err
	}
	top, found := projectOf(real, nil)
	if !found {
		return false, hinted(fmt.Errorf("%s: is in no Git repository, and --since asks Git", s.path), "leave --since out")
	}
	if g.of[top] == nil {
		if g.of[top], err = gitDiffers(ctx, top, g.since); err != nil {
			return false, err
		}
	}
	files := []string{filepath.Base(s.path)}
	for _, part := range s.Sources() {
		if part.File != "" {
			files = append(files, part.File)
		}
	}
	files = append(files, e.Inputs(&engine.Job{Profile: s.Profile, Base: real})...)
	return slices.ContainsFunc(files, func(file string) bool {
		name, err := filepath.Rel(top, filepath.Join(real, filepath.FromSlash(file)))
		return err == nil && g.of[top][filepath.ToSlash(name)]
	}), nil
}

// gitDiffers are the files of a repository that are not as in a commit, from its top, those that Git does not know yet too.
func gitDiffers(ctx context.Context, top, since string) (map[string]bool, error) {
	git := func(words ...string) (string, error) {
		var out bytes.Buffer
		err := process.Run(ctx, process.Cmd{Args: append([]string{"git", "-C", top}, words...)}, &out, func(string) {})
		return out.String(), err
	}
	commit, err := git("rev-parse", "--verify", "--quiet", "--end-of-options", since+"^{commit}")
	if err != nil {
		return nil, hinted(fmt.Errorf("--since %s: Git has no such commit here", since), "git log --oneline lists those there are; a CI's checkout lacks older ones: fetch-depth: 0 of actions/checkout, or git fetch --unshallow")
	}
	differ, err := git("diff", "--name-only", "--no-renames", "-z", strings.TrimSpace(commit))
	if err != nil {
		return nil, err
	}
	unknown, err := git("ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for name := range strings.SplitSeq(differ+unknown, "\x00") {
		out[name] = name != ""
	}
	return out, nil
}
