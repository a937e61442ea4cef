package generate_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/generate"
)

// flatten reads every file as its consumer does and gives what it holds: one
// entry for each value, with its place. Two outputs that mean the same apart
// from one value give the same entries apart from that value. The order is left
// out, since lists of names are sorted.
func flatten(t testing.TB, files []generate.File) ([]string, error) {
	var out []string
	for _, f := range files {
		a := artefact{path: f.Path, data: string(f.Data)}
		entries, err := flattenFile(t, a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		for _, e := range entries {
			out = append(out, f.Path+": "+e)
		}
	}
	slices.Sort(out)
	return out, nil
}

func flattenFile(t testing.TB, a artefact) (out []string, err error) {
	scripts, err := scriptsIn(a)
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		words, err := shWords(s.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		for _, w := range words {
			out = append(out, "sh "+plainRows(w))
		}
	}
	var more []string
	switch k, known := kindOf(a.path); {
	case !known:
		return nil, fmt.Errorf("of no known kind")
	case k.pattern == "lima/*.yaml":
		more, err = flattenLima(instanceOf(a), a.data)
	case k.pattern == "launchd/*.plist":
		var job map[string]any
		job, err = parsePlist(a.data)
		delete(job, "ProgramArguments")
		more = leaves("plist", job)
	case path.Ext(a.path) == ".nix":
		more, err = flattenNix(t, a)
	case path.Ext(a.path) == ".scm":
		more, err = flattenScheme(a.data)
	case k.pattern == "ssh/config":
		more, err = flattenSSH(a.data)
	case strings.HasPrefix(k.pattern, "systemd/"):
		var u unit
		u, err = parseUnit(a.data)
		delete(u.values, "Service.ExecStart")
		for key, value := range u.values {
			more = append(more, key+"="+value)
		}
	case k.pattern == "wezterm/*.lua":
		r := runWezTerm(t, gopherLua, a.data, nil, nil)
		more = leaves("wezterm", []any{listOf(r.Kept.ExecDomains), listOf(r.Kept.SSHDomains), listOf(r.Kept.UnixDomains), listOf(r.Kept.Keys)})
		more = append(more, "asked "+strings.Join(r.Asked, " "))
	case k.pattern == "docs/*.md":
		more, err = flattenMarkdown(a)
	}
	return append(out, more...), err
}

// planRow is a word that is a row of a plan, whose value has a spelling of its own where it is odd.
var planRow = regexp.MustCompile(`((?:^|\x01 )(?:live|restart|switch|rebuild)[a-z,]*\t[^\t\x01]+\t[^\t\x01]+\t)("(?:[^"\\]|\\.)*")`)

// plainRows gives the values of such rows as they are.
func plainRows(words string) string {
	return planRow.ReplaceAllStringFunc(words, func(row string) string {
		part := planRow.FindStringSubmatch(row)
		if value, err := strconv.Unquote(part[2]); err == nil {
			return part[1] + value
		}
		return row
	})
}

func listOf(maps []map[string]any) (out []any) {
	for _, m := range maps {
		out = append(out, m)
	}
	return out
}

// leaves are the scalars of a document.
func leaves(at string, v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			out = append(out, leaves(at+"."+key, x)...)
		}
	case []any:
		for _, x := range v {
			out = append(out, leaves(at+"[]", x)...)
		}
	default:
		out = append(out, fmt.Sprintf("%s=%T %v", at, v, v))
	}
	return out
}

// flattenLima executes what Lima executes; scripts are read as scripts.
func flattenLima(instance, data string) (out []string, err error) {
	if problems := limaRules(instance, data); problems != nil {
		return nil, fmt.Errorf("%q", problems)
	}
	doc, err := parseLima(data)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := yaml.Load([]byte(data), &all); err != nil {
		return nil, err
	}
	for _, key := range []string{"mounts", "portForwards", "provision", "probes"} {
		delete(all, key)
	}
	out = leaves("lima", all)
	host := func(s string) (r string) {
		if err == nil {
			r, err = doc.hostTemplate(instance, s)
		}
		return r
	}
	guest := func(s string) (r string) {
		if err == nil {
			r, err = doc.guestTemplate(instance, s)
		}
		return r
	}
	for _, m := range doc.Mounts {
		out = append(out, fmt.Sprintf("mount %s at %s %v", host(m.Location), guest(m.MountPoint), m.Writable))
	}
	for _, f := range doc.PortForwards {
		out = append(out, fmt.Sprintf("forward %s %d to %s %d", guest(f.GuestSocket), f.GuestPort, host(f.HostSocket), f.HostPort))
	}
	for _, p := range doc.Probes {
		out = append(out, fmt.Sprintf("probe %s: %s", p.Description, p.Hint))
	}
	return out, err
}

