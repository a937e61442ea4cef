package profile

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Applied is what a VM has of a profile: one value, and what a change of it costs.
type Applied struct {
	// Path of the field; what an element of a list is called stands in brackets.
	Path string
	// Value on one line, in ASCII and without tabs. A secret is three dots.
	Value string
	Costs []Cost
}

// Applied are the values that reach the VM, in the order of the fields. What is on the host alone is not among them.
func (p *Profile) Applied() []Applied {
	a := applying{p: p}
	for _, name := range fieldsOf(profileType).names {
		if runner := RunnerNamed(name); runner.Name == name && runner.Name != p.Runner {
			continue // its section
		}
		f := profileType.Field(fieldsOf(profileType).byName[name].index)
		a.field(reflect.ValueOf(p).Elem(), f, name)
	}
	if p.Home.Disk == 0 { // the home would have to move
		a.all = append(a.all, Applied{"home.disk", "none", []Cost{Rebuild}})
	}
	return a.all
}

// keysPath is the field of the keys that may log in.
const keysPath = "guest.user.authorizedKeys"

type applying struct {
	p   *Profile
	all []Applied
}

func (a *applying) add(path, value string, tag []string) {
	if costs := a.p.costs(tag); len(costs) > 0 && !changes()[tag[0]].host {
		a.all = append(a.all, Applied{path, value, costs})
	}
}

// value walks what is set: of a list of mappings each element is a value, of a mapping each key.
func (a *applying) value(v reflect.Value, path string, tag []string) {
	v = reflect.Indirect(v)
	if !v.IsValid() || v.IsZero() {
		return
	}
	switch at := v.Interface().(type) {
	case Extra:
		a.add(path, sumOf(at.Node), tag)
		return
	case Files: // by what is in them
		for _, file := range at {
			a.add(path+"["+plainText(file)+"]", fmt.Sprintf("%.12x", sha256.Sum256([]byte(a.p.brought[file]))), tag)
		}
		return
	case counted:
		a.add(path, cmp.Or(at.plain(), at.String()), tag)
		return
	}
	if keys, is := v.Interface().([]string); is && path == keysPath && slices.Contains(keys, hostWord) {
		// These are read when the VM starts, whatever its system.
		a.all = append(a.all, Applied{path + "[" + hostWord + "]", hostWord, []Cost{Restart}})
		v = reflect.ValueOf(a.p.Guest.User.Keys())
		if v.Len() == 0 {
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, name := range fieldsOf(v.Type()).names {
			if index := fieldsOf(v.Type()).byName[name].index; !v.Field(index).IsZero() {
				a.field(v, v.Type().Field(index), join(path, name))
			}
		}
	case reflect.Map:
		for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) }) {
			a.add(join(path, plainText(key.String())), hiddenText(key.String(), textOf(v.MapIndex(key))), tag)
		}
	default:
		a.add(path, hiddenText("", textOf(v)), tag)
	}
}

func (a *applying) field(in reflect.Value, f reflect.StructField, path string) {
	v, tag := in.FieldByIndex(f.Index), changeOf(f)
	if v.Kind() == reflect.Map && tag == nil {
		tag = changeTag(path + ".x.url") // of a mapping of sections
	}
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct {
		a.value(v, path, tag)
		return
	}
	if c, is := v.Interface().(Channels); is && c.File() != "" {
		a.add(path, plainText(c.File()), tag)
		return
	}
	for i := range v.Len() {
		switch e := v.Index(i).Interface().(type) {
		case Port:
			tag := "port"
			if a.p.RunBy().PortsByKind && !e.single() {
				tag = "machine"
			}
			a.add(path+"["+e.Called()+"]", e.String(), []string{tag})
		case Disk: // one that grows is the same to the guest's system
			at := path + "[" + plainText(e.Name) + "]"
			a.add(at, plainText(e.Mount), []string{"machine", "system"})
			a.add(at+".size", e.Size.String(), []string{"machine"})
		case Package:
			a.add(path+"["+plainText(cmp.Or(e.Name, e.For(a.p.System())))+"]", plainText(e.For(a.p.System())), []string{"system"})
		default:
			a.element(v.Index(i), path, fieldsOf(in.Type()).byName[f.Tag.Get("yaml")].keys)
		}
	}
}

// element is one of a list, called by its first key that is set.
func (a *applying) element(e reflect.Value, path string, keys []string) {
	called := ""
	for _, key := range keys {
		if v := e.Field(fieldsOf(e.Type()).byName[key].index); called == "" && !v.IsZero() {
			called = textOf(v)
		}
	}
	var values, tag []string
	for _, name := range fieldsOf(e.Type()).names {
		f := e.Type().Field(fieldsOf(e.Type()).byName[name].index)
		is, v := changeOf(f), e.FieldByIndex(f.Index)
		if aside := slices.Equal(is, []string{"nothing"}) || is != nil && changes()[is[0]].host; !aside && !v.IsZero() {
			values = append(values, name+" "+textOf(v))
			if is != nil {
				tag = is
			}
		}
	}
	a.add(path+"["+plainText(called)+"]", plainText(strings.Join(values, ", ")), tag)
}

func textOf(v reflect.Value) string {
	v = reflect.Indirect(v)
	switch {
	case !v.IsValid():
		return ""
	case v.Kind() == reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, textOf(v.Index(i)))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(v.Interface())
}

// hiddenText is a value without its secrets.
func hiddenText(name, value string) string {
	if len(SecretsIn(name, value)) > 0 {
		return "..."
	}
	return plainText(value)
}

// plainText is a text as it is where nothing in it could be taken for something else.
func plainText(text string) string {
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	if text == "" || strings.TrimSpace(text) != text || strings.ContainsFunc(text, odd) || text[0] == '"' || text[0] == '#' {
		return strconv.QuoteToASCII(text)
	}
	return text
}

// sameAs is a copy for the encoder, which takes the types out of the nodes that it is given.
func sameAs(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, sameAs(child))
	}
	return &c
}

// sumOf stands for YAML of the user's, which may be long.
func sumOf(n *yaml.Node) string {
	text, err := yaml.Marshal(sameAs(n))
	if err != nil || len(SecretSpans(string(text))) > 0 {
		return "..."
	}
	return fmt.Sprintf("%.12x", sha256.Sum256(text))
}
