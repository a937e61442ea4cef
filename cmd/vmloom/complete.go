package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/generate"
	"vmloom/profile"
	"vmloom/verify"
)

// completeVerb is the hidden command that the shells ask. It looks words up and
// never reaches another command's action: a TAB must not run anything.
const completeVerb = "__complete"

// candidate is a word that may stand where the cursor is, and what it is.
type candidate struct{ word, about string }

// completion is one command line so far, and the word at its end that is not whole.
type completion struct {
	app  *cli.App
	cmd  *cli.Command
	args []string // what is given to cmd already
	word string   // what the candidates begin with
}

func completeCmd(u *ui) *cli.Command {
	return &cli.Command{
		Name: completeVerb, Hidden: true, SkipFlagParsing: true,
		Usage: "print the words that may follow the given ones, a line each: WORD, a tab, what it is",
		Action: func(c *cli.Context) error {
			words := c.Args().Slice()
			if len(words) > 0 && words[0] == "--" {
				words = words[1:]
			}
			for _, found := range complete(c.App, words) {
				u.result(found.word + "\t" + found.about)
			}
			return nil
		},
	}
}

// complete gives what the last of the words, which follow the program's name, may become.
func complete(app *cli.App, words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	x := completion{app: app, word: words[len(words)-1]}
	words = words[:len(words)-1]
	at := slices.IndexFunc(words, func(w string) bool { return !strings.HasPrefix(w, "-") })
	if at < 0 {
		return x.beginning(append(commandNames(app), flagNames(app.Flags)...))
	}
	if x.cmd = app.Command(words[at]); x.cmd == nil || x.cmd.Hidden {
		return nil
	}
	x.args = words[at+1:]
	return x.candidates()
}

func (x *completion) candidates() []candidate {
	if x.cmd.SkipFlagParsing { // what follows the profile is the guest's
		if len(x.args) > 0 {
			return nil
		}
		return x.beginning(profilesAt(x.word))
	}
	behind := slices.Contains(x.args, "--") // only arguments follow
	if n := len(x.args); n > 0 && !behind && strings.HasPrefix(x.args[n-1], "-") && takesValue(x.cmd, x.args[n-1]) {
		return x.beginning(x.values(x.args[n-1]))
	}
	if flag, value, ok := strings.Cut(x.word, "="); ok && !behind && takesValue(x.cmd, flag) {
		x.word = value
		found := x.beginning(x.values(flag))
		for i := range found {
			found[i].word = flag + "=" + found[i].word
		}
		return found
	}
	if strings.HasPrefix(x.word, "-") && !behind {
		return x.beginning(flagNames(x.cmd.Flags))
	}
	if arguments := argumentWords[x.cmd.Name]; arguments != nil {
		return x.beginning(arguments(x))
	}
	return x.beginning(profilesAt(x.word))
}

// beginning are those of the candidates that begin with the word.
func (x *completion) beginning(all []candidate) []candidate {
	return slices.DeleteFunc(all, func(c candidate) bool { return !strings.HasPrefix(c.word, x.word) })
}

// argumentWords are the words for a command's arguments; all others take profiles.
var argumentWords = map[string]func(*completion) []candidate{
	"adopt":      func(*completion) []candidate { return limaInstances("") },
	"completion": func(*completion) []candidate { return plainWords(slices.Sorted(maps.Keys(completions))...) },
	"init":       func(*completion) []candidate { return nil }, // a directory: the shell's own
	"packages":   func(*completion) []candidate { return packageWords() },
}

