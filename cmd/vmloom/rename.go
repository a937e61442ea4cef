package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/generate"
	"vmloom/host"
	"vmloom/ownership"
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
	fresh     []bool // is the image of each form up to date?
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
	if r.fresh, err = r.freshImages(ctx, r.before); err != nil {
		return err
	}
	after, err := r.write()
	if err != nil {
		return err
	}
	if err := r.move(ctx, after); err != nil {
		return err
	}
	if err := r.takeAlong(ctx, after); err != nil {
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
		self, err := ownership.Of(r.before.path, name)
		if err != nil { // without it the VM would be nobody's afterwards
			return err
		}
		r.id = cmp.Or(r.id, self.ID)
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

// stop has the script of the old name stop the VM, where there is one. Somebody else's commit may have taken the
// files of that name away: they are made for this once.
func (r *renameRun) stop(ctx context.Context) error {
	if !there(r.dir(r.old)) {
		return nil
	}
	v := &machine{r.before, r.old, filepath.Join(filepath.Dir(r.before.path), profile.SharedTree, r.old)}
	if !there(v.file("stop")) {
		if err := r.asBefore(ctx); err != nil {
			return err
		}
	}
	return r.script(ctx, v, "stop")
}

// asBefore generates the shared profile's files under the old name.
func (r *renameRun) asBefore(ctx context.Context) error {
	src, err := atomic.Read(r.before.path, profile.MaxBytes)
	if err != nil {
		return err
	}
	old, err := layers(r.before.path, false, nil).Load(filepath.Base(r.before.path), inLine(src, r.before.shared.At("name"), r.name, r.old))
	if err != nil {
		return err
	}
	files, err := generate.Files(old, nil)
	if err != nil {
		return err
	}
	plan, err := generate.Compare(r.before.base, old, files, false)
	if err != nil {
		return err
	}
	return plan.Apply(ctx)
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
	if err := r.mark(dir); err != nil {
		return err
	}
	return r.moveShelf()
}

// moveShelf has the systems that Lima's VM had before go along: beside its instance, and marked as it is. QEMU keeps
// them in the VM's own directory.
func (r *renameRun) moveShelf() error {
	if !r.before.UnderLima() {
		return nil
	}
	shelf := func(name string) string { return filepath.Join(limaDir(r.layout), "_vmloom", name+".kept") }
	to := shelf(r.before.Lima.Instance)
	if r.moves() {
		to = shelf(r.name)
		if err := os.Rename(shelf(r.old), to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	kept, err := os.ReadDir(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, system := range kept {
		if err := r.mark(filepath.Join(to, system.Name())); err != nil {
			return err
		}
	}
	return nil
}

// mark writes the new name into the VM's mark; an earlier vmloom made none.
func (r *renameRun) mark(dir string) error {
	m, err := ownership.ReadMark(filepath.Join(dir, ownership.MarkName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
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
	if err := r.clear(ctx, after); err != nil {
		return err
	}
	if err := r.keepFresh(ctx, after); err != nil {
		return err
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
	first := ""
	if after.Guest.Hostname != r.before.Guest.Hostname && slices.Contains(r.fresh, true) {
		first = "vmloom build-image puts it into the image, and "
	}
	r.say("%s is called %s now: vmloom up starts it; %svmloom apply gives the guest the host name, too", r.old, r.name, first)
	return nil
}
