package profile

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tagged visits every field of every type that a profile is made of.
func tagged(t reflect.Type, done map[reflect.Type]bool, visit func(reflect.StructField)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasSuffix(t.PkgPath(), "/profile") || done[t] {
		return
	}
	done[t] = true
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") != "" && f.Tag.Get("yaml") != "-" {
			visit(f)
			tagged(f.Type, done, visit)
		}
	}
}

// TestTags holds that the decoder binds every limit that a tag gives, and that
// no text of a tag is a word that nothing reads.
func TestTags(t *testing.T) {
	known := []string{"required", "enum", "minimum", "maximum", "minLength", "maxLength"}
	n := 0
	tagged(reflect.TypeFor[Profile](), map[reflect.Type]bool{}, func(f reflect.StructField) {
		n++
		if name := f.Tag.Get("form"); name != "" && forms[name] == nil {
			t.Errorf("%s: there is no form %q", f.Name, name)
		}
		if f.Tag.Get("hint") != "" && f.Tag.Get("form") == "" && !strings.Contains(f.Tag.Get("jsonschema"), "enum") {
			t.Errorf("%s: a hint of no form and no enum", f.Name)
		}
		for option := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
			key, value, _ := strings.Cut(option, "=")
			if option != "" && !slices.Contains(known, key) || key == "minLength" && value != "1" {
				t.Errorf("%s: the decoder does not bind %q; a pattern is a form", f.Name, option)
			}
		}
	})
	if n < 70 {
		t.Errorf("only %d fields", n)
	}
}

// TestForms holds that each form is used, by a tag or by a rule, and that none
// takes nothing, which has a message of its own.
func TestForms(t *testing.T) {
	var text strings.Builder
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sources {
		if !strings.HasSuffix(file, "_test.go") && file != "forms.go" {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(src)
		}
	}
	patterns := map[string]string{}
	for name, f := range forms {
		used := false
		for _, use := range []string{`form:"` + name + `"`, `forms["` + name + `"]`, `, "` + name + `")`} {
			used = used || strings.Contains(text.String(), use)
		}
		if !used {
			t.Errorf("form %q is used by nothing", name)
		}
		if f.ok("") || f.words == "" {
			t.Errorf("form %q takes an empty text, or has no words", name)
		}
		if other, twice := patterns[f.pattern]; twice {
			t.Errorf("forms %q and %q are one", name, other)
		}
		patterns[f.pattern] = name
	}
	if strings.Contains(text.String(), "pattern=") {
		t.Error("a pattern stands in a tag")
	}
}
