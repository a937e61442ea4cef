package verify

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"vmloom/lima"
	"vmloom/process"
)

// Status is how a check ended.
type Status string

// The ends of a check. A skipped one could not be looked at.
const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is a check with what was seen.
type Result struct {
	Check
	Status Status
	// Seen is short, one line, without a full stop.
	Seen string
}

// verdict is what a look gave; because and cure stand in for the row's where they are set.
type verdict struct {
	status        Status
	seen          string
	because, cure Text
}

func good(format string, args ...any) verdict {
	return verdict{status: OK, seen: fmt.Sprintf(format, args...)}
}
func bad(format string, args ...any) verdict {
	return verdict{status: Failed, seen: fmt.Sprintf(format, args...)}
}
func skip(format string, args ...any) verdict {
	return verdict{status: Skipped, seen: fmt.Sprintf(format, args...)}
}

// since gives a verdict a reason and a cure of its own.
func (v verdict) since(because, cure Text) verdict {
	v.because, v.cure = because, cure
	return v
}

// answer is what a command gave.
type answer struct {
	out string
	// talk is what it said on stderr.
	talk string
	// status is -1 where it did not end by itself.
	status int
	err    error
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

// atOnce is how many checks look at a time. sshd takes ten sessions of one
// connection (MaxSessions), and the VM's own work needs some.
const atOnce = 6

// session is one run over a table. Equal commands run once.
type session struct {
	*Site
	mu    sync.Mutex
	asked map[string]*question
}

type question struct {
	once   sync.Once
	answer answer
}

func newSession(s *Site) *session { return &session{Site: s, asked: map[string]*question{}} }

// ask runs a command, or gives what an equal one has answered.
func (s *session) ask(ctx context.Context, c process.Cmd) answer {
	s.mu.Lock()
	q := s.asked[c.String()]
	if q == nil {
		q = &question{}
		s.asked[c.String()] = q
	}
	s.mu.Unlock()
	q.once.Do(func() { q.answer = askAgain(ctx, c) })
	return q.answer
}

// askAgain runs a command.
func askAgain(ctx context.Context, c process.Cmd) answer {
	var out, talk limited
	c.Env = append(slices.Clone(c.Env), "LC_ALL=C")
	err := process.Run(ctx, c, &out, func(line string) { talk.Write([]byte(line + "\n")) })
	a := answer{out: out.String(), talk: strings.TrimSuffix(talk.String(), "\n"), err: err}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		a.status = exit.Status
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

// Run looks at the machine by a table, of which each check is bounded in time,
// and gives a result for each whose ID is only or begins with only and a slash;
// all where only is empty. What such a check needs is looked at as well, and
// reported where it failed. The results are in the table's order.
func Run(ctx context.Context, site *Site, table []Check, only string) []Result {
	wanted := selected(table, only)
	results := make([]Result, len(table))
	at := map[string]int{}
	done := make([]chan struct{}, len(table))
	for i, c := range table {
		at[c.ID], done[i] = i, make(chan struct{})
	}
	one := func(s *session, i int) {
		defer close(done[i])
		for _, id := range table[i].Needs {
			if n := at[id]; n != i {
				<-done[n]
				switch r := results[n]; {
				case r.Status == Failed:
					results[i] = result(table[i], skip("needs: %s", r.Title))
					return
				case r.Status == Skipped: // its reason is that of all that follow
					results[i] = result(table[i], skip("%s", r.Seen))
					return
				}
			}
		}
		results[i] = check(ctx, s, table[i])
	}
	s := newSession(site)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, c := range table {
		switch {
		case !wanted[c.ID] || c.Restart:
		case len(c.Needs) == 0:
			all.Go(func() { one(s, i) })
		default:
			all.Go(func() {
				for _, id := range c.Needs {
					<-done[at[id]]
				}
				slots <- struct{}{}
				one(s, i)
				<-slots
			})
		}
	}
	all.Wait()
	for i, c := range table {
		if wanted[c.ID] && c.Restart {
			one(newSession(site), i)
		}
	}
	var out []Result
	for i, c := range table {
		if wanted[c.ID] && (matches(c.ID, only) || results[i].Status == Failed) {
			results[i].Seen = shorten(site.Home, results[i].Seen)
			out = append(out, results[i])
		}
	}
	return out
}

func matches(id, only string) bool {
	only = strings.TrimSuffix(only, "/")
	return only == "" || id == only || strings.HasPrefix(id, only+"/")
}

// selected are the IDs that only asks for, with what they need.
func selected(table []Check, only string) map[string]bool {
	byID := map[string]Check{}
	for _, c := range table {
		byID[c.ID] = c
	}
	out := map[string]bool{}
	var add func(Check)
	add = func(c Check) {
		if out[c.ID] {
			return
		}
		out[c.ID] = true
		for _, id := range c.Needs {
			add(byID[id])
		}
	}
	for _, c := range table {
		if matches(c.ID, only) {
			add(c)
		}
	}
	return out
}

func result(c Check, v verdict) Result {
	if !v.because.IsZero() {
		c.Because = v.because
	}
	if !v.cure.IsZero() {
		c.Cure = v.cure
	}
	return Result{Check: c, Status: v.status, Seen: seen(v.seen)}
}

// mostSeen is how many characters of a tool's words a row shows.
const mostSeen = 500

// seen makes one line of what a tool said, which a terminal can show: it may be
// anything, such as what a guest's login scripts print.
func seen(text string) string {
	if len(text) > 8*mostSeen {
		text = text[:8*mostSeen]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if all := []rune(text); len(all) > mostSeen {
		text = string(all[:mostSeen]) + "…"
	}
	return text
}

// shorten writes ~ for the user's home.
func shorten(home, text string) string {
	if len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home+"/", "~/")
}

// check looks at one promise.
func check(ctx context.Context, s *session, c Check) Result {
	limit := c.Timeout
	if limit == 0 {
		limit = DefaultTimeout
	}
	if ctx.Err() != nil {
		return result(c, skip("interrupted"))
	}
	bounded, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	if c.look != nil {
		return result(c, c.look(bounded, s))
	}
	answers := s.walk(bounded, c.steps(s.Site))
	if ctx.Err() != nil {
		return result(c, skip("interrupted"))
	}
	if c.judge != nil {
		return result(c, c.judge(s.Site, answers))
	}
	last := answers[len(answers)-1]
	for _, a := range answers {
		if !a.ok() {
			return result(c, bad("%s", a.why()))
		}
	}
	return result(c, good("%s", lastLine(last.out)))
}

// walk runs steps until one fails, and those that clean up in any case.
func (s *session) walk(ctx context.Context, steps []process.Step) (answers []answer) {
	failed := false
	for _, step := range steps {
		switch {
		case step.Cleanup:
			// What ended the check must not end its cleaning up.
			free, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultTimeout)
			answers = append(answers, askAgain(free, step.Cmd))
			cancel()
		case !failed:
			a := s.ask(ctx, step.Cmd)
			answers = append(answers, a)
			failed = !a.ok()
		}
	}
	return answers
}