// flattenSSH reads as OpenSSH's argv_split does: words, double quotes, backslash
// before a quote or a backslash.
func flattenSSH(data string) (out []string, err error) {
	host := ""
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var words []string
		var word strings.Builder
		quoted, inWord := false, false
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c == '\\' && i+1 < len(line) && strings.IndexByte(`\"'`, line[i+1]) >= 0:
				i++
				word.WriteByte(line[i])
				inWord = true
			case c == '"':
				quoted, inWord = !quoted, true
			case c == '\'' && !quoted, c == '#' && !quoted && !inWord:
				return nil, fmt.Errorf("a bare %c: %s", c, line)
			case (c == ' ' || c == '\t') && !quoted:
				if inWord {
					words = append(words, word.String())
					word.Reset()
				}
				inWord = false
			default:
				word.WriteByte(c)
				inWord = true
			}
		}
		if quoted {
			return nil, fmt.Errorf("quote is not closed: %s", line)
		}
		words = append(words, word.String())
		if words[0] == "Host" {
			host = strings.Join(words[1:], " ")
		}
		out = append(out, host+" | "+strings.Join(words, " | "))
	}
	return out, nil
}

// active marks a character that the shell acts upon; all others are data.
const active = "\x01"

// shWords reads a script into lines of words: quoting is removed, and what
// the shell would act upon (an operator, an expansion, a blank between words) is
// marked. Each line is an entry; comments are left out.
func shWords(script string) ([]string, error) {
	var out strings.Builder
	var nest []byte // '"' inside double quotes, '(' inside $( ) or ( )
	top := func() byte {
		if len(nest) == 0 {
			return 0
		}
		return nest[len(nest)-1]
	}
	wordStart := true
	for i := 0; i < len(script); i++ {
		c := script[i]
		inDouble := top() == '"'
		starts := wordStart
		wordStart = false
		switch {
		case c == '\\' && i+1 < len(script):
			next := script[i+1]
			switch {
			case next == '\n':
				i++
				wordStart = starts
			case !inDouble || strings.IndexByte("$`\"\\", next) >= 0:
				i++
				out.WriteByte(next)
			default:
				out.WriteByte(c)
			}
		case c == '"':
			if inDouble {
				nest = nest[:len(nest)-1]
			} else {
				nest = append(nest, '"')
			}
		case c == '$' && i+1 < len(script) && script[i+1] == '(':
			out.WriteString(active + "$(")
			nest = append(nest, '(')
			i++
			wordStart = true
		case c == '$' || c == '`':
			out.WriteString(active + string(c))
		case inDouble:
			out.WriteByte(c)
		case c == '\'':
			end := strings.IndexByte(script[i+1:], '\'')
			if end < 0 {
				return nil, fmt.Errorf("quote is not closed: %.80q", script[i:])
			}
			out.WriteString(strings.ReplaceAll(script[i+1:i+1+end], "\n", active+"newline "))
			i += end + 1
		case c == '#' && starts:
			for i+1 < len(script) && script[i+1] != '\n' {
				i++
			}
		case c == '(':
			nest = append(nest, '(')
			out.WriteString(active + "(")
			wordStart = true
		case c == ')' && top() == '(':
			nest = nest[:len(nest)-1]
			out.WriteString(active + ")")
		case c == ' ' || c == '\t' || c == '\n' || strings.IndexByte(";&|<>)", c) >= 0:
			out.WriteString(active + string(c))
			wordStart = true
		case strings.IndexByte("*?[]{}~!^", c) >= 0:
			out.WriteString(active + string(c))
		default:
			out.WriteByte(c)
		}
	}
	if len(nest) > 0 {
		return nil, fmt.Errorf("%q is not closed", nest)
	}
	var lines []string
	for _, line := range strings.Split(out.String(), active+"\n") {
		words := strings.Split(line, active+" ")
		slices.Sort(words)
		lines = append(lines, strings.Join(words, active+" "))
	}
	return lines, nil
}

