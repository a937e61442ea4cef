package engine

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/pattern"
	"vmloom/process"
)

// nixSpot is a place in a flake's sources that an error names.
type nixSpot struct {
	file         string // relative to the sources
	line, column string // empty where only the file is told
	own          bool   // the user's
}

func (s nixSpot) String() string {
	switch {
	case s.line == "":
		return s.file
	case s.column == "":
		return s.file + ":" + s.line
	}
	return s.file + ":" + s.line + ":" + s.column
}

var nixSource = pattern.New(`/nix/store/[0-9a-z]{32}-[\w.-]*source/([^\s:'"]+\.(?:nix|toml|json))['"]?(?::(\d+)(?::(\d+))?)?`)

// nixSpots are those that an error names, in its order.
func nixSpots(j *Job, text string) (spots []nixSpot) {
	own := nixOwnNames(j)
	for _, m := range nixSource().FindAllStringSubmatch(text, -1) {
		spots = append(spots, nixSpot{m[1], m[2], m[3], isOwn(own, m[1])})
	}
	return spots
}

// nixOwnNames are the user's files, as they are called in the flake's sources.
func nixOwnNames(j *Job) []string {
	names, _ := NixOwn(j.Profile, j.Base, nil)
	root := filepath.Join(j.Base, filepath.FromSlash(j.Profile.Nix.Root))
	for i, name := range names {
		if rel, err := filepath.Rel(root, filepath.Join(j.Base, filepath.FromSlash(name))); err == nil {
			names[i] = filepath.ToSlash(rel)
		}
	}
	return names
}

// nixOursFile reports whether a file of the flake's sources is one that vmloom generates.
func nixOursFile(j *Job, file string) bool {
	return slices.ContainsFunc(nixGenerated(j.Profile), func(name string) bool {
		return file == name || strings.HasSuffix(file, j.Profile.Name+"/"+name)
	})
}

// nixEvaluation answers an error of the evaluator: words of the module system and of nixpkgs
// first, then whatever stands in a file of the user's, by its place.
func nixEvaluation(j *Job, culprit string) *Failure {
	if f := nixMissing(j, culprit); f != nil {
		return f
	}
	if f := firstOf(nixKnown(j, nixModuleRows), nixShortened(j, culprit)); f != nil {
		return f
	}
	at, near := nixNearest(j, culprit)
	if at == nil {
		return nil
	}
	what := oneLine(bare(culprit))
	if !near {
		return &Failure{
			Cause: process.Short(at.String() + ": leads to: " + what),
			Hint:  "look at what " + at.String() + " sets; the whole way there: NIX_CONFIG='show-trace = true' vmloom build-image", Field: "nix.modules",
		}
	}
	cure := "correct line " + at.line + " of " + at.file
	for _, k := range nixSlips() {
		if f := k.answer(what); f != nil {
			cure = strings.ReplaceAll(f.Hint, "FILE", at.file)
			break
		}
	}
	return &Failure{Cause: process.Short(at.String() + ": " + what + nixLine(culprit)), Hint: cure, Field: "nix.modules"}
}

// nixNearest is the user's place that is nearest to an error: where it stands itself, or on the way there, which
// older ones tell after the error, from within, and newer ones before it, from without.
func nixNearest(j *Job, culprit string) (at *nixSpot, near bool) {
	after := innermost().ReplaceAllString(culprit, "")
	for i, spot := range nixSpots(j, after) {
		if spot.own {
			return &spot, i == 0 && spot.line != ""
		}
	}
	for _, spot := range nixSpots(j, strings.TrimSuffix(culprit, after)) {
		if spot.own {
			at = &spot
		}
	}
	return at, false
}

var nixQuoted = pattern.New(`(?m)^\s*(\d+)\|\s*(.*?)\s*\n\s+\|\s+\^`)

// nixLine is the line that an error points at.
func nixLine(culprit string) string {
	m := nixQuoted().FindStringSubmatch(innermost().ReplaceAllString(culprit, ""))
	if m == nil {
		return ""
	}
	return ": " + oneLine(m[2])
}

