package flake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// newestLock is the format of flake.lock that nix 2.4 to 2.34 write.
const newestLock = 7

// Lock is a flake.lock.
type Lock struct {
	Nodes   map[string]node `json:"nodes"`
	Root    string          `json:"root"`
	Version int             `json:"version"`
}

type node struct {
	Inputs   map[string]edge `json:"inputs"`
	Locked   attrs           `json:"locked"`
	Original attrs           `json:"original"`
}

// edge leads to a node; one that follows another input leads nowhere by itself.
type edge string

func (e *edge) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) == nil {
		*e = edge(name)
	}
	return nil
}

// attrs are a reference as a lock has it.
type attrs struct {
	Type, Owner, Repo, Ref, Rev, URL, Path, ID, Dir, Host string
	LastModified                                          int64
	NarHash                                               string
}

// ReadLock reads the text of a flake.lock.
func ReadLock(text []byte) (Lock, error) {
	var l Lock
	if bytes.Contains(text, []byte("<<<<<<< ")) || bytes.Contains(text, []byte("\n>>>>>>> ")) {
		return l, errors.New("holds a conflict of a merge")
	}
	var version struct{ Version int }
	if json.Unmarshal(text, &version) == nil && version.Version > newestLock {
		return l, fmt.Errorf("has format %d of a newer nix; up to %d is known", version.Version, newestLock)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("is not JSON as nix writes it: %w", err)
	}
	if _, ok := l.Nodes[l.Root]; !ok {
		return l, errors.New("names no inputs: it is not as nix writes it")
	}
	return l, nil
}

// Pin is what a lock says of one input.
type Pin struct {
	// Wanted is the reference that was pinned, in a form of its own, for comparison with Wants; empty: of a kind that is not compared.
	Wanted string
	// At is where it is pinned, for people: github:NixOS/nixpkgs/6c9a78c (2026-06-01).
	At string
	// Ref is the branch or tag of the reference that was pinned.
	Ref string
	key string // equal where nothing moved
}

// Pins are the inputs of the flake itself; an input that follows another has none.
func (l Lock) Pins() map[string]Pin {
	out := map[string]Pin{}
	for name, at := range l.Nodes[l.Root].Inputs {
		if n, ok := l.Nodes[string(at)]; ok {
			out[name] = n.pin()
		}
	}
	return out
}

// deep are Pins with those of the inputs' own inputs, as A/B.
func (l Lock) deep() map[string]Pin {
	out := map[string]Pin{}
	var visit func(at, prefix string, above []string)
	visit = func(at, prefix string, above []string) {
		for name, to := range l.Nodes[at].Inputs {
			n, ok := l.Nodes[string(to)]
			if ok && !slices.Contains(above, string(to)) {
				out[prefix+name] = n.pin()
				visit(string(to), prefix+name+"/", append(slices.Clone(above), string(to)))
			}
		}
	}
	visit(l.Root, "", []string{l.Root})
	return out
}

func (n node) pin() Pin {
	a := n.Locked
	at := a.Type + ":"
	switch a.Type {
	case "github", "gitlab", "sourcehut":
		at += a.Owner + "/" + a.Repo
	case "path":
		at += a.Path
	default:
		at = a.Type + "+" + a.URL
	}
	switch {
	case len(a.Rev) >= 7:
		at += "/" + a.Rev[:7]
	case a.NarHash != "":
		at += " " + a.NarHash
	}
	if a.LastModified > 0 {
		at += time.Unix(a.LastModified, 0).UTC().Format(" (2006-01-02)")
	}
	key := a.Rev
	if key == "" {
		key = a.NarHash
	}
	return Pin{Wanted: n.Original.canonical(), At: at, Ref: n.Original.Ref, key: a.Type + a.Owner + a.Repo + a.URL + a.Path + key}
}

// Change is an input that two locks pin in different ways; From or To is empty where one does not pin it.
type Change struct{ Input, From, To string }

// Compare gives what moved, by the inputs' names.
func Compare(before, after Lock) (out []Change) {
	was, is := before.deep(), after.deep()
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	for _, name := range names {
		if was[name].key != is[name].key {
			out = append(out, Change{name, was[name].At, is[name].At})
		}
	}
	return out
}

// Without is the text of a lock that no longer pins some inputs of the flake itself: nix pins those anew, and nothing else.
func Without(text []byte, inputs []string) ([]byte, error) {
	whole, err := readRaw(text)
	if err != nil {
		return nil, err
	}
	of := whole.inputs(whole.Root)
	for _, name := range inputs {
		delete(of, name)
	}
	return json.MarshalIndent(whole, "", "  ")
}
