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
	"restart": "rebuild", "reload": "apply", "recreate": "rebuild", "provision": "apply", "upgrade": "rebuild", "update": "apply",
	"converge": "apply", "generate": "gen", "render": "gen", "compile": "gen", "sync": "apply",
	"validate": "check", "lint": "check", "test": "verify", "fix": "repair",
	"setup": "init", "configure": "init", "launch": "up", "resume": "up", "open": "ssh", "login": "ssh", "reset": "rebuild", "install": "up", "show": "status", "state": "status",
	"build": "build-image", "image": "build-image", "import": "adopt", "uninstall": "down", "search": "packages", "pkgs": "packages",
}

// instead are words for what is done otherwise: how.
var instead = map[string]string{
	"edit": "edit the profile; vmloom gen --watch follows", "config": "the profile is the configuration: vmloom check says what is wrong with it", "plan": "vmloom up --dry-run shows what would be done", "diff": "vmloom gen --diff shows it",
	"watch": "vmloom gen --watch", "logs": "vmloom status says what is wrong; the guest's own: vmloom ssh -- journalctl -b", "log": "vmloom status says what is wrong; the guest's own: vmloom ssh -- journalctl -b",
	"mount": "write it into mounts: of the profile, then vmloom apply", "share": "write it into mounts: of the profile, then vmloom apply", "port": "write it into ports: of the profile, then vmloom apply", "forward": "write it into ports: of the profile, then vmloom apply",
	"port-forward": "write it into ports: of the profile, then vmloom apply", "cp": "mounts: of the profile share files; a single one: vmloom ssh -- cat FILE", "copy": "mounts: of the profile share files; a single one: vmloom ssh -- cat FILE", "scp": "mounts: of the profile share files; a single one: vmloom ssh -- cat FILE",
	"docker": "vmloom ssh -- docker runs it in the VM", "podman": "vmloom ssh -- podman runs it in the VM", "kubectl": "vmloom ssh -- kubectl runs it in the VM", "nix": "vmloom ssh -- nix runs it in the VM", "docs": "vmloom help COMMAND explains one", "usage": "vmloom help COMMAND explains one",
}

// unknownCommand answers a first word that is no command: one of another
// program's, one that is nearly one, or a profile without a verb.
func unknownCommand(c *cli.Context) error {
	given := c.Args().First()
	if verb, ok := verbs[strings.ToLower(given)]; ok {
		return usage("command "+given+": unknown", "it is called: vmloom "+verb)
	}
	if hint, ok := instead[strings.ToLower(given)]; ok && c.App.Command(given) == nil {
		return usage("command "+given+": unknown", hint)
	}
	if namesProfile(c.Context, given) {
		return usage("command "+given+": unknown", "the verb comes first: vmloom check "+given)
	}
	var names []string
	for _, cmd := range commandNames(c.App) {
		names = append(names, cmd.word)
	}
	var begun []string // stat is status
	for _, name := range names {
		if len(given) > 1 && strings.HasPrefix(name, strings.ToLower(given)) {
			begun = append(begun, name)
		}
	}
	if len(begun) == 1 {
		return usage("command "+given+": unknown", "did you mean vmloom "+begun[0]+"?")
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
		if name == "" && someCommandHas(c.App, dashed(given)) {
			return usage("flag "+dashed(given)+": vmloom itself has none", "flags stand behind the command: vmloom COMMAND "+dashed(given))
		}
		return usage("flag "+dashed(given)+": vmloom"+name+" has none", didYouMean(dashed(given), flagWordsOf(flags), hint))
	}
	if _, given, ok := strings.Cut(err.Error(), "invalid boolean value "); ok { // "yes" for -strict: parse error
		_, flag, _ := strings.Cut(given, " for ")
		flag, _, _ = strings.Cut(flag, ":")
		return usage("flag "+dashed(flag)+": takes no value", "vmloom"+name+" "+dashed(flag))
	}
	if given, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		return usage("flag "+dashed(given)+": needs a value", hint)
	}
	return usage(err.Error(), hint)
}

// someCommandHas reports whether a flag is one of a command's: it was typed before the command.
func someCommandHas(app *cli.App, flag string) bool {
	return slices.ContainsFunc(app.Commands, func(cmd *cli.Command) bool {
		return slices.ContainsFunc(cmd.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), strings.TrimLeft(flag, "-")) })
	})
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