// flagWords are the words for the value of COMMAND --FLAG; nil: a file, or the user's own word.
var flagWords = map[string]func(*completion) []candidate{
	"adopt --guest":       func(*completion) []candidate { return guestWords() },
	"adopt --instance":    func(*completion) []candidate { return limaInstances("") },
	"adopt --name":        nil,
	"adopt --os":          func(*completion) []candidate { return plainWords(hostNames()...) },
	"adopt --output":      nil,
	"adopt --plist":       nil,
	"adopt --ssh-config":  nil,
	"adopt --user":        nil,
	"adopt --wezterm":     nil,
	"backup --without":    nil,
	"build-image --junit": nil,
	"build-image --on":    func(*completion) []candidate { return placeWords() },
	"lock --on":           func(*completion) []candidate { return placeWords() },
	"check --explain":     nil,
	"editor --dir":        nil,
	"init --instance":     nil,
	"init --name":         nil,
	"init --preset":       func(*completion) []candidate { return presetWords() },
	"matrix --since":      nil,
	"verify --junit":      nil,
	"verify --only":       func(x *completion) []candidate { return checkWords(x.args) },
}

func (x *completion) values(given string) []candidate {
	name := strings.TrimLeft(given, "-")
	for _, f := range x.cmd.Flags {
		if names := f.Names(); slices.Contains(names, name) {
			if words := flagWords[x.cmd.Name+" --"+names[0]]; words != nil {
				return words(x)
			}
		}
	}
	return nil
}

func commandNames(app *cli.App) (out []candidate) {
	for _, cmd := range app.Commands {
		if !cmd.Hidden {
			out = append(out, candidate{cmd.Name, cmd.Usage})
		}
	}
	return out
}

func flagNames(flags []cli.Flag) (out []candidate) {
	for _, f := range append(slices.Clone(flags), cli.HelpFlag) {
		about := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			about = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		if word := "--" + f.Names()[0]; !slices.ContainsFunc(out, func(c candidate) bool { return c.word == word }) {
			out = append(out, candidate{word, about})
		}
	}
	return out
}

func plainWords(words ...string) (out []candidate) {
	for _, w := range words {
		out = append(out, candidate{w, ""})
	}
	return out
}

// profilesAt are the profiles in the directory that the word names so far, and
// the directories there that hold one. It looks no deeper: a TAB has no time.
func profilesAt(word string) (out []candidate) {
	dir, _ := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Join(".", dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		if isProfile(name) && !e.IsDir() {
			out = append(out, candidate{dir + name, "profile"})
		} else if info, err := os.Stat(filepath.Join(dir, name, defaultProfile)); err == nil && info.Mode().IsRegular() {
			out = append(out, candidate{dir + name + "/", "directory of a profile"})
		}
	}
	return out
}

func presetWords() (out []candidate) {
	for _, k := range generate.PresetKinds() {
		out = append(out, candidate{k.Name, k.About})
	}
	return out
}

func packageWords() (out []candidate) {
	for _, e := range profile.Packages() {
		out = append(out, candidate{e.Name, ""})
		for _, word := range e.Also {
			out = append(out, candidate{word, "in " + e.Name})
		}
	}
	return out
}

func guestWords() (out []candidate) {
	for _, s := range profile.Systems() {
		name := s.Name
		if len(s.Releases) > 0 {
			name += ":"
		}
		out = append(out, plainWords(name)...)
	}
	return out
}

func hostNames() (names []string) {
	for _, h := range profile.HostOSes() {
		names = append(names, h.Name)
	}
	return names
}

func placeWords() []candidate {
	return append([]candidate{{"auto", "vmloom chooses, and says why"}, {"local", "this machine"}, {"ssh://", "user@host of a builder"}}, limaInstances("lima:")...)
}

// limaInstances are the instances of this host, by their directories: asking limactl would run something.
func limaInstances(prefix string) (out []candidate) {
	layout, err := hostLayout()
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(limaDir(layout))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(limaDir(layout), e.Name(), "lima.yaml")); err == nil {
			out = append(out, candidate{prefix + e.Name(), "Lima's instance"})
		}
	}
	return out
}

// checkWords are the ids of the checks of the profile that the arguments name.
func checkWords(args []string) (out []candidate) {
	path := defaultProfile
	for _, arg := range args {
		if isProfile(filepath.Base(arg)) {
			path = arg
		}
	}
	p, err := load(path)
	if err != nil {
		return nil
	}
	for _, check := range verify.Checks(p) {
		out = append(out, candidate{check.ID, check.Title})
	}
	return out
}
