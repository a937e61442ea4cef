package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/generate"
	"vmloom/host"
	"vmloom/ownership"
	"vmloom/process"
	"vmloom/profile"
)

func renameCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "rename",
		Usage:     "give a profile and its VM another name; the home goes along, and its disk keeps its own",
		ArgsUsage: "OLD NEW [PROFILE]",
		Flags:     []cli.Flag{quietFlag(u)},
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			if len(args) < 2 || len(args) > 3 {
				return usage("rename: takes the old name and the new one", "vmloom rename OLD NEW")
			}
			r := &renameRun{ui: u, old: args[0], name: args[1]}
			return r.run(c.Context, args[2:])
		},
	}
}

// renameRun is one call of rename. Each step looks whether it is done already, so that one that was cut off is
// finished by the same command.
type renameRun struct {
	*ui
	old, name string
	before    *setup // the profile as it was found
	layout    host.Layout
	id        string // of the VM
}

func (r *renameRun) run(ctx context.Context, args []string) (err error) {
	if r.before, err = r.oneSetup(ctx, args); err != nil {
		return err
	}
	if name := r.before.Name; name != r.old && name != r.name {
		return hinted(fmt.Errorf("%s: is called %s, not %s", r.before.path, name, r.old), "vmloom rename "+name+" "+r.name)
	}
	if r.layout, err = hostLayout(); err != nil {
		return err
	}
	if err := r.free(); err != nil {
		return err
	}
	if err := r.stop(ctx); err != nil {
		return err
	}
	after, err := r.write()
	if err != nil {
		return err
	}
	if err := r.move(ctx, after); err != nil {
		return err
	}
	return r.follow(ctx, after)
}

// kept is the file beside the profile that holds the id of a name's VM.
func (r *renameRun) kept(name string) string {
	return filepath.Join(r.before.base, ".vmloom", name+".id")
}

// dir is the VM's own directory by a name: QEMU's link to it, or Lima's instance.
func (r *renameRun) dir(name string) string {
	if r.before.UnderLima() {
		return filepath.Join(limaDir(r.layout), name)
	}
	return filepath.Join(r.layout.State, "vmloom", name)
}

// moves reports whether the VM's directory is called by the profile's name.
func (r *renameRun) moves() bool { return !r.before.UnderLima() || !r.before.Given("lima.instance") }

// free refuses a name that something else has.
func (r *renameRun) free() error {
	for _, name := range []string{r.old, r.name} {
		if self, err := ownership.Of(r.before.path, name); err == nil && r.id == "" {
			r.id = self.ID
		}
	}
	if there(r.kept(r.old)) && there(r.kept(r.name)) {
		return hinted(fmt.Errorf("%s: there is a VM of this name already", r.name), "take another name, or destroy it first")
	}
	if r.moves() && there(r.dir(r.name)) && (r.id == "" || markOf(r.dir(r.name)).ID != r.id) {
		return hinted(fmt.Errorf("%s: is there, and not of this profile", r.dir(r.name)), "take another name")
	}
	return nil
}

// markOf is the mark in a VM's directory; without one, it is empty.
func markOf(dir string) ownership.Mark {
	m, _ := ownership.ReadMark(filepath.Join(dir, ownership.MarkName))
	return m
}

// stop has the script of the old name stop the VM, where there is one.
func (r *renameRun) stop(ctx context.Context) error {
	v := &machine{r.before, r.old, filepath.Join(filepath.Dir(r.before.path), profile.SharedTree, r.old)}
	if !there(v.file("stop")) || !there(r.dir(r.old)) {
		return nil
	}
	return r.script(ctx, v, "stop")
}

// write puts the names into the profile, and takes them back where the result is not what is meant.
func (r *renameRun) write() (*setup, error) {
	s := r.before
	src, err := atomic.Read(s.path, atomic.Most)
	if err != nil {
		return nil, err
	}
	edited := src
	if s.Name == r.old {
		edited = inLine(edited, s.At("name"), r.old, r.name)
	}
	home := r.old
	if s.Given("home.name") {
		home = s.Home.Name
	} else if s.Home.Disk > 0 {
		edited = intoMapping(edited, s.At("home"), "name: "+r.old)
	}
	put := func(text []byte) error { return atomic.ReplaceFile(s.path, text, atomic.How{Mode: 0o644, Sync: true}) }
	if bytes.Equal(edited, src) {
		return s, nil
	}
	if err := put(edited); err != nil {
		return nil, err
	}
	after, err := loadSetup(s.path)
	if err == nil && after.Name == r.name && (s.Home.Disk == 0 || after.Home.Name == home) {
		return after, nil
	}
	return nil, errors.Join(hinted(fmt.Errorf("%s: the names could not be written into it: it is as it was", s.path),
		"write name: "+r.name+" and home: {name: "+home+"} into it yourself, then: "+process.Cmd{Args: []string{"vmloom", "rename", r.old, r.name}}.String()), put(src))
}

