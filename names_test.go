package vmloom_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vmloom/profile"
)

// tables are the names of the rows, by the file that may compare them.
func tables() map[string][]string {
	out := map[string][]string{}
	for _, s := range profile.Systems() {
		out["systems"] = append(out["systems"], s.Name)
	}
	for _, r := range profile.Runners() {
		out["runners"] = append(out["runners"], r.Name)
	}
	for _, h := range profile.HostOSes() {
		out["hosts"] = append(out["hosts"], h.Name)
	}
	return out
}

// about matches what holds the name of a row: p.Runner, g.System, host.OS, system.
var about = regexp.MustCompile(`^(?i:runner|system|os|guest)$`)

// compared are the names of rows that a source compares, as LINE: NAME. A guest or
// runner that is told from others by its name is one that a new row falls through.
func compared(t *testing.T, file string, src any, names []string) (out []string) {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	name := func(e ast.Expr) string {
		l, ok := e.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return ""
		}
		s, _ := strconv.Unquote(l.Value)
		if !slices.Contains(names, s) {
			return ""
		}
		return s
	}
	report := func(e ast.Expr) {
		if n := name(e); n != "" {
			out = append(out, strconv.Itoa(set.Position(e.Pos()).Line)+": "+n)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (speaksOf(n.X) || speaksOf(n.Y)) {
				report(n.X)
				report(n.Y)
			}
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					if n.Tag != nil && speaksOf(n.Tag) {
						report(e)
					}
				}
			}
		case *ast.CallExpr: // slices.Contains([]string{…}, p.Guest.System)
			if slices.ContainsFunc(n.Args, speaksOf) {
				for _, arg := range n.Args {
					report(arg)
					if list, ok := arg.(*ast.CompositeLit); ok {
						for _, e := range list.Elts {
							report(e)
						}
					}
				}
			}
		case *ast.CompositeLit:
			if _, ok := n.Type.(*ast.MapType); ok && len(n.Elts) > 0 && !slices.ContainsFunc(n.Elts, func(e ast.Expr) bool {
				kv, ok := e.(*ast.KeyValueExpr)
				return !ok || name(kv.Key) == ""
			}) {
				report(n.Elts[0].(*ast.KeyValueExpr).Key)
			}
		}
		return true
	})
	return out
}

// speaksOf reports whether an expression holds the name of a guest's system, a
// runner or a host.
func speaksOf(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || about.MatchString(n.Sel.Name)
			return false
		case *ast.Ident:
			found = found || about.MatchString(n.Name)
		}
		return true
	})
	return found
}

// TestNoNames keeps decisions in rows: outside of the files that are named after
// one of the tables, or after a row, nobody compares names of rows.
func TestNoNames(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "vmloom/lima" { // its systems are Lima's, of which profiles name some
			continue
		}
		for _, file := range p.GoFiles {
			words := strings.FieldsFunc(strings.TrimSuffix(file, ".go"), func(r rune) bool { return r == '_' })
			var names []string
			for table, rows := range tables() {
				if !slices.Contains(words, table) {
					names = append(names, slices.DeleteFunc(rows, func(row string) bool { return slices.Contains(words, row) })...)
				}
			}
			path := filepath.Join(p.Dir, file)
			for _, at := range compared(t, path, nil, names) {
				t.Errorf("%s:%s: is compared by name: ask its row for an attribute (profile.Systems, Runners, HostOSes)", path, at)
			}
		}
	}
}

func TestCompared(t *testing.T) {
	names := slices.Concat(tables()["systems"], tables()["runners"], tables()["hosts"])
	for _, c := range []struct{ body, want string }{
		{`_ = p.Guest.System == "debian"`, "debian"},
		{`_ = "lima" != p.Runner`, "lima"},
		{`if system := p.Guest.System; system == "nixos" || x { }`, "nixos"},
		{`switch p.Host.OS { case "macos": }`, "macos"},
		{`switch strings.ToLower(d.system) { case "a", "guix": }`, "guix"},
		{`_ = map[string]string{"nixos": "nix", "guix": "guix"}[system]`, "nixos"},
		{`_ = slices.Contains([]string{"ubuntu"}, p.Guest.System)`, "ubuntu"},
		{`_ = strings.EqualFold(p.Runner, "qemu")`, "qemu"},
		{`_ = p.Guest.System == other || channel.Name == "guix"`, ""},
		{`_ = runtime.GOOS == "linux" && p.Lima.VMType == "qemu"`, ""},
		{`_ = p.Wants("lima")`, ""},
		{`_ = map[string]int{"lima": 1, "other": 2}`, ""},
		{`switch { case p.Runner == "other": }`, ""},
	} {
		got := compared(t, "x.go", "package x\nfunc f() { "+c.body+" }\n", names)
		if want := "2: " + c.want; c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0] != want) {
			t.Errorf("%s: %q, want %q", c.body, got, c.want)
		}
	}
}
