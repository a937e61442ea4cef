package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"vmloom/process"
	"vmloom/profile"
)

// ui is all that speaks: results go to out, talk to err, both for eyes. A whole
// document, and what a script prints, goes to data: as it is, unless to a terminal.
type ui struct {
	out, err, data io.Writer
	// stdout as it is, for JSON alone.
	stdout io.Writer
	// live is the terminal that talk goes to, where lines can be redrawn; nil: there is none.
	live  *os.File
	quiet bool
	// all shows every problem, however many there are.
	all bool
	// told are the problems of files that several profiles share, by place and reason: each is told once in a run. Nil: always.
	told map[string]bool
	lima *limaHome
}

func newUI(stdout, stderr io.Writer) *ui {
	u := &ui{lima: &limaHome{}, out: newEyes(stdout), err: newEyes(stderr), data: stdout, stdout: stdout}
	if terminal(stdout) != nil {
		u.data = u.out
	}
	if !dumb() {
		u.live = terminal(stderr)
	}
	return u
}

// terminal is the terminal that a writer is, or nil.
func terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		return f
	}
	return nil
}

// say tells the user something beside the results.
func (u *ui) say(format string, args ...any) {
	if u.quiet {
		return
	}
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = oneLine(text)
		}
	}
	fmt.Fprintf(u.err, "vmloom: "+format+"\n", args...)
}

// suggest is say with what to do about it: --quiet silences both.
func (u *ui) suggest(hint, format string, args ...any) {
	if !u.quiet {
		u.say(format, args...)
		u.hint(hint)
	}
}

// fault says what is wrong, quiet or not, and what to do about it.
func (u *ui) fault(hint, format string, args ...any) {
	fmt.Fprintln(u.err, "vmloom: "+fmt.Sprintf(format, args...))
	u.hint(hint)
}

// hint stands below the message that it belongs to: nobody else calls it.
func (u *ui) hint(hint string) {
	if hint != "" {
		label(u.err, "hint:", cyan)
		fmt.Fprintln(u.err, oneLine(hint)) // in one piece, to be copied
	}
}

// result prints one line of results.
func (u *ui) result(line string) { fmt.Fprintln(u.out, oneLine(line)) }

// finish reports an error in its last form and gives the exit status.
func (u *ui) finish(err error) int {
	var f *failure
	var cut process.Interrupted
	status, hint := 1, ""
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	case errors.As(err, &f):
		status, hint = f.status, f.hint
	}
	if faults := (fleetFaults{}); errors.As(err, &faults) {
		u.problems(u.err, faults.path, faults.Problems)
	}
	if errors.As(err, &cut) {
		status = 128 + int(cut.Signal) // as a shell has it for what a signal ended
	}
	u.fault(hint, "%v", err)
	return status
}

func didYouMean(got string, names []string, otherwise string) string {
	if near := profile.Near(got, names, 1); len(near) > 0 {
		return "did you mean " + near[0] + "?"
	}
	return otherwise
}

// plural words a count: 1 file, 2 files.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// isTerminal reports whether a person is at the other end.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
