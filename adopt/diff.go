package adopt

import (
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// Difference is one value in which two Lima templates differ in meaning.
type Difference struct {
	// Path of the value, such as mounts[/Users/ada/src].writable.
	Path string
	// Old and New are the values in words; empty: there is none.
	Old, New string
	// Why they differ, where that is meant; empty: it is not explained.
	Why string

	keys  []string   // the path's parts
	place string     // the same as lima.DefaultAt has it
	node  *yaml.Node // as it was written in the old one
	item  bool       // an element of a list that the new one does not have
}

// Diff compares two Lima templates in meaning: lists by what names their
// elements, not by place; 12GiB is 12288MiB; what Lima fills in is as if it were
// written (limayaml/defaults.go of Lima 2.2). The error says which cannot be read.
func Diff(old, new []byte, host Host) ([]Difference, error) {
	a, err := parse(old)
	if err != nil {
		return nil, err
	}
	b, err := parse(new)
	if err != nil {
		return nil, err
	}
	d := compare(a, b, host)
	return d.out, nil
}

type differ struct {
	old, new *value
	host     Host
	filled   bool              // limactl has filled both: nothing is added to what they say
	names    profile.HostNames // what the guest knows by its own list, of which the new one says nothing
	out      []Difference
}

func compare(old, new *yaml.Node, host Host) *differ { return (&differ{host: host}).compare(old, new) }

func (d *differ) compare(old, new *yaml.Node) *differ {
	user := func(keys string) string {
		if s := scalar(new, "user", keys); s != "" {
			return s
		}
		return scalar(old, "user", keys)
	}
	r := &reader{d.host, lima.GuestVars{User: user("name"), UID: user("uid")}, d.filled}
	r.user.Home = r.user.Expand(user("home"))
	d.old, d.new = r.top(old), r.top(new)
	d.walk(nil, "", d.old, d.new)
	sort.SliceStable(d.out, func(i, j int) bool { return d.out[i].Path < d.out[j].Path })
	for i := range d.out {
		d.out[i].Why = d.explain(&d.out[i])
	}
	return d
}

// limaDefault is what Lima fills in at a place, in the words of a value.
func limaDefault(place string) (string, bool) {
	text, ok := lima.DefaultAt(place)
	if bytes, isSize := lima.ParseSize(text); isSize && (place == "memory" || place == "disk") {
		text = sizeWords(bytes)
	}
	return text, ok
}

// absent reports whether a value is as good as none: null, empty, or Lima's default.
func (d *differ) absent(place string, v *value) bool {
	switch {
	case v == nil, v.null:
		return true
	case v.many:
		for _, k := range v.keys {
			sub := lima.Join(place, k)
			if v.list || !d.absent(sub, v.at[k]) {
				return false
			}
		}
		return true
	}
	def, known := limaDefault(place)
	return known && def == v.text && !d.filled
}

func (d *differ) walk(keys []string, place string, old, new *value) {
	if d.absent(place, old) && d.absent(place, new) {
		return
	}
	if old != nil && old.null {
		old = nil
	}
	if new != nil && new.null {
		new = nil
	}
	many := (old == nil || old.many) && (new == nil || new.many)
	alike := old != nil && new != nil && old.list == new.list                                      // a list is no mapping
	split := many && alike || many && (old == nil || new == nil) && !strings.Contains(place, "[]") // a list's element stands and falls as one
	if split {
		for _, k := range names(old, new) {
			sub := lima.Join(place, k)
			if old != nil && old.list || new != nil && new.list {
				sub = place + "[]"
			}
			d.walk(append(slices.Clip(keys), k), sub, old.get(k), new.get(k))
		}
		return
	}
	if old != nil && new != nil && !old.many && !new.many && old.text == new.text {
		return
	}
	// One of them says what Lima's default is.
	if def, known := limaDefault(place); known && !d.filled && (old == nil && new.text == def && !new.many || new == nil && old.text == def && !old.many) {
		return
	}
	diff := Difference{Path: pathText(keys, place), Old: words(old), New: words(new), keys: keys, place: place}
	if len(keys) == 2 && (keys[0] == "env" || keys[0] == "param") && profile.SecretName(keys[len(keys)-1]) {
		diff.Old, diff.New = hide(diff.Old), hide(diff.New)
	}
	if old != nil {
		diff.node = old.node
		diff.item = new == nil && strings.HasSuffix(place, "[]")
	}
	d.out = append(d.out, diff)
}

// names are the keys of both, the old one's first.
func names(old, new *value) (out []string) {
	for _, v := range []*value{old, new} {
		if v == nil {
			continue
		}
		for _, k := range v.keys {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// pathText writes keys as a path: an element of a list in brackets.
func pathText(keys []string, place string) string {
	parts := strings.Split(strings.ReplaceAll(place, "[]", ".[]"), ".")
	var b strings.Builder
	for i, k := range keys {
		k = clean(k)
		switch {
		case i < len(parts) && parts[i] == "[]":
			b.WriteString("[" + k + "]")
		case i > 0:
			b.WriteString("." + k)
		default:
			b.WriteString(k)
		}
	}
	return b.String()
}

func hide(s string) string {
	if s != "" {
		return "…"
	}
	return s
}

// words says a value on one line, without secrets.
func words(v *value) string {
	switch {
	case v == nil:
		return ""
	case !v.many && v.node != nil && strings.HasSuffix(v.text, " bytes"):
		return clean(v.node.Value)
	case !v.many:
		s := strings.TrimSpace(v.text)
		if strings.Contains(s, "\n") {
			s = firstLine(s) + " …"
		}
		s = clean(s)
		if r := []rune(s); len(r) > 100 {
			s = string(r[:100]) + "…"
		}
		if s == "" {
			return `""`
		}
		return profile.MaskSecrets(s)
	}
	var parts []string
	for _, k := range v.keys {
		if v.at[k].node == nil {
			continue // filled in by Lima
		}
		text := words(v.at[k])
		if !v.list && profile.SecretName(k) {
			text = "…"
		}
		if !v.list {
			text = clean(k) + ": " + text
		}
		parts = append(parts, text)
	}
	s := strings.Join(parts, ", ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return profile.MaskSecrets(s)
}
