package profile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	warningsFile = "../docs/warnings.md"
	warningsMark = "<!-- What follows is made of the lints' own cases: go test ./profile -run TestLintReference -update -->\n"
)

// TestLintReference keeps docs/warnings.md: each lint with the words of the first case that it warns of.
func TestLintReference(t *testing.T) {
	keepBelow(t, warningsFile, warningsMark, lintReference(t))
}

func lintReference(t *testing.T) string {
	type row struct{ field, reason, hint string }
	rows := map[string]row{}
	for _, c := range lintCases {
		for _, p := range lintInNovember(t, with(c.yaml)) {
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
