package verify_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"vmloom/cure"
	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/verify"
)

var update = flag.Bool("update", false, "write docs/checks.md as the rows are")

const (
	checksFile = "../docs/checks.md"
	checksMark = "<!-- What follows is made of the rows: go test ./verify -run TestChecksReference -update -->\n"
)

// TestChecksReference keeps docs/checks.md: every row that a golden profile has, with the words of the first.
func TestChecksReference(t *testing.T) {
	text, err := os.ReadFile(checksFile)
	must(t, err)
	prose, got, ok := strings.Cut(string(text), checksMark)
	if !ok {
		t.Fatalf("%s has lost the line %s", checksFile, checksMark)
	}
	want := checksReference(t)
	if *update {
		must(t, os.WriteFile(checksFile, []byte(prose+checksMark+want), 0o644))
	} else if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("%s -want +got:\n%s", checksFile, d)
	}
}

func checksReference(t *testing.T) string {
	var b strings.Builder
	tables := []struct {
		title, words string
		rows         func(*profile.Profile) []verify.Check
	}{
		{"vmloom verify", "Asked once there is a VM. Those with *status* tell `vmloom status` how it is, too; those with *restart* are asked with `--restart` alone, since they restart it.", verify.Checks},
		{"vmloom doctor", "Asked of the host, before there is a VM and after.", verify.Machine},
	}
	for _, table := range tables {
		ids, rows := []string{}, map[string]verify.Check{}
		for _, path := range tooltest.Goldens(t) {
			for _, c := range table.rows(loadGolden(t, path)) {
				id := names.ReplaceAllString(c.ID, "$1/NAME")
				if _, there := rows[id]; !there {
					ids, rows[id] = append(ids, id), c
				}
			}
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s %d rows.\n\n| id | of whom | what holds | by which field | if not, then perhaps | what to do |\n| --- | --- | --- | --- | --- | --- |\n", table.title, table.words, len(ids))
		for _, id := range ids {
			fmt.Fprintln(&b, checkRow(id, rows[id]))
		}
	}
	return b.String()
}

var (
	index    = regexp.MustCompile(`\[\d+\]`)
	variable = regexp.MustCompile(`^(guest\.env)\..+`)
)

func checkRow(id string, c verify.Check) string {
	whom := string(c.Side)
	switch {
	case c.Restart:
		whom += ", *restart*"
	case c.State:
		whom += ", *status*"
	}
	field := "the profile as a whole"
	if f := variable.ReplaceAllString(index.ReplaceAllString(c.Field, "[]"), "$1.NAME"); f != "" {
		field = "`" + f + "`"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |", id, whom, cell(c.Title), field, markdown(c.Because), cmp.Or(markdown(c.Cure), "—"))
}

var cell = strings.NewReplacer("|", `\|`, "<", `\<`, "\n", " ").Replace

// markdown is a text with its code set off.
func markdown(t verify.Text) string {
	var code []any
	for _, c := range t.Code(cure.Command.String) {
		code = append(code, "`"+strings.ReplaceAll(c, "|", `\|`)+"`")
	}
	return fmt.Sprintf(cell(t.Format()), code...)
}
