// Package vmloom_test holds the repository to its own shape: what may import
// what, how long a file may be, that no template and no target is without a
// golden. It reads the sources; it runs nothing but go list.
package vmloom_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vmloom/generate"
	"vmloom/templates"
)

// maxLines is the longest that a file may be, tests excepted.
const maxLines = 400

// module is this one's path, whatever internal/modulepath has made of it.
var module = path.Dir("vmloom/profile")

// imports are the packages of ours that each package may import: left to right
// only, cmd -> generate -> verify -> engine -> process -> quote.
var imports = map[string][]string{
	"vmloom/cmd/vmloom":          {"vmloom/adopt", "vmloom/atomic", "vmloom/backup", "vmloom/cure", "vmloom/engine", "vmloom/flake", "vmloom/fleet", "vmloom/generate", "vmloom/guest", "vmloom/host", "vmloom/lima", "vmloom/ownership", "vmloom/process", "vmloom/profile", "vmloom/seen", "vmloom/verify", "vmloom/watch"},
	"vmloom/bench":               {}, // a program of its own
	"vmloom/generate":            {"vmloom/atomic", "vmloom/cure", "vmloom/engine", "vmloom/flake", "vmloom/lima", "vmloom/pattern", "vmloom/profile", "vmloom/quote", "vmloom/seen", "vmloom/templates", "vmloom/verify"},
	"vmloom/fleet":               {"vmloom/engine", "vmloom/flake", "vmloom/generate", "vmloom/profile", "vmloom/templates"},
	"vmloom/host":                {"vmloom/atlogin", "vmloom/atomic", "vmloom/cure", "vmloom/lima", "vmloom/process", "vmloom/profile", "vmloom/quote", "vmloom/wezterm"},
	"vmloom/verify":              {"vmloom/atlogin", "vmloom/atomic", "vmloom/cure", "vmloom/engine", "vmloom/flake", "vmloom/lima", "vmloom/ownership", "vmloom/pattern", "vmloom/process", "vmloom/profile", "vmloom/quote", "vmloom/wezterm"},
	"vmloom/engine":              {"vmloom/atomic", "vmloom/flake", "vmloom/lima", "vmloom/pattern", "vmloom/process", "vmloom/profile", "vmloom/quote", "vmloom/seen"},
	"vmloom/adopt":               {"vmloom/flake", "vmloom/lima", "vmloom/pattern", "vmloom/profile", "vmloom/wezterm"},
	"vmloom/process":             {"vmloom/quote"},
	"vmloom/templates":           {"vmloom/quote"},
	"vmloom/atomic":              {},
	"vmloom/atlogin":             {"vmloom/atomic"},
	"vmloom/backup":              {"vmloom/atomic", "vmloom/guest", "vmloom/process"},
	"vmloom/guest":               {"vmloom/process"},
	"vmloom/cure":                {},
	"vmloom/lima":                {"vmloom/pattern"},
	"vmloom/pattern":             {},
	"vmloom/ownership":           {"vmloom/atomic"},
	"vmloom/flake":               {"vmloom/pattern", "vmloom/profile"},
	"vmloom/profile":             {"vmloom/lima", "vmloom/pattern"},
	"vmloom/quote":               {"vmloom/pattern"},
	"vmloom/seen":                {"vmloom/atomic"},
	"vmloom/watch":               {"vmloom/seen"},
	"vmloom/wezterm":             {"vmloom/atomic"},
	"vmloom/internal/fakes":      {"vmloom/profile"},                             // tests only
	"vmloom/internal/indexes":    {"vmloom/internal/tooltest", "vmloom/profile"}, // tests only
	"vmloom/internal/tooltest":   {},
	"vmloom/internal/stubflakes": {"vmloom/internal/tooltest"}, // tests only
	module:                       {},                           // this file
	"vmloom/internal/modulepath": {},                           // a program of its own
}

type pkg struct {
	ImportPath   string
	Name, Doc    string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) (out []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json", "./...")
	var talk strings.Builder
	cmd.Stderr = &talk
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, talk.String())
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

func ours(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		return p != module && !strings.HasPrefix(p, module+"/")
	})
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := imports[p.ImportPath]
		if !known {
			t.Errorf("%s: a new package: say in imports what it may import", p.ImportPath)
		}
		for _, imported := range ours(p.Imports) {
			if !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
			if strings.HasPrefix(imported, "vmloom/internal/") && !strings.HasPrefix(p.ImportPath, "vmloom/internal/") {
				t.Errorf("%s: %s is for tests", p.ImportPath, imported)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, "vmloom/cmd/") {
				t.Errorf("the tests of %s import %s", p.ImportPath, imported)
			}
		}
	}
}

// TestDependencies keeps what is heavy at start, or for tests only, out of the program.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/vmloom").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, heavy := range []string{"github.com/santhosh-tekuri/jsonschema", "github.com/invopop/jsonschema", "github.com/yuin/gopher-lua", "howett.net/plist", "testing", "net/http"} {
		for _, d := range deps {
			if d == heavy || strings.HasPrefix(d, heavy+"/") {
				t.Errorf("the program links %s", d)
			}
		}
	}
	for _, want := range []string{"vmloom/generate", "vmloom/profile", "vmloom/templates", "vmloom/quote"} {
		if !slices.Contains(deps, want) {
			t.Errorf("the program does not use %s", want)
		}
	}
}

