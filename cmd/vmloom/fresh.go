package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"vmloom/generate"
	"vmloom/profile"
)

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
	return s, u.inLimaHome(s)
}

// freshen brings the generated files up to date where they are not, and says so.
// Files that were edited by hand are an error: what runs would not be what the
// profile says.
func (u *ui) freshen(ctx context.Context, s *setup) error {
	for _, p := range s.forms() {
		if err := u.freshenOne(ctx, s, p); err != nil {
			return err
		}
	}
	return nil
}

func (u *ui) freshenOne(ctx context.Context, s *setup, p *profile.Profile) error {
	plan, err := s.plan(p, false)
	if err != nil {
		return err
	}
	if err := keptByHand(s, plan); err != nil {
		return err
	}
	drift := plan.Drift()
	if err := plan.Apply(ctx); errors.Is(err, generate.ErrNewer) {
		return hinted(err, newerHint(s.path))
	} else if err != nil || !drift { // the manifest may lack the sources' hashes
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
