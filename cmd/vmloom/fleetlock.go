package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vmloom/engine"
	"vmloom/flake"
	"vmloom/fleet"
	"vmloom/generate"
	"vmloom/profile"
)

// fleetToLock is the fleet that the arguments of lock name, or that is here alone, and the inputs; nil: they mean a profile.
func fleetToLock(ctx context.Context, args []string) (*fleetSetup, []string, error) {
	var files []string
	switch {
	case len(args) > 0 && !isFile(filepath.Join(args[0], defaultProfile)) && len(fleetFiles(args[:1])) > 0:
		files, args = fleetFiles(args[:1]), args[1:]
	case len(args) == 0 || !namesProfile(ctx, args[0]):
		files = fleetFiles(nil)
	}
	if len(files) == 0 {
		return nil, nil, nil
	}
	f, err := loadFleet(files[0])
	return f, args, err
}

// lockFleet pins inputs of the fleet's flake, and has the machines' locks follow.
func (u *ui) lockFleet(c *cli.Context, f *fleetSetup, inputs []string) error {
	ctx, stop := whileHeard(c.Context)
	defer stop()
	machines, err := f.machines(nil)
	if err != nil {
		return err
	}
	s := &setup{path: f.path, Profile: &profile.Profile{}}
	names := fleet.Inputs(machines)
	if len(names) == 0 {
		return hinted(fmt.Errorf("%s: none of its machines is built by nix, and so it has no flake", f.path), "vmloom lock PROFILE pins the inputs of one machine")
	}
	for _, name := range inputs {
		if err := engine.KnownInput("the fleet", names, name); err != nil {
			return u.lockFailed(s, err)
		}
	}
	if err := u.freshenFleet(ctx, f, machines); err != nil {
		return err
	}
	base, err := filepath.Abs(filepath.Dir(f.path))
	if err != nil {
		return err
	}
	moved, err := pin(ctx, &engine.Job{Profile: engine.FleetFlake(thisArch()), Base: base}, c.String("on"), inputs)
	if err != nil {
		return u.lockFailed(s, err)
	}
	return u.followed(f, machines, moved, c.Bool("json"))
}

// followed has the machines' locks follow the fleet's, in which some inputs have moved, and reports both.
func (u *ui) followed(f *fleetSetup, machines []fleet.Machine, moved []flake.Change, asJSON bool) error {
	locks, own, err := f.follow(machines, false)
	if err == nil && locks != nil {
		err = f.write(locks)
	}
	if err != nil || locks == nil {
		return err
	}
	dir := filepath.Dir(f.path)
	lock := filepath.Join(dir, fleet.LockFile)
	if asJSON {
		err = u.json(lockReport(f.path, lock, moved))
	} else {
		err = u.printMoved(lock, moved)
	}
	if err != nil {
		return err
	}
	for _, c := range locks.Changes {
		switch c.Op {
		case generate.Create, generate.Update:
			u.say("%s: follows it: commit it, too", filepath.Join(dir, c.Path))
		case generate.Kept:
			u.fault("vmloom gen --force "+f.path+" replaces it", "%s: %s: kept", filepath.Join(dir, c.Path), c.Why)
			err = errSilent
		}
	}
	u.unfollowed(f, own)
	return err
}

// toldOfFleet says, where inputs of a machine have moved, that the lock of its fleet is another.
func (u *ui) toldOfFleet(s *setup, moved []flake.Change) error {
	m, err := fleetAbove(s.path, nil)
	if err != nil || m.fleet == nil || len(moved) == 0 || len(fleet.Followers([]fleet.Machine{{Profile: s.shared}})) == 0 {
		return err
	}
	file := filepath.Join(filepath.Dir(s.path), m.file)
	if lock := filepath.Join(filepath.Dir(file), fleet.LockFile); isFile(lock) {
		u.suggest("vmloom lock "+file+" pins for all of its machines", "%s: this lock follows that of the fleet, and vmloom gen %s takes it back there", s.path, file)
	}
	return nil
}
