package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestFlagWords: each flag that takes a value says what may stand there, if only
// that it is the user's own word; and nothing is said of flags that are not there.
func TestFlagWords(t *testing.T) {
	var known []string
	for _, cmd := range commands(&ui{}) {
		for _, f := range cmd.Flags {
			name := "--" + f.Names()[0]
			if !takesValue(cmd, name) {
				continue
			}
			known = append(known, cmd.Name+" "+name)
			if _, ok := flagWords[cmd.Name+" "+name]; !ok {
				t.Errorf("%s %s: no row in flagWords", cmd.Name, name)
			}
		}
	}
	for name := range flagWords {
		if !slices.Contains(known, name) {
			t.Errorf("flagWords: %s: no such flag", name)
		}
	}
}

// TestCompleteRunsNothing: no words at all reach an action, whatever they are.
func TestCompleteRunsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	u := &ui{out: t.Output(), err: t.Output()}
	cmds := commands(u)
	for _, cmd := range cmds {
		if cmd.Name != completeVerb {
			cmd.Action = func(*cli.Context) error { t.Errorf("%s was run", cmd.Name); return nil }
		}
	}
	app := &cli.App{Name: "vmloom", Commands: cmds, Writer: t.Output(), ErrWriter: t.Output(), Action: func(*cli.Context) error { t.Error("the app was run"); return nil }}
	for _, cmd := range cmds {
		for _, words := range []string{"", " ", " --", " -- x ", " -- ./deploy.sh --generate-bash-completion", " --help ", " x -- ", " --x= "} {
			line := strings.Split(cmd.Name+words, " ")
			if err := app.Run(append([]string{"vmloom", completeVerb, "--"}, line...)); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}
