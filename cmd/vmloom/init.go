package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/generate"
	"vmloom/profile"
)

func initCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "write a commented profile, fit for this machine, and its schema",
		ArgsUsage: "[DIRECTORY]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "preset", Usage: "`PRESET` to start from: " + strings.Join(generate.Presets(), ", ")},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the VM; the directory's otherwise"},
			&cli.StringFlag{Name: "instance", Usage: "Lima's `NAME` of the VM; its name otherwise"},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "ask nothing"},
			quietFlag(u),
		},
		Action: func(c *cli.Context) error {
			i, err := u.newInit(c.Args().Slice())
			if err != nil {
				return err
			}
			if err := i.take(c.String("preset"), c.String("name"), c.String("instance")); err != nil {
				return err
			}
			if !c.Bool("yes") && isTerminal(os.Stdin) {
				if err := i.ask(c.Context, os.Stdin); err != nil {
					return err
				}
			}
			return i.write()
		},
	}
}

// initRun is one call of init.
type initRun struct {
	*ui
	dir    string
	preset generate.PresetKind
	host   generate.PresetHost
	given  struct{ preset, name, instance bool }
	taken  []string // Lima's instances on this host
}

// newInit reads the machine and the arguments: a directory, or, where there is no
// directory of that name, a preset before it.
func (u *ui) newInit(args []string) (*initRun, error) {
	i := &initRun{ui: u, dir: "."}
	if len(args) > 0 && presetNamed(args[0]) != nil && !isDir(args[0]) {
		i.preset, i.given.preset = *presetNamed(args[0]), true
		args = args[1:]
	}
	switch len(args) {
	case 0:
	case 1:
		i.dir = args[0]
	default:
		return nil, usage("init: too many arguments", "vmloom init [DIRECTORY] --preset PRESET")
	}
	if info, err := os.Stat(i.dir); err == nil && !info.IsDir() {
		return nil, usage(i.dir+": is a file", "vmloom init takes the directory of the profile, and writes "+defaultProfile+" there")
	}
	file := filepath.Join(i.dir, defaultProfile)
	if _, err := os.Lstat(file); err == nil {
		atomic.Clean(i.dir)
		return nil, hinted(fmt.Errorf("%s: exists already", file), "vmloom check "+file)
	}
	var err error
	if i.host, err = thisHost(i.dir); err != nil {
		return nil, err
	}
	i.taken = instanceNames()
	return i, nil
}

func presetNamed(name string) *generate.PresetKind {
	kinds := generate.PresetKinds()
	if i := slices.IndexFunc(kinds, func(k generate.PresetKind) bool { return k.Name == name }); i >= 0 {
		return &kinds[i]
	}
	return nil
}

// take has what the flags say, and for the rest what fits this machine.
func (i *initRun) take(preset, name, instance string) error {
	if preset != "" {
		k := presetNamed(preset)
		if k == nil {
			return usage("preset "+preset+": unknown", didYouMean(preset, generate.Presets(), "presets: "+strings.Join(generate.Presets(), ", ")))
		}
		i.preset, i.given.preset = *k, true
	}
	if !i.given.preset {
		i.preset = proposed(i.host.OS, onPath)
	}
	i.host.Name, i.given.name = cmp.Or(name, nameFor(i.host.Mount)), name != ""
	i.given.instance = instance != ""
	i.host.Instance = cmp.Or(instance, i.freeInstance())
	i.fit()
	i.takeLimaHome()
	return i.valid()
}

// valid asks the profile itself, so that a wrong word is known before any question.
func (i *initRun) valid() error {
	text, err := generate.Preset(i.preset.Name, i.host)
	if err != nil {
		return err
	}
	if _, err := profile.Load(defaultProfile, text); err != nil {
		var ps profile.Problems
		if errors.As(err, &ps) {
			return usage(ps[0].Path+": "+ps[0].Reason, cmp.Or(strings.Replace(ps[0].Hint, "write ", "--"+ps[0].Path+" ", 1), "vmloom init --help lists the flags"))
		}
		return err
	}
	return nil
}

// fit bounds the VM by what the host can spare: three quarters of its processors, half of its memory.
func (i *initRun) fit() {
	cpus, memory := hostSize()
	i.host.CPUs = max(1, min(i.preset.CPUs, (cpus*3+3)/4))
	i.host.Memory = i.preset.Memory
	if memory > 0 {
		i.host.Memory = max(1<<30, min(i.preset.Memory, profile.Size(memory/2)>>30<<30))
	}
}

// proposed is the first preset for this system whose tools are there, or else the first for it.
func proposed(os string, there func(string) bool) generate.PresetKind {
	var fits []generate.PresetKind
	for _, k := range generate.PresetKinds() {
		if k.OS == os || k.OS == "" {
			fits = append(fits, k)
		}
	}
	for _, k := range fits {
		if slices.ContainsFunc(k.Tools, there) {
			return k
		}
	}
	return fits[0]
}

