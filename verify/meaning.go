package verify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// Files are compared by what they say: comments, layout and the order of keys are
// nobody's promise.

// templateDrift names the keys in which an instance's lima.yaml differs from the
// template. Our only bases are Lima's templates of images: what those bring is none.
func templateDrift(template, installed []byte) ([]string, error) {
	var want, got map[string]any
	if err := yaml.Unmarshal(template, &want); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(installed, &got); err != nil {
		return nil, err
	}
	for _, m := range []map[string]any{want, got} {
		if params, _ := m["param"].(map[string]any); params != nil {
			delete(params, profile.ProjectParam) // which the scripts fill in
		}
	}
	for _, k := range []string{"cpus", "memory"} { // so are shares of the host
		if want[k] == nil {
			delete(got, k)
		}
	}
	if _, based := want["base"]; based {
		delete(want, "base")
		dropBrought("", want, got)
	}
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	var differ []string
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if !reflect.DeepEqual(want[k], got[k]) {
			differ = append(differ, k)
		}
	}
	return differ, nil
}

// dropBrought takes out of an instance's mapping at a place what its base has
// brought beside what the template wants.
func dropBrought(place string, want, got map[string]any) {
	for k, has := range got {
		at, wanted := lima.Join(place, k), want[k]
		switch has := has.(type) {
		case []any:
			ours, _ := wanted.([]any)
			switch {
			case lima.BringsTo(at) && wanted == nil:
				delete(got, k)
			case lima.BringsTo(at):
				got[k] = has[:min(len(ours), len(has))]
			}
		case map[string]any:
			ours, _ := wanted.(map[string]any)
			dropBrought(at, ours, has)
			if len(has) == 0 && wanted == nil {
				delete(got, k)
			}
		default:
			if wanted == nil && lima.Brings(at, fmt.Sprint(has)) {
				delete(got, k)
			}
		}
	}
}

// templateInt is a number at the top of a template.
func templateInt(template []byte, key string) (int, bool) {
	var all map[string]any
	if yaml.Unmarshal(template, &all) != nil {
		return 0, false
	}
	n, ok := all[key].(int)
	return n, ok
}

func samePlist(a, b []byte) bool {
	x, errX := readPlist(a)
	y, errY := readPlist(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// readPlist reads the XML form: a dict is a map, an array a list, anything else
// its element's name and text.
func readPlist(data []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local != "plist" {
			return plistValue(d, start)
		}
	}
}

var errPlist = errors.New("not a property list")

func plistValue(d *xml.Decoder, start xml.StartElement) (any, error) {
	text, key := "", ""
	dict, list := map[string]any{}, []any{}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			switch start.Name.Local {
			case "dict":
				return dict, nil
			case "array":
				return list, nil
			}
			return start.Name.Local + ":" + text, nil
		case xml.StartElement:
			v, err := plistValue(d, t)
			if err != nil {
				return nil, err
			}
			switch {
			case start.Name.Local == "array":
				list = append(list, v)
			case start.Name.Local != "dict":
				return nil, errPlist
			case t.Name.Local == "key":
				key = strings.TrimPrefix(v.(string), "key:")
			default:
				dict[key] = v
			}
		}
	}
}

func sameUnit(a, b []byte) bool { return slices.Equal(unitLines(a), unitLines(b)) }

// unitLines are a unit's lines that say something, continued ones joined.
func unitLines(data []byte) (out []string) {
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && line[0] != ';' {
			out = append(out, line)
		}
	}
	return out
}
