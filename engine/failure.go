package engine

import (
	"errors"
	"regexp"
	"strings"

	"vmloom/pattern"
	"vmloom/process"
)

// Failure is why there is no image, for people.
type Failure struct {
	// Cause is one line, lower case, "noun: reason".
	Cause string
	// Hint says what to do, with the exact command; may be empty.
	Hint string
	// Field is the path in the profile that decides it, such as build.on; may be empty.
	Field string
	// Err is the process that ended; nil where none was started.
	Err *process.ExitError
	// Log is the file with everything that was said; may be empty.
	Log string
	// Differs is what a second build made otherwise, in the store of the place; empty: it is about something else.
	Differs string
}

func (f *Failure) Error() string { return f.Cause }

func (f *Failure) Unwrap() error {
	if f.Err == nil {
		return nil
	}
	return f.Err
}

// Uncleaned is why something is left that a build should have removed. The
// image, where nothing else went wrong, is whole.
type Uncleaned struct{ *Failure }

func (u *Uncleaned) Error() string { return "cleaning up: " + u.Cause }

func (u *Uncleaned) Unwrap() error { return u.Failure }

func asFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Cause: err.Error()}
}

// known is a failure that has an answer: when says matches the talk of a tool,
// which has no colours any more, cause, hint and field are its expansion
// (regexp.Expand: $1, ${name}), and the group differs is what it is about.
type known struct {
	when               *regexp.Regexp
	cause, hint, field string
}

// answer is the failure if the text is of its kind, or nil.
func (k known) answer(said string) *Failure {
	m := k.when.FindStringSubmatchIndex(said)
	if m == nil {
		return nil
	}
	expand := func(s string) string {
		return string(k.when.ExpandString(nil, s, said, m))
	}
	f := &Failure{Cause: process.Short(oneLine(expand(k.cause))), Hint: process.Short(oneLine(expand(k.hint))), Field: expand(k.field)}
	if k.when.SubexpIndex("differs") >= 0 {
		f.Differs = expand("${differs}")
	}
	return f
}

// classify answers a failed step. The first known one that matches decides;
// else the tool's own last error speaks.
func classify(table []known, err *process.ExitError, said string) *Failure {
	for _, k := range table {
		if f := k.answer(said); f != nil {
			f.Err = err
			return f
		}
	}
	return &Failure{Cause: err.Error(), Err: err}
}

// byTable explains where one table knows all that a tool and those around it say.
func byTable(table func(*Job) []known) func(*Job, *process.ExitError, parser, string) *Failure {
	return func(j *Job, err *process.ExitError, _ parser, said string) *Failure {
		return classify(table(j), err, said)
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var ansi = pattern.New(`\x1b\[[0-9;?]*[A-Za-z]`)

// plain is a line without colours and carriage returns.
func plain(s string) string {
	s = ansi().ReplaceAllString(s, "")
	if i := strings.LastIndexByte(strings.TrimRight(s, "\r"), '\r'); i >= 0 {
		s = s[i+1:]
	}
	return strings.TrimRight(s, "\r")
}
