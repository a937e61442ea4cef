package main

import (
	"context"
	"path/filepath"

	"vmloom/engine"
	"vmloom/fleet"
	"vmloom/profile"
)

// guixMachines is the file that guix offload reads, and no other.
const guixMachines = "/etc/guix/machines.scm"

// handOut gives a job the builders of the profile's fleet, whose files are brought up to date first.
func (b *imageBuild) handOut(ctx context.Context) error {
	if !b.builders || b.engine.Name == "limactl" { // it builds in an instance here, whoever else may
		return nil
	}
	if k := b.job.Place.Kind; k != engine.Auto && k != engine.Local {
		return &engine.Failure{Cause: "--builders: this machine hands the build out, but it is to run at " + b.job.Place.String(), Hint: "--on local --builders, or leave --builders out", Field: "build.on"}
	}
	in, err := fleetAbove(b.path, nil)
	if err != nil {
		return err
	}
	if in.fleet == nil {
		return &engine.Failure{Cause: "--builders: the profile is in no fleet", Hint: profile.FleetName + " in a directory above it names machines and builders; or leave --builders out"}
	}
	path := filepath.Join(filepath.Dir(b.path), filepath.FromSlash(in.file))
	made, ok := b.handing[path]
	if !ok {
		if made, err = b.freshBuilders(ctx, path); err != nil {
			return err
		}
		b.handing[path] = made
	}
	if len(made.Of(b.engine.Name)) == 0 {
		return &engine.Failure{Cause: "--builders: " + path + " has none that builds for " + b.engine.Name, Hint: "builders: [{host: ..., engines: [" + b.engine.Name + "]}] names one"}
	}
	b.job.Builders = made
	return nil
}

// freshBuilders are the builders of a fleet, whose files it brings up to date.
func (b *imageRun) freshBuilders(ctx context.Context, path string) (engine.Builders, error) {
	f, err := loadFleet(path)
	if err != nil {
		return engine.Builders{}, err
	}
	machines, err := f.machines(nil)
	if err != nil {
		return engine.Builders{}, err
	}
	if err := b.freshenFleet(ctx, f, machines); err != nil {
		return engine.Builders{}, err
	}
	dir, err := filepath.Abs(filepath.Join(filepath.Dir(path), filepath.FromSlash(profile.FleetTree)))
	return engine.Builders{Dir: dir, Fleet: f.Fleet, GuixMachines: guixMachines}, err
}

// freshenFleet brings the files of a fleet up to date, and says so.
func (u *ui) freshenFleet(ctx context.Context, f *fleetSetup, machines []fleet.Machine) error {
	plan, err := f.compare(machines, false, nil)
	if err != nil {
		return err
	}
	if err := keptByHand(&setup{path: f.path}, plan); err != nil {
		return err
	}
	drift := plan.Drift()
	if err := plan.Apply(ctx); err != nil || !drift {
		return err
	}
	u.say("%s: %s was not up to date: regenerated", f.path, plan.Dir)
	return nil
}
