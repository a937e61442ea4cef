package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
)

// kind of a thing on the host.
type kind string

const (
	agent   kind = "launchd agent"
	daemon  kind = "launchd daemon"
	service kind = "systemd service"
	timer   kind = "systemd timer"
	linger  kind = "linger"
	include kind = "ssh include"
	module  kind = "wezterm module"
)

// item is one thing that was put on the host.
type item struct {
	Kind kind `json:"kind"`
	// Name is the label, the unit, the user, the file of the Include or the module's file.
	Name string `json:"name"`
	// Files by absolute path with their hashes; two while one is being replaced.
	Files map[string][]string `json:"files,omitempty"`
	// Pending until the commands that follow the files have succeeded.
	Pending bool `json:"pending,omitempty"`
	// Text is what was added to the file Name: the lines of the Include.
	Text string `json:"text,omitempty"`
	// Created is set where the file of the Include was not there before.
	Created bool `json:"created,omitempty"`
}

func (i *item) paths() []string { return slices.Sorted(maps.Keys(i.Files)) }

// record is the content of STATE/vmloom/installed.d/NAME.json. It is written
// before anything is done and after, so that whenever vmloom is killed it knows
// all that may be there.
type record struct {
	Version int    `json:"version"`
	Profile string `json:"profile"`
	Items   []item `json:"items"`
	// Dirs are directories that vmloom has made; empty ones go with the last item.
	Dirs []string `json:"dirs,omitempty"`

	heir    string            // another profile with a record
	others  map[string]string // files that the records of other profiles hold, and whose
	lingers bool              // another profile needs linger, too
}

// recordDir holds the records. Its name is none that a VM can have, whose state is beside it.
func recordDir(layout Layout) string { return filepath.Join(layout.State, "vmloom", "installed.d") }

func recordFile(layout Layout, name string) string {
	return filepath.Join(recordDir(layout), name+".json")
}

func (r *record) index(k kind, name string) int {
	return slices.IndexFunc(r.Items, func(i item) bool { return i.Kind == k && i.Name == name })
}

// find gives a copy of an item, or nil.
func (r *record) find(k kind, name string) *item {
	n := r.index(k, name)
	if n < 0 {
		return nil
	}
	found := r.Items[n]
	return &found
}

// put enters an item, in the place of an older one of its kind and name.
func (r *record) put(i item) {
	if n := r.index(i.Kind, i.Name); n >= 0 {
		r.Items[n] = i
		return
	}
	r.Items = append(r.Items, i)
}

func (r *record) drop(i *item) {
	r.Items = slices.DeleteFunc(r.Items, func(x item) bool { return x.Kind == i.Kind && x.Name == i.Name })
}

func readRecord(layout Layout, name string) (*record, error) {
	r, err := readOne(recordFile(layout, name))
	if err != nil {
		return nil, err
	}
	r.others = map[string]string{}
	entries, err := os.ReadDir(recordDir(layout))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		other, isJSON := strings.CutSuffix(e.Name(), ".json")
		if !isJSON || other == name {
			continue
		}
		o, err := readOne(filepath.Join(recordDir(layout), e.Name()))
		if err != nil {
			return nil, err
		}
		for _, i := range o.Items {
			r.heir = other
			for path := range i.Files {
				r.others[path] = other
			}
			r.lingers = r.lingers || i.Kind == linger
		}
	}
	return r, nil
}

func readOne(file string) (*record, error) {
	r := &record{Version: 1}
	data, err := atomic.Read(file, atomic.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", file, err)
	}
	if r.Version != 1 {
		return nil, fmt.Errorf("%s: was written by a newer vmloom", file)
	}
	return r, nil
}

// write brings the record to disk; an empty one is no file.
func (r *record) write(layout Layout, name string) error {
	file := recordFile(layout, name)
	if len(r.Items)+len(r.Dirs) == 0 {
		os.Remove(file + newSuffix) // of a run that was killed
		err := os.Remove(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return replace(file, append(data, '\n'), 0o600)
}

// lock keeps other runs of vmloom away from the host until unlocked. It asks again
// and again, since one that waits in the kernel hears no Ctrl-C.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := atomic.Lock(ctx, f); err != nil {
		f.Close()
		return nil, fmt.Errorf("another vmloom is at work on the host: %w", err)
	}
	return func() { f.Close() }, nil
}

// missingDirs are dir and those above it that are not there yet, the uppermost first.
func missingDirs(dir string) (missing []string) {
	for !exists(dir) && dir != filepath.Dir(dir) {
		missing = append(missing, dir)
		dir = filepath.Dir(dir)
	}
	slices.Reverse(missing)
	return missing
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
