package main

import (
	"context"
	"errors"

	"vmloom/engine"
	"vmloom/profile"
)

// pinned is what the lock pins of a profile's image, which the fleet's key has signed where it has one.
func (s *setup) pinned(p *profile.Profile) (*engine.Record, error) {
	r, err := engine.Pinned(s.base, p, s.looks)
	if err != nil || r == nil || r.URL == "" {
		return r, err
	}
	in, err := fleetAbove(s.path, s.looks)
	if err != nil {
		return nil, err
	}
	if err := r.Trusted(in.fleet); err != nil {
		return nil, withCure(err)
	}
	return r, nil
}

// withCure is an error of the engine's with its hint, for commands that print no more of it.
func withCure(err error) error {
	var f *engine.Failure
	if errors.As(err, &f) {
		return hinted(f, f.Hint)
	}
	return err
}

// download takes the image of the lock from where everybody finds it: it is what would be built.
func (b *imageBuild) download(ctx context.Context) error {
	r := b.report.Image
	if b.dryRun {
		b.words.say(func() { b.say("%s: image %s is downloaded, and not built: %s", b.path, engine.Key(b.Profile), r.URL) })
		return nil
	}
	b.words.say(func() {
		b.say("%s: image %s is missing: downloads %s from %s", b.path, engine.Key(b.Profile), inUnits(r.Size), r.URL)
	})
	if err := engine.Fetch(ctx, b.base, *r); err != nil {
		b.report.Image = nil
		return err
	}
	b.report.State = "downloaded"
	return nil
}
