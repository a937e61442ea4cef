package profile

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxNodes bounds what a file may hold, its aliases expanded.
const maxNodes = 10_000

// decoder fills a Profile from YAML nodes by the types' own tags, goes on after
// a problem, and remembers where each value stood.
type decoder struct {
	file     string // of src; empty: the profile's own
	src      []byte
	sources  []Source       // all that is decoded
	part     bool           // not the profile's own text
	from     origins        // of each node, where there is more than one file
	removed  map[string]Pos // what another file has taken out, and where it says so
	pos      map[string]Pos
	problems Problems
	wrong    map[string]bool // paths with a problem, so that none gets two
	unread   map[string]bool // paths without a value that could be read: nothing below them is reported
	budget   int             // values still allowed; spent below 0
}

// custom is a type with a spelling of its own in YAML.
type custom interface {
	decode(d *decoder, n *yaml.Node, path string)
	encode(w *writer, path string) *yaml.Node
}

// place is where a node stands.
func (d *decoder) place(n *yaml.Node) Pos {
	return Pos{File: cmp.Or(d.from[n].file, d.file), Line: n.Line, Col: n.Column}
}

// at records a problem at a place; hint may follow.
func (d *decoder) at(pos Pos, path, reason string, hint ...string) {
	pos.File = cmp.Or(pos.File, d.file)
	d.problems = append(d.problems, Problem{Pos: pos, Path: brief(path), Reason: reason, Hint: strings.Join(hint, "; ")})
}

// brief cuts a path that nobody would read.
func brief(path string) string {
	if len(path) <= 2*maxKey {
		return path
	}
	return strings.ToValidUTF8(path[:maxKey], "") + "…" + strings.ToValidUTF8(path[len(path)-maxKey:], "")
}

// bad records a problem of the value at path, unless that has one already, or
// what is around it could not be read.
func (d *decoder) bad(path, reason string, hint ...string) {
	if d.wrong[path] || d.unread[""] {
		return
	}
	for p := path; p != ""; p = around(p) {
		if d.unread[p] {
			return
		}
	}
	d.wrong[path] = true
	at, removed := d.removed[path]
	if !removed {
		at = find(d.pos, path)
	}
	d.at(at, path, reason, hint...)
}

// lost is bad for a value that could not be read at all.
func (d *decoder) lost(path, reason string, hint ...string) {
	d.bad(path, reason, hint...)
	d.unread[path] = true
}

// given reports whether the file sets the value at path itself.
func (d *decoder) given(path string) bool {
	_, ok := d.pos[path]
	return ok
}

// around is the path of what holds the value at path.
func around(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// find gives the place of path, or of the nearest thing around it that exists.
func find(pos map[string]Pos, path string) Pos {
	for path != "" {
		if p, ok := pos[path]; ok {
			return p
		}
		path = around(path)
	}
	return pos[""]
}

func (d *decoder) decode(n *yaml.Node, path string, v reflect.Value) {
	d.pos[path] = d.place(n)
	if n = d.resolve(n, path); n == nil {
		return
	}
	if c, ok := v.Addr().Interface().(custom); ok {
		c.decode(d, n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, path, v.Elem())
	case reflect.Struct:
		d.mapping(n, path, v)
	case reflect.Map:
		d.dictionary(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.String:
		if s, ok := d.text(n, path); ok {
			v.SetString(s)
		}
	case reflect.Int:
		if i, ok := d.integer(n, path); ok {
			v.SetInt(i)
		}
	case reflect.Bool:
		if b, ok := d.boolean(n, path); ok {
			v.SetBool(b)
		}
	}
}

// resolve follows an alias; it gives nil when the file holds too many values.
func (d *decoder) resolve(n *yaml.Node, path string) *yaml.Node {
	switch {
	case !d.spend(n, path):
		return nil
	case n.Kind == yaml.AliasNode:
		return n.Alias
	}
	return n
}

// spend counts a value or a wrong key, and says once when there are too many.
func (d *decoder) spend(n *yaml.Node, path string) bool {
	before := d.budget
	d.budget -= 1 + len(path)/maxKey // a path is kept for each value, and a deep one is long
	if before >= 0 && d.budget < 0 {
		d.at(d.place(n), "", fmt.Sprintf("too many values: a profile may hold %d, its aliases expanded", maxNodes))
		d.unread[""] = true // whatever follows is missing
	}
	return d.budget >= 0
}

// each calls f for every key of a mapping, after refusing odd and double keys.
func (d *decoder) each(n *yaml.Node, path string, f func(key, value *yaml.Node, path string)) bool {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "a mapping")
		return false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content) && d.budget >= 0; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at, reason := join(path, key.Value), badKey(key)
		line, double := first[key.Value]
		switch {
		case key.ShortTag() == "!!merge":
			d.badKey(key, path, "merge key << is not YAML 1.2", "repeat the fields, or use an alias for a whole value")
		case reason != "":
			d.badKey(key, path, "key must be "+reason)
		case double:
			d.badKey(key, at, fmt.Sprintf("key is already set in line %d", line), "keep one of the two")
		default:
			first[key.Value] = key.Line
			f(key, value, at)
		}
	}
	return d.budget >= 0
}

