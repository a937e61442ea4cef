package profile

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Remarks are comments on fields by their paths, which stand above them; that of "" heads the
// file. A field that is named here is written even where it says its default, or nothing.
type Remarks map[string]string

// Write is a profile as a file that stands alone: Load makes the same of it. It says what was said,
// and of the rest what no default fills in. What the profile extends is in it.
func Write(p *Profile, remarks Remarks) ([]byte, error) {
	w := &writer{said: func(path string) bool {
		_, given := p.pos[path]
		_, remarked := remarks[path]
		return given || remarked
	}, remarks: remarks}
	root := w.mapping(reflect.ValueOf(p.shortest(w.said)).Elem(), "")
	var b bytes.Buffer
	for line := range strings.Lines(remarks[""]) {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	tall := false // the section before has several lines
	for i, key := range pairs(root) {
		text, err := section(key, root.Content[2*i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key.Value, err)
		}
		several := bytes.Count(text, []byte("\n")) > 1
		if i > 0 && (several || tall) {
			b.WriteString("\n")
		}
		tall = several
		b.Write(text)
	}
	return b.Bytes(), nil
}

// section is one key of the file with its value.
func section(key, value *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	dump, err := yaml.NewDumper(&b, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1), yaml.WithQuotePreference(yaml.QuoteDouble))
	if err != nil {
		return nil, err
	}
	if err := dump.Dump(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{key, value}}); err != nil {
		return nil, err
	}
	return b.Bytes(), dump.Close()
}

// writer makes YAML nodes of values by the types' own tags, as decoder makes values of nodes.
type writer struct {
	said    func(path string) bool
	remarks Remarks
}

func (w *writer) node(v reflect.Value, path string) *yaml.Node {
	if c, ok := v.Addr().Interface().(custom); ok {
		return c.encode(w, path)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return w.node(v.Elem(), path)
	case reflect.Struct:
		return inline(w.mapping(v, path))
	case reflect.Map:
		return w.dictionary(v, path)
	case reflect.Slice:
		return w.list(v, path)
	}
	return scalarNode(v.Interface())
}

// mapping has the fields that hold something, or were said to hold nothing.
func (w *writer) mapping(v reflect.Value, path string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	fields := fieldsOf(v.Type())
	for _, name := range fields.names {
		at, field := join(path, name), v.Field(fields.byName[name].index)
		if at == "extends" || none(field) && (!w.said(at) || field.Kind() == reflect.Pointer || field.Kind() == reflect.String) {
			continue
		}
		value := w.node(field, at)
		if value.Kind != yaml.ScalarNode && len(value.Content) == 0 && !w.said(at) {
			continue
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, HeadComment: w.remarks[at]}, value)
	}
	return n
}

// none reports whether a value is that of a field that nothing sets.
func none(v reflect.Value) bool {
	return v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

func (w *writer) dictionary(v reflect.Value, path string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }) {
		e := reflect.New(v.Type().Elem()).Elem()
		e.Set(v.MapIndex(key))
		n.Content = append(n.Content, scalarNode(key.String()), w.node(e, join(path, key.String())))
	}
	return n
}

func (w *writer) list(v reflect.Value, path string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range v.Len() {
		n.Content = append(n.Content, w.node(v.Index(i), item(path, i)))
	}
	return inline(n)
}

// scalarNode is one value, quoted as the library finds needful.
func scalarNode(value any) *yaml.Node {
	n := &yaml.Node{}
	if err := n.Encode(value); err != nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: fmt.Sprint(value), Style: yaml.DoubleQuotedStyle}
	}
	return n
}

// oneLine is how long a value on the line of its key may be.
const oneLine = 88

// inline puts a mapping or a list of single values on one line, where that is short.
func inline(n *yaml.Node) *yaml.Node {
	length := 0
	if n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind == yaml.ScalarNode }) {
		return n
	}
	for _, c := range n.Content {
		small := c.Kind == yaml.ScalarNode || n.Kind == yaml.SequenceNode && len(c.Content) == 2 && c.Style&yaml.FlowStyle != 0
		if length += width(c) + 2; !small || c.HeadComment != "" {
			return n
		}
	}
	if length <= oneLine {
		n.Style |= yaml.FlowStyle
	}
	return n
}

