package verify

import (
	"context"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"vmloom/lima"
	"vmloom/process"
)

// answer is what a command gave.
type answer struct {
	// cmd is the program's name.
	cmd string
	out string
	// before is what others said before the guest's command did.
	before string
	// talk is what it said on stderr.
	talk string
	// status is -1 where it did not end by itself.
	status int
	err    error
	// lost says why this is no answer at all; empty: it is one.
	lost string
}

func (a answer) ok() bool { return a.err == nil }

// missing reports whether there is no such program.
func (a answer) missing() bool { return errors.Is(a.err, exec.ErrNotFound) }

// why says how it ended, in its own last words where it said some.
func (a answer) why() string {
	var exit *process.ExitError
	if errors.As(a.err, &exit) && exit.Err == nil {
		if last := lastLine(a.talk); last != "" {
			return message(last)
		}
	}
	if a.err == nil {
		return "status 0"
	}
	return a.err.Error()
}

// message is what a line of limactl's log says.
func message(line string) string {
	if l, ok := lima.ParseLog(line); ok && l.Msg != "" {
		return l.Msg
	}
	return line
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// session is one run over a table. Equal commands run once.
type session struct {
	*Site
	*Answers
	// lost are this check's commands whose last answer was none, and why.
	lost map[string]string
	// lanes into the guest; nil: each question has a process of its own.
	lanes *lanes
}

// Answers are what commands gave, each of which runs once: in the checks of a run, or in those of
// the machines that share them.
type Answers struct {
	mu        sync.Mutex
	questions map[string]*question
}

// NewAnswers are none yet.
func NewAnswers() *Answers { return &Answers{questions: map[string]*question{}} }

type question struct {
	once   sync.Once
	answer answer
}

func newSession(s *Site) *session {
	return &session{s, NewAnswers(), map[string]string{}, nil}
}

// forCheck is the session as one check has it.
func (s *session) forCheck() *session {
	return &session{s.Site, s.Answers, map[string]string{}, s.lanes}
}

// ask runs a command, or gives what an equal one has answered.
func (s *session) ask(ctx context.Context, c process.Cmd) answer {
	s.mu.Lock()
	q := s.questions[c.String()]
	if q == nil {
		q = &question{}
		s.questions[c.String()] = q
	}
	s.mu.Unlock()
	q.once.Do(func() { q.answer = s.command(ctx, c) })
	return s.note(c, q.answer)
}

// askAgain runs a command, whatever an equal one has answered.
func (s *session) askAgain(ctx context.Context, c process.Cmd) answer {
	return s.note(c, s.command(ctx, c))
}

func (s *session) note(c process.Cmd, a answer) answer {
	s.lost[c.String()] = a.lost
	return a
}

// unanswered says why a question of this check got no answer; empty: all did.
func (s *session) unanswered() string {
	for _, c := range slices.Sorted(maps.Keys(s.lost)) {
		if s.lost[c] != "" {
			return s.lost[c]
		}
	}
	return ""
}

func (s *session) command(ctx context.Context, c process.Cmd) answer {
	if s.run != nil {
		return s.run(ctx, c)
	}
	if a, ok := s.lanes.ask(ctx, c); ok {
		return a
	}
	return command(ctx, c)
}

// command runs a command. What the guest answers stands in a frame of its own
// (framed): without it, whatever was said was not said by the command in there.
func command(ctx context.Context, c process.Cmd) answer {
	var out, talk limited
	c.Env = append(slices.Clone(c.Env), "LC_ALL=C")
	err := process.Run(ctx, c, &out, func(line string) { talk.Write([]byte(line + "\n")) })
	a := answer{cmd: c.Args[0], out: out.String(), talk: strings.TrimSuffix(talk.String(), "\n"), err: err}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		a.status = exit.Status
	}
	switch {
	case ctx.Err() != nil && err != nil:
		a.lost = a.why()
	case isFramed(c):
		a.unframe(c)
	}
	return a
}

// limited keeps the last of what a command says, which may be without end.
type limited struct{ kept []byte }

// mostKept is far more than any answer that is read.
const mostKept = 4 << 20

func (l *limited) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p...)
	if n := len(l.kept) - mostKept; n > mostKept {
		l.kept = slices.Delete(l.kept, 0, n)
	}
	return len(p), nil
}

func (l *limited) String() string { return string(l.kept) }
