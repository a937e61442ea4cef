package main

import (
	"context"
	"errors"
	"path/filepath"

	"vmloom/engine"
	"vmloom/profile"
)

// takeCaches are those of the profile's fleet, where --push asks for them.
func (b *imageBuild) takeCaches() error {
	if !b.pushes {
		return nil
	}
	in, err := fleetAbove(b.path, nil)
	if err != nil {
		return err
	}
	if in.fleet == nil {
		return &engine.Failure{Cause: "--push: the profile is in no fleet", Hint: profile.FleetName + " in a directory above it names machines and caches; or leave --push out"}
	}
	b.caches = engine.Caches{Fleet: in.fleet, File: filepath.Join(filepath.Dir(b.path), filepath.FromSlash(in.file))}
	if !b.caches.Any(b.engine.Name) {
		return &engine.Failure{Cause: "--push: " + b.caches.File + " names no place that what " + b.engine.Name + " builds is copied to", Hint: "caches: [{url: ..., push: ...}] names a cache of nix, images: {url: ..., pushBy: ...} a place of images"}
	}
	return nil
}

// ready looks whether what is built can be pushed, before it is built.
func (b *imageBuild) ready(ctx context.Context) error {
	if b.pushes {
		if f := b.caches.Ready(ctx, b.engine, b.job); f != nil {
			return f
		}
	}
	return nil
}

// readyToPush is ready for an image that is up to date.
func (b *imageBuild) readyToPush(ctx context.Context) (err error) {
	if !b.pushes || b.report.State == "downloaded" {
		return nil
	}
	if b.job.Place.Kind == engine.Auto {
		if b.job.Place, err = engine.ParsePlace(b.report.Image.Place); err != nil { // where it was built
			return err
		}
	}
	if err := b.share(); err != nil {
		return err
	}
	err = b.ready(ctx)
	b.due = err == nil && !b.dryRun
	return err
}

// push signs what was built and copies it to the caches. The image itself is in the lock by then.
func (b *imageBuild) push(ctx context.Context, watch func(engine.Progress)) error {
	if !b.pushes {
		return nil
	}
	err := b.engine.Push(ctx, b.job, b.caches, b.report.Image.Derivation, b.made, watch)
	if context.Cause(ctx) == nil { // a cache that takes nothing keeps no image from everybody
		now, failed := b.engine.Publish(ctx, b.job, b.caches, *b.report.Image, watch)
		if failed == nil {
			b.renews = b.renews || now != *b.report.Image
			b.report.Image = &now
		}
		if err == nil {
			err = failed
		}
	}
	var f *engine.Failure
	if errors.As(err, &f) && context.Cause(ctx) == nil {
		f.Cause = "built, not pushed: " + f.Cause
		if f.Hint == "" {
			f.Hint = "vmloom build-image --push " + b.path + " goes on with it"
		}
		return unpushed{f}
	}
	b.report.Pushed = err == nil
	return err
}

// unpushed is why an image that is built is not where everybody finds it.
type unpushed struct{ *engine.Failure }

func (u unpushed) Unwrap() error { return u.Failure }