func width(n *yaml.Node) (length int) {
	length = len(n.Value)
	for _, c := range n.Content {
		length += width(c) + 2
	}
	return length
}

// asItStands copies YAML of the user's own so that mappings and lists stand one value a
// line, and text that ends in blank lines keeps them wherever it stands.
func asItStands(n *yaml.Node) *yaml.Node {
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	if n.Kind != yaml.ScalarNode && len(n.Content) > 0 {
		c.Style &^= yaml.FlowStyle
	}
	if n.Kind == yaml.ScalarNode && (strings.HasSuffix(n.Value, "\n\n") || n.Value == "\n" || strings.HasPrefix(n.Value, " ") || strings.Contains(n.Value, " \n")) {
		c.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		c.Content = append(c.Content, asItStands(child))
	}
	return c
}

// shortest is a copy of the profile without what fill brings back, unless it was said.
func (p *Profile) shortest(said func(path string) bool) *Profile {
	out, want := p.bare(), p.filled()
	shorten(reflect.ValueOf(out).Elem(), "", said, func() bool { return reflect.DeepEqual(out.filled(), want) })
	return out
}

// bare is a copy of what a file says of a profile, without where it says so.
func (p *Profile) bare() *Profile {
	from, to := reflect.ValueOf(p).Elem(), reflect.ValueOf(&Profile{}).Elem()
	for _, f := range fieldsOf(profileType).byName {
		to.Field(f.index).Set(copied(from.Field(f.index)))
	}
	return to.Addr().Interface().(*Profile)
}

func (p *Profile) filled() *Profile {
	out := p.bare()
	out.fill()
	return out
}

// copied is a copy of a value that fill can change without changing the value.
func copied(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*yaml.Node]() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(copied(v.Elem()))
		}
	case reflect.Slice:
		out.SetZero()
		for i := range v.Len() {
			out.Set(reflect.Append(out, copied(v.Index(i))))
		}
	case reflect.Map:
		if out.SetZero(); v.Len() > 0 {
			out.Set(reflect.MakeMap(v.Type()))
		}
		for key, value := range v.Seq2() {
			out.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(copied(v.Field(i)))
		}
	}
	return out
}

// shorten takes out of a value what is still as it was without: same says so.
func shorten(v reflect.Value, path string, said func(string) bool, same func() bool) {
	try := func(v reflect.Value, without reflect.Value) bool {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.Set(without)
		if same() {
			return true
		}
		v.Set(old)
		return false
	}
	switch _, whole := v.Addr().Interface().(custom); {
	case v.Kind() == reflect.Struct && !whole:
		fields := fieldsOf(v.Type())
		for _, name := range fields.names {
			f, at := v.Field(fields.byName[name].index), join(path, name)
			if f.Kind() != reflect.Struct && !said(at) && !none(f) && try(f, reflect.Zero(f.Type())) {
				continue
			}
			shorten(f, at, said, same)
		}
	case v.Kind() == reflect.Struct && !said(path) && !v.IsZero():
		try(v, reflect.Zero(v.Type()))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		shorten(v.Elem(), path, said, same)
	case v.Kind() == reflect.Slice && !whole:
		for v.Len() > 0 && !said(item(path, v.Len()-1)) && try(v, v.Slice(0, v.Len()-1)) {
		}
		for i := range v.Len() {
			shorten(v.Index(i), item(path, i), said, same)
		}
	}
}

// Unset takes the value at a path of keys out of a profile that is being made, so that its
// default holds. It reports whether there was one.
func (p *Profile) Unset(path string) bool {
	v := reflect.ValueOf(p).Elem()
	for path != "" {
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if v.Kind() == reflect.Map { // the rest is a key of the user's own
			key := reflect.ValueOf(path)
			there := v.MapIndex(key).IsValid()
			v.SetMapIndex(key, reflect.Value{})
			return there
		}
		if v.Kind() != reflect.Struct {
			return false
		}
		key, rest, _ := strings.Cut(path, ".")
		f, known := fieldsOf(v.Type()).byName[key]
		if !known {
			return false
		}
		v, path = v.Field(f.index), rest
	}
	there := !none(v)
	v.SetZero()
	return there
}
