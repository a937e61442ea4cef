package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"vmloom/backup"
	"vmloom/cure"
	"vmloom/profile"
)

func backupCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write the guest's home to a file, which restore puts into a home and check reads to its end",
		ArgsUsage: "[restore|check] [PROFILE] FILE",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "without", Usage: "a path below the home that stays out; may be given more than once"},
			yesFlag("restore without a question"), dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			verb := "save"
			if len(args) > 0 && (args[0] == "restore" || args[0] == "check") {
				verb, args = args[0], args[1:]
			}
			ctx, stop := whileHeard(c.Context)
			defer stop()
			b := &backupRun{ui: u, yes: c.Bool("yes"), dryRun: c.Bool("dry-run"), without: c.StringSlice("without")}
			return b.run(ctx, verb, args)
		},
	}
}

// backupRun is one call of backup.
type backupRun struct {
	*ui
	yes, dryRun bool
	without     []string

	vm   *machine
	file string
}

func (b *backupRun) run(ctx context.Context, verb string, args []string) (err error) {
	prof, rest, err := sshArgs(ctx, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return usage(fmt.Sprintf("backup takes one file, and there are %d", len(rest)), "vmloom backup home.tar.zst, or vmloom backup restore home.tar.zst")
	case len(b.without) > 0 && verb != "save":
		return usage("flag --without: is for what is saved", "a restore replaces nothing that is not in the file, and moves aside what it replaces")
	}
	b.file = rest[0]
	if verb == "check" {
		return b.check(ctx)
	}
	if b.vm, err = b.anyVM(ctx, prof, !b.dryRun); err != nil {
		return err
	}
	if err := b.vm.made(); err != nil {
		return err
	}
	if verb == "restore" {
		return b.restore(ctx)
	}
	return b.save(ctx)
}

// outside are the paths of --without, as tar has them.
func (b *backupRun) outside() (out []string, err error) {
	for _, given := range b.without {
		p := path.Clean(strings.TrimPrefix(given, "~/"))
		if p == "." || p == ".." || path.IsAbs(p) || strings.HasPrefix(p, "../") {
			return nil, usage("flag --without: "+given+": is not below the home", "a path as the home has it: --without .cache")
		}
		out = append(out, p)
	}
	return out, nil
}

func (b *backupRun) save(ctx context.Context) error {
	without, err := b.outside()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(b.file); err == nil {
		return b.taken()
	}
	if b.dryRun {
		fmt.Fprintf(b.out, "+ %s: the home of %s\n", b.file, b.vm.name)
		b.disksOut()
		return nil
	}
	g, err := b.guest(ctx, b.vm)
	if err != nil {
		return err
	}
	m := b.meter(2)
	saved, err := backup.Save(ctx, g, backup.Order{File: b.file, Name: b.vm.name, Now: time.Now(), Without: without}, b.moves(m, "the home comes"))
	m.clear()
	switch {
	case errors.Is(err, fs.ErrExist):
		return b.taken()
	case err != nil:
		return fmt.Errorf("%s: not written: %w", b.file, err)
	}
	info, err := os.Stat(b.file)
	if err != nil {
		return err
	}
	b.say("%s: %s of %s: %s, %s; the file has %s", b.file, saved.Home.Home, saved.User, plural(int(saved.Entries), "file"), inUnits(saved.Bytes), inUnits(info.Size()))
	b.leftOut(saved)
	b.disksOut()
	return nil
}

// taken is the error of a file that somebody has made already.
func (b *backupRun) taken() error {
	return hinted(fmt.Errorf("%s: is there already", b.file), "another name, or remove it")
}

// moves shows how much of an archive is done.
func (b *backupRun) moves(m *meter, what string) func(int64) {
	return func(n int64) { m.line(what + ": " + inUnits(n)) }
}

