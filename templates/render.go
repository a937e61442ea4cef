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

// languages are made at their first use, which is that of a template.
var languages = sync.OnceValue(func() []language {
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
})

// shaping are the functions of sprig that a template may call: those that shape a
// value and decide nothing (docs/decisions/sprig.md). Each is used by a template.
func shaping() []string { return []string{"join", "toString", "trimSuffix"} }

// functions is what a template may call: every quoting function (an inner call may
// be of another language, as in {{ nix (sh .Argv) }}), Lima's own template escape,
// and the few of sprig's 194 that shaping names. Nobody changes it.
var functions = sync.OnceValue(func() template.FuncMap {
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
})

// Names lists the shipped templates that make a file of their own, sorted.
func Names() []string {
	names, err := fs.Glob(shipped, "*/*"+suffix)
	if err != nil {
		panic(err) // only a malformed pattern
	}
	return slices.DeleteFunc(names, isPartial)
}

func isPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }

// loaded parses a shipped template at its first use, and only once, as the partials
// of its folder: a run over a thousand profiles renders each of them a thousand
// times, and one over one profile calls the same partials from each script.
var loaded = sync.OnceValue(func() map[string]func() (ready, error) {
	shared := sync.OnceValues(func() (*template.Template, error) { return loadShared(shipped) })
	folders := map[string]func() (*folder, error){}
	m := map[string]func() (ready, error){}
	for _, name := range Names() {
		dir := path.Dir(name)
		if folders[dir] == nil {
			folders[dir] = sync.OnceValues(func() (*folder, error) { return loadFolder(shipped, dir, shared) })
		}
		m[name] = sync.OnceValues(func() (ready, error) {
			f, err := folders[dir]()
			if err != nil {
				return ready{}, err
			}
			return f.load(shipped, name)
		})
	}
	return m
})

// ready is a template that can be executed.
type ready struct {
	*template.Template
	program *program // nil: only by text/template
}

// buffers are used again: what they held is copied out of them.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render executes a shipped template such as "lima/instance.yaml.tmpl", as a program where it can.
func Render(name string, data any) ([]byte, error) {
	load, ok := loaded()[name]
	if !ok {
		return nil, fmt.Errorf("%s: no such template", name)
	}
	t, err := load()
	if err != nil {
		return nil, err
	}
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	if t.program == nil || !t.program.run(out, data) {
		out.Reset()
		if err := t.Execute(out, data); err != nil {
			return nil, readable(err)
		}
	}
	return bytes.Clone(out.Bytes()), nil
}

// sharedDir holds partials that templates of several folders call.
const sharedDir = "shared"

// Load parses the template name of fsys together with the partials (_*.tmpl) of its
// folder and those in shared/, which it calls by base name, and passes all of them through
// the gate.
func Load(fsys fs.FS, name string) (*template.Template, error) {
	f, err := loadFolder(fsys, path.Dir(name), func() (*template.Template, error) { return loadShared(fsys) })
	if err != nil {
		return nil, err
	}
	t, err := f.load(fsys, name)
	return t.Template, err
}

// loadShared parses the partials in shared/. They may call those of a folder, so the gate has to wait.
func loadShared(fsys fs.FS) (*template.Template, error) {
	root := template.New("").Option("missingkey=error").Funcs(functions())
	return root, parsePartials(root, fsys, sharedDir)
}

// folder is what is parsed of a folder's templates and of the shared partials, and made into programs.
type folder struct {
	adding   sync.Mutex
	root     *template.Template
	programs map[string]*program // by the names that they are called by
}

// loadFolder adds the partials of a folder to the shared ones, and passes all through the gate.
func loadFolder(fsys fs.FS, dir string, shared func() (*template.Template, error)) (*folder, error) {
	partials, err := shared()
	if err != nil {
		return nil, err
	}
	root, err := partials.Clone() // what is parsed is shared
	if err != nil {
		return nil, err
	}
	if err := parsePartials(root, fsys, dir); err != nil {
		return nil, err
	}
	return &folder{root: root, programs: map[string]*program{}}, gate(root, root.Templates())
}

// load adds one template to the partials, which the gate has seen.
func (f *folder) load(fsys fs.FS, name string) (ready, error) {
	f.adding.Lock()
	defer f.adding.Unlock()
	before := f.root.Templates()
	t, err := parseFile(f.root, fsys, name)
	if err != nil {
		return ready{}, err
	}
	added := slices.DeleteFunc(f.root.Templates(), func(t *template.Template) bool { return slices.Contains(before, t) })
	if err := gate(f.root, added); err != nil {
		return ready{}, err
	}
	return ready{t, compile(t, f.programs)}, nil
}

// parsePartials adds those of a folder to root, by their base names.
func parsePartials(root *template.Template, fsys fs.FS, dir string) error {
	files, err := fs.Glob(fsys, path.Join(dir, "_*"+suffix))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for _, file := range files {
		t, err := parseFile(root, fsys, file)
		if err != nil {
			return err
		}
		if t.Tree == nil {
			continue
		}
		if _, err := root.AddParseTree(path.Base(file), t.Tree); err != nil {
			return readable(err)
		}
	}
	return nil
}

// parseFile adds a file to root, under its full path, so that errors give that.
func parseFile(root *template.Template, fsys fs.FS, file string) (*template.Template, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	t, err := root.New(file).Parse(string(text))
	if err != nil {
		return nil, readable(err)
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
