package engine

import (
	"regexp"
	"strings"

	"vmloom/pattern"
	"vmloom/process"
)

// Wordings are those of Guix 1.5, recorded or read in its sources, but where a comment says otherwise.

// guixExplain answers a failed step of guix's engine: who said it decides which table is asked.
func guixExplain(j *Job, err *process.ExitError, p parser, _ string) *Failure {
	f := &Failure{Cause: err.Error()}
	if heard, ok := p.(*guixParser); ok {
		if known := guixAnswer(j, &heard.speech, err.Error()); known != nil {
			f = known
		}
	}
	f.Err = err
	return f
}

// guixAnswer asks the tables with what was said, and how the step ended.
func guixAnswer(j *Job, s *guixSpeech, ended string) *Failure {
	at := guixAt{j}
	lines := func(of ...[]string) string {
		var all []string
		for _, one := range of {
			all = append(all, one...)
		}
		return strings.Join(all, "\n")
	}
	ask := func(table []known, said string) func() *Failure {
		return func() *Failure { return firstOf(table, said) }
	}
	culprit := s.culprit()
	one := []string{culprit}
	if culprit == "" || guixOfBuild().MatchString(culprit) {
		return firstNonNil(
			ask(at.nobody(), lines(s.hook, s.daemon)),
			ask(at.far(), lines(s.hook)),
			ask(at.ended(), lines(s.daemon)),
			func() *Failure { return at.build(s) },
			func() *Failure { return at.handedOver(s) },
			ask(at.unbuilt(), lines(s.daemon)),
			ask(at.way(), lines(s.around)),
			ask(at.spent(), lines(s.around)),
			func() *Failure { return at.silent(s, culprit) })
	}
	if guixOfSubstitutes().MatchString(culprit) {
		return firstOf(at.fetching(), lines(s.substitutes, s.daemon, one))
	}
	return firstNonNil(
		ask(at.reach(), culprit),
		ask(at.results(), culprit),
		ask(at.shortage(), culprit),
		func() *Failure { return at.channelBuild(s, culprit) },
		ask(at.channels(), lines(s.channel, one)),
		ask(guixModules(j), culprit),
		ask(guixDefinition(j), culprit),
		func() *Failure { return at.unknown(s, culprit) })
}

var (
	guixOfBuild       = pattern.New("^guix(?: [a-z-]+)?: error: (?:build failed: )?(?:build of [`']|derivation `?'?\\S+ offloaded to)")
	guixOfSubstitutes = pattern.New("^guix(?: [a-z-]+)?: error: (?:some substitutes for the outputs of|[`'].* substitute' died unexpectedly)")
	guixImageDrv      = pattern.New(`(?:partition|image|\.img|qcow2|disk)`)
)

// silent is what remains of a build that failed where nobody said which: its name, if guix knows that.
func (at guixAt) silent(s *guixSpeech, culprit string) *Failure {
	if f := firstOf([]known{{saying("error: build of " + guixDrvWords + "(?:, .*)? failed$"), "$1: does not build", "", ""}}, culprit); f != nil || culprit == "" {
		return f
	}
	return at.unknown(s, culprit)
}

// handedOver answers by what guix offload said, unless a builder did run: then these are words of some log.
func (at guixAt) handedOver(s *guixSpeech) *Failure {
	for _, line := range s.daemon {
		if strings.HasPrefix(line, "builder for ") {
			return nil
		}
	}
	return firstOf(at.offload(), strings.Join(s.hook, "\n"))
}

// build answers by the log of the build that failed first, as far as it is at hand.
func (at guixAt) build(s *guixSpeech) *Failure {
	if len(s.builds) == 0 {
		return nil
	}
	failed := s.builds[0]
	log := strings.Join(failed.log, "\n")
	if at.Place.Kind == Local {
		if whole := logTail(failed.file); whole != "" {
			log = whole
		}
	}
	if guixImageDrv().MatchString(failed.name) {
		if f := firstOf(at.image(), log); f != nil {
			return f
		}
	}
	return firstNonNil(
		func() *Failure { return firstOf(at.shortage(), strings.Join(s.daemon, "\n")) },
		func() *Failure { return firstOf(at.spent(), log) },
		func() *Failure { return firstOf(at.logs(), failed.name+"\n"+log) })
}

// channelBuild answers where the pinned guix itself could not be computed or built: in the log of that.
func (at guixAt) channelBuild(s *guixSpeech, culprit string) *Failure {
	if !strings.Contains(culprit, "You found a bug: the program '") {
		return nil
	}
	if f := at.build(s); f != nil {
		return f
	}
	return firstOf(at.unbuilt(), strings.Join(s.daemon, "\n"))
}

// saying matches what a tool says, in lines of its own.
func saying(words string) *regexp.Regexp { return regexp.MustCompile("(?m)" + words) }

// guixDrvWords name a derivation; its name is the group.
const guixDrvWords = "[`']?/gnu/store/[0-9a-z]{32}-(\\S+?)(?:\\.drv)?[`']?"

// guixAt is where guix runs.
type guixAt struct{ *Job }

// place is where guix runs, for people, if not here.
func (at guixAt) place() string {
	if at.Place.Kind == Local {
		return ""
	}
	return " at " + dollars(at.Place.String())
}

// there is the command that runs another at the place.
func (at guixAt) there(command string) string {
	switch at.Place.Kind {
	case SSH:
		host, _ := at.Place.address()
		return "ssh " + dollars(host) + " " + command
	case Lima:
		return "limactl shell " + dollars(at.Place.Instance) + " " + command
	}
	return command
}

// fallback is what to do where a substitute could not be had.
func (at guixAt) fallback() string {
	if at.Place.Kind == Local {
		return "run this again; GUIX_BUILD_OPTIONS=--fallback vmloom build-image builds it instead"
	}
	return "run this again"
}

// unknown is guix's own error, whole, with what is certain beside it.
func (at guixAt) unknown(s *guixSpeech, culprit string) *Failure {
	words := guixSelf().ReplaceAllString(culprit, "")
	words = strings.TrimPrefix(words, "error: ")
	if m := guixTrace.FindStringSubmatch(culprit); m != nil {
		words = m[1]
	}
	f := &Failure{Cause: process.Short("guix: " + oneLine(words))}
	if m := guixOfChannel.FindStringSubmatch(strings.Join(s.channel, "\n")); m != nil {
		f.Hint = process.Short("what is known: it comes up while channel " + m[1] + " is read")
	}
	return f
}

var (
	guixTrace     = saying(guixTraceEnd)
	guixOfChannel = saying(`(?s:.*)^(?:Updating|Authenticating) channel '([^']+)'`)
)

// atLast holds where only how the process ended follows.
const atLast = `\s*(?:\n\S+: exit status \d+\s*)?\z`

// dollars guards text that becomes part of a template of Regexp.Expand.
func dollars(s string) string { return dollar().ReplaceAllLiteralString(s, "$$$$") }

var dollar = pattern.New(`\$`)
