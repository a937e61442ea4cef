package main

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"

	"vmloom/generate"
	"vmloom/profile"
	"vmloom/seen"
)

// planned are the files of a profile as they are to be, in one of its trees.
type planned struct {
	*generate.Plan
	profile *profile.Profile
}

// genWork is one profile on its way through gen: made beside others, and told of in its turn.
type genWork struct {
	path    string
	known   knownProfile // where that is all there is to say
	isKnown bool

	looks     *seen.Looks // what was looked at so far, also of one that fails; nil: nobody asks
	setup     *setup
	plans     []*planned
	warnings  []profile.Problem
	unignored string // what has Git ignore what is this machine's alone; empty: it does
	err       error

	turn         <-chan struct{} // closed when the profile before it in its directory is told of; nil: there is none under way
	made, isTold chan struct{}   // closed then
	cut          bool            // the run was interrupted before anything was written
}

// each makes all profiles, on all processors, and says in their order what became of them. What is in one directory may
// be about the same files, so there each writes when all has been said of the one before.
func (g *genRun) each(ctx context.Context, paths []string) error {
	m := g.meter(len(paths))
	defer m.clear()
	most := 2 * runtime.GOMAXPROCS(0) // a slow one does not hold up the rest at once, and memory stays flat
	if g.force {                      // profiles may take files from each other
		most = 1
	}
	done := 0
	var under []*genWork // way, in their order
	first := func() {
		w := under[0]
		under = under[1:]
		if <-w.made; !w.cut {
			m.clear()
			g.took(w)
			done++
			m.at(done, len(paths), w.path)
		}
		close(w.isTold)
	}
	for _, path := range paths {
		if ctx.Err() != nil {
			break
		}
		if len(under) == most {
			first()
		}
		w := &genWork{path: path, made: make(chan struct{}), isTold: make(chan struct{})}
		w.known, w.isKnown = g.unchanged(path, func() {
			for beside(under, path) != nil {
				first()
			}
		})
		if before := beside(under, path); before != nil {
			w.turn = before.isTold
		}
		under = append(under, w)
		if w.isKnown {
			close(w.made)
			continue
		}
		go func() {
			defer close(w.made)
			g.make(ctx, w)
		}()
	}
	for len(under) > 0 {
		first()
	}
	if done == len(paths) {
		return nil
	}
	return cutShort(ctx, done, len(paths))
}

// beside is the last of those under way in the directory of a profile.
func beside(under []*genWork, path string) *genWork {
	for _, w := range slices.Backward(under) {
		if filepath.Dir(w.path) == filepath.Dir(path) {
			return w
		}
	}
	return nil
}

// make plans a profile's files and, unless checking, writes them: the shared ones
// and, where there is a local file, those of this machine. It says nothing.
func (g *genRun) make(ctx context.Context, w *genWork) {
	if w.cut = ctx.Err() != nil; w.cut {
		return
	}
	w.err = g.plan(w)
	if w.turn != nil {
		<-w.turn
	}
	if w.err != nil || g.check {
		return
	}
	if w.cut = ctx.Err() != nil; w.cut {
		return
	}
	for _, plan := range w.plans {
		if w.err = plan.Apply(ctx); w.err != nil {
			return
		}
		plan.NoteWritten(w.setup.looks)
		if plan.Count(generate.Create) > 0 && plan.profile.HasLocal() {
			w.unignored = unignored(ctx, w.path)
		}
	}
}

// plan looks at a profile, and at what there is of its files.
func (g *genRun) plan(w *genWork) error {
	w.looks = g.looks()
	s, err := loadLooking(w.path, w.looks)
	if err != nil {
		return err
	}
	var plans []*planned
	for _, p := range s.forms() {
		plan, err := s.plan(p, g.force)
		if err != nil {
			return err
		}
		plans = append(plans, &planned{plan, p})
	}
	generate.LookLeftover(s.looks, s.base, s.Profile)
	gone, err := generate.Leftover(s.base, s.Profile, g.force)
	if err != nil {
		return err
	}
	if gone != nil {
		plans = append(plans, &planned{gone, s.Profile})
	}
	w.setup, w.plans, w.warnings = s, plans, lint(s.Profile, w.path, s.looks)
	return nil
}

// tell says what became of a profile, and remembers it.
func (g *genRun) tell(w *genWork) {
	// Of one that fails its error alone: whether it does before its warnings are known is a matter of time.
	if w.err == nil && len(w.warnings) > 0 && !g.json {
		g.warned(w.path, len(w.warnings))
		secret := slices.DeleteFunc(slices.Clone(w.warnings), func(one profile.Problem) bool { return one.ID != profile.SecretID })
		g.problems(g.err, w.path, secret)
	}
	if w.unignored != "" {
		g.suggest(w.unignored, "%s: Git would take in the local file and what is made of it, which are this machine's alone", w.path)
	}
	switch {
	case w.err == nil:
		g.remember(w.setup, w.plans, w.warnings)
		if !g.json {
			g.print(w.path, w.plans)
		}
	case !g.json:
		g.loadError(w.path, w.err)
	}
}
