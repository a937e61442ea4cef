package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"vmloom/atomic"
)

// Format numbers what this vmloom makes of a profile. It rises once between two releases if
// what is made has changed: testdata/formats.txt knows those that were released.
const Format = 1

// ErrNewer is a tree that a newer vmloom has changed, and that this one would change back.
var ErrNewer = errors.New("was written by a newer vmloom")

// ManifestName is the file below generated/<name>/ that says what vmloom wrote.
const ManifestName = ".vmloom.json"

// manifest is the content of .vmloom.json. A file has two hashes only while a
// run is replacing it; either is vmloom's own work.
type manifest struct {
	Version int `json:"version"`
	// Format is the output format that the tree was last changed in; none: from before there were numbers.
	Format  int    `json:"format,omitempty"`
	Profile string `json:"profile"`
	// Sources are the hashes of the files that a tree of one machine was made of, by which its scripts know whether it is up to date.
	Sources map[string]string   `json:"sources,omitempty"`
	Files   map[string][]string `json:"files"`
}

// Written is the output format that the tree was last changed in; 0: it tells none. Where there is no tree, it is Format.
func (p *Plan) Written() int { return p.written }

// Newer reports whether the tree is of a newer vmloom and this one would change it.
func (p *Plan) Newer() bool { return p.written > Format && p.Drift() }

func (p *Plan) newer() error {
	return fmt.Errorf("%s: %w: its output format is %d, that of this one %d", p.Dir, ErrNewer, p.written, Format)
}

// interim is the manifest while files are being replaced: old and new hash of each.
func (p *Plan) interim() manifest {
	m := p.manifest
	m.Files = map[string][]string{}
	for file, hashes := range p.manifest.Files {
		m.Files[file] = hashes
	}
	for _, c := range p.Changes {
		switch c.Op {
		case Update:
			m.Files[c.Path] = []string{atomic.Hash(c.Old), atomic.Hash(c.New)}
		case Remove:
			m.Files[c.Path] = []string{atomic.Hash(c.Old)}
		}
	}
	return m
}

func (p *Plan) writeManifest(root *os.Root, m manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := p.replace(root, ManifestName, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("%s/%s: %w", p.Dir, ManifestName, err)
	}
	return nil
}

func readManifest(root *os.Root) (manifest, error) {
	var m manifest
	data, _, err := read(root, ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, errors.New(unread(err))
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return manifest{}, errors.New("cannot be read; --force rewrites it")
	}
	if m.Version > 1 {
		return manifest{}, errors.New("was written by a newer vmloom")
	}
	return m, nil
}

func sameManifest(a, b manifest) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}
