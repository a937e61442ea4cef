package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/flake"
	"vmloom/fleet"
	"vmloom/generate"
	"vmloom/process"
)

// follow plans what is to be done to the machines' locks so that they pin as the fleet's does, and gives the inputs that
// it does not pin as the machines have them. With force a lock that cannot be read is planned away. No plan: the fleet
// has no lock, and each machine goes by its own.
func (f *fleetSetup) follow(machines []fleet.Machine, force bool) (plan *generate.Plan, own []string, err error) {
	base := filepath.Dir(f.path)
	text, err := atomic.Read(filepath.Join(base, filepath.FromSlash(fleet.LockFile)), atomic.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	var shared flake.Leader
	if err == nil {
		shared, err = flake.ReadLeader(text)
	}
	if err != nil {
		file := filepath.Join(base, fleet.LockFile)
		return nil, nil, hinted(fmt.Errorf("%s: %w", file, err), process.Cmd{Args: []string{"git", "checkout", "--", file}}.String()+" takes the committed one back; or remove it, and each machine goes by its own")
	}
	plan = &generate.Plan{Dir: "."}
	for _, m := range fleet.Followers(machines) {
		mine, err := atomic.Read(filepath.Join(base, filepath.FromSlash(m.Lock)), atomic.Most)
		c := generate.Change{Path: m.Lock, Op: generate.Update, Old: mine, Mode: 0o644}
		if errors.Is(err, fs.ErrNotExist) {
			c.Op, err = generate.Create, nil
		}
		var theirs []string
		if err == nil {
			c.New, theirs, err = m.Follow(mine, shared)
		}
		if err != nil && force {
			c.New, theirs, err = m.Follow(nil, shared)
		}
		switch {
		case err != nil:
			c.Op, c.Why, c.Err = generate.Kept, err.Error(), err
		case c.New == nil:
			continue
		case string(c.New) == string(mine):
			c.Op = generate.Unchanged
		}
		plan.Changes, own = append(plan.Changes, c), append(own, theirs...)
	}
	slices.Sort(own)
	return plan, slices.Compact(own), nil
}

// write writes the machines' locks as follow has planned them.
func (f *fleetSetup) write(plan *generate.Plan) error {
	root, err := os.OpenRoot(filepath.Dir(f.path))
	if err != nil {
		return err
	}
	defer root.Close()
	for _, c := range plan.Changes {
		if c.Op != generate.Create && c.Op != generate.Update {
			continue
		}
		if err := root.MkdirAll(path.Dir(c.Path), 0o755); err != nil {
			return err
		}
		if err := atomic.Replace(root, c.Path, c.New, atomic.How{Mode: c.Mode, Sync: true}); err != nil {
			return err
		}
	}
	return nil
}

// tellBehind says which of some locks, by their profiles, do not pin as that of their fleet, and what has them follow.
// Where that cannot be told, as where another machine's profile has a mistake, it is no affair of who asks about one.
func (u *ui) tellBehind(locks map[string]string) {
	told := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(locks)) {
		in, err := fleetAbove(path, nil)
		if err != nil || in.fleet == nil {
			continue
		}
		file := filepath.Join(filepath.Dir(path), filepath.FromSlash(in.file))
		if told[file] || !isFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(fleet.LockFile))) {
			continue
		}
		told[file] = true
		if behind := behindFleet(file, locks); len(behind) > 0 {
			u.suggest("vmloom gen "+file+" has them follow: commit them", "%s: %s not pin as it does", filepath.Join(filepath.Dir(file), fleet.LockFile), doNot(behind))
		}
	}
}

// doNot names the first of some files, with the verb.
func doNot(files []string) string {
	const most = 3
	verb := "do"
	if len(files) == 1 {
		verb = "does"
	}
	if more := len(files) - most; more > 0 {
		files = append(files[:most:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(files, ", ") + " " + verb
}

// behindFleet are those of some locks that do not pin as that of the fleet in a file.
func behindFleet(file string, locks map[string]string) (behind []string) {
	f, err := loadFleet(file)
	if err != nil {
		return nil
	}
	machines, err := f.machines(nil)
	if err != nil {
		return nil
	}
	plan, _, err := f.follow(machines, false)
	if err != nil || plan == nil {
		return nil
	}
	moves := map[string]bool{}
	for _, c := range plan.Changes {
		if lock, err := filepath.Abs(filepath.Join(filepath.Dir(file), c.Path)); err == nil && (c.Op == generate.Update || c.Op == generate.Create) {
			moves[lock] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(locks)) {
		if lock, err := filepath.Abs(locks[path]); err == nil && moves[lock] {
			behind = append(behind, locks[path])
		}
	}
	return behind
}

// unfollowed says which inputs the fleet's lock does not pin for all.
func (u *ui) unfollowed(f *fleetSetup, own []string) {
	if len(own) > 0 {
		u.suggest(process.Cmd{Args: append([]string{"vmloom", "lock", f.path}, own...)}.String()+" pins them for all",
			"%s: does not pin %s as the profiles have them: there each machine goes by its own lock", filepath.Join(filepath.Dir(f.path), fleet.LockFile), strings.Join(own, ", "))
	}
}
