package quote

import (
	"strings"
	"testing"
	"unicode"
)

func TestMarkdown(t *testing.T) {
	table(t, Markdown, []row{
		{"my-host 25.10", "my-host 25.10"}, {"- a", `\- a`}, {"1. a", `1\. a`}, {"1) a", `1\) a`}, {"a *b* _c_ `d`", "a \\*b\\* \\_c\\_ \\`d\\`"},
		{"  a\n\n# b ", `a \# b`}, {"<b>&amp;", `\<b\>\&amp;`}, {"[x](y)", `\[x\](y)`}, {"(a: b) c:d", `(a: b) c\:d`}, {"a|b", `a\|b`}, {"www.x.y", `www\.x.y`},
		{"https://x", `https\://x`}, {"a--b===", `a-\-b=\=\=`}, {"---", `\-\-\-`}, {"===", `\=\=\=`}, {"a\\", `a\\`},
		{"$x$ ~y~ @z :w:", `\$x\$ \~y\~ \@z \:w:`},
	})
	table(t, MarkdownCode, []row{
		{"a", "`a`"}, {"a`b", "``a`b``"}, {"`", "`` ` ``"}, {"``a", "``` ``a ```"}, {" a ", "`  a  `"}, {" a", "` a`"}, {" ", "` `"},
		{"", "error: markdown: empty code span"}, {"a\nb", "error: markdown: U+000A at offset 1"},
	})
	table(t, func(s string) (string, error) { return MarkdownBlock("sh", s) }, []row{
		{"a\n", "```sh\na\n```"}, {"a", "```sh\na\n```"}, {"", "```sh\n```"}, {"```\n", "````sh\n```\n````"},
		{"a\r\n", "error: markdown: U+000D at offset 1"},
	})
	if _, err := MarkdownBlock("sh`", ""); err == nil {
		t.Error("an info string with a backtick")
	}
	table(t, Mermaid, []row{
		{`a "b" #<c> [d]`, `"a #quot;b#quot; #35;#60;c#62; #91;d#93;"`}, {"/run/x.sock", `"/run/x.sock"`},
		{"", "error: mermaid: empty label"}, {"a\nb", "error: mermaid: U+000A at offset 1"},
	})
}

// unMarkdown drops the backslash before punctuation, and reports markup left alive.
func unMarkdown(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && s[i+1] < 0x7f && unicode.In(rune(s[i+1]), unicode.P, unicode.S) {
			i++
		} else if strings.IndexByte("\\`*_{}[]<>#!|~&$@^", s[i]) >= 0 || s[i] == ':' && i+1 < len(s) && s[i+1] != ' ' ||
			s[i] == ')' && i > 0 && strings.Trim(s[:i], "0123456789") == "" {
			return "", false
		}
		b.WriteByte(s[i])
	}
	return b.String(), true
}

func FuzzMarkdown(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Markdown(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		want := write(t, func(s string) (string, error) { return comment("", s) }, s)
		want = strings.Trim(want, " ")
		for strings.Contains(want, "  ") {
			want = strings.ReplaceAll(want, "  ", " ")
		}
		if got, ok := unMarkdown(lit); !ok || got != want {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, ok)
		}
		oneLine(t, lit)
	})
}

// unCode reads a code span by CommonMark 6.1: up to the first run of backticks as
// long as the opening one, less one blank on each side.
func unCode(s string) (string, bool) {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	for i := n; i < len(s); {
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if run == n {
			text := s[n:i]
			if strings.Trim(text, " ") != "" && text[0] == ' ' && text[len(text)-1] == ' ' {
				text = text[1 : len(text)-1]
			}
			return text, i+n == len(s)
		}
		i += max(run, 1)
	}
	return "", false
}

func FuzzMarkdownCode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		if lit, err := MarkdownCode(s); err == nil {
			if got, ok := unCode(lit); !ok || got != s {
				t.Fatalf("%q: %s: %q, %v", s, lit, got, ok)
			}
		} else if s != "" && !broken(s) && !strings.ContainsFunc(s, unicode.IsControl) {
			t.Fatal(err)
		}
		lit, err := MarkdownBlock("", s)
		if err != nil {
			return
		}
		// The block ends at the first line that is nothing but enough backticks.
		fence, rest, _ := strings.Cut(lit, "\n")
		for got := ""; ; {
			line, more, found := strings.Cut(rest, "\n")
			if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, "`") == "" {
				if found || strings.TrimSuffix(got, "\n") != strings.TrimSuffix(s, "\n") {
					t.Fatalf("%q: %s", s, lit)
				}
				return
			}
			if !found {
				t.Fatalf("%q: open block %s", s, lit)
			}
			got, rest = got+line+"\n", more
		}
	})
}

func FuzzMermaid(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Mermaid(s)
		if err != nil {
			return
		}
		var b strings.Builder
		for rest := lit[1 : len(lit)-1]; rest != ""; {
			if strings.ContainsRune("\"<>&`[]{}()|\\;%:", rune(rest[0])) {
				t.Fatalf("%q: %s: live %s", s, lit, rest)
			}
			if rest[0] != '#' {
				b.WriteByte(rest[0])
				rest = rest[1:]
				continue
			}
			code, after, _ := strings.Cut(rest[1:], ";")
			if code == "quot" {
				b.WriteByte('"')
			} else {
				n := rune(0)
				for _, d := range code {
					n = n*10 + d - '0'
				}
				b.WriteRune(n)
			}
			rest = after
		}
		if b.String() != s {
			t.Fatalf("%q: %s: %q", s, lit, b.String())
		}
	})
}

func TestMermaidID(t *testing.T) {
	table(t, MermaidID, []row{
		{"s0", "s0"}, {"", `error: mermaid: "" is not the name of a node`}, {"0s", `error: mermaid: "0s" is not the name of a node`},
		{"end", `error: mermaid: "end" is not the name of a node`}, {"a b", `error: mermaid: "a b" is not the name of a node`},
	})
}
