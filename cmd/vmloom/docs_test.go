package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v4"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// block is one fenced block of a page.
type block struct {
	info, text string
	line       int
}

func blocks(t *testing.T, path string) (out []block) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	for i, line := range strings.Split(string(src), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{info: info, line: i + 1}
		case fence:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: block is not closed", path, open.line)
	}
	return out
}

// pages are what a reader has, each tried here; but for docs/fleets.md, whose blocks are a fleet's and have tests of
// their own, and docs/sharing.md, which has parts of profiles.
var pages = func() []string {
	all := []string{"../../README.md", "../../CHANGELOG.md", "../../CONTRIBUTING.md", "../../SECURITY.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/decisions/*.md"} {
		found, _ := filepath.Glob(pattern)
		all = append(all, found...)
	}
	return slices.DeleteFunc(all, func(page string) bool {
		return slices.Contains([]string{"fleets.md", "sharing.md"}, filepath.Base(page))
	})
}()

// least is what a fragment in the docs lacks to be a profile.
const least = `version: 1
name: tiny
host: {os: linux, user: ada}
guest: {system: debian, release: "13", user: {name: dev}}
`

// TestDocsYAML loads every YAML block of the docs as a profile: whole ones as
// they stand, fragments in place of the same keys of the least profile. Blocks
// that show an output instead must be in an example's output.
func TestDocsYAML(t *testing.T) {
	n := 0
	for _, page := range pages {
		for _, b := range blocks(t, page) {
			if b.info != "yaml" {
				continue
			}
			n++
			where := fmt.Sprintf("%s:%d", page, b.line)
			if strings.HasPrefix(b.text, "portForwards:") {
				inOutput(t, where, b.text)
				continue
			}
			if strings.HasPrefix(b.text, "# .github/workflows/") {
				workflow(t, where, b.text)
				continue
			}
			text := b.text
			if !strings.Contains(text, "version:") {
				var whole, part map[string]any
				must(t, yaml.Unmarshal([]byte(least), &whole))
				must(t, yaml.Unmarshal([]byte(text), &part))
				for k, v := range part {
					whole[k] = v
				}
				data, err := yaml.Marshal(whole)
				must(t, err)
				text = string(data)
			}
			if _, err := profile.Load("vmloom.yaml", []byte(text)); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
	}
	if n < 35 || len(pages) < 40 {
		t.Errorf("only %d YAML blocks found in %d pages", n, len(pages))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inOutput(t *testing.T, where, text string) {
	out, err := os.ReadFile("../../examples/ascalon/generated/ascalon/lima/default.yaml")
	must(t, err)
	if !strings.Contains(string(out), text) {
		t.Errorf("%s: is not in the example's output", where)
	}
}

// workflow checks a GitHub Actions file as far as it can be: it is YAML of the
// known shape, and says to vmloom only what vmloom understands.
func workflow(t *testing.T, where, text string) {
	var w struct {
		Name string
		On   any
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Name, Uses, Run, If string
				With                map[string]any
			}
		}
	}
	if err := yaml.Load([]byte(text), &w, yaml.WithKnownFields()); err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	said := 0
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			if (step.Uses == "") == (step.Run == "") {
				t.Errorf("%s: step %q needs one of uses and run", where, step.Name)
			}
			for line := range strings.Lines(step.Run) {
				if args, ok := strings.CutPrefix(strings.TrimSpace(line), "vmloom "); ok {
					said++
					understood(t, where, strings.Fields(args))
				}
			}
		}
	}
	if said < 2 {
		t.Errorf("%s: calls vmloom %d times", where, said)
	}
}

// understood checks a command line of vmloom's own: the command and its flags.
func understood(t *testing.T, where string, args []string) {
	app := &cli.App{Commands: commands(&ui{})}
	cmd := app.Command(args[0])
	if cmd == nil {
		t.Errorf("%s: vmloom %s: no such command", where, args[0])
		return
	}
	for _, a := range args[1:] {
		name, isFlag := strings.CutPrefix(a, "--")
		if isFlag && !slices.ContainsFunc(cmd.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) }) {
			t.Errorf("%s: vmloom %s has no flag --%s", where, args[0], name)
		}
	}
}

