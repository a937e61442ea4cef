package main

import (
	"context"
	"fmt"
	"path/filepath"

	"vmloom/generate"
	"vmloom/profile"
)

// setup is a profile with where it lies.
type setup struct {
	*profile.Profile
	path string // as the user wrote it
	base string // its directory, absolute
}

func loadSetup(path string) (*setup, error) {
	p, err := load(path)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(filepath.Dir(path))
	return &setup{p, path, base}, err
}

// oneSetup is that of the one profile that the arguments name; its mistakes are told.
func (u *ui) oneSetup(ctx context.Context, args []string) (*setup, error) {
	path, err := oneProfile(ctx, args)
	if err != nil {
		return nil, err
	}
	s, err := loadSetup(path)
	if err != nil {
		u.loadError(path, err)
		return nil, errSilent
	}
	return s, nil
}

// generated is the directory of the profile's files, absolute.
func (s *setup) generated() string { return filepath.Join(s.base, "generated", s.Name) }

// freshen brings the generated files up to date where they are not, and says so.
// Files that were edited by hand are an error: what runs would not be what the
// profile says.
func (u *ui) freshen(ctx context.Context, s *setup) error {
	made, err := files(s.Profile, s.base)
	if err != nil {
		return err
	}
	plan, err := generate.Compare(s.base, s.Name, s.File(), made, false)
	if err != nil {
		return err
	}
	if err := keptByHand(s, plan); err != nil {
		return err
	}
	if !plan.Drift() {
		return nil
	}
	if err := plan.Apply(ctx); err != nil {
		return err
	}
	if err := keptByHand(s, plan); err != nil { // Apply looks again: what could not be read then is not replaced
		return err
	}
	changed := len(plan.Changes) - plan.Count(generate.Unchanged)
	u.say("%s: %s was not up to date: %s regenerated", s.path, plan.Dir, plural(changed, "file"))
	return nil
}

// keptByHand is the error of a file that was edited, or nil.
func keptByHand(s *setup, plan *generate.Plan) error {
	for _, c := range plan.Changes {
		if c.Op == generate.Kept {
			file := filepath.Join(filepath.Dir(s.path), plan.Dir, c.Path)
			hint := keptHint(file, c, "vmloom gen --force "+s.path+" replaces it")
			if c.Err == nil {
				hint = "vmloom gen --diff " + s.path + " shows the edit; " + hint
			}
			return hinted(fmt.Errorf("%s: %s", file, c.Why), hint)
		}
	}
	return nil
}
