package templates

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"
)

type part struct {
	Name  string
	Parts []part
}

func (p part) Upper() string { return strings.ToUpper(p.Name) }

func (p *part) Lower() string { return strings.ToLower(p.Name) }

type machine struct {
	part
	Inner  *part
	None   *part
	Any    any
	Empty  any
	List   []any
	Array  [2]int
	Number int
	Float  float64
	Flag   bool
	Names  map[string]string
	Named  named
}

type named string

// TestProgram: a program prints what text/template prints, and leaves to it the rest.
func TestProgram(t *testing.T) {
	data := machine{part: part{Name: "a b", Parts: []part{{Name: "One"}, {Name: "two", Parts: []part{{Name: "three"}}}}},
		Inner: &part{Name: "in"}, Any: part{Name: "any"}, List: []any{"x", 2, part{Name: "y"}}, Array: [2]int{3, 4},
		Number: 7, Float: 1.5, Flag: true, Names: map[string]string{"k": "v"}, Named: "n"}
	const known, notRun, notMade = "", "is run by text/template", "is not made"
	for _, tt := range []struct{ text, want string }{
		{`text {{ sh .Name }} {{/* none */}}{{- sh .Inner.Name }}`, known},
		{`{{ sh .Any.Name }}{{ sh $.Number }}{{ sh .Upper }}{{ sh .Inner.Lower }}{{ sh .Inner.Upper }}`, known},
		{`{{ sh "c" }}{{ sh 4 }}{{ sh (printf "%s-%d" .Name .Number) }}{{ sh (join "," .Array) }}{{ sh (trimSuffix "b" .Name) }}{{ sh (toString .Float) }}`, known},
		{`{{ sh .List }}`, notRun}, // it has a struct
		{`{{ sh (nixLines 2 .Name) }}{{ sh (markdownless) }}`, notMade},
		{`{{ sh (yamlBlock 2 .Name) }}{{ sh (systemdEnv "A" .Name) }}`, known},
		{`{{ if .Flag }}yes{{ else }}no{{ end }}{{ if .None }}yes{{ else if .Empty }}or{{ else }}no{{ end }}{{ if .Inner }}yes{{ end }}{{ if .Any }}yes{{ end }}`, known},
		{`{{ if .Number }}a{{ end }}{{ if .Float }}b{{ end }}{{ if .Names }}c{{ end }}{{ if .Array }}d{{ end }}{{ if .Named }}e{{ end }}{{ if .part }}{{ end }}`, notRun},
		{`{{ with .Inner }}{{ sh .Name }}{{ sh $.Name }}{{ else }}{{ end }}{{ with .None }}{{ else }}{{ sh .Name }}{{ end }}{{ with .Any }}{{ sh .Name }}{{ end }}`, known},
		{`{{ range .Parts }}{{ sh .Name }}{{ range .Parts }}{{ sh .Name }}{{ sh $.Name }}{{ else }}none{{ end }}{{ end }}`, known},
		{`{{ range $i, $p := .Parts }}{{ sh $i }}{{ range $q := $p.Parts }}{{ sh $q.Name }}{{ sh $p.Name }}{{ end }}{{ end }}{{ range $p := .Array }}{{ sh $p }}{{ end }}`, known},
		{`{{ $n := .Name }}{{ range .Parts }}{{ sh $n }}{{ $n := .Name }}{{ sh $n }}{{ end }}{{ sh $n }}`, known},
		{`{{ range .Parts }}{{ template "_part.sh.tmpl" . }}{{ end }}{{ template "_none.sh.tmpl" }}`, known},
		{`{{ range $k, $v := .Names }}{{ sh $k }}{{ end }}`, notRun},
		{`{{ sh .Names.k }}`, notRun},
		{`{{ shComment .Named }}`, notRun},
		{`{{ shComment .Number }}`, notRun},
		{`{{ sh .Gone }}`, notRun},
		{`{{ sh .None.Name }}`, notRun},
		{`{{ sh .Empty }}`, notRun},
		{`{{ .Name | toString | sh }}`, notMade},
		{`{{ with $x := .Name }}{{ sh $x }}{{ end }}`, notMade},
		{`{{ range .Parts }}{{ break }}{{ end }}`, notMade},
		{`{{ $n := .Name }}{{ $n = "b" }}{{ sh $n }}`, notMade},
		{`{{ $n := toString .Number }}{{ sh $n }}`, notMade},
		{`{{ sh (len .Name) }}`, notMade},
	} {
		fsys := fstest.MapFS{
			"d/x.sh.tmpl":     {Data: []byte(strings.ReplaceAll(tt.text, "(markdownless)", `.Name | sh`))},
			"d/_part.sh.tmpl": {Data: []byte(`<{{ sh .Name }}{{ sh $.Name }}{{ range .Parts }}{{ template "_part.sh.tmpl" . }}{{ end }}>`)},
			"d/_none.sh.tmpl": {Data: []byte(`{{ if . }}something{{ else }}nothing{{ end }}`)},
		}
		tmpl, err := Load(fsys, "d/x.sh.tmpl")
		if err != nil {
			t.Fatal(err)
		}
		got := known
		var out bytes.Buffer
		switch p := compile(tmpl, map[string]*program{}); {
		case p == nil:
			got = notMade
		case !p.run(&out, data):
			got = notRun
		default:
			sameAsText(t, tmpl, data, out.String())
			out.Reset()
			if p.run(&out, &data) { // its methods may be called of a pointer
				sameAsText(t, tmpl, &data, out.String())
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func sameAsText(t *testing.T, tmpl *template.Template, data any, got string) {
	t.Helper()
	var want strings.Builder
	if err := tmpl.Execute(&want, data); err != nil || got != want.String() {
		t.Errorf("%s\n got %q\nwant %q, %v", tmpl.Root, got, want.String(), err)
	}
}

// TestPrograms: no shipped template is left to text/template.
func TestPrograms(t *testing.T) {
	for _, name := range Names() {
		if tmpl, err := loaded()[name](); err != nil || tmpl.program == nil {
			t.Errorf("%s: %v, executed by text/template alone", name, err)
		}
	}
}

// TestProgramErrors: what is wrong with a value is said as text/template says it, and nothing is printed before.
func TestProgramErrors(t *testing.T) {
	_, err := Render("fleet/action.yaml.tmpl", struct{ From, Dir, Root string }{"a\x00", "d", "r"})
	if err == nil || !strings.HasPrefix(err.Error(), "fleet/action.yaml.tmpl:1:") || !strings.HasSuffix(err.Error(), "NUL byte at offset 1") {
		t.Error(err)
	}
}
