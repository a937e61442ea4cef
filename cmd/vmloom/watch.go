package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/profile"
	"vmloom/watch"
)

// theList stands, beside the paths of profiles, for which profiles there are.
const theList = ""

// watched is gen --watch: the profiles that it has made files of.
type watched struct {
	*genRun
	*watch.Watcher
	args  []string
	paths map[string]bool // those that are there
	said  string          // how it watches
	shut  string          // where it was told that there may be more profiles
}

// watch regenerates the files of profiles whenever something that they are made of changes, until it is interrupted. New
// profiles below a directory, or of a fleet, are found, too.
func (g *genRun) watch(ctx context.Context, args []string) error {
	g.watching = true
	w := &watched{genRun: g, Watcher: watch.New(), args: args}
	defer w.Close()
	w.FollowTrees(theList, mayAppear(args))
	if err := w.list(ctx); err != nil {
		return err
	}
	for {
		w.sayHow()
		keys := w.Wait(ctx)
		if len(keys) == 0 {
			return nil
		}
		listed := keys[0] == theList
		for _, path := range keys {
			if path != theList && (!listed || isFile(path)) { // else the list has it no longer
				w.renew(ctx, path)
			}
		}
		if listed {
			w.FollowTrees(theList, mayAppear(args)) // those of a fleet may be others
			if err := w.list(ctx); err != nil {
				w.tellError(err)
			}
		}
	}
}

// list makes what is new among the profiles that the arguments name, and leaves alone what is none of them anymore.
func (w *watched) list(ctx context.Context) error {
	paths, err := profilePaths(ctx, w.args)
	if shut := (unlisted)(nil); errors.As(err, &shut) {
		if shut.Error() != w.shut {
			w.tellError(err)
		}
		w.shut = shut.Error()
	} else if err != nil {
		return err
	} else {
		w.shut = ""
	}
	before := w.paths
	w.paths = map[string]bool{}
	for _, path := range paths {
		w.paths[path] = true
	}
	for path := range before {
		if !w.paths[path] {
			w.Drop(path)
		}
	}
	for _, path := range paths {
		if !before[path] {
			w.renew(ctx, path)
		}
	}
	return nil
}

// renew makes a profile's files, and watches what was looked at for them, but not the files themselves.
func (w *watched) renew(ctx context.Context, path string) {
	w.made = nil // what there is has changed since it was asked
	work := &genWork{path: path}
	if w.make(ctx, work); work.cut {
		return
	}
	w.tell(work)
	base := filepath.Dir(path)
	if abs, err := filepath.Abs(base); err == nil {
		base = abs
	}
	w.Follow(path, work.looks.Outside(filepath.Join(base, profile.SharedTree), filepath.Join(base, profile.LocalTree)))
}

// sayHow says once how it watches, and again if that has changed.
func (w *watched) sayHow() {
	how := "watching"
	if why := w.Unheard(); len(why) > 0 {
		how += ", by looking again and again: " + strings.Join(why, "; ")
	}
	if how != w.said {
		w.said = how
		w.say("%s; Ctrl-C ends it", how)
	}
}

// tellError says why there is no list of profiles at the moment.
func (w *watched) tellError(err error) {
	var faults fleetFaults
	if errors.As(err, &faults) {
		w.loadError(faults.path, err)
		return
	}
	w.fault(cureFor("", err), "%v", err)
}

// mayAppear is where a profile may appear that the arguments mean.
func mayAppear(args []string) (out []watch.Tree) {
	for _, arg := range fleetFiles(args) {
		out = append(out, watch.Tree{Dir: filepath.Dir(arg), Skip: profileless, Want: isFleet})
		if f, err := readFleet(arg, nil); err == nil {
			for _, pattern := range f.Machines {
				out = append(out, patternTree(filepath.Dir(arg), pattern))
			}
		}
	}
	for _, arg := range args {
		if !isFleet(arg) && !isFile(arg) {
			out = append(out, watch.Tree{Dir: arg, Skip: profileless, Want: isProfile, Depth: -1})
		}
	}
	return out
}

// patternTree is where the machines are that a pattern of a fleet means: profiles, or directories with one.
func patternTree(dir, pattern string) watch.Tree {
	parts := strings.Split(pattern, "/")
	fixed := slices.IndexFunc(parts, func(part string) bool { return strings.ContainsAny(part, `*?[\`) })
	if fixed < 0 {
		fixed = len(parts) - 1
	}
	last := parts[len(parts)-1]
	return watch.Tree{
		Dir:   filepath.Join(dir, filepath.Join(parts[:fixed]...)),
		Skip:  profileless,
		Depth: len(parts) - fixed,
		Want: func(name string) bool {
			matches, _ := filepath.Match(last, name) // one that is wrong is said where the fleet is loaded
			return matches || name == defaultProfile
		},
	}
}
