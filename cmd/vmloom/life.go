package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/cure"
	"vmloom/generate"
	"vmloom/guest"
	"vmloom/process"
	"vmloom/profile"
)

func stopCmd(u *ui) *cli.Command {
	return scriptCmd(u, "stop", "stop the VM, in order and then hard; nothing is deleted")
}

func repairCmd(u *ui) *cli.Command {
	return scriptCmd(u, "repair", "bring a crashed VM and dead socket forwards back, without a restart where it can")
}

// scriptCmd runs the generated script of its name, of a profile that no longer
// loads as well.
func scriptCmd(u *ui, verb, usage string) *cli.Command {
	return &cli.Command{
		Name: verb, Usage: usage, ArgsUsage: "[PROFILE]",
		Flags: []cli.Flag{quietFlag(u)},
		Action: func(c *cli.Context) error {
			v, err := u.anyVM(c.Context, c.Args().Slice(), true)
			if err != nil {
				return err
			}
			if verb != "stop" {
				if err := v.made(); err != nil {
					return err
				}
			}
			return u.script(c.Context, v, verb)
		},
	}
}

// machine is a VM as the commands of its life see it.
type machine struct {
	*setup // nil where the profile no longer loads
	name   string
	dir    string // of its generated files, as the user would write it
}

// made is the error of a VM that is not there yet, or nil.
func (v *machine) made() error {
	if v.setup == nil {
		return nil // the script looks itself
	}
	layout, err := hostLayout()
	if err != nil || isMade(v.setup, layout) {
		return err
	}
	return hinted(fmt.Errorf("%s: there is no VM %s yet", v.path, v.name), v.typed(cure.Do(cure.Vmloom("up"))))
}

func (v *machine) file(verb string) string {
	return filepath.Join(v.dir, "scripts", v.name+"-"+verb+".sh")
}

// scriptNow is a script's text as the profile makes it, and all the files: what is on disk may be older.
func (v *machine) scriptNow(verb string) (text string, made []generate.File, err error) {
	if made, err = v.files(v.Profile); err != nil {
		return "", nil, err
	}
	name := "scripts/" + filepath.Base(v.file(verb))
	at := slices.IndexFunc(made, func(f generate.File) bool { return f.Path == name })
	if at < 0 {
		return "", nil, fmt.Errorf("%s: not made for this profile", name)
	}
	return string(made[at].Data), made, nil
}

// plainVM is the VM of one profile; nothing is written.
func (u *ui) plainVM(ctx context.Context, args []string) (*machine, error) {
	s, err := u.oneSetup(ctx, args)
	if err != nil {
		return nil, err
	}
	return u.vmOf(s)
}

// typed is a text as the user would type its commands.
func (v *machine) typed(t cure.Text) string {
	if v.setup == nil {
		return t.String()
	}
	return t.Typed(typedFor(v.path))
}

// typedFor has commands with the profile's path where it is not the one that is
// taken anyway.
func typedFor(path string) func(cure.Command) string {
	return func(c cure.Command) string {
		if path == defaultProfile {
			return c.String()
		}
		words := process.Cmd{Args: c.Words(path)}.String() // quoted
		return strings.Join(append(slices.Clone(c.Env), words), " ")
	}
}

// vmOf is the VM of a profile. Its life is that of the generated scripts.
func (u *ui) vmOf(s *setup) (*machine, error) {
	if !s.Wants("scripts") {
		decided(u.err, s.path, s.Profile, "targets")
		return nil, hinted(fmt.Errorf("%s: targets leave scripts out, which this command runs", s.path), "add scripts to targets")
	}
	return &machine{s, s.Name, filepath.Join(filepath.Dir(s.path), filepath.FromSlash(s.FilesDir()))}, nil
}

