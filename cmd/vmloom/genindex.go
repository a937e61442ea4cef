package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vmloom/generate"
	"vmloom/profile"
	"vmloom/seen"
)

// knownProfile is what gen remembers of a profile whose files are all as they should be: enough to say so again, and
// to leave out what is a part of another.
type knownProfile struct {
	Name     string   `json:"name"`
	Files    int      `json:"files"`
	Warnings int      `json:"warnings,omitempty"`
	Extends  []string `json:"extends,omitempty"` // all that it is made of, from its directory on
	Parts    []string `json:"parts,omitempty"`   // what its own text extends
	Named    bool     `json:"named"`             // by its own text
}

// openIndex is nil where every file is to be looked at: on request, and in CI, where the files come from elsewhere.
func (g *genRun) openIndex() *seen.Index {
	if g.strict {
		return nil
	}
	return indexBy(seen.Open)
}

// indexBy opens the index of this user and program.
func indexBy(open func(dir, program string, began time.Time) *seen.Index) *seen.Index {
	cache, err := os.UserCacheDir()
	if os.Getenv("CI") == "true" || err != nil || !filepath.IsAbs(cache) {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	return open(filepath.Join(cache, "vmloom", "gen"), program, time.Now())
}

// remembered reports whether gen would find all files of a profile as they should be, without making them.
func remembered(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	_, ok := indexBy(seen.Reading).Known(abs)
	return ok
}

// looks are for one profile, and note nothing where nobody asks later.
func (g *genRun) looks() *seen.Looks {
	if g.index == nil && !g.watching {
		return nil
	}
	return seen.NewLooks()
}

// remember notes a profile about which nothing is left to do or to say but how many files and warnings it has.
func (g *genRun) remember(s *setup, plans []*planned, warnings []profile.Problem) {
	path, err := filepath.Abs(s.path)
	if g.index == nil || err != nil {
		return
	}
	known := knownProfile{Name: s.Name, Warnings: len(warnings)}
	if slices.ContainsFunc(warnings, func(w profile.Problem) bool { return w.ID == profile.SecretID }) {
		s.looks.Doubt() // they are told each time, with their lines
	}
	for _, plan := range plans {
		if plan.Count(generate.Kept) > 0 || g.check && !plan.Done() {
			s.looks.Doubt()
		}
		known.Files += len(plan.Changes) - plan.Count(generate.Remove)
	}
	for _, source := range s.Sources() {
		switch source.File {
		case "":
			known.Parts, known.Named = partsOf(source.Text)
		case profile.LocalName(s.File()):
		default:
			known.Extends = append(known.Extends, source.File)
		}
	}
	facts, err := json.Marshal(known)
	if err != nil {
		return
	}
	g.index.Note(path, s.looks, facts)
}

// unchanged gives what is remembered of a profile, where that is all there is to know about it. A document has each file.
// Before anything beside it is looked at, settle has it stay as it is.
func (g *genRun) unchanged(path string, settle func()) (known knownProfile, ok bool) {
	abs, err := filepath.Abs(path)
	if err != nil || g.index == nil || g.json {
		return known, false
	}
	facts, ok := g.index.Known(abs)
	if !ok || json.Unmarshal(facts, &known) != nil {
		return known, false
	}
	settle()
	return known, g.formerless(path, known.Name)
}

// unread gives what is remembered of the text of a profile's own file.
func unread(index *seen.Index, path string) (known knownProfile, ok bool) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return known, false
	}
	facts, ok := index.Unread(abs)
	return known, ok && json.Unmarshal(facts, &known) == nil
}

// formerless reports whether a profile surely has no former name (formersOf), by the names that are beside it alone.
func (g *genRun) formerless(path, name string) bool {
	dir := filepath.Dir(path)
	var others []string // that a file here bears
	trees, _ := os.ReadDir(filepath.Join(dir, profile.SharedTree))
	for _, tree := range trees {
		if tree.Name() != name {
			others = append(others, tree.Name())
		}
	}
	ids, _ := os.ReadDir(filepath.Join(dir, ".vmloom"))
	for _, id := range ids {
		if of, isID := strings.CutSuffix(id.Name(), ".id"); isID && of != name {
			others = append(others, of)
		}
	}
	if len(others) == 0 {
		return true
	}
	made := g.madeIn(dir)
	return !slices.ContainsFunc(others, func(other string) bool {
		from, filed := made[other]
		return from == filepath.Base(path) || !filed
	})
}

// extended is what the profile extends, as its user would write it.
func (k knownProfile) extended(path string) []string {
	return mapped(k.Extends, func(file string) string { return placed(path, profile.Pos{File: file}) })
}

// printUnchanged says of a profile what print would.
func (g *genRun) printUnchanged(path string, known knownProfile) {
	g.warned(path, known.Warnings)
	total := genTotal{unchanged: known.Files}
	g.say("%s: %s", path, total.words(g.check))
}

// warned says that a profile has warnings.
func (g *genRun) warned(path string, warnings int) {
	if warnings > 0 {
		g.say("%s: %s: vmloom check %s shows them", path, plural(warnings, "warning"), path)
	}
}