// TestDocsWords: what the docs have a reader type is understood.
func TestDocsWords(t *testing.T) {
	n := 0
	for _, page := range pages {
		for _, b := range blocks(t, page) {
			for line := range strings.Lines(b.text) {
				line, _, _ = strings.Cut(line, " #")
				if args, ok := strings.CutPrefix(strings.TrimSpace(line), "vmloom "); ok && b.info == "sh" {
					n++
					understood(t, fmt.Sprintf("%s:%d", page, b.line), strings.Fields(args))
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d commands found", n)
	}
}

// TestDocsCommands runs the vmloom commands of the docs in a copy of examples/.
func TestDocsCommands(t *testing.T) {
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../../examples")))
	t.Chdir(dir)
	n := 0
	for _, page := range pages {
		for _, b := range blocks(t, filepath.Join(repo, page)) {
			for line := range strings.Lines(b.text) {
				line, _, _ = strings.Cut(line, "#")
				args, ok := strings.CutPrefix(strings.TrimSpace(line), "go run ./cmd/vmloom ")
				if b.info != "sh" || !ok {
					continue
				}
				n++
				var stdout, stderr strings.Builder
				if status := run(append([]string{"vmloom"}, strings.Fields(args)...), &stdout, &stderr); status != 0 {
					t.Errorf("%s: %s: status %d\n%s", page, args, status, stderr.String())
				}
				if args == "gen examples/ascalon/vmloom.yaml" && !strings.Contains(stderr.String(), "unchanged") {
					t.Errorf("%s: the example is not up to date:\n%s%s", page, stdout.String(), stderr.String())
				}
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d commands found", n)
	}
}

// repo is where the tests run, which TestDocsCommands leaves.
var repo, _ = os.Getwd()

// TestDocsLinks checks that relative links of the docs lead somewhere.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, page := range pages {
		src, err := os.ReadFile(page)
		must(t, err)
		for _, m := range link.FindAllStringSubmatch(string(src), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
			}
		}
	}
}

// TestDocsReference holds the tables of docs/profile.md to the schema and the
// presets, and every field to the profile that sets all of them.
func TestDocsReference(t *testing.T) {
	const page = "../../docs/profile.md"
	src, err := os.ReadFile(page)
	must(t, err)
	text := section(t, string(src), "fields", fieldTable(t))
	text = section(t, text, "presets", presetTable())
	if *update {
		must(t, os.WriteFile(page, []byte(text), 0o644))
	} else if text != string(src) {
		t.Errorf("%s: the tables are not what the schema says; go test ./cmd/vmloom -update renews them", page)
	}
	var all []byte // what the golden profiles set
	for _, path := range tooltest.Goldens(t) {
		src, err := os.ReadFile(path)
		must(t, err)
		all = append(all, src...)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(fieldTable(t), -1) {
		key := m[1][strings.LastIndexAny(m[1], ".]")+1:]
		if !regexp.MustCompile(`\b` + key + `:`).Match(all) {
			t.Errorf("no profile in testdata/golden sets %s", m[1])
		}
	}
}

// section replaces what stands between the two marks of a page.
func section(t *testing.T, text, name, content string) string {
	before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- end of "+name+" -->\n")
	if !ok || !ok2 {
		t.Fatalf("no section %s", name)
	}
	return before + "<!-- " + name + " -->\n" + content + "<!-- end of " + name + " -->\n" + after
}

func presetTable() string {
	out := "\n| from | host path on macOS | host path on Linux | guest path | variable |\n| --- | --- | --- | --- | --- |\n"
	presets := profile.SocketPresets()
	slices.SortFunc(presets, func(a, b profile.SocketPreset) int { return strings.Compare(a.From, b.From) })
	for _, s := range presets {
		out += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", s.From, code(s.MacOS), code(s.Linux), code(s.Guest), code(s.Env))
	}
	return out + "\n"
}

func code(s string) string {
	if s == "" {
		return "say `host:`"
	}
	return "`" + s + "`"
}

type schemaNode struct {
	Ref         string                `json:"$ref"`
	Description string                `json:"description"`
	Properties  map[string]schemaNode `json:"properties"`
	Items       *schemaNode           `json:"items"`
	Type        string                `json:"type"`
	Enum        []any                 `json:"enum"`
	Required    []string              `json:"required"`
	Defs        map[string]schemaNode `json:"$defs"`
	OneOf       []schemaNode          `json:"oneOf"`
}

// fieldTable lists every field of the schema with its description, in the
// order of the paths.
func fieldTable(t *testing.T) string {
	var root schemaNode
	must(t, json.Unmarshal([]byte(profile.Schema), &root))
	out := "\n| field | what | a change costs |\n| --- | --- | --- |\n"
	var walk func(n schemaNode, path string)
	walk = func(n schemaNode, path string) {
		if n.Ref != "" {
			n = root.Defs[n.Ref[strings.LastIndexByte(n.Ref, '/')+1:]]
		}
		if n.Items != nil {
			walk(*n.Items, path+"[]")
		}
		for _, alternative := range n.OneOf {
			walk(alternative, path)
		}
		for _, name := range keysInOrder(t, n.Properties) {
			p := n.Properties[name]
			at := strings.TrimPrefix(path+"."+name, ".")
			required := ""
			for _, r := range n.Required {
				if r == name {
					required = " Required."
				}
			}
			cost := ""
			if p.Properties == nil && (p.Items == nil || p.Items.Ref == "") && p.Ref == "" {
				cost = profile.ChangeWords(at)
			}
			out += fmt.Sprintf("| `%s` | %s%s | %s |\n", at, strings.ReplaceAll(p.Description, "|", "\\|"), required, cost)
			walk(p, at)
		}
	}
	walk(root, "")
	return out + "\n"
}

// keysInOrder gives the properties in the order of the schema, which JSON's map loses.
func keysInOrder(t *testing.T, props map[string]schemaNode) []string {
	at := map[string]int{}
	var names []string
	for name := range props {
		names = append(names, name)
		d, err := json.Marshal(props[name].Description)
		must(t, err)
		at[name] = strings.Index(profile.Schema, strings.Trim(string(d), `"`))
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(at[a]-at[b], strings.Compare(a, b)) })
	return names
}
