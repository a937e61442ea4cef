package quote

import (
	"strings"
	"testing"
	"text/template"
)

func TestLimaTemplate(t *testing.T) {
	table(t, LimaTemplate, []row{
		{"docker ps --format {{.Names}}", "docker ps --format {{`{{`}}.Names}}"}, {"{{{", "{{`{{`}}{"},
		{"a\x00", "error: lima: NUL byte at offset 1"},
	})
}

func FuzzLimaTemplate(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		text, err := LimaTemplate(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		tmpl, err := template.New("").Parse(text)
		if err != nil {
			t.Fatalf("%q: %s: %v", s, text, err)
		}
		var b strings.Builder
		if err := tmpl.Execute(&b, nil); err != nil || b.String() != s {
			t.Fatalf("%q: %s: %q, %v", s, text, b.String(), err)
		}
	})
}