// maxName is how long a profile lets a name be.
const maxName = 40

// nameFor makes a VM's name of its directory's.
func nameFor(dir string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(filepath.Base(dir)))
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' }), "-")
	name = strings.TrimLeft(name, "0123456789-") // a letter begins it
	name = strings.TrimRight(name[:min(maxName, len(name))], "-")
	return cmp.Or(name, "dev")
}

// freeInstance is default where the preset has it and nobody else, else the VM's name, with a number where that is taken.
func (i *initRun) freeInstance() string {
	name := i.host.Name
	if i.preset.Default && !slices.Contains(i.taken, "default") {
		return "default"
	}
	for n := 2; slices.Contains(i.taken, name); n++ {
		name = fmt.Sprint(i.host.Name, "-", n)
	}
	return name
}

// ask goes through what no flag has said. An empty answer takes what is proposed.
func (i *initRun) ask(ctx context.Context, in io.Reader) error {
	answers := bufio.NewScanner(in)
	if !i.given.preset {
		fmt.Fprintln(i.ui.err, "A profile to start from:")
		var rows [][]string
		for _, k := range generate.PresetKinds() {
			rows = append(rows, []string{"  " + k.Name, k.About})
		}
		table(i.ui.err, rows, nil)
		if err := i.question(ctx, answers, "preset", i.preset.Name, func(word string) error { return i.take(word, "", "") }); err != nil {
			return err
		}
	}
	if !i.given.name {
		if err := i.question(ctx, answers, "name of the VM", i.host.Name, func(word string) error {
			i.host.Name = word
			i.host.Instance = i.freeInstance()
			return i.valid()
		}); err != nil {
			return err
		}
	}
	if i.given.instance || len(i.taken) == 0 || !slices.Contains(i.preset.Tools, "limactl") {
		return nil
	}
	i.say("Lima has already: %s", strings.Join(i.taken, ", "))
	return i.question(ctx, answers, "Lima's name of the VM", i.host.Instance, func(word string) error {
		i.host.Instance = word
		if slices.Contains(i.taken, word) {
			return usage("instance "+word+": is there already", "vmloom adopt "+word+" makes a profile of it")
		}
		return i.valid()
	})
}

// question asks until the answer is accepted; the end of the input takes what is proposed.
func (i *initRun) question(ctx context.Context, answers *bufio.Scanner, what, proposed string, take func(string) error) error {
	for {
		fmt.Fprintf(i.ui.err, "%s [%s]: ", what, proposed)
		more := make(chan bool, 1)
		go func() { more <- answers.Scan() }()
		select {
		case <-ctx.Done():
			fmt.Fprintln(i.ui.err)
			return fmt.Errorf("%w: nothing was written", context.Cause(ctx))
		case ok := <-more:
			word := strings.TrimSpace(answers.Text())
			if !ok || word == "" {
				return take(proposed)
			}
			err := take(word)
			if err == nil {
				return nil
			}
			i.ui.finish(err)
		}
	}
}

// write puts the profile and its schema down, and says what comes next.
func (i *initRun) write() error {
	text, err := generate.Preset(i.preset.Name, i.host)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(i.dir, 0o755); err != nil {
		return err
	}
	file, schema := filepath.Join(i.dir, defaultProfile), filepath.Join(i.dir, "vmloom.schema.json")
	if err := atomic.ReplaceFile(schema, []byte(profile.Schema), atomic.How{Mode: 0o644}); err != nil {
		return err
	}
	ignore, ignores, err := ignoreLocal(i.dir)
	if errors.Is(err, atomic.ErrIrregular) {
		i.suggest("for git, to ignore what is one machine's own, add: "+strings.Join(ignored, " "), "%s: stays as it is: %v", ignore, err)
	} else if err != nil {
		return err
	}
	// The profile comes last: with it, all is there.
	if err := atomic.CreateFile(file, text, atomic.How{Mode: 0o644}); errors.Is(err, fs.ErrExist) {
		return hinted(fmt.Errorf("%s: exists already", file), "vmloom check "+file)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(i.out, "%s\n%s\n", file, schema)
	if ignores {
		fmt.Fprintln(i.out, ignore)
	}
	if slices.Contains(i.taken, i.host.Instance) {
		i.say("instance %s: is there already, and is not this VM: change lima.instance, or make a profile of it: vmloom adopt %s", i.host.Instance, i.host.Instance)
	}
	i.tellLimaHome()
	after := ""
	if file != defaultProfile {
		after = " " + file
	}
	i.suggest("vmloom gen"+after+", then: vmloom up"+after, "%s: %s; every line can be changed", i.preset.Name, i.preset.About)
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
