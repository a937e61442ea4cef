package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"

	"vmloom/flake"
	"vmloom/generate"
	"vmloom/profile"
	"vmloom/verify"
)

// documents are the shapes that --json prints, by the command.
var documents = map[string]document{
	"adopt": adoptReport{}, "adopt --all": adoptAllReport{}, "apply": planJSON{}, "build-image": imagesJSON{}, "check": checkedJSON{}, "check --explain": explanationJSON{}, "doctor": doctorJSON{},
	"gen": genJSON{}, "lock": lockJSON{}, "matrix": matrixJSON{}, "several": severalJSON{}, "snapshots": snapshotsJSON{}, "status": statusJSON{}, "verify": verifyJSON{}, "version": versionJSON{},
}

// sharedShapes are parts of several documents, which docs/json.md describes once.
var sharedShapes = map[reflect.Type]string{reflect.TypeFor[checkJSON](): "result", reflect.TypeFor[tally](): "counts", reflect.TypeFor[problemJSON](): "problem"}

// shapeWords are the values that a field of this type may have.
var shapeWords = map[reflect.Type][]any{
	reflect.TypeFor[profile.Cost]():  {profile.Live, profile.Restart, profile.Switch, profile.Rebuild},
	reflect.TypeFor[generate.Op]():   {generate.Create, generate.Update, generate.Remove, generate.Unchanged, generate.Kept},
	reflect.TypeFor[verify.Status](): {verify.OK, verify.Failed, verify.Unknown, verify.Skipped},
	reflect.TypeFor[verify.Side]():   {verify.Host, verify.Guest},
	reflect.TypeFor[verify.State](): {verify.Absent, verify.Foreign, verify.Unowned, verify.Broken, verify.Stopped, verify.Booting,
		verify.Silent, verify.Running, verify.Unsure},
}

// shapeField is a field of a document as docs/json.md has it.
type shapeField struct {
	name, kind string
	optional   bool
	words      []any
}

// shapeFields lists the fields of a struct, and of those in it, in their order.
func shapeFields(in string, of reflect.Type) (out []shapeField) {
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			out = append(out, shapeFields(in, f.Type)...)
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := shapeField{in + name, "", option == "omitempty", shapeWords[f.Type]}
		kind, inner := f.Type, field.name+"."
		if kind.Kind() == reflect.Slice {
			kind, inner, field.kind = kind.Elem(), field.name+"[].", "list of "
		}
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		shared := sharedShapes[kind]
		nested := shared == "" && kind.Kind() == reflect.Struct && kind != reflect.TypeFor[formatNumber]()
		switch {
		case shared != "":
			field.kind += fmt.Sprintf("[%s](#%[1]s)", shared)
		case nested:
			field.kind += "object"
		case kind.Kind() == reflect.String:
			field.kind += "text"
		case kind.Kind() == reflect.Bool:
			field.kind += "true or false"
		case kind.Kind() == reflect.Map:
			field.kind += "object of numbers"
		default:
			field.kind += "number"
		}
		field.kind = strings.NewReplacer("list of text", "list of texts", "list of object", "list of objects").Replace(field.kind)
		out = append(out, field)
		if nested {
			out = append(out, shapeFields(inner, kind)...)
		}
	}
	return out
}

// TestDocumentDocs holds each table of docs/json.md to the Go type that is printed:
// no field is missing, none is gone, and those that may be absent say when.
func TestDocumentDocs(t *testing.T) {
	const page = "../../docs/json.md"
	src, err := os.ReadFile(page)
	must(t, err)
	want := map[string]reflect.Type{}
	for of, name := range sharedShapes {
		want[name] = of
	}
	for command, d := range documents {
		want[command] = reflect.TypeOf(d)
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|(?: ([^|]+))? \\|(?: ([^|]+))? \\|$")
	parts := strings.Split(string(src), "\n## ")
	for _, part := range parts[1:] {
		name, text, _ := strings.Cut(part, "\n")
		of, ok := want[name]
		if !ok {
			t.Errorf("%s: %s: nothing prints it", page, name)
			continue
		}
		delete(want, name)
		var got []string
		cells := map[string][]string{}
		for _, m := range row.FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
			cells[m[1]] = m[2:]
		}
		var fields []string
		for _, f := range shapeFields("", of) {
			fields = append(fields, f.name)
			if cells[f.name] != nil {
				f.documented(t, page+": "+name, cells[f.name])
			}
		}
		if !slices.Equal(got, fields) {
			t.Errorf("%s: %s: has the fields\n%q\nbut what is printed has\n%q", page, name, got, fields)
		}
	}
	for name := range want {
		t.Errorf("%s: %s is missing", page, name)
	}
	if first := fmt.Sprintf("`\"formatVersion\": %d`", formatVersion); !strings.Contains(parts[0], first) {
		t.Errorf("%s: does not begin with %s", page, first)
	}
}