// leftOut says what a backup does not hold.
func (b *backupRun) leftOut(s *backup.Saved) {
	if len(s.Mounts) > 0 {
		b.say("not in it, for they are mounted there: %s", few(s.Mounts))
	}
	if len(s.Sockets) > 0 {
		b.say("not in it, for they are sockets, which their programs make again: %s", few(s.Sockets))
	}
	if len(s.Changed) > 0 {
		b.suggest("stop what writes to them, and take another", "written to while they were read, so that the file may have them half old, half new: %s", few(s.Changed))
	}
}

// disksOut names the further disks, which no backup holds.
func (b *backupRun) disksOut() {
	if b.vm.setup == nil || len(b.vm.Disks) == 0 {
		return
	}
	b.say("not in it, for it is of the home alone: %s", few(diskWords(b.vm.Profile)))
}

// diskWords are the further disks, each with where it is.
func diskWords(p *profile.Profile) (words []string) {
	for _, d := range p.Disks {
		words = append(words, "the disk "+d.Name+" at "+d.Mount)
	}
	return words
}

// few are the first of many.
func few(names []string) string {
	const shown = 5
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

// open reads the whole file, before anything is done with it.
func (b *backupRun) open(ctx context.Context) (*backup.File, error) {
	m := b.meter(2)
	defer m.clear()
	file, err := backup.Open(ctx, b.file, b.moves(m, "reading "+b.file))
	var missing *fs.PathError
	switch {
	case errors.As(err, &backup.Unfit{}):
		return nil, hinted(fmt.Errorf("%s: %w", b.file, err), "nothing was restored from it; vmloom backup FILE makes one")
	case errors.As(err, &missing):
		return nil, fmt.Errorf("%s: %w", b.file, missing.Err)
	}
	return file, err
}

func (b *backupRun) check(ctx context.Context) error {
	file, err := b.open(ctx)
	if err != nil {
		return err
	}
	b.show(b.out, file)
	return nil
}

// show says what a file holds.
func (b *backupRun) show(w io.Writer, f *backup.File) {
	fmt.Fprintf(w, "+ %s: %s of %s (uid %d) in %s, %s, of %s: %s, %s\n", b.file, f.Home.Home, f.User, f.UID, f.Name, f.System,
		f.Taken.Local().Format(time.DateTime), plural(int(f.Entries), "file"), inUnits(f.Bytes))
}

func (b *backupRun) restore(ctx context.Context) error {
	file, err := b.open(ctx)
	if err != nil {
		return err
	}
	aside := "before-restore-" + time.Now().Format("20060102-150405")
	plan := func(w io.Writer) {
		b.show(w, file)
		fmt.Fprintf(w, "= what it replaces in the home of %s is kept there, in %s\n", b.vm.name, aside)
	}
	if b.dryRun {
		plan(b.out)
		return nil
	}
	g, err := b.guest(ctx, b.vm)
	if err != nil {
		return err
	}
	if !b.yes {
		plan(b.ui.err)
		if err := b.confirm(ctx, "put it into the home of "+b.vm.name+"?", "--yes does it"); err != nil {
			return err
		}
	}
	m := b.meter(2)
	moved, err := file.Restore(ctx, g, aside, b.moves(m, "the home goes"))
	m.clear()
	if err != nil {
		return b.notRestored(err, moved)
	}
	b.say("%s: restored: %s, %s", b.file, plural(int(file.Entries), "file"), inUnits(file.Bytes))
	if moved != "" {
		b.say("what it has replaced is in ~/%s: delete it when you miss nothing", moved)
	}
	return nil
}

// notRestored says what has become of the home.
func (b *backupRun) notRestored(err error, moved string) error {
	hint := "the home is as it was"
	switch {
	case errors.As(err, &backup.Halfway{}):
		hint = "nothing is lost: what was replaced is in ~/" + moved + "; the same command again does it all"
	case errors.As(err, &backup.Full{}):
		hint = b.vm.typed(cure.Say("more room: home.disk, or resources.disk where it has none, then %s", cure.Vmloom("up")))
	case errors.As(err, &backup.Mounted{}):
		hint = "take the mount out of the profile until it is restored, or take what you want out of the file: zstd -dc FILE | tar -x"
	}
	return hinted(fmt.Errorf("%s: not restored: %w", b.file, err), hint)
}
