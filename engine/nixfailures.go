package engine

import (
	"regexp"
	"strings"

	"vmloom/pattern"
	"vmloom/process"
)

// Wordings are those of nix 2.8 to 2.36, found by running 2.8 and in the sources
// of 2.36 (libstore/build/derivation-building-goal.cc, worker.cc, daemon.cc,
// build-remote.cc, libflake/flake.cc, libfetchers/git.cc). Messages of several
// lines are indented, more or less, by version: (?s) and \s+ bridge that.

// nixRow is a failure with an answer, before the job's own names are in it.
type nixRow struct{ when, cause, hint, field string }

// storeName is a store path's name, as $1.
const storeName = `/nix/store/[0-9a-z]{32}-([^'"\s]+?)`

// nixKnown makes rows ready for a job. DRV and STORE in a pattern are a group, the name.
func nixKnown(j *Job, rows []nixRow) []known {
	system := nixSystem(j.Profile)
	where := "here"
	if j.Place.Kind != Local {
		where = "at " + dollars(j.Place.String())
	}
	vars := strings.NewReplacer("SYSTEM", system, "WHERE", where, "NAME", j.Profile.Name, "ROUTES", nixRoutes,
		"DRV", storeName+`\.drv`, "STORE", storeName, "NOBODY", nixNobodyWords)
	var table []known
	for _, k := range rows {
		pattern := vars.Replace(strings.ReplaceAll(k.when, "SYSTEM", regexp.QuoteMeta(system)))
		table = append(table, known{regexp.MustCompile(pattern), vars.Replace(k.cause), vars.Replace(k.hint), k.field})
	}
	return table
}

// nixExplain answers a failed step of nix's engine: who said it decides which table is asked.
func nixExplain(j *Job, err *process.ExitError, p parser, _ string) *Failure {
	f := &Failure{Cause: err.Error()}
	if heard, ok := p.(*nixParser); ok {
		if known := nixAnswer(j, &heard.talk, err.Error()); known != nil {
			f = known
		}
	}
	f.Err = err
	return f
}

// nixAnswer asks the tables with what was said, and how the step ended.
func nixAnswer(j *Job, t *nixTalk, ended string) *Failure {
	ask := func(rows []nixRow, said string) *Failure { return firstOf(nixKnown(j, rows), said) }
	culprit := t.culprit()
	around := strings.Join(t.others, "\n")
	if culprit == "" {
		return firstNonNil(
			func() *Failure { return ask(nixAround, around) },
			func() *Failure { return ask(nixQuiet(t.heard), ended) })
	}
	if m := nixFailedBuild().FindStringSubmatch(culprit); m != nil {
		name := m[1] + m[2]
		log := t.logOf(name, culprit)
		if nixImageDrv(j, name) {
			of := log
			if _, after, slow := strings.Cut(log, "falling back to tcg"); slow { // without kvm, which is no fault then
				of = after
			}
			if f := ask(nixImageLogs, of); f != nil {
				return f
			}
		}
		return firstNonNil(
			func() *Failure { return ask(nixBuilds, culprit) },
			func() *Failure { return ask(nixBuildLogs, name+"\n"+log) },
			func() *Failure { return ask(nixBuildEnds, culprit) })
	}
	if nixNobody().MatchString(culprit) {
		return ask(nixPlaces(j), strings.Join(append(append(append([]string{}, t.warned...), t.hook...), around, culprit), "\n"))
	}
	return firstNonNil(
		func() *Failure { return ask(nixLinks(j), culprit+"\n"+around) },
		func() *Failure { return ask(nixFetches, culprit+"\n"+around) },
		func() *Failure { return ask(nixStores, culprit) },
		func() *Failure { return nixEvaluation(j, culprit) },
		func() *Failure { return nixUnknown(culprit) })
}

func firstOf(table []known, said string) *Failure {
	for _, k := range table {
		if f := k.answer(said); f != nil {
			return f
		}
	}
	return nil
}

func firstNonNil(ways ...func() *Failure) *Failure {
	for _, way := range ways {
		if f := way(); f != nil {
			return f
		}
	}
	return nil
}

var (
	nixInput      = pattern.New(`while (?:fetching|updating) the (?:flake )?input '([^']+)'`)
	nixDerivation = pattern.New(`while evaluating (?:the )?derivation '([^']+)'`)
)

// nixUnknown is the tool's own last error, whole, with what is certain beside it.
func nixUnknown(culprit string) *Failure {
	f := &Failure{Cause: process.Short("nix: " + oneLine(bare(culprit)))}
	var facts []string
	for _, fact := range []struct {
		at   *regexp.Regexp
		said string
	}{{nixInput(), "it is about the input "}, {nixDerivation(), "it comes up in the derivation "}} {
		if m := fact.at.FindAllStringSubmatch(culprit, -1); m != nil {
			facts = append(facts, fact.said+m[len(m)-1][1])
		}
	}
	if len(facts) > 0 {
		f.Hint = process.Short("what is known: " + oneLine(strings.Join(facts, "; ")))
	}
	return f
}
