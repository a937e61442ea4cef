package quote

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

func TestScheme(t *testing.T) {
	table(t, Scheme, []row{
		{true, "#t"}, {false, "#f"}, {-3, "-3"}, {"a\"\\\n\r\t\x01\x7f\u0085é🦊\U000f0000", `"a\"\\\n\r\t\x01\x7f\u0085é🦊\U0f0000"`},
		{[]string{"a", "b"}, `(list "a" "b")`}, {[]string{}, "(list)"}, {"coding: x", `"coding\x3a x"`},
		{nil, "error: scheme: a <nil> has no literal here"},
		{map[string]int{}, "error: scheme: a map[string]interface {} has no literal here"},
	})
	table(t, SchemeSymbol, []row{
		{"openssh-sans-x", "openssh-sans-x"},
		{"a)b", `error: scheme: "a)b" is not a symbol of lower-case letters, digits and hyphens`},
		{"a\n", `error: scheme: "a\n" is not a symbol of lower-case letters, digits and hyphens`},
	})
	table(t, SchemeComment, []row{{"a\nb coding: latin-1", "a b coding : latin-1"}})
}

// unScheme reads a string literal by the Guile manual, "String Syntax".
func unScheme(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", fmt.Errorf("no delimiters: %s", s)
	}
	var b strings.Builder
	for s = s[1 : len(s)-1]; s != ""; {
		c := s[0]
		s = s[1:]
		if c == '"' {
			return "", fmt.Errorf("early end before %s", s)
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		if s == "" {
			return "", fmt.Errorf("open escape")
		}
		c = s[0]
		s = s[1:]
		switch digits := map[byte]int{'x': 2, 'u': 4, 'U': 6}[c]; {
		case digits > 0:
			r, err := strconv.ParseUint(s[:digits], 16, 32)
			if err != nil {
				return "", err
			}
			b.WriteRune(rune(r))
			s = s[digits:]
		case strings.IndexByte("nrt", c) >= 0:
			b.WriteByte("\n\r\t"[strings.IndexByte("nrt", c)])
		case c == '"' || c == '\\':
			b.WriteByte(c)
		default:
			return "", fmt.Errorf("unknown escape %q", c)
		}
	}
	return b.String(), nil
}

func FuzzScheme(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Scheme(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		if got, err := unScheme(lit); err != nil || got != s {
			t.Fatalf("%q: %s: %q, %v", s, lit, got, err)
		}
		oneLine(t, write(t, SchemeComment, s))
	})
}

func TestSchemeReadBack(t *testing.T) {
	tool := tooltest.Need(t, "guile")
	want := append([]string{"; coding: latin-1 é"}, hostile(4000)...)
	var b strings.Builder
	b.WriteString(";; " + write(t, SchemeComment, "-*- coding: latin-1 -*-") + "\n(define strings (append\n")
	for _, s := range want {
		b.WriteString(";; " + write(t, SchemeComment, s) + "\n" + write(t, Scheme, any([]string{s})) + "\n")
	}
	b.WriteString(`))
(for-each (lambda (s)
  (display "[") (display (string-join (map (lambda (c) (number->string (char->integer c))) (string->list s)) ",")) (display "]\n")) strings)` + "\n")
	file := filepath.Join(t.TempDir(), "x.scm")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "--no-auto-compile", "-s", file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		var runes []rune
		if err := json.Unmarshal([]byte(line), &runes); err != nil {
			t.Fatal(err)
		}
		got = append(got, string(runes))
	}
	compare(t, got, want)
}
