package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Layers is where the further files of a profile come from: those that it extends,
// and the local file, which is merged over it. docs/profile.md has the rules.
type Layers struct {
	// Read gives the text of a file by its path from the profile's directory, with
	// slashes. Its error is one of fs, ErrLarge, or a cause in words that follow the path. Nil: nothing can be read.
	Read func(path string) ([]byte, error)
	// Local takes the local file in, where it is.
	Local bool
	// Fleet is that of the profile, whose defaults stand under all that it says; nil: it is in none.
	Fleet *Fleet
	// FleetFile is the path of its file, from the profile's directory, with slashes.
	FleetFile string
}

// ErrLarge is the error of Layers.Read for a file of more than MaxBytes.
var ErrLarge = errors.New("is larger than 1 MiB")

// Source is one of the files that a profile is made of.
type Source struct {
	// File is its path from the profile's directory, with slashes; empty for the profile itself.
	File string
	Text []byte
}

// Limits of what a profile extends: far beyond what anybody would still understand.
const (
	maxFiles = 32
	maxDeep  = 8
)

// LocalName is the name of a profile's local file, which lies beside it: vmloom.local.yaml.
func LocalName(file string) string {
	ext := path.Ext(file)
	return strings.TrimSuffix(file, ext) + ".local" + ext
}

// Sources are the files that the profile is made of, in the order of merging.
func (p *Profile) Sources() []Source { return p.sources }

// HasLocal reports whether a local file is merged over the profile.
func (p *Profile) HasLocal() bool {
	last := len(p.sources) - 1
	return last > 0 && p.sources[last].File == LocalName(p.file)
}

// Trees are the directories beside a profile that its files go to: those of the
// profile as everybody has it, and those with this machine's local file.
const (
	SharedTree = "generated"
	LocalTree  = "generated.local"
)

// FilesDir is the directory of the profile's files, from that of the profile, with slashes.
func (p *Profile) FilesDir() string {
	if p.HasLocal() {
		return LocalTree + "/" + p.Name
	}
	return SharedTree + "/" + p.Name
}

// Extended are the files that a text extends, as it names them, and whether it names
// a machine. What cannot be read extends none.
func Extended(src []byte) (files []string, named bool) {
	d := &decoder{src: bytes.TrimPrefix(src, bom), part: true}
	root := d.parse()
	if root == nil {
		return nil, true // a profile whose mistakes are to be told
	}
	for i, key := range pairs(root) {
		named = named || key.Value == "name"
		if list := target(root.Content[2*i+1]); key.Value == "extends" {
			for _, e := range list.Content {
				files = append(files, target(e).Value)
			}
		}
	}
	return files, named
}

// layer is a source that was parsed; root is nil where that went wrong.
type layer struct {
	Source
	root *yaml.Node
}

// gatherer collects the layers of one profile.
type gatherer struct {
	Layers
	file     string // of the profile
	layers   []layer
	way      []string // the files that are being read, each extended by the one before
	problems Problems
	read     int // bytes
}

// merged is the root of all files together, and the decoder for it. It is nil
// where a file has a problem.
func (l Layers) merged(file string, src []byte) (*yaml.Node, *decoder) {
	g := gatherer{Layers: l, file: file}
	main := layer{Source: Source{Text: src}}
	if l.Fleet != nil {
		g.layers = append(g.layers, layer{Source{l.FleetFile, l.Fleet.source}, l.Fleet.Defaults.root})
	}
	g.add(&main)
	if l.Local && l.Read != nil {
		g.local()
	}
	d := &decoder{src: bytes.TrimPrefix(main.Text, bom), problems: g.problems, unread: map[string]bool{}}
	for _, one := range g.layers {
		d.sources = append(d.sources, one.Source)
	}
	if len(d.problems) > 0 {
		return nil, d
	}
	if len(g.layers) == 1 {
		return main.root, d
	}
	return g.merge(d), d
}

