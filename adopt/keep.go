package adopt

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// Compare gives the differences between the instance's template and the one that
// its profile regenerates.
func (a *Adoption) Compare(template []byte) ([]Difference, error) {
	root, err := parse(template)
	if err != nil {
		return nil, err
	}
	return (&differ{host: a.host, names: a.made.Network.Hosts}).compare(a.root, withStock(root)).out, nil
}

// Keep brings what the profile has no field for into lima.extra: each difference
// without an explanation, as it stood. It reports whether there was any to bring.
func (a *Adoption) Keep(differences []Difference) (kept bool) {
	ds := slices.Clone(differences)
	places := placesIn(a.root)
	slices.SortStableFunc(ds, func(x, y Difference) int { // lists keep their order
		return cmp.Compare(places[x.node], places[y.node])
	})
	for _, d := range ds {
		if d.Why == "" && !a.HoldsSecret(d) {
			kept = a.keep(d) || kept
		}
	}
	return kept
}

// placesIn numbers the nodes of a template as they come, which lines do not: all that a
// base brings stands at the line that names it.
func placesIn(root *yaml.Node) map[*yaml.Node]int {
	places := map[*yaml.Node]int{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		places[n] = len(places) + 1
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root)
	return places
}

// HoldsSecret reports whether a difference is there because what it is about
// holds a secret, which was left out.
func (a *Adoption) HoldsSecret(d Difference) bool { return d.node != nil && a.secret[d.node] }

func (a *Adoption) keep(d Difference) bool {
	switch {
	case d.node == nil: // the instance has Lima's own value, and the profile's template another
		value, known := lima.DefaultAt(d.place)
		return known && !strings.Contains(d.place, "[]") && a.extraSet(d.keys, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
	case d.keys[0] == "base":
		return a.extraSet([]string{"base"}, listOf(baseList(a.root)))
	case d.item && len(d.keys) == 2:
		if d.keys[0] == "images" && a.made.Guest.Image.Location == "" && a.made.System().SetUp == profile.ByCloudInit {
			// Without it Lima would fall back to the images of base where this one does not load.
			a.extraSet([]string{"base"}, listOf(baseList(a.root)))
			a.note("the image stays as the template names it, in lima.extra")
		}
		return a.extraAppend(d.keys[0], d.node)
	case len(d.keys) > 1 && items(child(a.root, d.keys[0])) != nil:
		return false // a value inside an element: merging cannot reach it
	}
	for i := range d.keys { // a list inside: whole, since merging appends to it
		if n := at(a.root, d.keys[:i+1]...); n != nil && n.Kind == yaml.SequenceNode {
			return a.extraSet(d.keys[:i+1], n)
		}
	}
	return a.extraSet(d.keys, d.node)
}

func listOf(entries []baseEntry) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if len(entries) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, e := range entries {
		list.Content = append(list.Content, e.node)
	}
	return list
}

// extraSet puts a value where keys lead; it reports whether it was not there yet.
func (a *Adoption) extraSet(keys []string, n *yaml.Node) bool {
	m := a.extra
	for i, k := range keys {
		next := child(m, k)
		switch {
		case i == len(keys)-1 && next != nil:
			return false
		case i == len(keys)-1:
			m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k}, n)
			return true
		case next == nil:
			next = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k}, next)
		case next.Kind != yaml.MappingNode:
			return false
		}
		m = next
	}
	return false
}

func (a *Adoption) extraAppend(name string, n *yaml.Node) bool {
	list := child(a.extra, name)
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		a.extraSet([]string{name}, list)
	}
	if slices.Contains(list.Content, n) {
		return false
	}
	list.Content = append(list.Content, n)
	return true
}

// Extra names the keys of the template that went into lima.extra.
func (a *Adoption) Extra() (names []string) {
	for i := 0; i+1 < len(a.extra.Content); i += 2 {
		names = append(names, a.extra.Content[i].Value)
	}
	return names
}
