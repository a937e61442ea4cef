package profile

import (
	"cmp"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Channels of Guix: a list, or a file that has one.
type Channels []Channel

// File that the profile names in place of a list, relative to it; empty: none.
func (c Channels) File() string {
	if len(c) == 1 {
		return c[0].File
	}
	return ""
}

func (c *Channels) decode(d *decoder, n *yaml.Node, path string) {
	if n.Kind != yaml.ScalarNode || !isText(n) || n.Value == "" {
		d.list(n, path, reflect.ValueOf(c).Elem())
		return
	}
	if form := forms["scm file"]; !form.ok(n.Value) {
		d.bad(path, "must be a list of channels, or a path relative to the profile, such as ./channels.scm", cmp.Or(odd(n.Value), inForm(form, n.Value)))
		return
	}
	*c = Channels{{File: n.Value}}
}

func (c *Channels) encode(w *writer, path string) *yaml.Node {
	if c.File() != "" {
		return scalarNode(c.File())
	}
	return w.list(reflect.ValueOf(c).Elem(), path)
}

// KeyFile is the file that has the key, relative to the profile; empty: the profile has its text.
func (s Substitute) KeyFile() string {
	if strings.HasPrefix(s.Key, ".") {
		return s.Key
	}
	return ""
}

// OwnFiles are the Scheme files and keys of the user's that the definition reads; what lies below a load path is beside them.
func (g Guix) OwnFiles() (out []Own) {
	if file := g.Channels.File(); file != "" {
		out = append(out, Own{Field: "guix.channels", File: file})
	}
	for i, s := range g.Substitutes {
		if s.KeyFile() != "" {
			out = append(out, Own{Field: item("guix.substitutes", i) + ".key", File: s.KeyFile()})
		}
	}
	return append(out, owns("guix.modules", g.Modules)...)
}
