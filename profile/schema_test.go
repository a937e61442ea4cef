package profile

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
)

var update = flag.Bool("update", false, "rewrite schema.json")

// TestSchema holds schema.json to the types and their comments.
func TestSchema(t *testing.T) {
	r := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, Mapper: special}
	if err := r.AddGoComments("vmloom/profile", ".", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(&Profile{})
	fromTags(s, reflect.TypeFor[Profile](), map[reflect.Type]bool{})
	least, err := Load("vmloom.yaml", []byte("version: 1\nname: tiny\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\", user: {name: dev}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	forEditor(s, reflect.TypeFor[Profile](), reflect.ValueOf(*least), map[reflect.Type]bool{})
	s.ID = schemaID
	s.Title = "vmloom profile"
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, want, got string }{
		{"schema.json", Schema, string(data) + "\n"},
		{"schema.part.json", PartSchema, partSchema(t, data)},
	} {
		if *update {
			if err := os.WriteFile(c.file, []byte(c.got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s is not what the types say; go generate ./profile renews it:\n%s", c.file, d)
		}
	}
}

// partSchema is that of a profile in which nothing is required, null removes, and so does KEY: null in a list.
func partSchema(t *testing.T, whole []byte) string {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(whole, &s); err != nil {
		t.Fatal(err)
	}
	or := func(one, other any) any { return map[string]any{"anyOf": []any{one, other}} }
	removal := map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": map[string]any{"type": "null"}}
	for _, def := range s["$defs"].(map[string]any) {
		def := def.(map[string]any)
		for _, key := range []string{"required", "allOf"} {
			delete(def, key)
		}
		if either, ok := def["oneOf"].([]any); ok { // a list, or a file that has one
			list := either[0].(map[string]any)
			list["items"] = or(list["items"], removal)
		}
		properties, _ := def["properties"].(map[string]any)
		for name, property := range properties {
			if p := property.(map[string]any); p["items"] != nil {
				p["items"] = or(p["items"], removal)
			} else if free, ok := p["additionalProperties"].(map[string]any); ok {
				p["additionalProperties"] = or(free, map[string]any{"type": "null"})
			}
			properties[name] = or(property, map[string]any{"type": "null"})
		}
	}
	s["$id"], s["title"] = strings.Replace(schemaID, "profile", "part", 1), "part of a vmloom profile"
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}

// fromTags adds what the tags name and others hold: patterns of forms, values of tables.
func fromTags(s *jsonschema.Schema, t reflect.Type, done map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	def := s.Definitions[t.Name()]
	if def == nil || done[t] {
		return
	}
	done[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		property, _ := def.Properties.Get(f.Tag.Get("yaml"))
		if f.Type == reflect.TypeFor[Channels]() { // a list, or a file that has one
			either := s.Definitions[f.Type.Name()]
			list, file := &jsonschema.Schema{Type: either.Type, Items: either.Items}, &jsonschema.Schema{Type: "string", Pattern: forms[f.Tag.Get("form")].pattern}
			either.Type, either.Items, either.OneOf = "", nil, []*jsonschema.Schema{list, file}
			fromTags(s, f.Type, done)
			continue
		}
		if property != nil && property.Items != nil {
			property = property.Items
		}
		switch named := f.Tag.Get("form"); {
		case named == "":
		case f.Type.Kind() == reflect.Map: // of its keys
			property.PropertyNames = &jsonschema.Schema{Pattern: forms[named].pattern}
		default:
			property.Pattern = forms[named].pattern
		}
		if property != nil && len(property.Enum) == 1 && strings.HasPrefix(fmt.Sprint(property.Enum[0]), "@") {
			property.Enum = nil
			for _, value := range fieldsOf(t).byName[f.Tag.Get("yaml")].enum {
				property.Enum = append(property.Enum, value)
			}
		}
		fromTags(s, f.Type, done)
	}
}

// special gives the schema of types with a spelling of their own.
func special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Size]():
		return &jsonschema.Schema{Type: "string", Pattern: `^0*[1-9][0-9]*(KiB|MiB|GiB|TiB)$`, Description: "A whole number and its unit: KiB, MiB, GiB or TiB."}
	case reflect.TypeFor[Follows]():
		return &jsonschema.Schema{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: forms["input"].pattern}, AdditionalProperties: &jsonschema.Schema{Type: "string", Pattern: "^$|" + forms["follows"].pattern}}
	case reflect.TypeFor[HostNames]():
		return &jsonschema.Schema{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: forms["server name"].pattern}, AdditionalProperties: &jsonschema.Schema{Type: "string"}}
	case reflect.TypeFor[map[string]NixSetting]():
		atoms := []*jsonschema.Schema{{Type: "string"}, {Type: "integer"}, {Type: "boolean"}}
		list := &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{OneOf: atoms}}
		return &jsonschema.Schema{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: forms["nix setting"].pattern}, AdditionalProperties: &jsonschema.Schema{OneOf: append(slices.Clone(atoms), list)}}
	case reflect.TypeFor[UID]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "integer", Minimum: json.Number(strconv.Itoa(minUID)), Maximum: json.Number(strconv.Itoa(maxUID))}, {Type: "string", Const: hostWord},
		}}
	case reflect.TypeFor[PortRange]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "integer", Minimum: "1", Maximum: json.Number(strconv.Itoa(maxPort))}, {Type: "string", Pattern: "^" + portPattern + "-" + portPattern + "$"},
		}}
	case reflect.TypeFor[CPUs]():
		n := &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: json.Number(strconv.Itoa(maxCPUs))}
		return shareOr(t, n, n)
	case reflect.TypeFor[Memory]():
		return shareOr(t, special(reflect.TypeFor[Size]()), special(reflect.TypeFor[Size]()))
	case reflect.TypeFor[map[string]string](): // of variables
		return &jsonschema.Schema{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: forms["variable"].pattern}, AdditionalProperties: &jsonschema.Schema{Type: "string"}}
	case reflect.TypeFor[Extra]():
		return &jsonschema.Schema{Type: "object", Description: "YAML of Lima's own."}
	case reflect.TypeFor[Package]():
		name := &jsonschema.Schema{Type: "string", MinLength: ptr[uint64](1), Description: "A name of vmloom's package map: vmloom packages NAME looks it up."}
		byHand := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema, MinProperties: ptr[uint64](1)}
		for i := range t.NumField() {
			if key := t.Field(i).Tag.Get("yaml"); key != "-" {
				byHand.Properties.Set(key, &jsonschema.Schema{Type: "string", MinLength: ptr[uint64](1), Description: comments()["Package."+t.Field(i).Name]})
			}
		}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{name, byHand}}
	}
	return nil
}

