package adopt

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// Refusal is why an instance cannot become a profile, and what its owner can do.
type Refusal struct {
	Reason, Cure string
	// Whole says that a template with its bases in it, as limactl template copy --embed-all makes one, would do.
	Whole bool
}

func (r *Refusal) Error() string { return r.Reason }

func refuse(cure, format string, args ...any) *Refusal {
	return &Refusal{Reason: fmt.Sprintf(format, args...), Cure: cure}
}

// embedder makes one template of a template and the files that it builds on, as
// limactl does when it makes an instance.
type embedder struct {
	read func(name string) ([]byte, error)
	seen map[string]bool
}

const wholeCure = "limactl template copy --embed-all %s whole.yaml makes one file of it; adopt that"

// embed gives the template with its base files and scripts in it, and with what is
// known of those of Lima's own templates that its base names; those stay named. A
// base of which nothing is known here is refused: nothing could be said of the guest.
func (e *embedder) embed(file string, root *yaml.Node) (*yaml.Node, error) {
	var err error
	if root, err = e.scripts(file, root); err != nil {
		return nil, err
	}
	bases := baseList(root)
	root = without(root, "base")
	var stock []baseEntry
	for _, b := range bases {
		if !isLocal(b.url) {
			if _, known := lima.StockTemplateAt(b.url); !known {
				err := refuse(fmt.Sprintf(wholeCure, clean(file)), "%s:%d: base %s: what it brings is not known here", file, b.node.Line, clean(b.url))
				err.Whole = true
				return nil, err
			}
			stock = append(stock, b)
			continue
		}
		base, err := e.file(file, b)
		if err != nil {
			return nil, err
		}
		stock = append(stock, baseList(base)...)
		root = lima.Embed(root, without(base, "base"))
	}
	if len(stock) == 0 {
		return root, nil
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: stock[0].node.Line, Column: stock[0].node.Column}
	for _, b := range stock {
		list.Content = append(list.Content, b.node)
	}
	root.Content = append([]*yaml.Node{text("base", list), list}, root.Content...)
	return root, nil
}

// file reads a base that is a file, with its own bases.
func (e *embedder) file(from string, b baseEntry) (*yaml.Node, error) {
	name, err := beside(from, b.url)
	if err != nil {
		return nil, refuse("the limactl that reads the template refuses it as well", "%s:%d: base %s: %v", from, b.node.Line, clean(b.url), err)
	}
	if e.seen[name] || len(e.seen) > maxDepth {
		return nil, refuse("take it out of one of them", "%s:%d: base %s: builds on itself", from, b.node.Line, clean(b.url))
	}
	e.seen[name] = true
	data, err := e.text(name)
	if err != nil {
		return nil, refuse("bring the file back to where the template says it is, or say what is in it in the template itself", "%s:%d: base %s: %v", from, b.node.Line, clean(b.url), err)
	}
	root, err := parse(data)
	if err != nil {
		return nil, refuse("", "%s:%v", clean(name), err)
	}
	if root, err = e.embed(name, root); err != nil {
		return nil, err
	}
	return placed(root, b.node), nil
}

func (e *embedder) text(name string) ([]byte, error) {
	if e.read == nil {
		return nil, fmt.Errorf("%s: no such file", clean(name))
	}
	return e.read(name)
}

// inlined are the fields that hold what file: names, by mode.
var inlined = map[string]string{"data": "content", "yq": "expression", "ansible": ""}

// scripts brings into provision and probes the text of the files that they name.
func (e *embedder) scripts(file string, root *yaml.Node) (*yaml.Node, error) {
	out := *root
	out.Content = slices.Clone(root.Content)
	for i := 0; i+1 < len(out.Content); i += 2 {
		if name := out.Content[i].Value; name != "provision" && name != "probes" {
			continue
		}
		list := *out.Content[i+1]
		list.Content = slices.Clone(list.Content)
		for j, item := range list.Content {
			var err error
			if list.Content[j], err = e.script(file, item); err != nil {
				return nil, err
			}
		}
		out.Content[i+1] = &list
	}
	return &out, nil
}

func (e *embedder) script(file string, item *yaml.Node) (*yaml.Node, error) {
	named := child(item, "file")
	url := scalar(named)
	if named != nil && named.Kind == yaml.MappingNode {
		url = scalar(named, "url")
	}
	field, other := inlined[scalar(item, "mode")]
	if !other {
		field = "script"
	}
	if url == "" || field == "" || !isLocal(url) || scalar(item, field) != "" {
		return item, nil
	}
	name, err := beside(file, url)
	if err == nil {
		var data []byte
		if data, err = e.text(name); err == nil {
			n := text(string(data), named)
			n.Style = yaml.LiteralStyle
			out := without(item, "file")
			out.Content = append(without(out, field).Content, text(field, named), n)
			return out, nil
		}
	}
	return nil, refuse("bring the file back to where the template says it is", "%s:%d: file %s: %v", file, named.Line, clean(url), err)
}

// isLocal tells a path from a locator with a scheme, as net/url does: template:docker.
func isLocal(locator string) bool {
	scheme, _, found := strings.Cut(locator, ":")
	return !found || len(scheme) < 2 || strings.ContainsAny(scheme, "/.~")
}

// beside is the file that a locator in another file means; it may start with ~.
func beside(from, locator string) (string, error) {
	switch {
	case locator == "":
		return "", fmt.Errorf("is empty")
	case strings.HasPrefix(locator, "/"), strings.HasPrefix(locator, "~"):
		return locator, nil
	case strings.Contains(locator, "../"):
		return "", fmt.Errorf("a relative path must not contain .. for Lima")
	}
	return path.Join(path.Dir(from), locator), nil
}

// withStock adds to a template what is known of those of Lima's templates that it
// names, as limactl would. The values stand where base: names them.
func withStock(root *yaml.Node) *yaml.Node {
	for _, b := range baseList(root) {
		stock, _ := lima.StockTemplateAt(b.url)
		base := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, place := range slices.Sorted(maps.Keys(stock.Sets)) {
			base = lima.Embed(base, valueNode(place, stock.Sets[place], b.node))
		}
		root = lima.Embed(root, base)
	}
	return root
}

// valueNode is the mapping that has one value at a place, as a StockTemplate has it.
func valueNode(place, value string, at *yaml.Node) *yaml.Node {
	name, rest, deeper := strings.Cut(place, ".")
	var n *yaml.Node
	switch list, isList := strings.CutSuffix(name, "[]"); {
	case deeper:
		n = valueNode(rest, value, at)
	case isList:
		name = list
		n = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line, Column: at.Column}
		for _, word := range strings.Fields(value) {
			n.Content = append(n.Content, text(word, at))
		}
	default:
		n = &yaml.Node{Kind: yaml.ScalarNode, Value: value, Line: at.Line, Column: at.Column}
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Column, Content: []*yaml.Node{text(name, at), n}}
}

func text(s string, at *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: at.Line, Column: at.Column}
}

// without is a mapping without a key.
func without(n *yaml.Node, name string) *yaml.Node {
	out := *n
	out.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != name {
			out.Content = append(out.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &out
}

// placed is a copy of a node of another file, all of which stands where that is named.
func placed(n, at *yaml.Node) *yaml.Node {
	out := *n
	out.Line, out.Column, out.Content = at.Line, at.Column, nil
	for _, c := range n.Content {
		out.Content = append(out.Content, placed(c, at))
	}
	return &out
}
