package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"vmloom/internal/tooltest"
)

// TestDocsCommandsReference keeps docs/commands.md: every command with its flags, as vmloom COMMAND --help has them.
func TestDocsCommandsReference(t *testing.T) {
	keepSection(t, "../../docs/commands.md", "commands", commandsReference())
}

// keepSection holds a section of a page to what is made, or renews it.
func keepSection(t *testing.T, page, name, want string) {
	t.Helper()
	src, err := os.ReadFile(page)
	must(t, err)
	text := section(t, string(src), name, want)
	if *update {
		must(t, os.WriteFile(page, []byte(text), 0o644))
	} else if text != string(src) {
		t.Errorf("%s: the section %s is not what the code says; go test ./cmd/vmloom -run %s -update renews it", page, name, t.Name())
	}
}

// typedWord is a value of a flag in its help: `NAME`.
var typedWord = regexp.MustCompile("`([^`]+)`")

func commandsReference() string {
	var b strings.Builder
	for _, cmd := range commands(&ui{}) {
		if cmd.Hidden {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n```text\n%s\n```\n", cmd.Name, tableCell(upper(cmd.Usage)), strings.TrimSpace("vmloom "+cmd.Name+" [FLAGS] "+cmd.ArgsUsage))
		for i, sub := range cmd.Subcommands {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "- `%s`: %s\n", strings.TrimSpace("vmloom "+cmd.Name+" "+sub.Name+" "+sub.ArgsUsage), tableCell(sub.Usage))
		}
		flags := flagRows(cmd.Flags)
		if len(flags) > 0 {
			b.WriteString("\n| flag | what |\n| --- | --- |\n" + strings.Join(flags, ""))
		}
	}
	return b.String() + "\n"
}

func flagRows(flags []cli.Flag) (rows []string) {
	for _, f := range flags {
		doc, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		usage, value := doc.GetUsage(), ""
		if m := typedWord.FindStringSubmatch(usage); m != nil && doc.TakesValue() {
			value = " " + m[1]
			usage = strings.ReplaceAll(usage, "`", "")
		}
		var names []string
		for _, name := range f.Names() {
			names = append(names, "`"+strings.Repeat("-", min(len(name), 2))+name+value+"`")
		}
		rows = append(rows, fmt.Sprintf("| %s | %s |\n", strings.Join(names, ", "), tableCell(usage)))
	}
	return rows
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

var tableCell = strings.NewReplacer("|", `\|`, "<", `\<`).Replace

// TestDocsOutputs: docs/outputs.md names each folder, script and definition that a golden profile has.
func TestDocsOutputs(t *testing.T) {
	page, err := os.ReadFile("../../docs/outputs.md")
	must(t, err)
	named := 0
	for _, path := range tooltest.Goldens(t) {
		trees, err := filepath.Glob(filepath.Join(filepath.Dir(path), "generated", "*", "*", "*"))
		must(t, err)
		for _, file := range trees {
			folder, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
			word := "`" + folder + "/`"
			switch verb, isScript := strings.CutSuffix(name, ".sh"); {
			case folder == "scripts" && isScript:
				word = "`NAME" + verb[strings.LastIndexByte(verb, '-'):] + ".sh`"
			case folder == "nix" || folder == "guix":
				word = "`" + folder + "/" + name + "`"
			}
			named++
			if !strings.Contains(string(page), word) {
				t.Errorf("docs/outputs.md: %s (of %s) is missing", word, file)
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d files looked at", named)
	}
}
