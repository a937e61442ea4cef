package generate_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// fence is a fenced code block of a guide.
type fence struct {
	info, text string
	closed     bool
}

// markdown splits a text into its fenced blocks and the lines outside of them.
func markdown(text string) (blocks []fence, prose []string) {
	var open *fence
	var mark string
	for _, line := range strings.Split(text, "\n") {
		rest := strings.TrimLeft(line, "`")
		ticks := line[:len(line)-len(rest)]
		switch {
		case open == nil && len(ticks) >= 3 && !strings.Contains(rest, "`"):
			open, mark = &fence{info: rest}, ticks
		case open != nil && len(ticks) >= len(mark) && strings.TrimSpace(rest) == "":
			open.closed = true
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		default:
			prose = append(prose, line)
		}
	}
	if open != nil {
		blocks = append(blocks, *open)
	}
	return blocks, prose
}

func fences(a artefact) []fence {
	if filepath.Ext(a.path) != ".md" {
		return nil
	}
	blocks, _ := markdown(a.data)
	return blocks
}

var (
	mdLink  = regexp.MustCompile(`(?:^|[^\\])\[([^\]]*)\]\(([^()\s]*)\)`)
	rawHTML = regexp.MustCompile(`(?:^|[^\\])<[A-Za-z/!?]`)
	heading = regexp.MustCompile(`^#{1,6} (.+)$`)
)

// anchors are those that GitHub makes of the headings.
func anchors(prose []string) map[string]bool {
	out := map[string]bool{}
	for _, line := range prose {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := strings.NewReplacer("`", "", `\`, "").Replace(m[1])
		out[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, text)] = true
	}
	return out
}

func consumeMarkdown(t *testing.T, a artefact) {
	blocks, prose := markdown(a.data)
	known := anchors(prose)
	infos := map[string]bool{"sh": true, "lua": true, "mermaid": true, "text": true, "sshconfig": true, "ssh_config": true, "yaml": true, "scheme": true, "": true}
	drawn := 0
	for i, b := range blocks {
		if !b.closed {
			t.Errorf("block %d (%s) is not closed", i, b.info)
		}
		if !infos[b.info] {
			t.Errorf("block %d: no reader knows the language %q", i, b.info)
		}
		if strings.TrimSpace(b.text) == "" {
			t.Errorf("block %d is empty", i)
		}
		if b.info == "mermaid" {
			drawn++
			for _, problem := range mermaidProblems(b.text) {
				t.Error(problem)
			}
		}
	}
	if drawn != 1 {
		t.Errorf("%d pictures of the set-up, want one", drawn)
	}
	for i, line := range prose {
		bare, _, err := inlineText(line, strings.HasPrefix(line, "| "))
		if err != nil {
			t.Error(err)
		}
		if i > 0 && rawHTML.MatchString(bare) {
			t.Errorf("raw HTML: %s", line)
		}
		for _, m := range mdLink.FindAllStringSubmatch(bare, -1) {
			checkLink(t, a, known, m[2])
		}
	}
	if len(known) < 3 {
		t.Errorf("only %d headings", len(known))
	}
}

func checkLink(t *testing.T, a artefact, known map[string]bool, target string) {
	t.Helper()
	file, anchor, _ := strings.Cut(target, "#")
	switch {
	case strings.HasPrefix(target, "https://"):
	case target == "" || strings.Contains(target, ":") || strings.HasPrefix(target, "/"):
		t.Errorf("link to %q: neither https nor relative", target)
	case file == "":
		if !known[anchor] {
			t.Errorf("link to #%s: no such heading", anchor)
		}
	default:
		where := filepath.Join(a.dir, filepath.Dir(a.path), file)
		if rel, err := filepath.Rel(a.dir, where); err != nil || strings.HasPrefix(rel, "..") {
			t.Errorf("link to %s leaves the tree", target)
		}
		if _, err := os.Stat(where); err != nil {
			t.Errorf("link to %s: %v", target, err)
		}
	}
}

// The forms of a flowchart that the guide uses. Every label is quoted and holds
// no quote and no raw markup.
var (
	mermaidLabel = `"[^"<>` + "`" + `]+"`
	mermaidForms = []*regexp.Regexp{
		regexp.MustCompile(`^flowchart (LR|TB)$`),
		regexp.MustCompile(`^  subgraph ([a-z][a-z0-9]*)\[` + mermaidLabel + `\]$`),
		regexp.MustCompile(`^    ([a-z][a-z0-9]*)\[` + mermaidLabel + `\]$`),
		regexp.MustCompile(`^  end$`),
		regexp.MustCompile(`^  ([a-z][a-z0-9]*) -->\|` + mermaidLabel + `\| ([a-z][a-z0-9]*)$`),
	}
	// Words that Mermaid does not take for the name of a node.
	mermaidWords = regexp.MustCompile(`^(end|graph|flowchart|subgraph|style|class|classdef|click|linkstyle|default|direction|href|call)$`)
)

func mermaidProblems(text string) (problems []string) {
	ids := map[string]bool{}
	depth := 0
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		form, m := -1, []string(nil)
		for f, re := range mermaidForms {
			if m = re.FindStringSubmatch(line); m != nil {
				form = f
				break
			}
		}
		switch {
		case form < 0 || form == 0 && i > 0 || i == 0 && form != 0:
			problems = append(problems, "mermaid: not understood: "+line)
		case form == 1 || form == 2:
			if ids[m[1]] || mermaidWords.MatchString(m[1]) {
				problems = append(problems, "mermaid: the id is taken: "+line)
			}
			ids[m[1]] = true
			if form == 1 {
				depth++
			}
			if depth != 1 {
				problems = append(problems, "mermaid: nested: "+line)
			}
		case form == 3:
			depth--
		case form == 4 && (!ids[m[1]] || !ids[m[2]]):
			problems = append(problems, "mermaid: links what is not there: "+line)
		}
	}
	if depth != 0 {
		problems = append(problems, "mermaid: subgraph is not closed")
	}
	return problems
}

func TestMermaidProblems(t *testing.T) {
	const good = "flowchart LR\n  subgraph a[\"A\"]\n    b[\"x #58; y\"]\n  end\n  b -->|\"l\"| a\n"
	if got := mermaidProblems(good); got != nil {
		t.Error(got)
	}
	for _, edit := range [][2]string{
		{"flowchart", "flow"}, {"  end\n", ""}, {`"x `, `x `}, {`"x `, `"x" `}, {"b[", "a["}, {"b[", "end["}, {"| a", "| c"}, {"x #58;", "<b>"},
	} {
		if mermaidProblems(strings.Replace(good, edit[0], edit[1], 1)) == nil {
			t.Errorf("accepted: %s -> %s", edit[0], edit[1])
		}
	}
}
