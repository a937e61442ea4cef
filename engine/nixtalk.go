package engine

import (
	"slices"
	"strings"

	"vmloom/pattern"
)

// nixTalk is what was said in one step, by who said it: only nix's own errors and who is named by
// them decide what went wrong, for anything may stand in a log or in a warning.
type nixTalk struct {
	errors []string // events of level 0, else what begins with "error:": the first of them matter most
	loose  []string // "error:" outside of the structured log
	hook   []string // who hands builds to other machines
	warned []string
	others []string            // ssh, a login shell, cp
	logs   map[string][]string // the last lines of builds, by derivation
	within *[]string           // whose message a line that is indented goes on with
	heard  bool                // there was an event at all: nix was reached
}

const (
	maxStatements = 200
	maxLogLines   = 60
)

var (
	nixHookWords = pattern.New(`^(?:error: )?(?:cannot build on '|Failed to find a machine for remote build!)`)
	nixHookTable = pattern.New(`^(?:derivation: |required \(|\d+ available machines|\()`)
	nixPlainLog  = pattern.New(`^([\w.+?=-]+)> ?(.*)$`)
)

// event takes in what nix said on its structured log.
func (t *nixTalk) event(level int, text string) {
	switch {
	case nixHookWords().MatchString(text):
		add(&t.hook, text)
	case level == levelError && len(t.errors) < maxErrors:
		t.errors = append(t.errors, text)
	case level == levelWarning:
		add(&t.warned, text)
	}
}

// line takes in what was said outside of it: by other programs, or by a nix that was not asked for events.
func (t *nixTalk) line(text string) {
	begins := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(text, w) })
	}
	log := nixPlainLog().FindStringSubmatch(text)
	switch {
	case t.within != nil && (begins(" ", "\t") || t.within == &t.hook && nixHookTable().MatchString(text)):
		last := len(*t.within) - 1
		(*t.within)[last] += "\n" + text
		return
	case nixHookWords().MatchString(text):
		t.within = &t.hook
	case begins("error:"):
		t.within = &t.loose
	case begins("warning:", "evaluation warning:", "trace:"):
		t.within = &t.warned
	case log != nil:
		t.within = nil
		t.log(log[1], log[2])
		return
	default:
		add(&t.others, text)
		t.within = nil
		return
	}
	add(t.within, text)
}

// log takes in a line of a build's log.
func (t *nixTalk) log(derivation, text string) {
	if t.logs == nil {
		t.logs = map[string][]string{}
	}
	lines, ok := t.logs[derivation]
	if !ok && len(t.logs) >= maxStatements {
		return
	}
	t.logs[derivation] = append(lines, label(text))[max(0, len(lines)+1-maxLogLines):]
}

// add keeps the last of a list.
func add(list *[]string, text string) {
	*list = append(*list, text)[max(0, len(*list)+1-maxStatements):]
}

// consequences are errors that follow from another.
var consequences = pattern.New(`(?s)^error:\s+(?:\d+ dependenc(?:y|ies) of derivation|build of .* failed\s*$|some builds failed|Cannot build '[^']*'\.\s+Reason: \d+ dependenc|interrupted by the user)`)

// culprit is nix's error that all follow from, or nothing.
func (t *nixTalk) culprit() string {
	said := t.errors
	if len(said) == 0 {
		said = t.loose
	}
	for _, one := range said {
		if !consequences().MatchString(one) {
			return one
		}
	}
	return strings.Join(said[:min(1, len(said))], "")
}

var (
	innermost  = pattern.New(`(?s)^.*(?:^|\n)\s*error: `)
	errorsEnd  = pattern.New(`\n\s*(?:\n|…|at /|at «|note: trace|\(stack trace)`)
	logExcerpt = pattern.New(`(?m)^\s+> (.*)$`)
)

// bare is an error without the way that nix took to it, and without where it stands.
func bare(text string) string {
	text = innermost().ReplaceAllString(text, "")
	text = strings.TrimSpace(strings.TrimPrefix(text, "error:"))
	if at := errorsEnd().FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	return strings.TrimSuffix(text, ".")
}

// logOf is the end of a derivation's log: as it was followed, or as its error quotes it.
func (t *nixTalk) logOf(derivation, failed string) string {
	lines := t.logs[derivation]
	if len(lines) == 0 {
		for _, m := range logExcerpt().FindAllStringSubmatch(failed, -1) {
			lines = append(lines, m[1])
		}
	}
	return strings.Join(lines, "\n")
}
