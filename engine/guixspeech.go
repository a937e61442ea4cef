package engine

import (
	"strings"

	"vmloom/pattern"
)

// guixSpeech is what was said in one step, by who said it: only guix's own errors, the daemon's and those that
// these name decide what went wrong. A warning is no cause, and a log may say anything.
type guixSpeech struct {
	errors      []string // guix's own, whole: the last of them ended it
	daemon      []string // guix-daemon of builds and of what it fetches
	hook        []string // guix offload, and what it tells of its machines
	substitutes []string // guix substitute
	channel     []string // whose channels guix reads; empty as soon as it is beyond them
	around      []string // ssh, a login shell, cp
	builds      []guixBuild
	heard       bool // guix itself was

	open  *[]string // whose message the next line goes on with; nil: nobody's
	quiet bool      // the next lines go on with what is no cause
	log   []string  // since the last thing that the daemon told of builds
	begun []string  // derivations under way
}

// guixBuild is a build that failed.
type guixBuild struct {
	name string
	log  []string // what was printed of its log, where it is certain whose that is
	file string   // all of it, on the machine that has it
}

var (
	guixHookWords = pattern.New(`^(?:guix offload: |process \d+ acquired build slot '|normalized load on machine '|offloading '|done with offloaded '|derivation '.*' offloaded to '|skipping machine '|build failure may have been caused by lack of free disk space on '|sending \d+ store items? .*to '|retrieving \d+ store items? from ')`)
	guixSelf      = pattern.New(`^guix(?: [a-z-]+)?: `)
	guixWarning   = pattern.New(`^(?:guix(?: [a-z-]+)?: |\S+\.scm:\d+:\d+: )?(?:warning|note): |^;;; |^error \(ignored\): |^Try [` + "`'" + `]guix .*for more information\.$`)
	guixPlaceWord = pattern.New(`^\S+\.scm:\d+:\d+: `)
	guixChannels  = pattern.New(`^(?:Updating|Authenticating) channel '`)
	guixBeyond    = pattern.New(`^(?:Computing Guix derivation|Building from (?:this|these) channels?:|The following )`)
	guixDaemon    = pattern.New(`^(?:building /gnu/store/|successfully built /gnu/store/|build of [` + "`" + `']?/gnu/store/|builder for [` + "`" + `']?/gnu/store/|building of [` + "`" + `']/gnu/store/|cannot build (?:missing )?derivation|View build log at '|while setting up the (?:child process|build environment): |cloning builder process: |a [` + "`" + `']\S+' is required to build|note: build failure may have been caused|substitution of /gnu/store/|hash mismatch for store item|killing process \d|unable to start any build|output \(|(?:failed to download|download failed) "|sha256 hash mismatch for )`)
	guixHashLine  = pattern.New(`^ +(?:expected|actual) hash: `)
	guixEnded     = pattern.New("^(?:builder for|building of) [`']?/gnu/store/[0-9a-z]{32}-(\\S+?)\\.drv[`']? (?:failed|timed out)")
	guixFailed    = pattern.New("^build of [`']?/gnu/store/[0-9a-z]{32}-(\\S+?)\\.drv[`']? failed$")
	guixLogAt     = pattern.New(`^View build log at '([^']+)'`)
	guixQuit      = pattern.New("Throw to key [`']quit'")
)

// hear takes in a line; fetching tells that guix substitute said it.
func (s *guixSpeech) hear(text string, fetching bool) {
	s.heard = s.heard || guixSelf().MatchString(text) || guixDaemon().MatchString(text) || guixChannels().MatchString(text)
	switch {
	case fetching, strings.HasPrefix(text, "guix substitute: "):
		s.closed()
		add(&s.substitutes, text)
	case guixHookWords().MatchString(text):
		s.closed()
		add(&s.hook, text)
	case guixChannels().MatchString(text):
		s.closed()
		add(&s.channel, text)
	case guixBeyond().MatchString(text):
		s.closed()
		s.channel = nil
	case guixDaemon().MatchString(text):
		s.ofDaemon(text)
	case s.open == &s.daemon && guixHashLine().MatchString(text):
		s.daemon[len(s.daemon)-1] += "\n" + text
	case guixWarning().MatchString(text), strings.HasPrefix(text, "hint: "):
		s.closed()
		s.quiet = true
	case guixSelf().MatchString(text):
		s.error(text)
	case len(s.begun) > 0: // a build may say what it likes
		s.log = append(s.log, text)
	default:
		s.own(text)
	}
	s.log = s.log[max(0, len(s.log)-maxLogLines):]
}

