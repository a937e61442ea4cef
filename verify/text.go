package verify

import (
	"fmt"
	"regexp"
	"strings"
)

// Text is a sentence without its full stop; each %s of Format stands for a name,
// a path or a command of Code, which a reader may set off. A piece of Code that
// is "vmloom VERB" may be said as that reader's user would type it.
type Text struct {
	Format string
	Code   []string
}

func say(format string, code ...string) Text { return Text{format, code} }

// String is the text with its code in place.
func (t Text) String() string {
	args := make([]any, len(t.Code))
	for i, c := range t.Code {
		args[i] = c
	}
	return fmt.Sprintf(t.Format, args...)
}

// IsZero reports whether there is no text.
func (t Text) IsZero() bool { return t.Format == "" }

// Map is the text with each piece of code as to has it.
func (t Text) Map(to func(string) string) Text {
	out := Text{Format: t.Format}
	for _, c := range t.Code {
		out.Code = append(out.Code, to(c))
	}
	return out
}

var verbCode = regexp.MustCompile(`^((?:[A-Z_]+=\S+ )*)vmloom ([a-z]+)$`)

// Verb reports whether a piece of code is a command of vmloom, such as up or
// repair; before are variables set for it, each with a blank after it.
func Verb(code string) (before, verb string, ok bool) {
	m := verbCode.FindStringSubmatch(code)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// Cures that many rows share.
var (
	callUp      = say("%s", "vmloom up")
	callRepair  = say("%s", "vmloom repair")
	callRebuild = say("%s", "vmloom rebuild")
)

// some are the first names of a list, and how many more there are.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}