// anyVM is theVM, or, where the profile no longer loads or a generated file was
// edited, what was made from it before. It writes nothing unless it is to.
func (u *ui) anyVM(ctx context.Context, args []string, write bool) (*machine, error) {
	path, err := oneProfile(ctx, args)
	if err != nil {
		return nil, err
	}
	s, err := loadSetup(path)
	if err == nil {
		if err := u.inLimaHome(s); err != nil {
			return nil, err
		}
		if !write || remembered(path) {
			return u.vmOf(s)
		}
		if err := u.freshen(ctx, s); err != nil {
			u.say("%v: going on with the files that are there", err)
		}
		return u.vmOf(s)
	}
	made, _ := generate.Made(filepath.Dir(path))
	names := madeFrom(made, path)
	if len(names) != 1 {
		u.loadError(path, err)
		return nil, errSilent
	}
	dir := filepath.Join(filepath.Dir(path), profile.LocalTree, names[0])
	if !there(filepath.Join(dir, "scripts")) {
		dir = filepath.Join(filepath.Dir(path), profile.SharedTree, names[0])
	}
	u.say("%s: does not load (vmloom check shows why): going on with %s as it is", path, dir)
	return &machine{name: names[0], dir: dir}, nil
}

// oneProfile is the profile that the arguments name.
func oneProfile(ctx context.Context, args []string) (string, error) {
	if len(args) > 1 {
		return "", usage("argument "+args[1]+": one profile at a time", "vmloom gen, check, build-image, status, verify and doctor take many")
	}
	paths, err := profilePaths(ctx, args)
	if err != nil {
		return "", err
	}
	if len(paths) > 1 {
		held := profile.FleetName // where nothing is named
		if len(args) > 0 {
			held = args[0]
		}
		return "", usage(held+": holds "+plural(len(paths), "profile"), "name one of "+strings.Join(paths, ", "))
	}
	return paths[0], nil
}

// script runs one of the VM's scripts. What it says passes through as it comes.
func (u *ui) script(ctx context.Context, v *machine, verb string, args ...string) error {
	return u.runScript(ctx, v.file(verb), append([]string{"sh", v.file(verb)}, args...), u.data)
}

// guest is a running VM's, reached by the VM's own script, which knows whose it is.
func (u *ui) guest(ctx context.Context, v *machine) (guest.Guest, error) {
	script, err := filepath.Abs(v.file("ssh"))
	if err != nil {
		return guest.Guest{}, err
	}
	err = u.script(ctx, v, "ssh", "true") // it says what is wrong
	return guest.Guest{Cmd: process.Cmd{Args: []string{"sh", script}, Dir: "/"}}, err
}

func (u *ui) runScript(ctx context.Context, name string, args []string, out io.Writer) error {
	err := process.Run(ctx, process.Cmd{Args: args}, out, func(line string) { fmt.Fprintln(u.err, line) })
	var exit *process.ExitError
	var cut process.Interrupted
	switch {
	case errors.As(err, &cut):
		return hinted(fmt.Errorf("%s: %w", name, cut), "the same command again goes on from where it was")
	case errors.As(err, &exit) && exit.Err == nil && exit.Signal != 0:
		return fmt.Errorf("%s: ended by signal: %s", name, exit.Signal)
	case errors.As(err, &exit) && exit.Err == nil:
		return fmt.Errorf("%s: exit status %d", name, exit.Status)
	}
	return err
}

// confirm asks on the terminal, and goes on only with a yes.
func (u *ui) confirm(ctx context.Context, question, hint string) error {
	if !isTerminal(os.Stdin) {
		return hinted(errors.New("not confirmed: this is not a terminal"), hint)
	}
	fmt.Fprintf(u.err, "vmloom: %s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(u.err)
		return fmt.Errorf("%w: nothing was done", context.Cause(ctx))
	case a := <-answer:
		if a == "y" || a == "yes" {
			return nil
		}
	}
	return hinted(errDeclined, hint)
}

// errDeclined is a question that was not answered with yes.
var errDeclined = errors.New("nothing was done")
