package profile

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	warningsFile = "../docs/warnings.md"
	warningsMark = "<!-- What follows is made of the lints' own cases: go test ./profile -run TestLintReference -update -->\n"
)

// TestLintReference keeps docs/warnings.md: each lint with the words of the first case that it warns of.
func TestLintReference(t *testing.T) {
	text, err := os.ReadFile(warningsFile)
	if err != nil {
		t.Fatal(err)
	}
	prose, got, ok := strings.Cut(string(text), warningsMark)
	if !ok {
		t.Fatalf("%s has lost the line %s", warningsFile, warningsMark)
	}
	want := "\n" + lintReference(t)
	if *update {
		if err := os.WriteFile(warningsFile, []byte(prose+warningsMark+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("%s -want +got:\n%s", warningsFile, d)
	}
}

func lintReference(t *testing.T) string {
	type row struct{ field, reason, hint string }
	rows := map[string]row{}
	for _, c := range lintCases {
		for _, p := range Lint(mustLoad(t, with(c.yaml)), func(file string) bool { return file == "./there.nix" }) {
			if _, there := rows[p.ID]; !there {
				rows[p.ID] = row{cmp.Or(p.Path, "the file"), p.Reason, p.Hint}
			}
		}
	}
	cell := strings.NewReplacer("|", `\|`, "<", `\<`, "\n", " ").Replace
	var b strings.Builder
	fmt.Fprintf(&b, "%d warnings.\n\n| id | seen at | says | cure |\n|---|---|---|---|\n", len(rows))
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		r := rows[id]
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", id, r.field, cell(r.reason), cell(r.hint))
	}
	return b.String()
}
