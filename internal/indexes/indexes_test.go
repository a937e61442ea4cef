package indexes

import (
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

var update = flag.Bool("update", false, "mend the marks of profile/packages.csv")

// homonyms are other programs that an index has under the name of a package of the map.
var homonyms = map[string][]string{
	"apt":  {"yq"},   // kislyuk's, in Python
	"guix": {"helm"}, // a synthesizer
	"nix":  {},
}

// agree holds each cell of the index's column to it, and each empty cell to a name that
// the index has after all.
func agree(t *testing.T, x Index, report func(format string, args ...any)) {
	t.Helper()
	if len(x.Has) < 100 {
		t.Fatalf("%s %s: only %d packages: that is no index", x.Column, x.Release, len(x.Has))
	}
	if *update {
		mend(t, x)
		return
	}
	asked := 0
	for _, e := range profile.Packages() {
		for _, o := range e.Offers[x.Column] {
			asked++
			if want := x.Mend(o); want.String() != o.String() {
				report("%s: %s should be %s: go test ./internal/indexes -update", e.Name, o, want)
			}
		}
		if len(e.Offers[x.Column]) == 0 && len(x.Has[e.Name]) > 0 && !slices.Contains(homonyms[x.Column], e.Name) {
			report("%s: has no name for %s, which has a package of that name", e.Name, x.Column)
		}
	}
	t.Logf("%s %s: %d names of the map asked for, of %d packages", x.Column, x.Release, asked, len(x.Has))
}

// mend writes the marks that the index asks for.
func mend(t *testing.T, x Index) {
	t.Helper()
	file := filepath.Join(tooltest.Repository(t), "profile", "packages.csv")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], x.Column)
	var b strings.Builder
	for i, row := range rows {
		if cell := row[column]; i > 0 && cell != "" {
			var offers []string
			for one := range strings.SplitSeq(cell, "|") {
				offers = append(offers, x.Mend(profile.ParseOffer(one)).String())
			}
			row[column] = strings.Join(offers, "|")
		}
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDebian asks the releases of Debian, and holds the form of apt's names to all of them.
func TestDebian(t *testing.T) {
	long(t)
	for _, d := range []struct {
		release, suite string
		dear           bool
	}{{"11", "bullseye", true}, {"12", "bookworm", false}, {"13", "trixie", false}} {
		t.Run(d.release, func(t *testing.T) {
			if d.dear && !tooltest.Full() && !*update {
				t.Skip("SKIPPED: an old release: VMLOOM_FULL=1 asks it, too")
			}
			x := Apt(t, d.suite, d.release)
			agree(t, x, t.Errorf)
			var names []string
			for name := range x.Has {
				names = append(names, name)
			}
			loads(t, "debian", "apt", names)
		})
	}
}

// TestGuix asks the real Guix, and holds the form of specifications to every package of
// it, with version and with each output. Where Debian sid has moved on to a Guix that the
// map was not written for, what differs is told and fails nothing.
func TestGuix(t *testing.T) {
	long(t)
	packages, version := Guix(t)
	report := t.Errorf
	if looked := profile.SystemNamed("guix").Index; !strings.HasPrefix("guix (GNU Guix) "+strings.TrimPrefix(looked, "Guix "), version) {
		t.Logf("NOTE: %s, and the map was looked up in %s", version, looked)
		report = t.Logf
	}
	agree(t, GuixIndex(packages), report)
	var specifications []string
	for _, p := range packages {
		for _, output := range p.Outputs {
			specifications = append(specifications, p.Name+"@"+p.Version+":"+output)
		}
	}
	loads(t, "guix", "guix", specifications)
}

// TestNixpkgs asks a tree of nixpkgs, which VMLOOM_NIXPKGS names, and holds the form of
// attribute paths to those of it.
func TestNixpkgs(t *testing.T) {
	tree := os.Getenv("VMLOOM_NIXPKGS")
	if tree == "" {
		t.Skip("SKIPPED: VMLOOM_NIXPKGS names no tree of nixpkgs")
	}
	x, blind := Nixpkgs(t, tree, Index{Column: "nix"}.Names())
	if len(blind) > 0 {
		t.Logf("NOTE: there by name, and this tree cannot evaluate them: %q", blind)
	}
	agree(t, x, t.Errorf)
	loads(t, "nixos", "nix", NixPaths(t, tree))
}

// long skips what the race detector has nothing to find in.
func long(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks whole indexes, for half a minute: not with -short")
	}
}

// loads holds that a profile may give each of the names by hand.
func loads(t *testing.T, system, column string, names []string) {
	t.Helper()
	const many = 2000 // a profile has its limits
	for chunk := range slices.Chunk(names, many) {
		var b strings.Builder
		b.WriteString("version: 1\nname: a\nhost: {os: linux}\nguest:\n  system: " + system + "\n  user: {name: u}\n")
		if releases := profile.SystemNamed(system).ReleaseNames(); len(releases) > 0 {
			b.WriteString("  release: \"" + releases[len(releases)-1] + "\"\n")
		}
		b.WriteString("  packages:\n")
		for _, name := range chunk {
			b.WriteString("  - {" + column + ": '" + strings.ReplaceAll(name, "'", "''") + "'}\n")
		}
		if _, err := profile.Load("vmloom.yaml", []byte(b.String())); err != nil {
			text := err.Error()
			t.Fatalf("%s", text[:min(len(text), 2000)])
		}
	}
	t.Logf("%d names of %s load", len(names), column)
}
