package profile

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackageMap holds packages.csv to what the rest takes for granted. Its
// order is its own: related programs stand together.
func TestPackageMap(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(packagesCSV, "\n"), "\n")
	if lines[0] != "name,"+strings.Join(PackageColumns(), ",")+",also" || !strings.HasSuffix(packagesCSV, "\n") {
		t.Errorf("first line %q, or no line end after the last", lines[0])
	}
	if strings.ContainsAny(packagesCSV, "\" \t\r") {
		t.Error("no cell needs a quote or a blank")
	}
	if len(lines)-1 != len(Packages()) {
		t.Errorf("%d lines, %d packages", len(lines)-1, len(Packages()))
	}
	seen := map[string]bool{}
	for i, e := range Packages() {
		line := i + 2
		if seen[e.Name] {
			t.Errorf("line %d: %s is there already", line, e.Name)
		}
		seen[e.Name] = true
		if !lowerCase.MatchString(e.Name) {
			t.Errorf("line %d: the name %q is not of lower-case letters, digits and dashes", line, e.Name)
		}
		if len(e.Offers) == 0 {
			t.Errorf("line %d: %s is packaged nowhere", line, e.Name)
		}
		for column, offers := range e.Offers {
			checkOffers(t, line, column, offers)
			if own := e.In(column); !fieldsOf(reflect.TypeFor[Package]()).byName[column].form.ok(own) {
				t.Errorf("line %d: %q is no name for %s", line, own, column)
			}
		}
	}
}

var lowerCase = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// checkOffers holds a cell's marks to releases and processors that there are.
func checkOffers(t *testing.T, line int, column string, offers []Offer) {
	t.Helper()
	var indexes []string
	for _, s := range Systems() {
		for _, r := range s.Releases {
			if s.Manager.Column == column && s.Index != "" {
				indexes = append(indexes, r.Indexes...)
			}
		}
	}
	marks := append([]string{}, indexes...)
	for _, index := range indexes {
		for _, arch := range Arches() {
			marks = append(marks, index+"/"+arch)
		}
	}
	if len(indexes) == 0 {
		marks = Arches()
	}
	for _, o := range offers {
		for _, not := range o.Not {
			if !slices.Contains(marks, not) {
				t.Errorf("line %d: %s: the mark %q is none of %q", line, o, not, marks)
			}
		}
		if ParseOffer(o.String()).String() != o.String() || len(o.Not) > 0 && len(o.Not) == len(indexes) {
			t.Errorf("line %d: %s is nowhere", line, o)
		}
	}
}

// TestAlso: a word that is a name of the map, or a manager's, leads there already.
func TestAlso(t *testing.T) {
	for _, e := range Packages() {
		for _, word := range e.Also {
			if _, name := LookupPackage(word); name || len(packageWords().own[word]) > 0 {
				t.Errorf("%s: also %s: is a name already", e.Name, word)
			}
		}
	}
}

// TestSpecifications holds the form of Guix's specifications to the odd ones among
// those of the real Guix.
func TestSpecifications(t *testing.T) {
	text, err := os.ReadFile("testdata/guix-specifications.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	if len(lines) < 70 {
		t.Errorf("only %d specifications", len(lines))
	}
	for _, s := range append(lines, "git:send-email", "gcc-toolchain@15", "openjdk@21:jdk") {
		if !forms["guix package"].ok(s) {
			t.Errorf("%s is refused", s)
		}
	}
	for _, s := range []string{"a:", "a@", "a@1@2", "a:b:c", "A", "a b", "a@:b", "_a", "a@-1", "é"} {
		if forms["guix package"].ok(s) {
			t.Errorf("%s is taken", s)
		}
	}
}

func TestLookupPackage(t *testing.T) {
	got, ok := LookupPackage("docker-client")
	if d := cmp.Diff(Package{"docker-client", "docker-client", "docker-cli", "docker-cli|docker.io", "docker-cli|moby-engine"}, got.Package); d != "" || !ok {
		t.Errorf("%v, -want +got:\n%s", ok, d)
	}
	for _, name := range []string{"", "Git", "git ", "fd-find", "zebra"} {
		if got, ok := LookupPackage(name); ok || got.Name != "" {
			t.Errorf("LookupPackage(%q) = %v", name, got)
		}
	}
	for system, want := range map[string]string{"nixos": "fd", "guix": "fd", "ubuntu": "fd-find", "debian": "fd-find", "fedora": "fd-find"} {
		if fd, _ := LookupPackage("fd"); fd.For(SystemNamed(system)) != want {
			t.Errorf("fd for %s is %q, want %q", system, fd.For(SystemNamed(system)), want)
		}
	}
}

func TestNearPackages(t *testing.T) {
	for got, want := range map[string][]string{
		"fd-find":  {"fd"},     // apt's own name
		"gnumake":  {"make"},   // nix'
		"python3":  {"python"}, // of two systems
		"ripgrpe":  {"ripgrep"},
		"kubctl":   {"kubectl", "kubectx"},
		"postgres": {"postgresql"},
		"docker-c": {"docker", "docker-client", "docker-compose"},
		"nvim":     {"neovim"}, // a command
		"rg":       {"ripgrep"},
		"dig":      {"dig"},
		"npm":      {"npm"}, "npx": {"npm"}, "iperf": {"iperf3"},
		"golang":    {"go"},
		"pdftotxt":  {"poppler"}, // a command, nearly
		"NeoVim":    {"neovim"},
		"bind":      {"dig"}, // guix: bind:utils
		"libxml2":   {"xmllint"},
		"pytest-3":  {"pytest"},
		"docker.io": {"docker", "docker-client"},
		"zebra":     nil,
		"":          nil,
	} {
		if d := cmp.Diff(want, NearPackages(got)); d != "" {
			t.Errorf("NearPackages(%q) -want +got:\n%s", got, d)
		}
	}
}
