package templates

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"
	"text/template/parse"
)

func TestShippedTemplatesLoad(t *testing.T) {
	for _, name := range Names() {
		if _, err := Load(shipped, name); err != nil {
			t.Error(err)
		}
	}
}

// TestShaping: sprig's functions are there to be used, and no others are.
func TestShaping(t *testing.T) {
	var all strings.Builder
	files, err := fs.Glob(shipped, "*/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, name := range shaping() {
		if !regexp.MustCompile(`\{\{[^}]*\b` + name + ` [^}]*\}\}`).MatchString(all.String()) {
			t.Errorf("%s is used by no template", name)
		}
		if functions()[name] == nil {
			t.Errorf("sprig has no %s", name)
		}
	}
	for _, name := range []string{"default", "env", "now", "randInt", "quote", "squote", "genPrivateKey"} {
		if functions()[name] != nil {
			t.Errorf("a template may call %s", name)
		}
	}
}

func TestRenderUnknown(t *testing.T) {
	_, err := Render("lima/gone.yaml.tmpl", nil)
	if err == nil || err.Error() != "lima/gone.yaml.tmpl: no such template" {
		t.Error(err)
	}
}

func TestExecute(t *testing.T) {
	fsys := fstest.MapFS{
		"d/x.sh.tmpl":     {Data: []byte("#!/bin/sh\n{{ template \"_part.sh.tmpl\" . }} {{ sh .Y }}\n")},
		"d/_part.sh.tmpl": {Data: []byte(`echo {{ sh (printf "%s-vm" .X) }}`)},
	}
	for _, tt := range []struct {
		data any
		want string
	}{
		{map[string]string{"X": "a b", "Y": "c"}, "#!/bin/sh\necho 'a b-vm' c\n"},
		{map[string]string{"X": "a", "Y": "c\x00"}, "d/x.sh.tmpl:2:36: <sh .Y>: sh: NUL byte at offset 1"},
		{map[string]string{"X": "a\x00"}, "d/_part.sh.tmpl:1:8: <sh (printf \"%s-vm\" .X)>: sh: NUL byte at offset 1"},
		{map[string]string{"X": "a"}, `d/x.sh.tmpl:2:39: <.Y>: map has no entry for key "Y"`},
	} {
		tmpl, err := Load(fsys, "d/x.sh.tmpl")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		got := ""
		if err := tmpl.Execute(&b, tt.data); err != nil {
			got = readable(err).Error()
		} else {
			got = b.String()
		}
		if got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

// TestParsedOnce: the templates of a folder share what is made of their partials.
func TestParsedOnce(t *testing.T) {
	for _, partial := range []string{"_lima.sh.tmpl", "_locking.sh.tmpl"} { // of the folder, and shared
		var first *parse.Tree
		for _, name := range []string{"scripts/create.sh.tmpl", "scripts/destroy.sh.tmpl"} {
			tmpl, err := loaded()[name]()
			if err != nil {
				t.Fatal(err)
			}
			tree := tmpl.Lookup(partial).Tree
			if first == nil {
				first = tree
			}
			if tree == nil || tree != first {
				t.Errorf("%s: has its own %s", name, partial)
			}
		}
	}
}

// TestKnownPrograms: a program is that of all callers, and none is left of a template that has none.
func TestKnownPrograms(t *testing.T) {
	fsys := fstest.MapFS{
		"d/a.sh.tmpl":     {Data: []byte(`{{ template "_part.sh.tmpl" . }}{{ sh (len .) }}`)},
		"d/b.sh.tmpl":     {Data: []byte(`{{ template "_part.sh.tmpl" . }}`)},
		"d/c.sh.tmpl":     {Data: []byte(`{{ template "_part.sh.tmpl" . }}`)},
		"d/_part.sh.tmpl": {Data: []byte(`{{ sh . }}`)},
	}
	f, err := loadFolder(fsys, "d", func() (*template.Template, error) { return loadShared(fsys) })
	if err != nil {
		t.Fatal(err)
	}
	var parts []*program
	for _, name := range []string{"d/a.sh.tmpl", "d/b.sh.tmpl", "d/c.sh.tmpl"} {
		one, err := f.load(fsys, name)
		if err != nil || (one.program == nil) != (name == "d/a.sh.tmpl") {
			t.Fatalf("%s: %v, %v", name, one.program, err)
		}
		parts = append(parts, f.programs["_part.sh.tmpl"])
	}
	if parts[0] != nil || parts[1] == nil || parts[1] != parts[2] {
		t.Errorf("%p", parts)
	}
}

// TestRenderedStays: what was rendered is the caller's, whatever is rendered after it.
func TestRenderedStays(t *testing.T) {
	const name = "fleet/action.yaml.tmpl"
	first, err := Render(name, map[string]any{"From": "aaaa", "Dir": "d", "Root": "r"})
	if err != nil {
		t.Fatal(err)
	}
	was := string(first)
	if _, err := Render(name, map[string]any{"From": "bbbb", "Dir": "d", "Root": "r"}); err != nil {
		t.Fatal(err)
	}
	if string(first) != was || !strings.Contains(was, "aaaa") {
		t.Error("the second took the place of the first")
	}
}
