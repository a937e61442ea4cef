package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/generate"
	"vmloom/profile"
)

func cloneCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "clone",
		Usage:     "make a second VM of the same profile, with names, keys, ports and a home of its own",
		ArgsUsage: "[PROFILE] NAME",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "home", Usage: "copy the home of the VM, which must run"},
			yesFlag("install on this host without a question"),
			&cli.BoolFlag{Name: "no-install", Usage: "the VM alone: nothing is installed on this host"},
			dryRunFlag(), quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			ctx, stop := whileHeard(c.Context)
			defer stop()
			r := &cloneRun{ui: u, home: c.Bool("home"), yes: c.Bool("yes"), install: !c.Bool("no-install"), dryRun: c.Bool("dry-run")}
			return r.run(ctx, c.Args().Slice())
		},
	}
}

// cloneRun is one call of clone. The second VM is a profile that extends the first one's: all that tells two VMs apart
// is made anew for it, as for any other.
type cloneRun struct {
	*ui
	home, yes, install, dryRun bool

	from *machine
	name string
	path string // of the new profile
}

func (r *cloneRun) run(ctx context.Context, args []string) error {
	prof, rest, err := sshArgs(ctx, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return usage(fmt.Sprintf("clone takes the name of the new VM, and there are %d", len(rest)), "vmloom clone NAME")
	}
	r.name = rest[0]
	if err := profile.Label(r.name); err != nil {
		return usage("name "+r.name+": "+err.Error(), "it becomes a host name and a prefix of file names")
	}
	if r.from, err = r.plainVM(ctx, prof); err != nil {
		return err
	}
	if r.name == r.from.Name {
		return usage("name "+r.name+": is that of "+r.from.path, "another name")
	}
	r.path = filepath.Join(filepath.Dir(r.from.path), r.name+".yaml")
	text, err := generate.Second(r.from.Profile, filepath.Base(r.from.path), r.name)
	if err != nil {
		return err
	}
	if r.dryRun {
		fmt.Fprintf(r.out, "+ %s\n", r.path)
		for line := range strings.Lines(text) {
			fmt.Fprintf(r.out, "    %s", line)
		}
		fmt.Fprintf(r.out, "+ the VM %s, by vmloom up %s\n", r.name, r.path)
		if r.home {
			fmt.Fprintf(r.out, "+ the home of %s in it\n", r.from.name)
		}
		r.blankDisks()
		return nil
	}
	saved := ""
	if r.home {
		var done func()
		if saved, done, err = r.saveHome(ctx); err != nil {
			return err
		}
		defer done()
	}
	if err := r.write(text); err != nil {
		return err
	}
	up := &upRun{ui: r.ui, yes: r.yes, install: r.install}
	if err := up.run(ctx, []string{r.path}); err != nil {
		return err
	}
	r.blankDisks()
	if !r.home {
		return nil
	}
	b := &backupRun{ui: r.ui, yes: true, vm: up.vm, file: saved}
	return b.restore(ctx)
}

// blankDisks says what the second VM has of its own, and nothing on it.
func (r *cloneRun) blankDisks() {
	if len(r.from.Disks) > 0 {
		r.say("blank in %s, for each VM has its own: %s", r.name, few(diskWords(r.from.Profile)))
	}
}

// write makes the profile. One that says the same already is of a run that was cut off.
func (r *cloneRun) write(text string) error {
	err := atomic.CreateFile(r.path, []byte(text), atomic.How{Mode: 0o644})
	if errors.Is(err, fs.ErrExist) {
		if there, err := atomic.Read(r.path, atomic.Most); err == nil && string(there) == text {
			return nil
		}
		return hinted(fmt.Errorf("%s: is there already, and is not what this would write", r.path), "another name, or vmloom up "+r.path)
	}
	if err == nil {
		r.say("%s: written; it extends %s, and changes there reach both", r.path, r.from.path)
	}
	return err
}

// saveHome writes the home to a file beside the profile, where git does not look: it may be large.
// What a run that was killed has left there goes. Done removes it.
func (r *cloneRun) saveHome(ctx context.Context) (file string, done func(), err error) {
	if err := r.from.made(); err != nil {
		return "", nil, err
	}
	dir, done, err := atomic.Stage(filepath.Dir(r.from.path), ".clone")
	if err != nil {
		return "", nil, err
	}
	b := &backupRun{ui: r.ui, vm: r.from, file: filepath.Join(dir, "home.tar.zst")}
	if err := b.save(ctx); err != nil {
		done()
		return "", nil, err
	}
	return b.file, done, nil
}
