package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vmloom/atomic"
	"vmloom/process"
)

// Apply carries the plan out, and tells done, which may be nil, how each change
// has ended. One that fails keeps no other from being done; the error has them all. The
// record is written before and after each change, so that a run that was killed at
// any moment is continued by the next, and an uninstall finds all that is there.
func (p *Plan) Apply(ctx context.Context, done func(Change, error)) error {
	if !p.worth() {
		return nil
	}
	dir := recordDir(p.layout)
	if err := p.makeDirs(dir, 0o700); err != nil {
		return err
	}
	unlock, err := lock(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	if now, err := readOne(recordFile(p.layout, p.name)); err != nil {
		return err
	} else if !sameItems(now, p.record) {
		return errors.New("the host: another vmloom was at work on it; run this again")
	}
	if p.path != "" {
		p.record.Profile = p.path
	}
	var failed error
	for _, s := range p.Changes {
		if err := context.Cause(ctx); err != nil {
			failed = errors.Join(failed, err)
			break
		}
		err := p.apply(ctx, s)
		failed = errors.Join(failed, err)
		if done != nil && (err != nil || s.acts()) {
			done(s, err)
		}
	}
	if failed == nil && p.misnoted() {
		failed = replace(p.noteFile(), []byte(p.id+"\n"), 0o600)
	}
	return errors.Join(failed, p.tidy())
}

// noteFile says for which project the jobs of a name are: they read it themselves (templates/shared/_job.sh.tmpl),
// and the first VM that one meets without it is its own from then on.
func (p *Plan) noteFile() string { return filepath.Join(recordDir(p.layout), p.name+".id") }

func (p *Plan) misnoted() bool {
	if p.id == "" || p.record == nil || !slices.ContainsFunc(p.record.Items, item.job) {
		return false
	}
	noted, err := atomic.Read(p.noteFile(), atomic.Most)
	return err != nil || string(noted) != p.id+"\n"
}

// worth reports whether there is anything to do, to take over or to forget.
func (p *Plan) worth() bool {
	if p.record == nil {
		return false // the zero Plan
	}
	if len(p.record.Items) == 0 && (len(p.record.Dirs) > 0 || exists(recordFile(p.layout, p.name)+newSuffix)) {
		return true // a run was killed
	}
	return p.misnoted() || slices.ContainsFunc(p.Changes, func(s Change) bool { return s.acts() || s.stays || s.adopts() })
}

// adopts reports whether a file of vmloom's that a user has copied by hand is
// from now on the record's affair.
func (s Change) adopts() bool {
	if s.Op == Done && s.had == nil && s.wanted != nil && s.wanted.Kind == linger {
		return s.shared
	}
	return s.Op == Done && s.had == nil && len(s.wanted.data) > 0 && !slices.ContainsFunc(s.wanted.paths(), func(path string) bool {
		info, err := os.Lstat(path)
		return err != nil || !info.Mode().IsRegular() || !ours(s.wanted.data[path])
	})
}

func sameItems(a, b *record) bool {
	x, _ := json.Marshal(a.Items)
	y, _ := json.Marshal(b.Items)
	return bytes.Equal(x, y)
}

func (p *Plan) apply(ctx context.Context, s Change) error {
	switch {
	case s.stays:
		p.record.drop(s.had)
		return p.record.write(p.layout, p.name)
	case s.Op == Remove:
		return p.remove(ctx, s)
	case s.adopts():
		return p.note(s.wanted.finished())
	case s.Op == Install, s.Op == Update:
		return p.install(ctx, s)
	}
	return nil
}

// note writes the record with an item as it is now.
func (p *Plan) note(i item) error {
	p.record.put(i)
	return p.record.write(p.layout, p.name)
}

// finished is the item when all is done.
func (w *wanted) finished() item {
	i := w.item
	i.Files = nil
	for path, data := range w.data {
		if i.Files == nil {
			i.Files = map[string][]string{}
		}
		i.Files[path] = []string{atomic.Hash(data)}
	}
	return i
}

func (p *Plan) install(ctx context.Context, s Change) error {
	w := s.wanted
	interim := w.finished()
	interim.Pending = w.Kind != include
	for path := range interim.Files {
		if old, err := atomic.Read(path, atomic.Most); err == nil {
			interim.Files[path] = append(interim.Files[path], atomic.Hash(old))
		}
	}
	if w.Kind == include {
		if err := p.makeDirs(filepath.Dir(w.Name), 0o700); err != nil {
			return err
		}
		final, err := p.addInclude(interim, s.had)
		if err != nil {
			return err
		}
		return p.note(final)
	}
	if w.Kind != daemon { // root's commands make its file
		for _, path := range w.paths() {
			if err := p.makeDirs(filepath.Dir(path), 0o755); err != nil {
				return err
			}
		}
	}
	if err := p.note(interim); err != nil {
		return err
	}
	for _, path := range w.paths() {
		state := look(path, w.data[path], s.had)
		switch {
		case state > stale:
			return fmt.Errorf("%s: was changed a moment ago: run this again", path)
		case state == same || w.Kind == daemon:
			continue
		}
		if err := replace(path, w.data[path], 0o644); err != nil {
			return err
		}
	}
	if err := runAll(ctx, s.Commands); err != nil {
		return fmt.Errorf("%s %s: %w", w.Kind, w.Name, err)
	}
	return p.note(w.finished())
}

func (p *Plan) remove(ctx context.Context, s Change) error {
	if err := runAll(ctx, s.Commands); err != nil {
		return fmt.Errorf("%s %s: %w", s.had.Kind, s.had.Name, err)
	}
	var err error
	if s.had.Kind == include {
		err = takeInclude(s.had)
		if s.had.Created && exists(s.had.Name) {
			p.created = s.had.Name
		}
	} else {
		err = s.had.removeFiles()
	}
	if err != nil {
		return err
	}
	if err := runAll(ctx, s.had.reload()); err != nil {
		return fmt.Errorf("%s %s: %w", s.had.Kind, s.had.Name, err)
	}
	p.record.drop(s.had)
	return p.record.write(p.layout, p.name)
}

// removeFiles removes those that are as the record has them.
func (i *item) removeFiles() error {
	for _, path := range i.paths() {
		data, err := atomic.Read(path, atomic.Most)
		if err == nil && slices.Contains(i.Files[path], atomic.Hash(data)) {
			err = os.Remove(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		os.Remove(path + newSuffix) // of a run that was killed
	}
	return nil
}

// makeDirs makes a directory and notes those that are not there, first of all in
// the record, unless that is what they are for.
func (p *Plan) makeDirs(dir string, mode fs.FileMode) error {
	missing := missingDirs(dir)
	if len(missing) == 0 {
		return nil
	}
	p.record.Dirs = append(p.record.Dirs, slices.DeleteFunc(slices.Clone(missing), func(d string) bool { return slices.Contains(p.record.Dirs, d) })...)
	if exists(recordDir(p.layout)) {
		if err := p.record.write(p.layout, p.name); err != nil {
			return err
		}
	}
	for _, d := range missing {
		if err := os.Mkdir(d, mode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// tidy removes the directories that vmloom has made and that are empty again,
// and the record, when there is nothing more to tell.
func (p *Plan) tidy() error {
	own := recordDir(p.layout)
	var above, left []string // those that the record itself is in
	for _, dir := range deepest(p.record.Dirs) {
		if strings.HasPrefix(own+"/", dir+"/") {
			above = append(above, dir)
		} else if os.Remove(dir) != nil && exists(dir) {
			left = append(left, dir)
		}
	}
	if len(p.record.Items) > 0 {
		if len(above)+len(left) == len(p.record.Dirs) {
			return nil
		}
		p.record.Dirs = append(above, left...)
		return p.record.write(p.layout, p.name)
	}
	if err := p.bequeath(append(above, left...)); err != nil {
		return err
	}
	p.record.Dirs = nil
	os.Remove(p.noteFile())
	err := p.record.write(p.layout, p.name)
	for _, dir := range deepest(append(above, own, filepath.Dir(own))) {
		os.Remove(dir)
	}
	return err
}

func deepest(dirs []string) []string {
	dirs = slices.Clone(dirs)
	slices.SortFunc(dirs, func(a, b string) int { return len(b) - len(a) })
	return dirs
}

// bequeath leaves what another profile still uses to that one's record: its
// directories, and an ssh configuration that was not there before.
func (p *Plan) bequeath(dirs []string) error {
	if p.record.heir == "" || len(dirs) == 0 && p.created == "" {
		return nil
	}
	heir, err := readOne(recordFile(p.layout, p.record.heir))
	if err != nil {
		return err
	}
	heir.Dirs = append(heir.Dirs, dirs...)
	for n, i := range heir.Items {
		heir.Items[n].Created = i.Created || i.Kind == include && i.Name == p.created
	}
	return heir.write(p.layout, p.record.heir)
}

func runAll(ctx context.Context, commands []Command) error {
	for _, c := range commands {
		err := c.run(ctx)
		if err != nil && !c.MayFail {
			return err
		}
	}
	return nil
}

func (c Command) run(ctx context.Context) error {
	for try := 1; ; try++ {
		err := process.Run(ctx, c.Cmd, io.Discard, nil)
		var exit *process.ExitError
		if err == nil || try >= c.Tries || !errors.As(err, &exit) || exit.Err != nil {
			return said(err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

// said is the error with the last words of the program.
func said(err error) error {
	var exit *process.ExitError
	if errors.As(err, &exit) && exit.Err == nil && len(exit.Last) > 0 {
		return fmt.Errorf("%s: %w: %s", exit.Cmd, err, strings.Join(exit.Last, "; "))
	}
	return err
}
