package flake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rawLock is a flake.lock with all that is in it, known or not.
type rawLock struct {
	Nodes   map[string]map[string]any `json:"nodes"`
	Root    string                    `json:"root"`
	Version int                       `json:"version"`
}

func readRaw(text []byte) (l rawLock, err error) {
	if _, err := ReadLock(text); err != nil {
		return l, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return l, d.Decode(&l)
}

// inputs are those of a node: to a node's name, or to the path that is followed instead.
func (l rawLock) inputs(node string) map[string]any {
	of, _ := l.Nodes[node]["inputs"].(map[string]any)
	return of
}

// Leader is a lock that those of other flakes follow.
type Leader struct {
	raw  rawLock
	lock Lock
}

// ReadLeader reads the text of such a lock.
func ReadLeader(text []byte) (l Leader, err error) {
	if l.lock, err = ReadLock(text); err == nil {
		l.raw, err = readRaw(text)
	}
	return l, err
}

// Follow is the text of a flake's lock that pins its inputs as the leader does, with all that these bring along. Names
// are what they are called there. What the leader pins from another reference, or not at all, is given by its name there,
// and stays as it is, as all does that is this flake's alone. Mine is nil where there is no lock yet, and what is given
// back where nothing moves, whoever wrote it.
func (l Leader) Follow(mine []byte, inputs []Input, names map[string]string) (text []byte, own []string, err error) {
	from := l.raw
	to := rawLock{Nodes: map[string]map[string]any{"root": {}}, Root: "root"}
	if mine != nil {
		if to, err = readRaw(mine); err != nil {
			return nil, nil, err
		}
	}
	f := follower{from, map[string]string{}}
	for here, there := range names {
		f.back[there] = here
	}
	own = f.misfits(l.lock, inputs, names)
	roots := map[string]root{}
	for name, at := range to.inputs(to.Root) {
		roots[name] = root{at, to, nil}
	}
	before := compose(roots)
	for _, in := range inputs {
		if there := names[in.Name]; !slices.Contains(own, there) {
			roots[in.Name] = root{from.inputs(from.Root)[there], from, f.here}
		}
	}
	after := compose(roots)
	if len(roots) == 0 || mine != nil && bytes.Equal(before, after) {
		return mine, own, nil
	}
	return after, own, nil
}

// follower takes inputs out of a lock, for a flake that calls them otherwise.
type follower struct {
	from rawLock
	back map[string]string // what an input of the lock is called here
}

// misfits are the inputs, by their names in the lock, that it does not pin as they are wanted here.
func (f follower) misfits(lock Lock, inputs []Input, names map[string]string) []string {
	there := slices.Clone(inputs)
	for i := range there {
		there[i].Name = names[there[i].Name]
	}
	moved, missing := lock.Misfits(there)
	own := append(moved, missing...)
	for _, in := range there {
		at, pinned := f.from.inputs(f.from.Root)[in.Name].(string)
		if !slices.Contains(own, in.Name) && (!pinned || !f.holds(at, map[string]bool{})) {
			own = append(own, in.Name)
		}
	}
	slices.Sort(own)
	return own
}

// holds reports whether a node means the same in a flake of another directory, with all that it brings along.
func (f follower) holds(at string, seen map[string]bool) bool {
	if seen[at] {
		return true
	}
	seen[at] = true
	node, there := f.from.Nodes[at]
	original, _ := node["original"].(map[string]any)
	path, _ := original["path"].(string)
	parent, relative := node["parent"].([]any)
	if !there || path != "" && !strings.HasPrefix(path, "/") && !relative || relative && f.here(parent) == nil {
		return false
	}
	for _, to := range f.from.inputs(at) {
		switch to := to.(type) {
		case string:
			if !f.holds(to, seen) {
				return false
			}
		case []any:
			if f.here(to) == nil {
				return false
			}
		}
	}
	return true
}

// here is a path of inputs from this flake on; nil: it leads nowhere.
func (f follower) here(path []any) []any {
	if len(path) == 0 {
		return nil
	}
	first, _ := path[0].(string)
	name, known := f.back[first]
	if !known {
		return nil
	}
	return append([]any{name}, path[1:]...)
}

// root is where an input of the flake itself leads to, in which lock, and how the paths there are said here.
type root struct {
	at   any
	in   rawLock
	here func([]any) []any
}

// composer writes a lock as nix does, which names the nodes anew each time and compares what they lead to.
type composer struct {
	out  rawLock
	done map[string]string // new names of nodes, by whether they come from the other lock, and their names
}

func compose(roots map[string]root) []byte {
	c := composer{rawLock{Nodes: map[string]map[string]any{"root": {}}, Root: "root", Version: newestLock}, map[string]string{}}
	inputs := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(roots)) {
		inputs[name] = c.edge(name, roots[name])
	}
	if len(inputs) > 0 {
		c.out.Nodes["root"]["inputs"] = inputs
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(c.out) // what JSON was made of
	return text.Bytes()
}

// edge puts the node in that an input leads to, and gives its new name; or the path that is followed.
func (c composer) edge(name string, r root) any {
	at, isNode := r.at.(string)
	if path, follows := r.at.([]any); follows && r.here != nil {
		return r.here(path)
	} else if !isNode {
		return r.at
	}
	id := fmt.Sprint(r.here != nil, " ", at)
	if key, done := c.done[id]; done {
		return key
	}
	key := name
	for n := 2; c.out.Nodes[key] != nil; n++ {
		key = fmt.Sprintf("%s_%d", name, n)
	}
	node := map[string]any{}
	c.done[id], c.out.Nodes[key] = key, node
	maps.Copy(node, r.in.Nodes[at])
	if parent, relative := node["parent"].([]any); relative && r.here != nil {
		node["parent"] = r.here(parent)
	}
	if of := r.in.inputs(at); len(of) > 0 {
		inputs := map[string]any{}
		for _, input := range slices.Sorted(maps.Keys(of)) {
			inputs[input] = c.edge(input, root{of[input], r.in, r.here})
		}
		node["inputs"] = inputs
	}
	return key
}