// flattenMarkdown gives blocks as what they are, and prose without its markup.
// Prose is for people: blanks and invisible characters of a value may differ.
func flattenMarkdown(a artefact) (out []string, err error) {
	blocks, prose := markdown(a.data)
	for _, b := range blocks {
		if !b.closed {
			return nil, fmt.Errorf("block %s is not closed", b.info)
		}
		switch b.info {
		case "sh":
			words, err := shWords(b.text)
			if err != nil {
				return nil, err
			}
			for _, w := range words {
				out = append(out, "sh "+w)
			}
		case "mermaid":
			if problems := mermaidProblems(b.text); problems != nil {
				return nil, fmt.Errorf("%q", problems)
			}
			for line := range strings.Lines(b.text) {
				out = append(out, "mermaid "+mermaidText(line))
			}
		default:
			out = append(out, b.info+" "+b.text)
		}
	}
	for i, line := range prose {
		bare, text, err := inlineText(line, strings.HasPrefix(line, "| "))
		switch {
		case err != nil:
			return nil, err
		case i > 0 && rawHTML.MatchString(bare):
			return nil, fmt.Errorf("raw HTML: %s", line)
		}
		out = append(out, fmt.Sprintf("prose %d cells: %s", strings.Count(bare, "|"), loose(text)))
	}
	return out, nil
}

var mermaidEntity = regexp.MustCompile(`#([0-9]+|quot);`)

// mermaidText decodes the entity codes of labels.
func mermaidText(s string) string {
	return mermaidEntity.ReplaceAllStringFunc(s, func(e string) string {
		if e == "#quot;" {
			return `"`
		}
		code := 0
		fmt.Sscanf(e, "#%d;", &code)
		return string(rune(code))
	})
}

var blanks = regexp.MustCompile(`[\s\x{200e}\x{200f}\x{061c}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{fdd0}-\x{fdef}\x{fffe}\x{ffff}]+`)

// loose leaves out what Markdown may change in a value: runs of blanks and
// invisible characters.
func loose(s string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(s, " "))
}

// inlineText reads a line of Markdown: bare is what acts, without code and escaped
// characters; text is what a reader sees.
func inlineText(line string, cell bool) (bare, text string, err error) {
	var acts, seen strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", line[i+1]) >= 0:
			i++
			seen.WriteByte(line[i])
			acts.WriteByte('x')
		case c == '`':
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			end := closing(line[i+n:], n)
			if end < 0 {
				return "", "", fmt.Errorf("code is not closed: %s", line)
			}
			code := line[i+n : i+n+end]
			if len(code) > 1 && code[0] == ' ' && code[len(code)-1] == ' ' && strings.Trim(code, " ") != "" {
				code = code[1 : len(code)-1]
			}
			if cell { // where a bar ends a cell even inside code
				acts.WriteString(strings.Repeat("|", strings.Count(strings.ReplaceAll(code, `\|`, ""), "|")))
				code = strings.ReplaceAll(code, `\|`, "|")
			}
			seen.WriteString(active + "`" + code + active + "`")
			acts.WriteString("code")
			i += n + end + n - 1
		default:
			acts.WriteByte(c)
			seen.WriteByte(c)
		}
	}
	return acts.String(), seen.String(), nil
}

// closing is where a run of exactly n backticks starts, or -1.
func closing(s string, n int) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			continue
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if run == n {
			return i
		}
		i += run - 1
	}
	return -1
}

func TestInline(t *testing.T) {
	for _, tt := range []struct {
		line, bare, text string
		cell             bool
	}{
		{`a \*b\* c`, "a xbx c", "a *b* c", false},
		{"a `b` c", "a code c", "a ^`b^` c", false},
		{"`` a`b ``|", "code|", "^`a`b^`|", false},
		{"`a\\`", "code", "^`a\\^`", false},
		{"| `a\\|b` |", "| code |", "| ^`a|b^` |", true},
		{"| `a|b` |", "| |code |", "| ^`a|b^` |", true},
	} {
		bare, text, err := inlineText(tt.line, tt.cell)
		if text = strings.ReplaceAll(text, active, "^"); bare != tt.bare || text != tt.text || err != nil {
			t.Errorf("%s: %q %q %v", tt.line, bare, text, err)
		}
	}
	if _, _, err := inlineText("a ` b `` c", false); err == nil {
		t.Error("code that is not closed")
	}
}

func TestShWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"echo 'a b' c # d", []string{"^ a b^ c^ echo"}},
		{`x="$(f "$1" 'q')"`, []string{"^$1^ q^)^ x=^$(f"}},
		{"a 'it'\\''s'", []string{"a^ it's"}},
		{"a b\\ c \"d\\$e\"", []string{"a^ b c^ d$e"}},
		{"a\nb", []string{"a", "b"}},
	} {
		got, err := shWords(tt.in)
		joined := strings.ReplaceAll(strings.Join(got, "\n"), active, "^")
		if err != nil || joined != strings.Join(tt.want, "\n") {
			t.Errorf("%s: %q, %v", tt.in, joined, err)
		}
	}
	for _, bad := range []string{"'a", `"a`, `"$(a"`, "(a"} {
		if got, err := shWords(bad); err == nil {
			t.Errorf("%s: %q", bad, got)
		}
	}
}
