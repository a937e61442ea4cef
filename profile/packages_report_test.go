package profile

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	reportFile = "../docs/packages.md"
	reportMark = "<!-- What follows is made of the map: go test ./profile -run TestPackageReport -update -->\n"
)

// TestPackageReport keeps the counts of docs/packages.md.
func TestPackageReport(t *testing.T) {
	keepBelow(t, reportFile, reportMark, packageReport())
}

// keepBelow holds what stands below the mark of a page to what it is made of; -update renews it.
func keepBelow(t *testing.T, file, mark, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, got, ok := strings.Cut(string(text), mark)
	if !ok {
		t.Fatalf("%s has lost the line %s", file, mark)
	}
	want = "\n" + want
	if *update {
		if err := os.WriteFile(file, []byte(prose+mark+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s -want +got:\n%s", file, d)
	}
}

// packageReport counts what the map has, and lists what is not everywhere.
func packageReport() string {
	var b strings.Builder
	words := 0
	for _, e := range Packages() {
		words += len(e.Also)
	}
	fmt.Fprintf(&b, "%d packages, and %d commands and other words that lead to them.\n\n", len(Packages()), words)
	b.WriteString("| column | cells | names | verified | by |\n|---|---|---|---|---|\n")
	for _, column := range PackageColumns() {
		b.WriteString(columnRow(column))
	}
	b.WriteString("\n| system | release | packages | not packaged | looked up in |\n|---|---|---|---|---|\n")
	for _, s := range Systems() {
		releases := s.ReleaseNames()
		if len(releases) == 0 {
			releases = []string{""}
		}
		for _, release := range releases {
			b.WriteString(reportRow(s, release))
		}
	}
	b.WriteString("\nA number with a question mark counts names that the release has or lacks: no index of its own was asked, and those of Debian before and after it differ.\n")
	b.WriteString("\n## Names that not every release or processor has\n\n| package | lacked by |\n|---|---|\n")
	for _, e := range Packages() {
		if lacked := e.LackedBy(); len(lacked) > 0 {
			fmt.Fprintf(&b, "| %s | %s |\n", e.Name, strings.Join(lacked, ", "))
		}
	}
	return b.String()
}

// columnRow counts a column's cells and the names in them, and says which were looked up, and in what.
func columnRow(column string) string {
	cells, names := 0, 0
	for _, e := range Packages() {
		if offers := e.Offers[column]; len(offers) > 0 {
			cells++
			names += len(offers)
		}
	}
	var by []string
	for _, s := range Systems() {
		if s.Manager.Column == column && s.Index != "" {
			by = append(by, s.Title+": "+s.Index)
		}
	}
	if len(by) == 0 {
		return fmt.Sprintf("| %s | %d | %d | 0 | unverified |\n", column, cells, names)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %s |\n", column, cells, names, names, strings.Join(by, "; "))
}

func reportRow(s System, release string) string {
	has, lacks, unsure := 0, 0, 0
	for _, e := range Packages() {
		best := Lacking
		for _, arch := range Arches() {
			best = max(best, e.Stock(s, release, arch))
		}
		switch best {
		case InStock:
			has++
		case Unsure:
			unsure++
		default:
			lacks++
		}
	}
	index, names := s.Index, fmt.Sprint(has)
	if index == "" {
		index = "unverified"
	}
	if unsure > 0 {
		names += fmt.Sprintf(" and %d?", unsure)
	}
	return fmt.Sprintf("| %s | %s | %s | %d | %s |\n", s.Title, release, names, lacks, index)
}