// badKey records a problem of a key, whose value is passed over.
func (d *decoder) badKey(key *yaml.Node, path, reason string, hint ...string) {
	if d.spend(key, path) {
		d.at(d.place(key), path, reason, hint...)
	}
}

func (d *decoder) mapping(n *yaml.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	empty := "" // the key before, where nothing is below it
	ok := d.each(n, path, func(key, value *yaml.Node, at string) {
		f, known := fields.byName[key.Value]
		if !known {
			if below, is := typeAt(join(path, empty)); is && empty != "" && fieldsOf(below).byName[key.Value].known() {
				d.badKey(key, at, "unknown key", "indent it, so that it is below "+empty+":")
				return
			}
			meant := meantKey(path, key.Value, fields.names)
			hint := unknownKey(path, key.Value, meant, fields.names)
			if meant != "" && hasKey(n, meant) && !strings.HasPrefix(key.Value, "-") {
				hint = "remove it: " + meant + " says it"
			}
			d.badKey(key, at, "unknown key", hint)
			if meant != "" { // it is there, under another name
				seen[meant], d.unread[join(path, meant)] = true, true
			}
			return
		}
		seen[key.Value], empty = true, ""
		if value.ShortTag() == "!!null" {
			empty = key.Value
		}
		if got := value; v.Field(f.index).Kind() == reflect.String && len(f.enum) > 0 {
			if got.Kind == yaml.AliasNode {
				got = got.Alias
			}
			if !isText(got) && got.ShortTag() != "!!null" {
				d.pos[at] = d.place(value)
				if got.Kind == yaml.SequenceNode {
					d.bad(at, "must be "+oneOf(f.enum), chosen(got, f.enum))
					return
				}
				d.choice(f.enum, at, got.Value, f.hint)
				return
			}
		}
		d.decode(value, at, v.Field(f.index))
		d.limits(f, at, v.Field(f.index))
	})
	if !ok {
		return
	}
	for _, name := range fields.names {
		if f := fields.byName[name]; f.required && !seen[name] {
			reason := "is required"
			if len(f.enum) > 0 {
				reason += ": " + oneOf(f.enum)
			}
			d.lost(join(path, name), reason, example(path, name))
		}
	}
}

// limits checks what a field's tag says of its value.
func (d *decoder) limits(f field, path string, v reflect.Value) {
	if d.wrong[path] {
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.textLimits(f, path, v.String(), "remove the key, or give it a value")
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.String {
				d.textLimits(f, item(path, i), e.String(), "")
			}
		}
	case reflect.Int:
		i := v.Int()
		switch {
		case len(f.enum) > 0:
			d.choice(f.enum, path, strconv.FormatInt(i, 10), f.hint)
		case f.max > 0 && (i < f.min || i > f.max):
			d.bad(path, fmt.Sprintf("must be between %d and %d", f.min, f.max))
		}
	}
}

// textLimits checks a text; no field may be empty, which the tag's enum, form or minLength says to an editor.
func (d *decoder) textLimits(f field, path, text, ifEmpty string) {
	switch {
	case text == "":
		d.bad(path, "must not be empty", ifEmpty)
	case f.form != nil && !f.form.ok(text):
		d.bad(path, "must be "+f.form.words, cmp.Or(odd(text), inForm(f.form, text), f.hint))
	case f.longest > 0 && utf8.RuneCountInString(text) > f.longest:
		d.bad(path, fmt.Sprintf("is longer than %d characters", f.longest))
	default:
		d.choice(f.enum, path, text, f.hint)
	}
}

// choice holds a value to those of a tag; hint is for one that is none of them.
func (d *decoder) choice(enum []string, path, value, hint string) {
	if len(enum) == 0 {
		return
	}
	for _, e := range enum {
		if e == value {
			return
		}
	}
	d.bad(path, "must be "+oneOf(enum), cmp.Or(inOtherWords(path, value), meant(value, enum), hint))
}

// chosen is the hint for a list in the place of one value: the first of it that is a choice.
func chosen(list *yaml.Node, enum []string) string {
	for _, c := range list.Content {
		if slices.Contains(enum, c.Value) {
			return "it takes one value: write " + c.Value
		}
	}
	return ""
}

// meant words a hint for a value that none of a choice is.
func meant(value string, enum []string) string {
	if hint := odd(value); hint != "" {
		return hint
	}
	if same := synonyms[strings.ToLower(value)]; slices.Contains(enum, same) {
		return "write " + same
	}
	if i := slices.IndexFunc(enum, func(e string) bool { return strings.EqualFold(e, value) || strings.HasSuffix(value, "/"+e) }); i >= 0 {
		return "write " + enum[i]
	}
	if near := Near(value, enum, 1); len(near) > 0 && len(enum) > 1 {
		return "did you mean " + near[0] + "?"
	}
	return ""
}

func (d *decoder) dictionary(n *yaml.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.each(n, path, func(key, value *yaml.Node, at string) {
		e := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, at, e)
		v.SetMapIndex(reflect.ValueOf(key.Value), e)
	})
}

func (d *decoder) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.wrongType(n, path, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.decode(c, item(path, i), v.Index(i))
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
