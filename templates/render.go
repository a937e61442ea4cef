// Package templates renders one output file. In goes the name of a template
// below this folder and the view struct it prints; out come the bytes of a Nix,
// YAML, sh, … file. It never decides anything about the output (views are filled
// in package generate), and it never lets a value into a file unquoted: see gate.go.
package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"vmloom/quote"
)

const suffix = ".tmpl"

// language ties the extension before .tmpl to the functions that may print there.
type language struct {
	exts  []string
	funcs template.FuncMap
}

// languages is a function so that nobody can change the table.
func languages() []language {
	return []language{
		{[]string{".nix"}, template.FuncMap{"nix": quote.Nix, "nixName": quote.NixName,
			"nixIdent": quote.NixIdent, "nixLines": quote.NixLines, "nixComment": quote.NixComment}},
		{[]string{".scm"}, template.FuncMap{"scm": quote.Scheme, "scmSymbol": quote.SchemeSymbol,
			"scmComment": quote.SchemeComment}},
		{[]string{".yaml"}, template.FuncMap{"yaml": quote.YAML, "yamlBlock": quote.YAMLBlock,
			"yamlComment": quote.YAMLComment}},
		{[]string{".plist"}, template.FuncMap{"xml": quote.XML, "xmlComment": quote.XMLComment}},
		{[]string{".lua"}, template.FuncMap{"lua": quote.Lua, "luaComment": quote.LuaComment}},
		{[]string{".sh"}, template.FuncMap{"sh": quote.Sh, "shComment": quote.ShComment}},
		{[]string{".ssh_config"}, template.FuncMap{"ssh": quote.SSHConfig, "sshPath": quote.SSHConfigPath,
			"sshPattern": quote.SSHPattern, "sshComment": quote.SSHComment}},
		{[]string{".nixconf"}, template.FuncMap{"word": quote.Word, "wordComment": quote.WordComment}},
		{[]string{".md"}, template.FuncMap{"md": quote.Markdown, "mdCode": quote.MarkdownCode,
			"mdBlock": quote.MarkdownBlock, "mermaid": quote.Mermaid, "mermaidID": quote.MermaidID,
			"mdComment": quote.MarkdownComment, "mdAnchor": quote.MarkdownAnchor}},
		{[]string{".service", ".timer", ".path"}, template.FuncMap{"systemd": quote.Systemd,
			"systemdValue": quote.SystemdValue, "systemdEnv": quote.SystemdEnv,
			"systemdComment": quote.SystemdComment}},
	}
}

// shaping are the functions of sprig that a template may call: those that shape a
// value and decide nothing (docs/decisions/sprig.md). Each is used by a template.
func shaping() []string { return []string{"join", "toString", "trimSuffix"} }

// functions is what a template may call: every quoting function (an inner call may
// be of another language, as in {{ nix (sh .Argv) }}), Lima's own template escape,
// and the few of sprig's 194 that shaping names.
func functions() template.FuncMap {
	funcs := template.FuncMap{"lima": quote.LimaTemplate}
	sprigs := sprig.HermeticTxtFuncMap()
	for _, name := range shaping() {
		funcs[name] = sprigs[name]
	}
	for _, l := range languages() {
		for name, f := range l.funcs {
			funcs[name] = f
		}
	}
	return funcs
}

// Names lists the shipped templates that make a file of their own, sorted.
func Names() []string {
	names, err := fs.Glob(shipped, "*/*"+suffix)
	if err != nil {
		panic(err) // only a malformed pattern
	}
	return slices.DeleteFunc(names, isPartial)
}

func isPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }

// loaded parses a shipped template at its first use, and only once: a run over
// a thousand profiles renders each of them a thousand times.
var loaded = sync.OnceValue(func() map[string]func() (*template.Template, error) {
	m := map[string]func() (*template.Template, error){}
	for _, name := range Names() {
		m[name] = sync.OnceValues(func() (*template.Template, error) { return Load(shipped, name) })
	}
	return m
})

// Render executes a shipped template such as "lima/instance.yaml.tmpl".
func Render(name string, data any) ([]byte, error) {
	load, ok := loaded()[name]
	if !ok {
		return nil, fmt.Errorf("%s: no such template", name)
	}
	t, err := load()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, readable(err)
	}
	return out.Bytes(), nil
}

// sharedDir holds partials that templates of several folders call.
const sharedDir = "shared"

// Load parses the template name of fsys together with the partials (_*.tmpl) of its
// folder and those of its language in shared/, which it calls by base name, and passes all of them through
// the gate.
func Load(fsys fs.FS, name string) (*template.Template, error) {
	partials, err := fs.Glob(fsys, path.Join(path.Dir(name), "_*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	shared, err := fs.Glob(fsys, path.Join(sharedDir, "_*"+path.Ext(strings.TrimSuffix(name, suffix))+suffix))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	partials = append(shared, partials...)
	root := template.New(name).Option("missingkey=error").Funcs(functions())
	for _, file := range append(partials, name) {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		t, err := root.New(file).Parse(string(text))
		if err != nil {
			return nil, readable(err)
		}
		// Parsed under the full path, so that errors give the full path.
		if file != name && t.Tree != nil {
			if _, err := root.AddParseTree(path.Base(file), t.Tree); err != nil {
				return nil, readable(err)
			}
		}
	}
	t := root.Lookup(name)
	if err := gate(t); err != nil {
		return nil, err
	}
	return t, nil
}

var execution = regexp.MustCompile(`^(\S+): executing "[^"]*" at (<.*?>): (?:error calling \w+: )?`)

// readable turns `template: f:1:2: executing "f" at <yaml .X>: error calling yaml: E`
// into `f:1:2: <yaml .X>: E`.
func readable(err error) error {
	text := strings.TrimPrefix(err.Error(), "template: ")
	return errors.New(execution.ReplaceAllString(text, "$1: $2: "))
}
