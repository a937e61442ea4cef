package verify

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"vmloom/process"
)

// Status is how a check ended.
type Status string

// The ends of a check. One that is unknown was asked, and no answer came: nothing
// is said of what it is about. One that is skipped was not asked.
const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Unknown Status = "unknown"
	Skipped Status = "skipped"
)

// Result is a check with what was seen.
type Result struct {
	Check
	Status Status
	// Seen is short, one line, without a full stop.
	Seen string
	// VM is what the result makes of the VM as a whole, or empty.
	VM State
	// Advice is what is worth doing though all is well; zero: nothing.
	Advice Text
	// Bytes are the sizes that were seen, by what they are of: free, size, …; nil: none were.
	Bytes map[string]int64
}

// Words are what the result says of its check's promise: a failure is told as one.
func (r Result) Words() string {
	if r.Status == Failed {
		return r.Not
	}
	return r.Title
}

// verdict is what a look gave; because and cure stand in for the row's where they are set.
type verdict struct {
	status        Status
	seen          string
	because, cure Text
	vm            State
	advice        Text
	bytes         map[string]int64
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

// unknown is the verdict of a question that got no answer.
func unknown(format string, args ...any) verdict {
	return verdict{
		status: Unknown, seen: fmt.Sprintf(format, args...), because: say("the question or its answer was lost on the way: this says nothing of what was asked"),
		cure: say("%s brings the connection back; then ask again", vmloom("repair")),
	}
}

// noWord is the verdict where the tool that would tell does not.
func noWord(command, why string) verdict {
	return unknown("%s: %s", command, why).since(say("the tool that would tell does not work: this says nothing of what it was asked"), say("%s must work first", command))
}

// unreadable is the verdict of a file that is there and may not be looked at.
func unreadable(err error) verdict {
	return unknown("%v", err).since(say("it may not be read: this says nothing of what is in it"), say("see whose it is: %s", "ls -ld"))
}

// of says what a verdict makes of the VM as a whole.
func (v verdict) of(vm State) verdict {
	v.vm = vm
	return v
}

// since gives a verdict a reason and a cure of its own.
func (v verdict) since(because, cure Text) verdict {
	v.because, v.cure = because, cure
	return v
}

// atOnce is how many checks look at a time. sshd takes ten sessions of one
// connection (MaxSessions), and the VM's own work needs some.
const atOnce = 6

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
	var over atomic.Int64
	one := func(s *session, i int) {
		defer close(done[i])
		defer func() { site.tell(int(over.Add(1)), len(wanted), table[i].Title) }()
		for _, id := range table[i].Needs {
			if n := at[id]; n != i {
				<-done[n]
				switch r := results[n]; {
				case r.Status == Failed || r.Status == Unknown:
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
	s.lanes = newLanes(through(table, wanted), s.Now)
	if site.Shared != nil {
		s.Answers = site.Shared
	}
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
	s.lanes.close()
	for i, c := range table {
		if wanted[c.ID] && c.Restart {
			one(newSession(site), i)
		}
	}
	var out []Result
	for i, c := range table {
		if wanted[c.ID] && (matches(c.ID, only) || results[i].Status == Failed || results[i].Status == Unknown) {
			results[i].Seen = shorten(site.Home, results[i].Seen)
			out = append(out, results[i])
		}
	}
	return out
}

// through are the guest's sockets that the wanted checks connect to.
func through(table []Check, wanted map[string]bool) (sockets []string) {
	for _, c := range table {
		if c.through != "" && wanted[c.ID] {
			sockets = append(sockets, c.through)
		}
	}
	return sockets
}

func (s *Site) tell(done, of int, last string) {
	if s.Tell != nil {
		s.Tell(done, of, last)
	}
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
	return Result{Check: c, Status: v.status, Seen: seen(v.seen), VM: v.vm, Advice: v.advice, Bytes: v.bytes}
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
	own := s.forCheck()
	v := c.verdict(bounded, own)
	switch why := own.unanswered(); {
	case ctx.Err() != nil:
		return result(c, skip("interrupted"))
	case why != "" && !c.Way: // else it is about the way itself
		v = unknown("%s", why)
	}
	return result(c, v)
}

// verdict looks, and judges.
func (c Check) verdict(ctx context.Context, s *session) verdict {
	if c.look != nil {
		return c.look(ctx, s)
	}
	answers := s.walk(ctx, c.steps(s.Site))
	if c.judge != nil {
		return c.judge(s.Site, answers)
	}
	for _, a := range answers {
		if !a.ok() {
			return bad("%s", a.why())
		}
	}
	return good("%s", lastLine(answers[len(answers)-1].out))
}

// walk runs steps until one fails, and those that clean up in any case.
func (s *session) walk(ctx context.Context, steps []process.Step) (answers []answer) {
	failed := false
	for _, step := range steps {
		switch {
		case step.Cleanup:
			answers = append(answers, s.tidy(ctx, step.Cmd))
		case !failed:
			a := s.ask(ctx, step.Cmd)
			answers = append(answers, a)
			failed = !a.ok()
		}
	}
	return answers
}
