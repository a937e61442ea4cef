package engine

import (
	"encoding/json"
	"strings"
)

// What nix calls its activities and their results in --log-format internal-json
// (src/libutil/include/nix/util/logging.hh; the same numbers from 2.4 to 2.36).
const (
	actCopyPath     = 100
	actFileTransfer = 101
	actBuilds       = 104
	actBuild        = 105
	actSubstitute   = 108

	resLogLine     = 101
	resPhase       = 104
	resProgress    = 105
	resSetExpected = 106
	resPostLogLine = 107
)

// Levels of what nix says: error, warning, notice, info, and more that only a developer of nix wants.
const (
	levelError   = 0
	levelWarning = 1
	levelInfo    = 3
)

const (
	maxActivities = 10000 // under way at once; nix itself has a few hundred at most
	maxErrors     = 100   // told apart
	maxLabel      = 200   // bytes of a name, phase or line in Progress
	maxNumber     = 1 << 50
)

// nixEvent is a line of internal-json. Fields are text or numbers.
type nixEvent struct {
	Action string            `json:"action"`
	ID     uint64            `json:"id"`
	Type   int               `json:"type"`
	Level  int               `json:"level"`
	Text   string            `json:"text"`
	Msg    string            `json:"msg"`
	Fields []json.RawMessage `json:"fields"`
}

func (e *nixEvent) text(i int) (s string) {
	if i < len(e.Fields) {
		json.Unmarshal(e.Fields[i], &s)
	}
	return s
}

func (e *nixEvent) number(i int) (n int64) {
	if i < len(e.Fields) {
		json.Unmarshal(e.Fields[i], &n)
	}
	return min(max(0, n), maxNumber)
}

// activity is something that nix has begun and not ended.
type activity struct {
	kind           int
	name, phase    string
	done, expected int64
	foretold       map[int]int64 // what it says of others to come, by their kind
}

// nixParser keeps count of what goes on.
type nixParser struct {
	open      map[uint64]*activity
	order     []uint64         // builds and copies under way, oldest first
	ended     map[int]activity // sums of those that have ended, by kind
	foretold  map[int]int64    // what is expected of a kind, told from outside
	errors    map[string]bool  // said already
	last      string           // line of a build's log
	transfers bool             // something is downloaded, not only copied
	talk      nixTalk
}

func newNixParser() *nixParser {
	return &nixParser{open: map[uint64]*activity{}, ended: map[int]activity{}, foretold: map[int]int64{}, errors: map[string]bool{}}
}

// line takes an event in. What is no event comes from another program, such as
// ssh, and is for people.
func (p *nixParser) line(s string) (string, bool) {
	data, ok := strings.CutPrefix(s, "@nix ")
	if !ok {
		text := clean(s)
		if text != "" {
			p.talk.line(text)
		}
		return text, text != ""
	}
	var e nixEvent
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return clean(s), true
	}
	p.talk.heard = true
	switch e.Action {
	case "start":
		return p.start(&e)
	case "stop":
		p.stop(e.ID)
	case "result":
		return p.result(&e)
	case "msg":
		return p.message(&e)
	}
	return "", false
}

func (p *nixParser) start(e *nixEvent) (string, bool) {
	if len(p.open) < maxActivities {
		a := &activity{kind: countedAs(e.Type)}
		switch e.Type {
		case actBuild:
			a.name = drvName(e.text(0))
			if machine := e.text(1); machine != "" {
				a.name += " on " + machine
			}
		case actCopyPath, actSubstitute:
			a.name = drvName(e.text(0))
		}
		if a.name = label(a.name); a.name != "" {
			p.order = append(p.order, e.ID)
		}
		p.transfers = p.transfers || e.Type == actFileTransfer
		p.open[e.ID] = a
	}
	text := clean(e.Text)
	return text, text != "" && e.Level <= levelInfo && e.Type != actSubstitute
}

func (p *nixParser) stop(id uint64) {
	a, ok := p.open[id]
	if !ok {
		return
	}
	delete(p.open, id)
	sum := p.ended[a.kind]
	sum.done, sum.expected = sum.done+a.done, sum.expected+a.done
	p.ended[a.kind] = sum
	for kind, n := range a.foretold {
		p.foretold[kind] -= n
	}
	for i, open := range p.order {
		if open == id {
			p.order = append(p.order[:i], p.order[i+1:]...)
			break
		}
	}
}

func (p *nixParser) result(e *nixEvent) (string, bool) {
	a, ok := p.open[e.ID]
	if !ok {
		a = &activity{} // a log line is worth reading all the same
	}
	switch e.Type {
	case resLogLine, resPostLogLine:
		text := clean(e.text(0))
		p.last = label(text)
		name, _, _ := strings.Cut(a.name, " on ")
		p.talk.log(name, text)
		return name + "> " + text, true
	case resPhase:
		a.phase = label(e.text(0))
	case resProgress:
		a.done, a.expected = e.number(0), e.number(1)
	case resSetExpected:
		kind, n := int(e.number(0)), e.number(1)
		if !ok || countedAs(kind) == 0 {
			break
		}
		if a.foretold == nil {
			a.foretold = map[int]int64{}
		}
		p.foretold[kind] += n - a.foretold[kind]
		a.foretold[kind] = n
		p.transfers = p.transfers || kind == actFileTransfer && n > 0
	}
	return "", false
}

// message is said to people, an error once only.
func (p *nixParser) message(e *nixEvent) (string, bool) {
	text := clean(e.Msg)
	if text == "" || e.Level > levelInfo || p.errors[text] {
		return "", false
	}
	if e.Level == levelError && len(p.errors) < maxErrors {
		p.errors[text] = true
	}
	p.talk.event(e.Level, text)
	return text, true
}

func (p *nixParser) progress() Progress {
	var now Progress
	built, builds := p.sum(actBuilds)
	now.Built, now.Builds = int(built), int(builds)
	kind := actCopyPath
	if p.transfers {
		kind = actFileTransfer
	}
	now.Fetched, now.Fetch = p.sum(kind)
	now.Line = p.last
	// The newest build, else the newest copy.
	for _, want := range []func(int) bool{isBuild, isCopy} {
		for i := len(p.order) - 1; i >= 0; i-- {
			if a := p.open[p.order[i]]; a != nil && want(a.kind) {
				now.Now, now.Phase = a.name, a.phase
				return now
			}
		}
	}
	return now
}

func isBuild(kind int) bool { return kind == actBuild }
func isCopy(kind int) bool  { return kind != actBuild }

// countedAs is the kind of an activity, or 0 for what is not counted.
func countedAs(kind int) int {
	switch kind {
	case actCopyPath, actFileTransfer, actBuilds, actBuild, actSubstitute:
		return kind
	}
	return 0
}

// sum is what is done and expected of a kind, as nix's own bar counts: those
// that have ended, those under way, and what was foretold.
func (p *nixParser) sum(kind int) (done, expected int64) {
	done, expected = p.ended[kind].done, p.ended[kind].expected
	for _, a := range p.open {
		if a.kind == kind {
			done, expected = done+a.done, expected+a.expected
		}
	}
	return done, max(done, expected, p.foretold[kind])
}

// clean is text without colours and control characters, lines kept.
func clean(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
				return -1
			}
			return r
		}, plain(line))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), " \n\t")
}

// label is text for a place of one line.
func label(s string) string {
	s = oneLine(clean(s))
	if len(s) > maxLabel {
		s = strings.ToValidUTF8(s[:maxLabel], "")
	}
	return s
}
