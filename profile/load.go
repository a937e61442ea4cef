package profile

import (
	"bytes"
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

// Load reads a profile. File is the name used in messages and headers; src is
// the text. The error is nil or Problems, in file order.
func Load(file string, src []byte) (*Profile, error) {
	p := &Profile{file: file, pos: map[string]Pos{}}
	d := &decoder{src: bytes.TrimPrefix(src, bom), pos: p.pos, wrong: map[string]bool{}, unread: map[string]bool{}, budget: maxNodes}
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
	if err := yaml.Load(d.src, &docs, yaml.WithAllDocuments(), yaml.WithPlugin(depthLimit)); err != nil {
		d.syntax(err)
		return nil
	}
	switch {
	case len(docs) == 0 || len(docs[0].Content) == 0 || len(docs) == 1 && docs[0].Content[0].ShortTag() == "!!null":
		d.at(Pos{1, 1}, "", "profile is empty", "vmloom init writes one to start from")
		return nil
	case len(docs) > 1:
		d.at(nodePos(&docs[1]), "", "second document: a profile file describes one machine")
		return nil
	}
	if d.structure(docs[0].Content[0], map[*yaml.Node]bool{}); len(d.problems) > 0 {
		return nil
	}
	return docs[0].Content[0]
}

// structure refuses what YAML allows and no profile needs: aliases of what they
// stand in, which never end, and tags, which would go into lima.extra unseen.
func (d *decoder) structure(n *yaml.Node, around map[*yaml.Node]bool) {
	if around[n.Alias] {
		d.at(nodePos(n), "", "alias stands inside the value it names")
	}
	if n.Style&yaml.TaggedStyle != 0 && !plainTags[n.ShortTag()] {
		d.at(nodePos(n), "", "unknown tag", "remove it: a profile needs none")
	}
	around[n] = true
	for _, c := range n.Content {
		d.structure(c, around)
	}
	delete(around, n)
}

var plainTags = map[string]bool{"!!str": true, "!!int": true, "!!bool": true, "!!float": true, "!!null": true, "!!map": true, "!!seq": true}