// add parses a source, and adds what it extends and then itself to the layers. The
// path of the profile itself is its name.
func (g *gatherer) add(l *layer) {
	d := &decoder{file: l.File, src: bytes.TrimPrefix(l.Text, bom), part: l.File != "", pos: map[string]Pos{}, wrong: map[string]bool{}, unread: map[string]bool{}, budget: maxNodes}
	if l.root = d.parse(); l.root != nil {
		g.way = append(g.way, cmp.Or(l.File, g.file))
		g.extended(d, l.root)
		g.way = g.way[:len(g.way)-1]
	}
	g.problems = append(g.problems, d.problems...)
	g.layers = append(g.layers, *l)
}

// extended adds the files that one extends. What is wrong with the list itself of
// the profile is found when all is decoded.
func (g *gatherer) extended(d *decoder, root *yaml.Node) {
	at := slices.IndexFunc(pairs(root), func(key *yaml.Node) bool { return key.Value == "extends" })
	if at < 0 {
		return
	}
	var files []string
	before := len(d.problems)
	value := root.Content[2*at+1]
	d.decode(value, "extends", reflect.ValueOf(&files).Elem())
	d.limits(fieldsOf(profileType).byName["extends"], "extends", reflect.ValueOf(files))
	switch {
	case len(d.problems) > before:
		if d.file == "" {
			d.problems = d.problems[:before]
		}
		return
	case d.file == LocalName(g.file):
		d.bad("extends", "does not belong in a local file, which is merged over "+g.file, "write it into "+g.file)
		return
	}
	for i, file := range files {
		if len(g.layers) >= maxFiles {
			d.bad(item("extends", i), fmt.Sprintf("is one file too many: a profile may extend %d", maxFiles), "put some of them together")
			return
		}
		g.extend(d, item("extends", i), path.Join(path.Dir(d.file), file))
	}
}

// extend adds one file that the decoder's extends at field.
func (g *gatherer) extend(d *decoder, field, file string) {
	has := func(name string) bool { return cmp.Or(name, g.file) == file }
	if at := slices.IndexFunc(g.way, has); at >= 0 {
		circle := append(slices.Clone(g.way[at:]), file)
		d.bad(field, "extends itself: "+strings.Join(circle, " -> "), "take one of these out of the others' extends")
		return
	}
	if slices.ContainsFunc(g.layers, func(l layer) bool { return has(l.File) }) {
		return // where it was named first
	}
	switch {
	case len(g.way) > maxDeep:
		d.bad(field, fmt.Sprintf("lies more than %d files deep", maxDeep), "name its file in "+g.file+" itself")
	case file == LocalName(g.file):
		d.bad(field, "is the local file, which is one machine's and merged over the profile by itself", "take it out")
	default:
		if text, ok := g.text(d, field, file); ok {
			g.add(&layer{Source: Source{File: file, Text: text}})
		}
	}
}

// text reads a file that is extended.
func (g *gatherer) text(d *decoder, field, file string) ([]byte, bool) {
	if g.Read == nil {
		d.bad(field, "cannot be read here", "name the profile's file")
		return nil, false
	}
	text, err := g.Read(file)
	g.read += len(text)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.bad(field, "there is no file "+file, "the path is relative to the file that it stands in")
	case err != nil:
		d.bad(field, file+": "+reasonOf(err), "name a file of this project")
	case g.read > MaxBytes:
		d.bad(field, "is too much: what a profile extends may be 1 MiB", "")
	default:
		return text, true
	}
	return nil, false
}

// local adds the local file where there is one.
func (g *gatherer) local() {
	file := LocalName(g.file)
	text, err := g.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		g.layers = append(g.layers, layer{Source: Source{File: file}})
		g.problems = append(g.problems, Problem{Pos: Pos{file, 1, 1}, Reason: reasonOf(err), Hint: "a local file is YAML that is merged over " + g.file + "; move this away"})
		return
	}
	g.add(&layer{Source: Source{File: file, Text: text}})
}

// reasonOf is an error without the path that the caller names.
func reasonOf(err error) string {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}
