package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"

	"vmloom/generate"
	"vmloom/process"
	"vmloom/profile"
)

// print says what became of a profile's files, or, checking, what would.
func (g *genRun) print(path string, plans []*planned) {
	for _, plan := range plans {
		g.printTree(path, plan)
	}
	p := plans[0].profile
	for _, f := range formersOf(p, path, g.madeIn(filepath.Dir(path))) {
		hint, text := f.words(p.Name)
		g.suggest(hint, "%s", text)
	}
	var total genTotal
	total.add(plans, nil)
	hint := g.next(path, total)
	if slices.ContainsFunc(plans, func(plan *planned) bool { return plan.Newer() }) && g.check {
		hint = newerHint(path)
	}
	g.suggest(hint, "%s: %s%s%s", path, total.words(g.check), g.because(path, p, total), g.formats(plans))
}

// formats says that two versions of vmloom have met, where a check finds differences: not all of them need be the profile's.
func (g *genRun) formats(plans []*planned) string {
	for _, plan := range plans {
		if written := plan.Written(); g.check && plan.Drift() && written != generate.Format {
			in := fmt.Sprintf("in output format %d", written)
			switch {
			case written == 0:
				in = "before output formats had numbers"
			case plan.Newer():
				in = "by a newer vmloom, " + in
			}
			return fmt.Sprintf("; %s was written %s, and this vmloom writes %d: a difference may be of vmloom, not of the profile", plan.Dir, in, generate.Format)
		}
	}
	return ""
}

// newerHint is what to do where another has a newer vmloom than this one.
func newerHint(path string) string {
	return "vmloom version says what this is: take the newer one here too; " +
		process.Cmd{Args: []string{"vmloom", "gen", "--force", path}}.String() + " has this one write its own"
}

func (g *genRun) printTree(path string, plan *planned) {
	dir := filepath.Join(filepath.Dir(path), plan.Dir)
	var kept told
	for _, c := range plan.Changes {
		file := filepath.Join(dir, c.Path)
		switch {
		case c.Op == generate.Unchanged:
		case c.Op == generate.Kept:
			kept.add(fmt.Sprintf("%s: %s: kept", file, c.Why), "", keptHint(file, c, "vmloom gen --force "+path+" replaces it"))
			if g.diff && c.Err == nil {
				g.difference(filepath.ToSlash(file)+" (profile)", c.New, filepath.ToSlash(file)+" (edited)", c.Old)
			}
		case c.Op == generate.Remove && !g.check:
			g.say("%s: removed", file)
		case g.diff:
			g.difference(filepath.ToSlash(file), c.Old, filepath.ToSlash(file)+" (profile)", c.New)
		default:
			g.result(file)
		}
	}
	g.troubles(kept)
}

// because names what a profile extends where its files differ: one edit there is one of every profile with it.
func (g *genRun) because(path string, p *profile.Profile, total genTotal) string {
	files := extended(path, p)
	if !g.check || len(files) == 0 || total.changed == 0 {
		return ""
	}
	return "; it extends " + strings.Join(files, ", ")
}

// extended are the files that a profile extends, as its user would write them.
func extended(path string, p *profile.Profile) (files []string) {
	for _, s := range p.Sources() {
		if s.File != "" && s.File != profile.LocalName(p.File()) {
			files = append(files, placed(path, profile.Pos{File: s.File}))
		}
	}
	return files
}

// next is the command that does what a check has found.
func (g *genRun) next(path string, total genTotal) string {
	words := []string{"vmloom", "gen"}
	switch {
	case !g.check:
		return ""
	case total.changed > 0 && g.force:
		words = append(words, "--force")
	case total.changed == 0 && total.kept > 0 && !g.diff:
		return process.Cmd{Args: append(words, "--diff", path)}.String() + " shows what was edited"
	case total.changed == 0:
		return ""
	}
	return process.Cmd{Args: append(words, path)}.String()
}

// genTotal is what there was to do, for one profile or many.
type genTotal struct{ changed, unchanged, kept, wrong int }

func (t *genTotal) add(plans []*planned, err error) {
	if err != nil {
		t.wrong++
		return
	}
	for _, plan := range plans {
		t.unchanged += plan.Count(generate.Unchanged)
		t.kept += plan.Count(generate.Kept)
		t.changed += plan.Count(generate.Create) + plan.Count(generate.Update) + plan.Count(generate.Remove)
	}
}

// words of a total; of a check they say what would be done.
func (t *genTotal) words(check bool) string {
	var parts []string
	switch {
	case t.changed == 0 && t.kept == 0 && t.wrong == 0:
		parts = append(parts, "all "+plural(t.unchanged, "file")+" unchanged")
	case check:
		parts = append(parts, plural(t.changed, "file")+" to change", fmt.Sprintf("%d unchanged", t.unchanged))
	default:
		parts = append(parts, plural(t.changed, "file")+" changed", fmt.Sprintf("%d unchanged", t.unchanged))
	}
	if t.kept > 0 {
		parts = append(parts, fmt.Sprintf("%d kept as they are", t.kept))
	}
	if t.wrong > 0 {
		parts = append(parts, plural(t.wrong, "profile")+" with errors")
	}
	return strings.Join(parts, ", ")
}

// difference shows what one text has and the other has not.
func (u *ui) difference(oldName string, old []byte, newName string, new []byte) {
	for line := range strings.Lines(string(diff.Diff(oldName, old, newName, new))) {
		text, end := strings.CutSuffix(line, "\n")
		styled(u.out, diffLine(text), text)
		if end {
			fmt.Fprintln(u.out)
		}
	}
}

// madeIn asks for a directory once: a thousand profiles may share it. Of many directories it keeps the last few.
func (g *genRun) madeIn(base string) map[string]string {
	if g.made[base] == nil {
		if g.made == nil || len(g.made) == 64 {
			g.made = map[string]map[string]string{}
		}
		g.made[base], _ = generate.Made(base)
	}
	return g.made[base]
}

// keptHint says what to do about a file that is kept; replace is how to have it replaced.
func keptHint(file string, c generate.Change, replace string) string {
	switch {
	case errors.Is(c.Err, syscall.EISDIR):
		return "move the directory away: " + process.Cmd{Args: []string{"mv", file, file + ".mine"}}.String()
	case errors.Is(c.Err, fs.ErrPermission):
		return readable(file) + " lets vmloom look at it; " + replace
	case c.Err != nil:
		return replace
	}
	return keepHint(c.Path) + "; " + replace
}

// readable is the command that lets the user read a file of theirs.
func readable(file string) string {
	return process.Cmd{Args: []string{"chmod", "u+r", file}}.String()
}

// keepHint says where an edit belongs so that it lasts.
func keepHint(file string) string {
	switch filepath.Dir(file) {
	case "lima":
		return "lima.extra of the profile keeps your edit"
	case "nix", ".":
		return "nix.modules of the profile keep your edit"
	case "guix":
		return "guix.modules of the profile keep your edit"
	}
	return "the profile is the place for a change"
}
