package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves a command's flags before its arguments. urfave/cli v2 takes
// a flag that follows an argument for an argument, silently: gen p --check
// would write. What follows a bare -- stays.
func flagsFirst(app *cli.App, args []string) []string {
	at := slices.IndexFunc(args[min(1, len(args)):], func(a string) bool { return !strings.HasPrefix(a, "-") }) + 1
	if at < 1 || at >= len(args) {
		return args
	}
	cmd := app.Command(args[at])
	if cmd == nil || cmd.SkipFlagParsing {
		return args
	}
	var flags, rest []string
	for i := at + 1; i < len(args); i++ {
		switch {
		case args[i] == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case strings.HasPrefix(args[i], "-") && args[i] != "-":
			flags = append(flags, args[i])
			if !takesValue(cmd, args[i]) {
				continue
			}
			if i++; i == len(args) { // without its value, of which a -- would be taken for one
				return slices.Concat(args[:at+1], rest, flags)
			}
			flags = append(flags, args[i])
		default:
			rest = append(rest, args[i])
		}
	}
	return slices.Concat(args[:at+1], flags, []string{"--"}, rest)
}

// takesValue reports whether the flag, written as given, takes the next word.
func takesValue(cmd *cli.Command, given string) bool {
	name := strings.TrimLeft(given, "-")
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
