package engine

import (
	"strconv"
	"strings"
	"unicode"

	"vmloom/pattern"
)

// guixParser reads what guix says on stderr: plans, builds, downloads, logs of
// builders, and a hand-drawn progress of substitutes even off a terminal.
type guixParser struct {
	now Progress
	// listing: the items of a plan follow; fetching: those are to be downloaded.
	listing, fetching bool
	fetch, fetched    int // items to download, and begun
	speech            guixSpeech
}

var (
	guixPlanLine  = pattern.New(`^The following (?:derivation|profile hook|graft)s? (?:would|will) be (?:built|made):$`)
	guixFetchLine = pattern.New(`^([0-9.,]+) MB (?:would|will) be downloaded:?$`)
	guixItemLine  = pattern.New(`^ {2,3}/gnu/store/\S+$`)
	guixBuilding  = pattern.New(`^building (\S+\.drv)\.\.\.$`)
	guixBuilt     = pattern.New(`^successfully built (\S+)$`)
	guixLooking   = pattern.New(`looking for substitutes on '([^']*)'\.\.\. +[0-9.]+%`)
	guixFetching  = pattern.New(`^(?:substituting|downloading from) (\S+?)(?: ?\.\.\.)?$`)
	guixChannel   = pattern.New(`^(?:Updating|Authenticating) channel '([^']*)'`)
	// A guix that is months old says so first, at every call.
	guixAdvice    = pattern.New(`^guix(?: \S+)?: warning: Consider running 'guix pull' followed by$|^'guix system reconfigure' to get up-to-date packages`)
	guixComputing = pattern.New(`^Computing Guix derivation`)
)

func (p *guixParser) line(raw string) (string, bool) {
	text, fetching := strings.CutPrefix(plain(raw), "substitute: ")
	if m := guixLooking().FindStringSubmatchIndex(text); m != nil {
		p.now.Now = "looking for substitutes on " + text[m[2]:m[3]]
		text = text[m[1]:] // what follows on the same line is a message of its own
	}
	text = strings.TrimRight(printable(text), " ")
	if guixAdvice().MatchString(text) {
		return "", false
	}
	if p.listing && guixItemLine().MatchString(text) {
		if p.fetching {
			p.fetch++
		} else {
			p.now.Builds++
		}
		return "", false
	}
	p.listing = false
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	p.speech.hear(text, fetching)
	p.event(text)
	return text, true
}

func (p *guixParser) event(text string) {
	if guixPlanLine().MatchString(text) {
		p.listing, p.fetching, p.now.Now = true, false, ""
		return
	}
	if m := guixFetchLine().FindStringSubmatch(text); m != nil {
		p.listing, p.fetching = true, true
		if mib, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64); err == nil && mib < 1<<30 { // more is none that could be had
			p.now.Fetch += int64(mib * (1 << 20)) // Guix's MB are of 1024
		}
		return
	}
	p.now.Line = text
	if m := guixBuilding().FindStringSubmatch(text); m != nil {
		p.now.Now, p.now.Phase = drvName(m[1]), ""
	} else if guixBuilt().MatchString(text) {
		p.now.Built++
		p.now.Builds = max(p.now.Builds, p.now.Built)
	} else if m := guixFetching().FindStringSubmatch(text); m != nil {
		p.now.Now, p.now.Phase = drvName(m[1]), "downloading"
		if strings.HasPrefix(text, "substituting") && p.fetched < p.fetch {
			p.now.Fetched = p.now.Fetch / int64(p.fetch) * int64(p.fetched) // sizes of single ones are not told
			p.fetched++
		}
	} else if m := guixChannel().FindStringSubmatch(text); m != nil {
		p.now.Now = "channel " + m[1]
	} else if guixComputing().MatchString(text) {
		p.now.Now = "the pinned guix"
	} else if strings.HasPrefix(text, "waiting for locks or build slots") {
		p.now.Phase = "waiting for others that build"
	}
}

func (p *guixParser) progress() Progress { return p.now }

// printable is a line without what a terminal would obey: builders may say anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