// nixSlips are cures of what is wrong in a module at the place that nix tells.
func nixSlips() []known {
	return []known{
		{regexp.MustCompile(`^syntax error`), "", "correct FILE there or in the line above it: nix-instantiate --parse FILE reads it alone", ""},
		{regexp.MustCompile(`^undefined variable '(lib|pkgs|config|options|modulesPath|inputs)'`), "", "name it among what the module takes: { $1, ... }: at the head of FILE", ""},
		{regexp.MustCompile(`^undefined variable '([^']+)'`), "", "correct $1 in FILE; a package is pkgs.$1, a function of nixpkgs lib.$1", ""},
		{regexp.MustCompile(`^attribute '([^']+)' missing`), "", "a package: https://search.nixos.org/packages?query=$1; of inputs: nix: {inputs: {INPUT: {url: ...}}} names those there are", ""},
		{regexp.MustCompile(`not a function`), "", "correct FILE: what stands before an argument must be a function; a call within a list or as an argument needs parentheses: (f x)", ""},
		{regexp.MustCompile(`infinite recursion`), "", "correct FILE: what it sets asks for itself; what is imported must not follow from config or pkgs", ""},
	}
}

var nixAttribute = pattern.New(`attribute '([^']+)' missing`)

// nixMissing answers a missing attribute, which is a package only where the profile names that package.
func nixMissing(j *Job, culprit string) *Failure {
	m := nixAttribute().FindStringSubmatch(innermost().ReplaceAllString(culprit, ""))
	if m == nil {
		return nil
	}
	name := m[1]
	if strings.Contains(culprit, "_module.args.") {
		by := nixAsksFor(j, name)
		if at, _ := nixNearest(j, culprit); at != nil {
			by = at.file
		}
		return &Failure{
			Cause: by + ": asks for the argument " + name + ", which nobody passes to modules",
			Hint:  "take " + name + " out of its { ... }: head; flakes are in the argument inputs, each named in nix: {inputs: {NAME: {url: ...}}}; a value of your own: _module.args." + name + " = ...;", Field: "nix.modules",
		}
	}
	first := nixSource().FindStringSubmatch(innermost().ReplaceAllString(culprit, ""))
	if first == nil || !nixOursFile(j, first[1]) {
		return nil // a place of the user's, or nothing certain
	}
	if strings.HasSuffix(first[1], "flake.nix") {
		return &Failure{Cause: "flake.nix: its inputs have no " + name, Hint: "nix flake show of each input lists what it has; vmloom gen writes flake.nix again", Field: "nix"}
	}
	if quoted := nixQuoted().FindStringSubmatch(culprit); quoted != nil && !strings.Contains(quoted[2], "pkgs") {
		return &Failure{
			Cause: path.Base(first[1]) + ":" + first[2] + ": this nixpkgs has no " + name,
			Hint:  "nix.nixpkgs may be older than NixOS 25.05 or much newer than this vmloom; with a release in between, please report it", Field: "nix.nixpkgs",
		}
	}
	return &Failure{
		Cause: "package " + name + ": is not in this nixpkgs",
		Hint:  "look it up: https://search.nixos.org/packages?query=" + name + "; one of another name is written {nix: ATTRIBUTE} in guest.packages", Field: "guest.packages",
	}
}

// nixAsksFor is the user's module that has an argument in its head, as far as that can be told.
func nixAsksFor(j *Job, argument string) string {
	names, _ := NixOwn(j.Profile, j.Base, nil)
	for _, name := range names {
		text, err := atomic.Read(filepath.Join(j.Base, filepath.FromSlash(name)), atomic.Most)
		head, _, found := strings.Cut(string(text), "}:")
		if err == nil && found && regexp.MustCompile(`[{,\s]`+regexp.QuoteMeta(argument)+`[,\s?]`).MatchString(head+" ") {
			return name
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return "a module of nix.modules"
}

// nixShortened has the user's files and vmloom's by short names, as OWN:FILE and OURS:FILE.
func nixShortened(j *Job, text string) string {
	own := nixOwnNames(j)
	return nixSource().ReplaceAllStringFunc(text, func(s string) string {
		file := nixSource().FindStringSubmatch(s)[1]
		whose := "THEIRS:"
		switch {
		case nixOursFile(j, file):
			whose = "OURS:"
		case isOwn(own, file):
			whose = "OWN:"
		}
		return whose + s[strings.Index(s, file):]
	})
}

// isOwn reports whether a file of the sources is the user's; where no list tells, what lies at the top is.
func isOwn(own []string, file string) bool {
	return slices.Contains(own, file) || !strings.Contains(file, "/") && file != "flake.nix" && file != "default.nix"
}
