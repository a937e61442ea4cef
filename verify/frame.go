package verify

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"vmloom/process"
)

// frame is a line of sh that runs words in the guest between two lines that only
// this run knows, $0, and says how they ended. What stands outside is from others:
// login scripts, ssh, limactl. It holds no quote of sh's and no backslash: fish,
// which may stand in between, reads one even inside single quotes.
const frame = `echo "$0 begins"; "$@"; s=$?; echo; echo "$0 ends $s"`

// frameName begins the name of every frame.
const frameName = "vmloom-"

// framed are words that run in the frame.
func framed(s *Site, words []string) []string {
	return slices.Concat([]string{"sh", "-c", frame, frameName + s.Token}, words)
}

func isFramed(c process.Cmd) bool {
	return slices.ContainsFunc(c.Args, func(arg string) bool { return strings.Contains(arg, frame) })
}

// unframe takes the answer out of its frame; without one there is none.
func (a *answer) unframe(c process.Cmd) {
	before, text, status, ok := inFrame(a.out, c.String())
	switch {
	case ok:
		a.before, a.out, a.status, a.err = before, text, status, nil
		if status != 0 {
			a.err = &process.ExitError{Cmd: c, Status: status}
		}
	case a.err == nil:
		a.lost = "something answered that is not the guest's command"
		a.err = errors.New(a.lost)
	default:
		a.lost = a.why()
	}
}

// inFrame finds the frame that a command asked for, and what others said before it.
func inFrame(out, command string) (before, text string, status int, ok bool) {
	lines := strings.SplitAfter(out, "\n")
	first, name := -1, ""
	for i, line := range lines {
		word, begins := strings.CutSuffix(strings.TrimRight(line, "\r\n"), " begins")
		if begins && strings.HasPrefix(word, frameName) && strings.Contains(command, word) {
			first, name = i, word
			break
		}
	}
	for last := len(lines) - 1; first >= 0 && last > first; last-- {
		word, ends := strings.CutPrefix(strings.TrimRight(lines[last], "\r\n"), name+" ends ")
		if n, err := strconv.Atoi(word); ends && err == nil {
			return strings.Join(lines[:first], ""), strings.TrimSuffix(strings.Join(lines[first+1:last], ""), "\n"), n, true
		}
	}
	return "", "", 0, false
}
