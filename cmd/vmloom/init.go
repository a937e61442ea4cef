package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/profile"
)

func initCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "write a commented profile and its schema (presets: " + strings.Join(generate.Presets(), ", ") + ")",
		ArgsUsage: "[PRESET] [DIRECTORY]",
		Flags:     []cli.Flag{quietFlag(u)},
		Action: func(c *cli.Context) error {
			preset, dir, err := initArgs(c.Args().Slice())
			if err != nil {
				return err
			}
			return writePreset(u, preset, dir)
		},
	}
}

// initArgs tells a preset from a directory. A word that is nearly a preset and
// no directory is a mistake.
func initArgs(args []string) (preset, dir string, err error) {
	presets := generate.Presets()
	preset, dir = presets[0], "."
	if len(args) > 0 && slices.Contains(presets, args[0]) {
		preset, args = args[0], args[1:]
	} else if len(args) > 0 && (len(args) > 1 || nearly(args[0], presets)) {
		return "", "", usage("preset "+args[0]+": unknown", didYouMean(args[0], presets, "presets: "+strings.Join(presets, ", ")))
	}
	switch len(args) {
	case 0:
		return preset, dir, nil
	case 1:
		return preset, args[0], nil
	}
	return "", "", usage("init: too many arguments", "vmloom init [PRESET] [DIRECTORY]")
}

func nearly(word string, presets []string) bool {
	_, err := os.Stat(word)
	return err != nil && len(profile.Near(word, presets, 1)) > 0
}

func writePreset(u *ui, preset, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	host, err := thisHost(dir)
	if err != nil {
		return err
	}
	text, err := generate.Preset(preset, host)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, defaultProfile)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return hinted(fmt.Errorf("%s: exists already", file), "vmloom check "+file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	fmt.Fprintln(u.out, file)
	schema := filepath.Join(dir, "vmloom.schema.json")
	if err := os.WriteFile(schema, []byte(profile.Schema), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(u.out, schema)
	u.say("hint: look it over, then: vmloom gen %s", file)
	return nil
}

// thisHost reads what a preset takes from the machine.
func thisHost(dir string) (generate.PresetHost, error) {
	me, err := user.Current()
	if err != nil {
		return generate.PresetHost{}, err
	}
	h := generate.PresetHost{OS: "linux", Arch: "x86_64", User: me.Username, Home: me.HomeDir, GuestUser: me.Username}
	if runtime.GOOS == "darwin" {
		h.OS = "macos"
	}
	if runtime.GOARCH == "arm64" {
		h.Arch = "aarch64"
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,30}$`).MatchString(me.Username) || me.Username == "root" {
		h.GuestUser = "dev"
	}
	if home, err := os.UserHomeDir(); err == nil {
		h.Home = home // $HOME, as Lima takes it
	}
	h.Mount, err = filepath.Abs(dir)
	if rest, below := strings.CutPrefix(h.Mount, h.Home+"/"); below {
		h.Mount = "~/" + rest
	}
	return h, err
}
