package profile

import (
	"bytes"
	"errors"
	"io"
	"reflect"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// MaxBytes is the largest profile that is read.
const MaxBytes = 1 << 20

// maxDepth is how deep brackets or indents may nest.
const maxDepth = 100

var (
	bom        = []byte("\ufeff")
	depthLimit = loaderlimits.New(loaderlimits.DepthValue(maxDepth))
)

// Load reads a profile that stands alone. File is the name used in messages and
// headers; src is the text. The error is nil or Problems, in file order.
func Load(file string, src []byte) (*Profile, error) { return Layers{}.Load(file, src) }

// Load reads a profile with the files that it extends and, where it is wanted and
// there, its local file. The error is nil or Problems.
func (l Layers) Load(file string, src []byte) (*Profile, error) {
	p := &Profile{file: file, pos: map[string]Pos{}}
	root, d := l.merged(file, src)
	d.pos, d.wrong, d.unread, d.budget = p.pos, map[string]bool{}, map[string]bool{}, maxNodes
	p.sources, p.from, p.removed, p.root = d.sources, d.from, d.removed, root
	if root != nil {
		d.decode(root, "", reflect.ValueOf(p).Elem())
		p.fill()
		l.bring(p, d)
		p.validate(d)
	}
	if len(d.problems) == 0 {
		return p, nil
	}
	for _, s := range d.sources {
		if at, odd := blankMistake(bytes.TrimPrefix(s.Text, bom)); odd {
			at.File = s.File
			d.problems = nil
			d.at(at, "", "a blank of the indentation is no plain one (U+00A0 or the like)", "type the blanks again; copied from a page they may be others")
			break
		}
	}
	d.problems.sort(d.sources)
	return nil, d.problems
}

// parse turns the text into the node of its one document, or reports why not.
func (d *decoder) parse() *yaml.Node {
	if len(d.src) > MaxBytes {
		d.at(posAt(1, 1), "", "file is larger than 1 MiB")
		return nil
	}
	if !d.checkText() {
		return nil
	}
	if line := conflict(d.src); line > 0 {
		d.at(posAt(line, 1), "", "an unresolved merge conflict", "keep one of its sides, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>")
		return nil
	}
	doc, second, err := documents(d.src)
	switch {
	case err != nil:
		d.syntax(err)
		return nil
	case d.part && (len(doc.Content) == 0 || second == nil && doc.Content[0].ShortTag() == "!!null"):
		return &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1} // nothing but comments
	case len(doc.Content) == 0 || second == nil && doc.Content[0].ShortTag() == "!!null":
		d.at(posAt(1, 1), "", "profile is empty", initHint)
		return nil
	case second != nil:
		reason, hint := "second document: a profile file describes one machine", "give it a file of its own: NAME.vmloom.yaml"
		if d.part {
			reason, hint = "second document: a file is of one machine", "give it a file of its own"
		}
		d.at(d.place(second), "", reason, hint)
		return nil
	}
	if d.stranger(doc.Content[0]) {
		return nil
	}
	if d.structure(doc.Content[0], map[*yaml.Node]bool{}); len(d.problems) > 0 {
		return nil
	}
	return doc.Content[0]
}

// documents reads the first document of a text, and the second if there is one;
// the others, which may be many, are left.
func documents(src []byte) (first, second *yaml.Node, err error) {
	loader, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(depthLimit))
	if err != nil {
		return nil, nil, err
	}
	first, second = &yaml.Node{}, &yaml.Node{}
	if err := loader.Load(first); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch err := loader.Load(second); {
	case errors.Is(err, io.EOF):
		return first, nil, nil
	case err != nil:
		return nil, nil, err
	}
	return first, second, nil
}

// structure refuses what YAML allows and no profile needs: aliases of what they
// stand in, which never end, and tags, which would go into lima.extra unseen.
func (d *decoder) structure(n *yaml.Node, around map[*yaml.Node]bool) {
	if around[n.Alias] {
		d.at(d.place(n), "", "alias stands inside the value it names")
	}
	if n.Style&yaml.TaggedStyle != 0 && !plainTags[n.ShortTag()] {
		d.at(d.place(n), "", "unknown tag", "remove it: a profile needs none; a text that begins with ! needs quotes")
	}
	around[n] = true
	for _, c := range n.Content {
		d.structure(c, around)
	}
	delete(around, n)
}

var plainTags = map[string]bool{"!!str": true, "!!int": true, "!!bool": true, "!!float": true, "!!null": true, "!!map": true, "!!seq": true}
