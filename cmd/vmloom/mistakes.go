package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/profile"
)

// verbs are what other programs call what vmloom does under another name:
// Lima's, Docker's, Vagrant's and Terraform's words.
var verbs = map[string]string{
	"start": "up", "create": "up", "run": "up", "new": "init", "boot": "up",
	"list": "status", "ls": "status", "ps": "status", "info": "status", "inspect": "status",
	"shell": "ssh", "exec": "ssh", "enter": "ssh", "console": "ssh", "connect": "ssh", "attach": "ssh",
	"delete": "destroy", "rm": "destroy", "remove": "destroy", "purge": "destroy",
	"halt": "stop", "shutdown": "stop", "poweroff": "stop", "suspend": "stop", "pause": "stop", "kill": "stop",
	"restart": "rebuild", "reload": "rebuild", "recreate": "rebuild", "provision": "rebuild", "upgrade": "rebuild", "update": "rebuild",
	"apply": "gen", "generate": "gen", "render": "gen", "compile": "gen", "edit": "gen", "sync": "gen",
	"validate": "check", "lint": "check", "test": "verify", "fix": "repair",
	"build": "build-image", "image": "build-image", "import": "adopt", "uninstall": "down", "search": "packages", "pkgs": "packages",
}

// unknownCommand answers a first word that is no command: one of another
// program's, one that is nearly one, or a profile without a verb.
func unknownCommand(c *cli.Context) error {
	given := c.Args().First()
	if verb, ok := verbs[strings.ToLower(given)]; ok {
		return usage("command "+given+": unknown", "it is called: vmloom "+verb)
	}
	if namesProfile(c.Context, given) {
		return usage("command "+given+": unknown", "the verb comes first: vmloom check "+given)
	}
	var names []string
	for _, cmd := range commandNames(c.App) {
		names = append(names, cmd.word)
	}
	near := profile.Near(given, slices.Concat(names, slices.Sorted(maps.Keys(verbs))), 1)
	if len(near) == 0 {
		return usage("command "+given+": unknown", "vmloom --help lists the commands")
	}
	if verb, ok := verbs[near[0]]; ok {
		near[0] = verb
	}
	return usage("command "+given+": unknown", "did you mean vmloom "+near[0]+"?")
}

// usageError answers a flag that the flag package did not take.
func usageError(c *cli.Context, err error, _ bool) error {
	name, flags := "", c.App.Flags
	hint := "vmloom --help lists the commands"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "vmloom" {
		name, flags = " "+c.Command.Name, c.Command.Flags
		hint = "vmloom" + name + " --help lists its flags"
	}
	if given, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		return usage("flag "+dashed(given)+": vmloom"+name+" has none", didYouMean(dashed(given), flagWordsOf(flags), hint))
	}
	if given, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		return usage("flag "+dashed(given)+": needs a value", hint)
	}
	return usage(err.Error(), hint)
}

// dashed writes a flag as vmloom does; Go's package has one dash for all.
func dashed(flag string) string {
	name := strings.TrimLeft(flag, "-")
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func flagWordsOf(flags []cli.Flag) (out []string) {
	for _, f := range flagNames(flags) {
		out = append(out, f.word)
	}
	return out
}

// helpCmd is what people type before they know --help.
func helpCmd() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "what vmloom does, or one of its commands",
		ArgsUsage: "[COMMAND]",
		Action: func(c *cli.Context) error {
			root := c.Lineage()[1]
			if !c.Args().Present() {
				return cli.ShowAppHelp(root)
			}
			if c.App.Command(c.Args().First()) == nil {
				return unknownCommand(c)
			}
			return cli.ShowCommandHelp(root, c.Args().First())
		},
	}
}
