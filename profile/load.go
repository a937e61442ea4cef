package profile

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// MaxBytes is the largest profile that is read.
const MaxBytes = 1 << 20

// Load reads a profile. File is the name used in messages and headers; src is
// the text. The error is nil or Problems, in file order.
func Load(file string, src []byte) (*Profile, error) {
	p := &Profile{file: file, pos: map[string]Pos{}}
	d := &decoder{pos: p.pos, src: src, budget: maxNodes}
	if root := d.parse(); root != nil {
		d.decode(root, "", reflect.ValueOf(p).Elem())
		p.fill()
		p.validate(d)
	}
	if len(d.problems) > 0 {
		return nil, d.sorted()
	}
	return p, nil
}

// parse turns the text into the node of its one document, or reports why not.
func (d *decoder) parse() *yaml.Node {
	if len(d.src) > MaxBytes {
		d.at(Pos{1, 1}, "", "file is larger than 1 MiB")
		return nil
	}
	if !d.checkText() {
		return nil
	}
	var docs []yaml.Node
	if err := yaml.Load(d.src, &docs, yaml.WithAllDocuments()); err != nil {
		d.syntax(err)
		return nil
	}
	switch {
	case len(docs) == 0 || len(docs[0].Content) == 0:
		d.at(Pos{1, 1}, "", "profile is empty", "vmloom init writes one to start from")
		return nil
	case len(docs) > 1:
		d.at(nodePos(&docs[1]), "", "second document: a profile file describes one machine")
		return nil
	}
	return docs[0].Content[0]
}

// checkText refuses what YAML's reader would report without a position.
func (d *decoder) checkText() bool {
	if bytes.HasPrefix(d.src, []byte("\xff\xfe")) || bytes.HasPrefix(d.src, []byte("\xfe\xff")) {
		d.at(Pos{1, 1}, "", "file is UTF-16, not UTF-8")
		return false
	}
	line, col := 1, 1
	for i := 0; i < len(d.src); {
		r, n := utf8.DecodeRune(d.src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			d.at(Pos{line, col}, "", "invalid UTF-8")
			return false
		case r == 0:
			d.at(Pos{line, col}, "", "NUL byte")
			return false
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0x7f, r == 0xfffe, r == 0xffff, 0x80 <= r && r < 0xa0 && r != 0x85:
			d.at(Pos{line, col}, "", "control character")
			return false
		case r == '\n':
			line, col = line+1, 0
		}
		i, col = i+n, col+1
	}
	return true
}

// syntax reports an error of the YAML parser, without its stack of prefixes.
func (d *decoder) syntax(err error) {
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		d.at(Pos{1, 1}, "", "YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	pos := Pos{one.Mark.Line, one.Mark.Column}
	reason := strings.TrimPrefix(one.Message, "yaml: ")
	if one.ContextMsg != "" {
		reason += " " + one.ContextMsg
	}
	// A block that breaks off is reported where it breaks, often the next line.
	d.at(pos, "", "YAML: "+reason)
}
