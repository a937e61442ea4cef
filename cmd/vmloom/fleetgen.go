package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vmloom/fleet"
	"vmloom/generate"
	"vmloom/profile"
	"vmloom/seen"
)

// machines are the members' profiles as everybody has them; an error is that of the first
// that cannot be read, or clashes of two of them.
func (f *fleetSetup) machines(looks *seen.Looks) (out []fleet.Machine, err error) {
	host, dir := &hostTaken{by: map[string]taker{}}, filepath.Dir(f.path)
	var clashes profile.Problems
	for _, path := range f.members {
		_, shared, err := loadBoth(path, looks)
		if err != nil {
			return nil, hinted(fmt.Errorf("%s does not load, and the fleet's files are of all machines", path), "vmloom check "+f.path)
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return nil, err
		}
		out = append(out, fleet.Machine{Profile: shared, File: filepath.ToSlash(rel)})
		for _, c := range host.clashes(path, shared, true) {
			if c.File == "" {
				c.File = filepath.ToSlash(rel)
			}
			clashes = append(clashes, c)
		}
	}
	if len(clashes) > 0 {
		return nil, fleetFaults{f.path, clashes}
	}
	return out, nil
}

// compare compares the fleet's files with what is there.
func (f *fleetSetup) compare(machines []fleet.Machine, force bool, looks *seen.Looks) (*generate.Plan, error) {
	files, err := fleet.Files(f.Fleet, machines)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(filepath.Dir(f.path))
	if err != nil {
		return nil, err
	}
	generate.LookFleet(looks, base, files)
	return generate.CompareFleet(base, f.Fleet, files, force)
}

// fleet makes the files of a fleet, and has its machines' locks follow its own; or says what differs.
func (g *genRun) fleet(ctx context.Context, f *fleetSetup) (reports []genReport, drifts bool, err error) {
	plans, own, err := g.fleetPlans(ctx, f)
	if err != nil {
		return []genReport{{Profile: f.path, Error: err.Error()}}, true, err
	}
	var total genTotal
	total.add(plans, nil)
	for _, plan := range plans {
		report := genReport{Profile: f.path, Dir: filepath.Join(filepath.Dir(f.path), plan.Dir)}
		for _, c := range plan.Changes {
			report.Files = append(report.Files, fileReport{c.Path, c.Op, c.Why})
		}
		reports = append(reports, report)
		if !g.json {
			g.printTree(f.path, plan)
		}
	}
	if !g.json {
		g.suggest(g.next(f.path, total), "%s: %s", f.path, total.words(g.check))
		g.unfollowed(f, own)
	}
	return reports, total.kept > 0 || g.check && total.changed > 0, nil
}

// fleetPlans are the fleet's files and its machines' locks, written unless checking, and the inputs that its lock does
// not pin for all.
func (g *genRun) fleetPlans(ctx context.Context, f *fleetSetup) (plans []*planned, own []string, err error) {
	machines, err := f.machines(nil)
	if err != nil {
		return nil, nil, err
	}
	files, err := f.compare(machines, g.force, nil)
	if err != nil {
		return nil, nil, err
	}
	locks, own, err := f.follow(machines, g.force)
	if err != nil {
		return nil, nil, err
	}
	if !g.check {
		err = files.Apply(ctx)
	}
	plans = []*planned{{Plan: files}}
	if locks != nil {
		plans = append(plans, &planned{Plan: locks})
	}
	if locks != nil && !g.check && err == nil {
		err = f.write(locks)
	}
	return plans, own, err
}

// checkedFleet reports mistakes in a fleet's file as check does those of a profile.
func checkedFleet(u *ui, err error, asJSON bool) error {
	var faults fleetFaults
	if !errors.As(err, &faults) {
		return err
	}
	if asJSON {
		r := checkReport{Profile: faults.path, Warnings: []problemJSON{}}
		r.Errors, r.NotShown = u.problemsJSON(faults.path, faults.Problems)
		if err := u.json(checkedJSON{Profiles: []checkReport{r}}); err != nil {
			return err
		}
		return errSilent
	}
	u.problems(u.out, faults.path, faults.Problems)
	u.say("%v", faults)
	return errSilent
}

// keyFiles warns of builders' keys that are not on this machine, and of keys that others may read. What may not be
// looked at is root's own, as it should be; and keys that sign are on the machine that pushes alone.
func (f *fleetSetup) keyFiles() (out []profile.Problem) {
	for i, b := range f.Builders {
		warn := func(reason, hint string) {
			p := f.ProblemAt(fmt.Sprintf("builders[%d].key", i), reason)
			p.ID, p.Hint = "builder-key", hint
			out = append(out, p)
		}
		info, err := os.Stat(b.Key)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			warn("there is no such file on this machine", "where it hands builds out: sudo ssh-keygen -t ed25519 -N '' -f "+b.Key+", and "+b.Key+".pub into ~"+b.User+"/.ssh/authorized_keys of "+b.Host)
		case err == nil && info.Mode()&0o077 != 0:
			warn(fmt.Sprintf("others may read it (mode %#o), and ssh takes no such key", info.Mode().Perm()), "sudo chmod 600 "+b.Key)
		}
	}
	signs := func(field, key string) {
		if info, err := os.Stat(key); key != "" && err == nil && info.Mode()&0o077 != 0 {
			p := f.ProblemAt(field, fmt.Sprintf("others may read it (mode %#o), and --push signs with no such key", info.Mode().Perm()))
			p.ID, p.Hint = "secret-key", "chmod 600 "+key+"; who may have read it can sign in your name: a new key is safer"
			out = append(out, p)
		}
	}
	for i, c := range f.Caches {
		signs(fmt.Sprintf("caches[%d].secretKey", i), c.SecretKey)
	}
	signs("images.secretKey", f.Images.SecretKey)
	return out
}
