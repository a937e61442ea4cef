package generate

import (
	"path/filepath"
	"slices"

	"vmloom/profile"
	"vmloom/seen"
)

// Look notes all that Compare of these files is about to look at, so that a later run need not while it stays.
func Look(looks *seen.Looks, base string, of *profile.Profile, files []File) {
	lookIn(looks, base, of.FilesDir(), files)
}

// LookFleet is Look for CompareFleet.
func LookFleet(looks *seen.Looks, base string, files []File) {
	lookIn(looks, base, profile.FleetTree, files)
}

func lookIn(looks *seen.Looks, base, dir string, files []File) {
	look := func(file string) {
		looks.Within(base, dir+"/"+file)
		looks.Look(filepath.Join(base, dir, file))
	}
	look(ManifestName)
	look(tempName)
	if !looks.Found(filepath.Join(base, dir)) {
		return // neither is any file in it: Apply makes them, and NoteWritten notes that
	}
	for _, f := range files {
		look(f.Path)
	}
}

// LookLeftover is Look for Leftover.
func LookLeftover(looks *seen.Looks, base string, of *profile.Profile) {
	looks.Look(filepath.Join(base, profile.LocalTree, of.Name, ManifestName))
}

// Done reports whether there is nothing to do, not even to what Git does not see.
func (p *Plan) Done() bool {
	return !p.Drift() && !p.stale && !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.tighten })
}

// NoteWritten notes the files as Apply has left them.
func (p *Plan) NoteWritten(looks *seen.Looks) {
	if p.appeared {
		looks.Doubt() // nobody noted what is in it
	}
	for file, stamp := range p.wrote {
		looks.Wrote(p.base, p.Dir+"/"+file, stamp)
	}
}