// own takes in what guix says without its name, or somebody around it.
func (s *guixSpeech) own(text string) {
	switch begins := guixPlaceWord().MatchString(text) || text == "Backtrace:" || strings.HasPrefix(text, "error: "); {
	case s.open == &s.errors && !(begins && s.whole(text)):
		s.goOn(text)
	case begins && !strings.HasPrefix(text, "error: in phase '"):
		s.error(text)
	case s.quiet:
	default:
		s.open = nil
		add(&s.around, text)
		s.log = append(s.log, text)
	}
}

// goOn adds a line to the open error, of which beginning and end are kept.
func (s *guixSpeech) goOn(text string) {
	last := &s.errors[len(s.errors)-1]
	if *last += "\n" + text; len(*last) > maxError {
		*last = (*last)[:maxError/4] + "\n" + (*last)[len(*last)-maxError/4:]
	}
}

// maxError is how much of one error is kept.
const maxError = 64 << 10

// whole tells that the open error does not go on with a line that looks like the beginning of one.
func (s *guixSpeech) whole(text string) bool {
	last := s.errors[len(s.errors)-1]
	lines := strings.Split(last, "\n")
	end := lines[len(lines)-1]
	return !strings.HasSuffix(end, ":") && lines[0] != "Backtrace:" || text == "Backtrace:"
}

func (s *guixSpeech) error(text string) {
	s.closed()
	if len(s.errors) < maxStatements {
		s.errors = append(s.errors, text)
		s.open = &s.errors
	}
}

func (s *guixSpeech) closed() { s.open, s.quiet = nil, false }

// ofDaemon takes in what the daemon tells, and keeps the log of a build that has failed.
func (s *guixSpeech) ofDaemon(text string) {
	s.closed()
	add(&s.daemon, text)
	s.open = &s.daemon
	if m := guixBuilding().FindStringSubmatch(text); m != nil {
		if s.begun = append(s.begun, drvName(m[1])); len(s.begun) == 1 {
			s.log = nil
		}
		return
	}
	if m := guixEnded().FindStringSubmatch(text); m != nil {
		s.failed(m[1])
	} else if m := guixFailed().FindStringSubmatch(text); m != nil {
		if n := len(s.builds); n == 0 || s.builds[n-1].name != m[1] {
			s.failed(m[1])
		}
	} else if m := guixLogAt().FindStringSubmatch(text); m != nil && len(s.builds) > 0 {
		s.builds[len(s.builds)-1].file = m[1]
	} else if strings.HasPrefix(text, "successfully built ") && len(s.begun) > 0 {
		s.begun = without(s.begun, drvName(strings.TrimPrefix(text, "successfully built ")))
	}
}

func (s *guixSpeech) failed(name string) {
	build := guixBuild{name: name}
	if len(s.begun) < 2 { // else another's log may be in it
		build.log = s.log
	}
	s.log, s.begun = nil, without(s.begun, name)
	if len(s.builds) < maxStatements {
		s.builds = append(s.builds, build)
	}
}

func without(names []string, name string) (out []string) {
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

// culprit is the error that ended it. What only says that a file could not be read because of what was told
// before is told with it: both halves.
func (s *guixSpeech) culprit() string {
	n := len(s.errors)
	if n == 0 {
		return ""
	}
	if n > 1 && guixQuit().MatchString(s.errors[n-1]) {
		return s.errors[n-2] + "\n" + s.errors[n-1]
	}
	return s.errors[n-1]
}
