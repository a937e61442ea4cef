package adopt

import (
	"strings"

	"vmloom/profile"
)

// textLine is a line of an input; safe is what of it may be shown, made once:
// many findings may be in one long line.
type textLine struct {
	raw, safe string
	made      bool
}

func (l *textLine) shown() string {
	if !l.made {
		l.safe, l.made = profile.MaskSecrets(clean(strings.TrimRight(l.raw, "\r"))), true
	}
	return l.safe
}

// fileKey tells inputs apart; one is named without its text.
type fileKey struct {
	name string
	size int
}

// linesOf splits an input, once.
func (a *Adoption) linesOf(f File) []textLine {
	key := fileKey{f.Name, len(f.Data)}
	if a.lines[key] == nil {
		var lines []textLine
		for raw := range strings.SplitSeq(string(f.Data), "\n") {
			lines = append(lines, textLine{raw: raw})
		}
		a.lines[key] = lines
	}
	return a.lines[key]
}
