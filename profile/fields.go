package profile

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// field is what the tags of a struct field say of its key in YAML. The same
// tags make the JSON Schema, so that both agree.
type field struct {
	index    int
	kind     reflect.Kind
	required bool
	enum     []string
	min, max int64    // of a number
	longest  int      // of a text, in characters; 0: maxText alone
	form     *form    // of a text; nil: any
	hint     string   // for one that is not of the form
	keys     []string // of a list: what tells its elements apart, where two files have one
	path     bool     // names a file, relative to the file it stands in
}

// known reports whether there is such a field.
func (f field) known() bool { return f.kind != reflect.Invalid }

type fields struct {
	names  []string // in the order of the type
	byName map[string]field
}

// profileType is what the root of a file is decoded into.
var profileType = reflect.TypeFor[Profile]()

var knownFields sync.Map // of reflect.Type to fields

func fieldsOf(t reflect.Type) fields {
	if fs, ok := knownFields.Load(t); ok {
		return fs.(fields)
	}
	fs := fields{byName: map[string]field{}}
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		f := field{index: i, kind: t.Field(i).Type.Kind(), form: forms[t.Field(i).Tag.Get("form")], hint: t.Field(i).Tag.Get("hint")}
		switch merge := t.Field(i).Tag.Get("merge"); merge {
		case "":
		case "file":
			f.path = true
		default:
			keys, file := strings.CutSuffix(merge, ",file")
			f.keys, f.path = strings.Split(keys, ","), file
		}
		for opt := range strings.SplitSeq(t.Field(i).Tag.Get("jsonschema"), ",") {
			key, value, _ := strings.Cut(opt, "=")
			switch key {
			case "required":
				f.required = true
			case "enum":
				f.enum = append(f.enum, choices(value)...)
			case "minimum":
				f.min, _ = strconv.ParseInt(value, 10, 64)
			case "maximum":
				f.max, _ = strconv.ParseInt(value, 10, 64)
			case "maxLength":
				f.longest, _ = strconv.Atoi(value)
			}
		}
		fs.names = append(fs.names, name)
		fs.byName[name] = f
	}
	knownFields.Store(t, fs)
	return fs
}

// choices are the values that an enum of a tag stands for: itself, or @ and the
// table whose rows they name.
func choices(value string) (names []string) {
	switch value {
	case "@shells":
		return LoginShells()
	case "@arches":
		return append(Arches(), hostWord)
	case "@systems":
		for _, s := range Systems() {
			names = append(names, s.Name)
		}
	case "@runners":
		for _, r := range Runners() {
			names = append(names, r.Name)
		}
	case "@hosts":
		for _, h := range HostOSes() {
			names = append(names, h.Name)
		}
	case "@sockets":
		names = presetNames()
	case "@containers":
		names = containerNames()
	default:
		names = []string{value}
	}
	return names
}

// oneOf words a choice: "one of a, b, c", or the only one.
func oneOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}

// suggest words a hint for an unknown key: the nearest of names, or all of them.
func suggest(got string, names []string) string {
	if near := Near(got, names, 1); len(near) > 0 {
		return "did you mean " + near[0] + "?"
	}
	return "keys here: " + strings.Join(names, ", ")
}

// Near gives at most limit of names that are likely meant by got, nearest first.
func Near(got string, names []string, limit int) []string {
	type scored struct {
		name string
		d    int
	}
	var found []scored
	for _, n := range names {
		// A third of the letters may differ, and any name that goes on from what was written.
		part, most := len(got) >= 3 && strings.Contains(n, got), max(1, len(n)/3)
		if !part && max(len(n)-len(got), len(got)-len(n)) > most {
			continue
		}
		if d := distance(strings.ToLower(got), strings.ToLower(n)); part || d <= most && d < max(len(n), len(got)) {
			found = append(found, scored{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return a.d - b.d })
	var out []string
	for _, f := range found[:min(limit, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// distance is the number of letters to insert, drop, change or swap (the
// optimal string alignment form of Damerau and Levenshtein).
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