// documented holds the cells of a table's row to the field: type, meaning, when absent.
func (f shapeField) documented(t *testing.T, where string, cells []string) {
	t.Helper()
	if cells[0] != f.kind {
		t.Errorf("%s: %s: is a %s, not a %s", where, f.name, f.kind, cells[0])
	}
	if (cells[2] != "") != f.optional {
		t.Errorf("%s: %s: may be absent: %t; when it is: %q", where, f.name, f.optional, cells[2])
	}
	for _, word := range f.words {
		if !strings.Contains(cells[1], fmt.Sprintf("`%s`", word)) {
			t.Errorf("%s: %s: may be %s", where, f.name, word)
		}
	}
}

// UnmarshalJSON takes this version alone.
func (formatNumber) UnmarshalJSON(text []byte) error {
	if string(text) != fmt.Sprint(formatVersion) {
		return fmt.Errorf("formatVersion: is %s, not %d", text, formatVersion)
	}
	return nil
}

// readDocument reads an output as strictly as can be: one document of that shape and
// this version, with no field that the shape does not have.
func readDocument(command, text string) error {
	d, ok := documents[command]
	if !ok {
		return fmt.Errorf("%s: prints no document", command)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(reflect.New(reflect.TypeOf(d)).Interface()); err != nil {
		return fmt.Errorf("%s: %w\n%s", command, err, text)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%s: goes on behind its document:\n%s", command, text)
	}
	if first := fmt.Sprintf("{\n  \"formatVersion\": %d,\n", formatVersion); !strings.HasPrefix(text, first) {
		return fmt.Errorf("%s: does not begin with its version:\n%s", command, text)
	}
	return nil
}

// isDocument holds what a script's command has printed to the command's shape: document gen.
func isDocument(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: document COMMAND")
	}
	ts.Check(readDocument(strings.Join(args, " "), ts.ReadFile("stdout")))
}

// TestDocumentsRead: every command with --json has a shape, and where a script says
// --json, the output is held to it.
func TestDocumentsRead(t *testing.T) {
	read := map[string]bool{"lock": true} // by TestNixLockWrong, and below
	files, err := filepath.Glob("../../testdata/scripts/*.txtar")
	must(t, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		must(t, err)
		script, _, _ := strings.Cut(string(src), "\n-- ")
		lines := append(strings.Split(script, "\n"), "")
		for i, line := range lines {
			if !strings.Contains(line, "exec vmloom ") || !strings.Contains(line, " --json") {
				continue
			}
			command, ok := strings.CutPrefix(lines[i+1], "document ")
			if !ok && lines[i+1] != "! stdout ." {
				t.Errorf("%s:%d: the next line neither holds the output to its shape (document COMMAND) nor says that there is none (! stdout .)", file, i+1)
			}
			read[command] = true
		}
	}
	for _, cmd := range commands(&ui{}) {
		if slices.ContainsFunc(cmd.Flags, func(f cli.Flag) bool { return f.Names()[0] == "json" }) && documents[cmd.Name] == nil {
			t.Errorf("%s: what its --json prints has no shape", cmd.Name)
		}
	}
	for command := range documents {
		if !read[command] {
			t.Errorf("%s: no script reads what its --json prints", command)
		}
	}
}

// TestDocumentStrict: what is no document of this version is refused, so that the other tests can fail.
func TestDocumentStrict(t *testing.T) {
	var text strings.Builder
	must(t, (&ui{stdout: &text}).json(lockReport("vms/vmloom.yaml", "vms/generated/box/flake.lock", []flake.Change{{Input: "nixpkgs", From: "a", To: "b"}, {Input: "new", To: "c"}})))
	if err := readDocument("lock", text.String()); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"moved"`, `"moves"`, `unknown field "moves"`},
		{`"formatVersion": 1`, `"formatVersion": 2`, "formatVersion: is 2, not 1"},
		{"  \"formatVersion\": 1,\n", "", "does not begin with its version"},
		{"]\n}\n", "]\n}\n{}\n", "goes on behind its document"},
	} {
		spoilt := strings.Replace(text.String(), c.from, c.to, 1)
		if err := readDocument("lock", spoilt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: %v, want %s", c.to, c.from, err, c.want)
		}
	}
}
