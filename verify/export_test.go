package verify

import (
	"context"
	"os/exec"
	"regexp"
	"slices"
	"syscall"

	"vmloom/process"
	"vmloom/profile"
)

// Lie is what comes back instead of a command's answer.
type Lie struct {
	Name string
	// Lost: the question or its answer got lost, so that nothing may be said.
	Lost bool
	tell func(process.Cmd) answer
}

// Lies are told in the place of every command's answer.
func Lies() []Lie {
	ended := func(c process.Cmd, status int, talk string) answer {
		return answer{cmd: c.Args[0], talk: talk, status: status, err: &process.ExitError{Cmd: c, Status: status, Last: []string{talk}}}
	}
	outside := func(c process.Cmd, a answer) answer { // said by whoever is there, not by the guest's command
		if isFramed(c) {
			a.unframe(c)
		}
		return a
	}
	return []Lie{
		{"dead", true, func(c process.Cmd) answer {
			a := ended(c, 255, "ssh: connect to host 127.0.0.1 port 22: Connection refused")
			if !isFramed(c) {
				a = answer{cmd: c.Args[0], status: -1, err: &process.ExitError{Cmd: c, Status: -1, Signal: syscall.SIGKILL}}
			}
			return outside(c, a)
		}},
		{"stranger", false, func(c process.Cmd) answer { return outside(c, answer{cmd: c.Args[0], out: "hello\n"}) }},
		{"other words", false, func(c process.Cmd) answer { return answer{cmd: c.Args[0], out: "hello\n"} }},
		{"silent", false, func(c process.Cmd) answer { return answer{cmd: c.Args[0]} }},
		{"fails", false, func(c process.Cmd) answer { return ended(c, 3, "internal error") }},
		{"missing", false, func(c process.Cmd) answer {
			if isFramed(c) {
				return ended(c, 127, "sh: not found")
			}
			return answer{cmd: c.Args[0], status: -1, err: &process.ExitError{Cmd: c, Status: -1, Err: exec.ErrNotFound}}
		}},
	}
}

// ofThisRun is what no two runs of a command have alike: a directory, a port.
var ofThisRun = regexp.MustCompile(`(/vmloom(?:-[a-z]+-)?|127\.0\.0\.1:)[0-9]+`)

// LieTo has a lie told instead of one answer, of the command that at names, and lets seen
// hear of each command. Answers that were given before are given again, unless live.
func (s *Site) LieTo(at string, lie Lie, known map[string]any, live bool, seen func(string)) {
	s.run = func(ctx context.Context, c process.Cmd) answer {
		key := ofThisRun.ReplaceAllString(c.String(), "$1")
		seen(key)
		if key == at {
			return lie.tell(c)
		}
		if was, ok := known[key]; ok && !live {
			return was.(answer)
		}
		a := command(ctx, c)
		known[key] = a
		return a
	}
}

// Hurry has looks wait less.
func (s *Site) Hurry() { s.hurried = true }

// Truth ends what LieTo began.
func (s *Site) Truth() { s.run = nil }

// Alone is a check that needs no other.
func Alone(c Check) Check {
	c.Needs = slices.Clone(c.Needs[:0])
	return c
}

// PlaceSaid is what the row of a port of the host says of how opening it ended.
func PlaceSaid(opened error, held bool, on profile.HostOS) Status {
	return verdictOf(opened, held, on).status
}