// shareOr is an amount, or a share of the host's, alone or with bounds.
func shareOr(t reflect.Type, amount, bound *jsonschema.Schema) *jsonschema.Schema {
	share := &jsonschema.Schema{Type: "string", Pattern: `^([1-9][0-9]?%|100%|half)$`}
	bounded := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema, Required: []string{"share"}}
	for i, value := range []*jsonschema.Schema{1: share, 2: bound, 3: bound} {
		if value != nil {
			f := t.Field(i)
			described := *value
			described.Description = comments()[t.Name()+"."+f.Name]
			bounded.Properties.Set(f.Tag.Get("yaml"), &described)
		}
	}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{amount, share, bounded}}
}

func ptr[T any](v T) *T { return &v }

// comments maps Type.Field to its comment in the files of the profile's types.
func comments() map[string]string {
	var src []byte
	for _, file := range []string{"profile.go", "mounts.go", "network.go", "share.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		src = append(src, text...)
	}
	out := map[string]string{}
	typ, text := "", ""
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "// "):
			text += strings.TrimPrefix(line, "// ")
		case len(words) > 2 && words[0] == "type":
			typ, text = words[1], ""
		case len(words) > 1:
			out[typ+"."+words[0]] = text
			text = ""
		default:
			text = ""
		}
	}
	return out
}

// portPattern are the numbers from 1 to 65535.
const portPattern = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

// TestPortPattern: the pattern has each port, and nothing beside.
func TestPortPattern(t *testing.T) {
	re := regexp.MustCompile("^" + portPattern + "$")
	for n := -1; n <= 100_000; n++ {
		if text := strconv.Itoa(n); re.MatchString(text) != (n >= 1 && n <= maxPort) {
			t.Fatalf("%d: %v", n, re.MatchString(text))
		}
	}
}
