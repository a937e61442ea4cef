package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// speaks are the functions and methods whose texts reach a user.
var speaks = map[string]bool{
	"New": true, "Errorf": true, "usage": true, "hinted": true, "say": true, "Say": true, "suggest": true, "fault": true, "result": true,
	"bad": true, "at": true, "lost": true, "badKey": true, "warn": true, "skip": true, "unknown": true, "noWord": true, "since": true, "confirm": true, "didYouMean": true, "refuse": true, "note": true, "find": true,
}

// TestMessages is the catalogue of all that vmloom says: each text that the source
// gives to one of those functions, by package, is a line of testdata/messages.txt.
// A ? stands before those that no golden and no test shows. A new message fails
// here until it is in the catalogue (-update), where it is to be read once more:
// a noun, the reason, and the command that mends it.
func TestMessages(t *testing.T) {
	shown := shownTexts(t)
	var out strings.Builder
	for _, dir := range []string{"adopt", "atomic", "backup", "cmd/vmloom", "engine", "flake", "generate", "guest", "host", "lima", "ownership", "process", "profile", "quote", "verify", "wezterm"} {
		out.WriteString(dir + "\n")
		for _, text := range messagesOf(t, filepath.Join("../..", dir)) {
			mark := "  "
			if !strings.Contains(shown, longest(text)) {
				mark = "? "
			}
			out.WriteString("  " + mark + strconv.Quote(text)[1:len(strconv.Quote(text))-1] + "\n")
			if dir != "generate" { // whose sentences are the guide's
				for _, wrong := range wrongForm(text) {
					t.Errorf("%s: %q: %s", dir, text, wrong)
				}
			}
		}
	}
	const file = "../../testdata/messages.txt"
	if *update {
		must(t, os.WriteFile(file, []byte(out.String()), 0o666))
		return
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("read the new messages, then -update:\n%s", diff)
	}
}

// messagesOf are the texts of a package, each once, sorted. A value within one is %s.
func messagesOf(t *testing.T, dir string) []string {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	must(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		must(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !speaks[calledName(call)] {
				return true
			}
			for _, arg := range call.Args {
				if text, literal := textOf(arg); literal && strings.Contains(strings.TrimSpace(text), " ") && !strings.HasPrefix(text, "^") { // a pattern
					found[text] = true
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// textOf is a text put together of literals and values; it reports whether there is a literal in it.
func textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text, true
		}
	case *ast.BinaryExpr:
		left, one := textOf(e.X)
		right, two := textOf(e.Y)
		return left + right, e.Op == token.ADD && (one || two)
	case *ast.ParenExpr:
		return textOf(e.X)
	}
	return "%s", false
}

var verb = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z%]`)

// longest is the longest piece of a text between its values.
func longest(text string) (piece string) {
	for _, part := range verb.Split(text, -1) {
		if len(part) > len(piece) {
			piece = part
		}
	}
	return strings.TrimSpace(piece)
}

// shownTexts is all that goldens and tests hold; ' is doubled in scripts, and \ stands before what a pattern would take.
func shownTexts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	must(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".git") {
			return err
		}
		if strings.HasSuffix(path, ".txtar") || strings.HasSuffix(path, "_test.go") && d.Name() != "messages_test.go" || (strings.Contains(path, "testdata/golden/") || strings.Contains(path, "testdata/eject/")) && strings.HasSuffix(path, ".md") {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all.Write(text)
		}
		return nil
	}))
	return strings.NewReplacer("''", "'", `\`, "").Replace(all.String())
}

// wrongForm says what no message of vmloom's has.
func wrongForm(text string) (wrong []string) {
	for pattern, what := range map[string]string{
		`^(failed|error|unable|cannot) to`: "say what is wrong, not that something failed",
		`\.$`:                              "ends in a full stop",
		`!$`:                               "ends in an exclamation mark",
		`(?i)please|sorry|oops|invalid `:   "no politeness, and the reason instead of invalid",
		`  `:                               "two blanks",
	} {
		if regexp.MustCompile(pattern).MatchString(text) && !strings.Contains(text, "invalid UTF-8") {
			wrong = append(wrong, what)
		}
	}
	return wrong
}