// inLine replaces a word in the line of a place.
func inLine(src []byte, at profile.Pos, old, text string) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	if at.Line < 1 || at.Line > len(lines) {
		return src
	}
	line := lines[at.Line-1]
	from := min(at.Col-1, len(line))
	lines[at.Line-1] = slices.Concat(line[:from], bytes.Replace(line[from:], []byte(old), []byte(text), 1))
	return bytes.Join(lines, nil)
}

// intoMapping writes a key into the mapping that begins at a place: in braces, or a line of its own before the first.
func intoMapping(src []byte, at profile.Pos, entry string) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	if at.Line < 1 || at.Line > len(lines) {
		return src
	}
	line := lines[at.Line-1]
	from := min(at.Col-1, len(line))
	if bytes.HasPrefix(line[from:], []byte("{")) {
		lines[at.Line-1] = slices.Concat(line[:from+1], []byte(entry+", "), line[from+1:])
	} else {
		lines[at.Line-1] = slices.Concat([]byte(strings.Repeat(" ", from)+entry+"\n"), line)
	}
	return bytes.Join(lines, nil)
}

// move has the id, and the VM by the runner's own means, go by the new name.
func (r *renameRun) move(ctx context.Context, after *setup) error {
	for _, suffix := range []string{".id", ".disk"} {
		from, to := filepath.Join(r.before.base, ".vmloom", r.old+suffix), filepath.Join(r.before.base, ".vmloom", r.name+suffix)
		if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	dir := r.dir(after.Lima.Instance)
	if !r.before.UnderLima() {
		dir = r.dir(r.name)
	}
	if r.moves() && there(r.dir(r.old)) {
		if r.before.UnderLima() {
			if err := r.runScript(ctx, "limactl", []string{"limactl", "--tty=false", "rename", r.old, r.name}, r.out); err != nil {
				return err
			}
		} else if err := os.Rename(r.dir(r.old), dir); err != nil {
			return err
		}
	}
	return r.mark(dir)
}

// mark writes the new name into the VM's mark; an earlier vmloom made none.
func (r *renameRun) mark(dir string) error {
	m := markOf(dir)
	if m.ID == "" || m.ID != r.id {
		return nil
	}
	if r.before.UnderLima() && r.moves() {
		m.Of = r.name
	}
	text := fmt.Sprintf("id=%s\nname=%s\nprofile=%s\nof=%s\n", m.ID, r.name, m.Profile, m.Of)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	return atomic.ReplaceFile(filepath.Join(real, ownership.MarkName), []byte(text), atomic.How{Mode: 0o600})
}

// follow generates under the new name, removes what was under the old one, and installs on the host again what was
// installed.
func (r *renameRun) follow(ctx context.Context, after *setup) error {
	if err := r.freshen(ctx, after); err != nil {
		return err
	}
	old, err := generate.Former(after.base, after.Profile, r.old)
	if err != nil {
		return err
	}
	if old != nil {
		if err := old.Apply(ctx); err != nil {
			return err
		}
		if left := filepath.Join(filepath.Dir(after.path), profile.SharedTree, r.old); there(left) {
			r.suggest(process.Cmd{Args: []string{"rm", "-r", left}}.String(), "%s: holds what was edited by hand: kept", left)
		}
	}
	gone, err := host.Uninstall(r.layout, r.old)
	if err != nil {
		return err
	}
	if len(gone.Changes) > 0 {
		if err := r.carryOut(ctx, gone); err != nil {
			return err
		}
		vm, err := r.vmOf(after)
		if err != nil {
			return err
		}
		up := &upRun{ui: r.ui, vm: vm, layout: r.layout, install: true}
		plan, err := up.hostPlan(ctx)
		if err != nil {
			return err
		}
		if err := up.apply(ctx, plan); err != nil {
			return err
		}
	}
	r.say("%s is called %s now: vmloom up starts it; vmloom rebuild gives the guest the host name, too", r.old, r.name)
	return nil
}
