package profile

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// schemaID names the schema. It is no address: nothing is to be fetched there.
const schemaID = "urn:vmloom:profile:1"

// forEditor adds what an editor shows and a check of a profile does not need: help in Markdown, defaults, words for
// choices and patterns, and names to complete.
func forEditor(s *jsonschema.Schema, t reflect.Type, filled reflect.Value, done map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t, filled = t.Elem(), reflect.Value{}
	}
	def := s.Definitions[t.Name()]
	if def == nil || done[t] || t.Kind() != reflect.Struct || def.Properties == nil {
		return
	}
	done[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		p, ok := def.Properties.Get(f.Tag.Get("yaml"))
		if !ok {
			continue
		}
		extra(p, "markdownDescription", markdown(p.Description))
		value := reflect.Value{}
		if filled.IsValid() {
			value = filled.Field(i)
		}
		if d := defaultOf(p.Description, value); d != nil {
			p.Default = d
		}
		of := p
		if p.Items != nil {
			of = p.Items
		}
		if named := forms[f.Tag.Get("form")]; named != nil && of.Pattern == named.pattern {
			extra(of, "patternErrorMessage", "must be "+strings.TrimPrefix(named.words, "must be "))
		}
		field := t.Name() + "." + f.Name
		if len(of.Enum) > 1 {
			extra(of, "enumDescriptions", wordsOf(field, of.Enum))
		}
		p.Examples = append(p.Examples, examples[field]...)
		if field == "Guest.Packages" {
			for _, e := range Packages() {
				p.Items.OneOf[0].Examples = append(p.Items.OneOf[0].Examples, e.Name)
			}
		}
		forEditor(s, f.Type, value, done)
	}
	switch t.Name() {
	case "Guest":
		def.AllOf = releases()
	case "Profile":
		def.AllOf = startedBy()
	}
}

// startedBy are what runner may be with each guest.system of the same file: the one that starts it.
func startedBy() (all []*jsonschema.Schema) {
	for _, sys := range Systems() {
		system, guest, runner := jsonschema.NewProperties(), jsonschema.NewProperties(), jsonschema.NewProperties()
		system.Set("system", &jsonschema.Schema{Const: sys.Name})
		guest.Set("guest", &jsonschema.Schema{Properties: system, Required: []string{"system"}})
		runner.Set("runner", &jsonschema.Schema{Const: sys.Runner})
		all = append(all, &jsonschema.Schema{If: &jsonschema.Schema{Properties: guest, Required: []string{"guest"}}, Then: &jsonschema.Schema{Properties: runner}})
	}
	return all
}

func extra(s *jsonschema.Schema, key string, value any) {
	if s.Extras == nil {
		s.Extras = map[string]any{}
	}
	s.Extras[key] = value
}

// releases are what guest.release may be with each system: one of its own, or nothing where another field decides.
func releases() (all []*jsonschema.Schema) {
	for _, sys := range Systems() {
		is, release := jsonschema.NewProperties(), jsonschema.NewProperties()
		is.Set("system", &jsonschema.Schema{Const: sys.Name})
		then := &jsonschema.Schema{Properties: release}
		if sys.ReleaseFrom != "" {
			release.Set("release", jsonschema.FalseSchema)
		} else {
			var names []any
			for _, r := range slices.Backward(sys.Releases) {
				names = append(names, r.Name)
			}
			release.Set("release", &jsonschema.Schema{Enum: names})
			then.Required = []string{"release"}
		}
		all = append(all, &jsonschema.Schema{If: &jsonschema.Schema{Properties: is, Required: []string{"system"}}, Then: then})
	}
	return all
}

var (
	typedWords = regexp.MustCompile(`"([^"]+)"`)
	theDefault = regexp.MustCompile(`Default: ([^.;]+(?:\.[^ ;]+)*)`)
)

// markdown is a field's help as an editor shows it: what is typed as code, the default on a line of its own.
func markdown(text string) string {
	text = typedWords.ReplaceAllString(text, "`$1`")
	if before, after, ok := strings.Cut(text, " Default: "); ok {
		text = before + "\n\n**Default:** " + after
	}
	return text
}

// defaultOf is what a field has where nothing is said, if its help says the same value.
func defaultOf(text string, value reflect.Value) any {
	said := theDefault.FindStringSubmatch(text)
	if said == nil || !value.IsValid() {
		return nil
	}
	has := fmt.Sprint(value.Interface())
	if has != strings.Trim(strings.TrimRight(said[1], "."), `"`) {
		return nil
	}
	switch value.Kind() {
	case reflect.Int, reflect.Bool:
		return value.Interface()
	case reflect.Struct: // an amount, which may be a share
		if n, err := strconv.Atoi(has); err == nil {
			return n
		}
	}
	return has
}