func TestSources(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && len(strings.Fields(p.Doc)) < 5 {
			t.Errorf("%s: has no doc comment", p.ImportPath)
		}
		for _, file := range p.GoFiles {
			checkSource(t, filepath.Join(p.Dir, file))
		}
	}
}

func checkSource(t *testing.T, file string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > maxLines {
		t.Errorf("%s has %d lines, %d are the most", file, n, maxLines)
	}
	tree, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			t.Errorf("%s has an init function", file)
		}
	}
	checkReads(t, file, tree)
	// Only the commands speak and exit; what is for tests may.
	if strings.Contains(filepath.ToSlash(file), "/cmd/vmloom/") || strings.Contains(filepath.ToSlash(file), "/bench/") || strings.Contains(filepath.ToSlash(file), "/internal/") {
		return
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				switch x.Name + "." + sel.Sel.Name {
				case "os.Exit", "os.Stdout", "os.Stderr", "os.Args", "fmt.Println", "fmt.Printf", "fmt.Print", "log.Fatal", "os.Getenv", "time.Now":
					t.Errorf("%s uses %s.%s", file, x.Name, sel.Sel.Name)
				}
			}
		}
		return true
	})
}

// checkReads holds that whatever is read whole is a regular file of a bounded
// size, which only package atomic sees to.
func checkReads(t *testing.T, file string, tree *ast.File) {
	t.Helper()
	if slashed := filepath.ToSlash(file); strings.Contains(slashed, "/atomic/") || strings.Contains(slashed, "/internal/") {
		return
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, _ := sel.X.(*ast.Ident)
		embedded := x != nil && x.Name == "fs" && strings.Contains(filepath.ToSlash(file), "/templates/")
		if sel.Sel.Name == "ReadFile" && !embedded || x != nil && x.Name == "io" && sel.Sel.Name == "ReadAll" {
			t.Errorf("%s reads by %s: atomic.Read is bounded", file, sel.Sel.Name)
		}
		return true
	})
}

// TestTemplates: each template is rendered by name in generate, each partial by
// a template, and the output of each stands in a golden.
func TestTemplates(t *testing.T) {
	literals := map[string]bool{}
	sources, err := filepath.Glob("generate/*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, "fleet/fleet.go")
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				s, _ := strconv.Unquote(l.Value)
				literals[s] = true
			}
			return true
		})
	}
	golden := goldenTexts(t)
	for _, name := range templates.Names() {
		if !named(literals, name) {
			t.Errorf("templates/%s is rendered by nothing in generate", name)
		}
		text, err := os.ReadFile("templates/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if line := longest(string(text)); line != "" && !strings.Contains(golden, line) && !strings.Contains(golden, inPlist(line)) && !strings.Contains(golden, inNix(line)) && !strings.Contains(golden, inSh(line)) {
			t.Errorf("templates/%s is in no golden: none holds its line %q", name, line)
		}
	}
	partials, err := filepath.Glob("templates/*/_*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range partials {
		used := false
		callers := filepath.Dir(file)
		if path.Base(callers) == "shared" {
			callers = "templates/*"
		}
		others, _ := filepath.Glob(callers + "/*.tmpl")
		for _, other := range others {
			text, _ := os.ReadFile(other)
			used = used || strings.Contains(string(text), strconv.Quote(path.Base(file)))
		}
		if !used {
			t.Errorf("%s is used by no template", file)
		}
	}
}

// named reports whether a literal is the template's name, or ends or begins it,
// as where the verb between is a variable.
func named(literals map[string]bool, name string) bool {
	if literals[name] || literals[path.Base(name)] {
		return true
	}
	for before := range literals {
		rest, ok := strings.CutPrefix(name, before)
		if !ok || !strings.Contains(before, "/") {
			continue
		}
		for after := range literals {
			middle, ok := strings.CutSuffix(rest, after)
			if ok && strings.HasSuffix(after, ".tmpl") && literals[middle] {
				return true
			}
		}
	}
	return false
}

// longest is the longest line of a template without an action.
func longest(text string) (line string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); len(l) > len(line) && !strings.Contains(l, "{{") {
			line = l
		}
	}
	return line
}

// inPlist is a script's line as it stands in a plist.
func inPlist(line string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(line)
}

// inSh is how a line of a script stands in a word of another one.
func inSh(line string) string { return strings.ReplaceAll(line, "'", `'\''`) }

// inNix is a script's line as it stands between two single quotes of Nix.
func inNix(line string) string {
	return strings.NewReplacer("''", "'''", "${", "''${").Replace(line)
}

// goldenTexts is every golden tree and example in one text.
func goldenTexts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range []string{"testdata/golden", "testdata/presets", "testdata/fleet", "testdata/eject", "examples"} {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func TestTargetsHaveScripts(t *testing.T) {
	for _, target := range generate.Targets() {
		if _, err := os.Stat("testdata/scripts/generate_" + target.Name + ".txtar"); err != nil {
			t.Errorf("target %s has no golden script: %v", target.Name, err)
		}
	}
}
