package quote

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// alphabet holds the tokens that end, escape or expand something in some language.
var alphabet = []string{
	`"`, `'`, "`", `\`, `\\`, `$`, `$$`, `${`, `$(`, `{`, `}`, `{{`, `}}`, "{{`", `''`, `''${`, `[[`, `]]`, `--`, `-->`,
	`<`, `>`, `&`, `&amp;`, `]]>`, `%`, `%%`, `%h`, `#`, `# `, ` #`, `;`, ` ; `, `:`, `: `, `- `, `-`, `=`, `!`, `*`,
	`?`, `|`, `~`, `@`, `,`, `(`, `)`, `^`, `+`, `.`, `..`, `1.`, `/`, `0`, `007`, `1e3`, `12:30`, `yes`, `No`, `null`, `n`,
	`\n`, `\x41`, `\u0041`, `\065`, `\s`, `a`, `b`, `xyz`, `coding: latin-1`, `; coding: latin-1`, `--[[`, "www.", "http://x", `<!--`, `end`, `$HOME`,
	" ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\v", "\f", "\a", "\b", "\x01", "\x02", "\x1b", "\x7f",
	"\u0080", "\u0081", "\u0085", "\u009f", "\u00a0", "\u00ad", "\u2028", "\u2029", "\u202e", "\u200d",
	"\ufeff", "\ufffd", "\ufffe", "\uffff", "\ufdd0", "\ud7ff", "\ue000", "é", "ß", "日本", "👩‍💻", "🦊", "\U0001fffe", "\U000f0000", "\U0010ffff",
}

// hostile makes n strings of the alphabet, the same ones in every run, after each
// token alone and in a sandwich.
func hostile(n int) []string {
	out := []string{""}
	for _, a := range alphabet {
		out = append(out, a, "a"+a+"b")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for len(out) < n {
		var b strings.Builder
		for range 1 + random.IntN(8) {
			b.WriteString(alphabet[random.IntN(len(alphabet))])
		}
		out = append(out, b.String())
	}
	return out
}

// seed gives a fuzz target its corpus.
func seed(f *testing.F) {
	f.Add("\x00")
	f.Add("\xff")
	for _, s := range hostile(500) {
		f.Add(s)
	}
}

// broken says what every function must refuse.
func broken(s string) bool { return !utf8.ValidString(s) || strings.Contains(s, "\x00") }

// oneLine checks a comment's text against every line end known to any reader.
func oneLine(t *testing.T, got string) {
	t.Helper()
	if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 }) {
		t.Errorf("comment %q is not one line", got)
	}
}

type row struct {
	in   any
	want string // or "error: …"
}

// table runs rows through f, whatever its parameter.
func table[T any](t *testing.T, f func(T) (string, error), rows []row) {
	t.Helper()
	for _, r := range rows {
		in, _ := r.in.(T) // a nil interface stays nil
		got, err := f(in)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != r.want {
			t.Errorf("%#v:\n got %s\nwant %s", r.in, got, r.want)
		}
	}
}

// compare checks what an interpreter read back.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("read back %d strings of %d", len(got), len(want))
	}
	wrong := 0
	for i := range want {
		if got[i] != want[i] {
			if wrong++; wrong <= 5 {
				t.Errorf("%d: wrote %q, read back %q", i, want[i], got[i])
			}
		}
	}
	t.Logf("read back %d strings, %d wrong", len(want), wrong)
}

// write calls f, which must succeed.
func write[T any](t testing.TB, f func(T) (string, error), v T) string {
	t.Helper()
	s, err := f(v)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	return s
}

func TestCheckNamesTheByte(t *testing.T) {
	table(t, Nix, []row{
		{"abc\x00", "error: nix: NUL byte at offset 3"},
		{"a\xffb", "error: nix: invalid UTF-8 byte 0xff at offset 1"},
		{"a\xed\xa0\x80", "error: nix: invalid UTF-8 byte 0xed at offset 1"},
		{"\ufffd", "\"\ufffd\""},
		{map[string]int{"\x00": 1}, "error: nix: NUL byte at offset 0"},
		{[]string{"a", "\x00"}, "error: nix: NUL byte at offset 0"},
		{1.5, "error: nix: a float64 has no literal here"},
		{map[int]int{1: 1}, "error: nix: a map[int]int has no literal here"},
	})
}
