package verify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Files are compared by what they say: comments, layout and the order of keys are
// nobody's promise.

// brought is what Lima's templates of images, our only bases, bring along. Lima
// merges a base away when it makes the instance: its lists follow ours.
var brought = []string{"images", "mountTypesUnsupported"}

// templateDrift names the keys in which an instance's lima.yaml differs from the template.
func templateDrift(template, installed []byte) ([]string, error) {
	var want, got map[string]any
	if err := yaml.Unmarshal(template, &want); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(installed, &got); err != nil {
		return nil, err
	}
	_, based := want["base"]
	delete(want, "base")
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	var differ []string
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		has := got[k]
		if based && slices.Contains(brought, k) {
			ours, _ := want[k].([]any)
			all, _ := has.([]any)
			if has = all[:min(len(ours), len(all))]; len(ours) == 0 {
				continue
			}
		}
		if !reflect.DeepEqual(want[k], has) {
			differ = append(differ, k)
		}
	}
	return differ, nil
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

// space reads df -Pk: what the user may still write, and how much of the whole is used.
func space(df string) (freeKiB, usedPercent int64, ok bool) {
	f := strings.Fields(lastLine(df))
	at := slices.IndexFunc(f, func(w string) bool { return strings.HasSuffix(w, "%") })
	if at < 1 {
		return 0, 0, false
	}
	free, err := strconv.ParseInt(f[at-1], 10, 64)
	used, err2 := strconv.ParseInt(strings.TrimSuffix(f[at], "%"), 10, 64)
	return free, used, err == nil && err2 == nil
}
