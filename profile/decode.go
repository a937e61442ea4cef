package profile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxNodes bounds what aliases may expand to.
const maxNodes = 20_000

// decoder fills a Profile from YAML nodes by the types' own tags, goes on after
// a problem, and remembers where each value stood.
type decoder struct {
	src      []byte
	pos      map[string]Pos
	problems Problems
	wrong    map[string]bool // paths with a problem, so that none gets two
	budget   int             // nodes still allowed; spent below 0
}

// custom is a type with a spelling of its own in YAML.
type custom interface {
	decode(d *decoder, n *yaml.Node, path string)
}

func nodePos(n *yaml.Node) Pos { return Pos{n.Line, n.Column} }

// at records a problem at a place; hint may follow.
func (d *decoder) at(pos Pos, path, reason string, hint ...string) {
	if d.wrong == nil {
		d.wrong = map[string]bool{}
	}
	d.wrong[path] = true
	d.problems = append(d.problems, Problem{Pos: pos, Path: path, Reason: reason, Hint: strings.Join(hint, "; ")})
}

// bad records a problem of the value at path, unless that has one already.
func (d *decoder) bad(path, reason string, hint ...string) {
	if !d.wrong[path] {
		d.at(find(d.pos, path), path, reason, hint...)
	}
}

func (d *decoder) sorted() Problems {
	d.problems.sort(d.src)
	return d.problems
}

// find gives the place of path, or of the nearest thing around it that exists.
func find(pos map[string]Pos, path string) Pos {
	for path != "" {
		if p, ok := pos[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return pos[""]
}

func (d *decoder) decode(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if !d.spend(n, path) {
		return
	}
	if _, ok := d.pos[path]; !ok {
		d.pos[path] = nodePos(n)
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
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			d.wrongType(n, path, "true or false")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	}
}

// spend counts a value against the budget, and reports when that is used up.
func (d *decoder) spend(n *yaml.Node, path string) bool {
	d.budget--
	if d.budget == 0 {
		d.at(nodePos(n), path, "aliases expand to too many values")
	}
	return d.budget > 0
}

// each calls f for every key of a mapping, after refusing odd and double keys.
func (d *decoder) each(n *yaml.Node, path string, f func(key, value *yaml.Node, path string)) bool {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, path, "a mapping")
		return false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			d.at(nodePos(key), path, "merge key << is not YAML 1.2", "repeat the fields, or use an alias for a whole value")
			continue
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			d.at(nodePos(key), path, "key must be text")
			continue
		}
		at := join(path, key.Value)
		if line, ok := first[key.Value]; ok {
			d.at(nodePos(key), at, fmt.Sprintf("key is already set in line %d", line))
			continue
		}
		first[key.Value] = key.Line
		f(key, value, at)
	}
	return true
}

func (d *decoder) mapping(n *yaml.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	ok := d.each(n, path, func(key, value *yaml.Node, at string) {
		f, known := fields.byName[key.Value]
		if !known {
			d.at(nodePos(key), at, "unknown key", suggest(key.Value, fields.names))
			return
		}
		seen[key.Value] = true
		if v.Field(f.index).Kind() == reflect.String && len(f.enum) > 0 && value.Kind != yaml.ScalarNode {
			d.pos[at] = nodePos(value)
			d.choice(f.enum, at, "")
			return
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
			d.bad(join(path, name), reason)
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
		if v.String() == "" {
			d.bad(path, "must not be empty", "remove the key, or give it a value")
		}
		d.choice(f.enum, path, v.String())
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.String && e.String() == "" {
				d.bad(item(path, i), "must not be empty")
			} else if e.Kind() == reflect.String {
				d.choice(f.enum, item(path, i), e.String())
			}
		}
	case reflect.Int:
		i := v.Int()
		switch {
		case len(f.enum) > 0:
			d.choice(f.enum, path, strconv.FormatInt(i, 10))
		case f.max > 0 && (i < f.min || i > f.max):
			d.bad(path, fmt.Sprintf("must be between %d and %d", f.min, f.max))
		}
	}
}

func (d *decoder) choice(enum []string, path, value string) {
	if len(enum) == 0 {
		return
	}
	for _, e := range enum {
		if e == value {
			return
		}
	}
	hint := ""
	if near := Near(value, enum, 1); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	d.bad(path, "must be "+oneOf(enum), hint)
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

// text reads a string. A profile has no field of several lines, so control
// characters are refused here, once, for every output language.
func (d *decoder) text(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		d.wrongType(n, path, "text")
		return "", false
	}
	for _, r := range n.Value {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			d.bad(path, "must be one line without control characters")
			return "", false
		}
	}
	return n.Value, true
}

func (d *decoder) integer(n *yaml.Node, path string) (int64, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		d.wrongType(n, path, "a whole number")
		return 0, false
	}
	digits := strings.TrimPrefix(n.Value, "-")
	// 010, 0x10 and 1_000 mean different numbers to different readers.
	if strings.Trim(digits, "0123456789") != "" || len(digits) > 1 && digits[0] == '0' {
		d.bad(path, "must be a whole number in plain decimal digits")
		return 0, false
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		d.bad(path, "number is too large")
		return 0, false
	}
	return i, true
}

// wrongType says what a value must be and, where quotes are all it lacks, how to write it.
func (d *decoder) wrongType(n *yaml.Node, path, want string) {
	reason := "must be " + want
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		reason += ", not empty"
		d.bad(path, reason, "remove the key, or give it a value")
	case n.Kind == yaml.ScalarNode && want == "text":
		d.bad(path, reason, fmt.Sprintf("write it in quotes: %q", n.Value))
	default:
		d.bad(path, reason)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// decodeInto is decode for a struct that is not part of the Profile itself.
func (d *decoder) decodeInto(n *yaml.Node, path string, out any) {
	d.mapping(n, path, reflect.ValueOf(out).Elem())
}
