package profile

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackageMap holds packages.csv to what the rest takes for granted. Its
// order is its own: related programs stand together.
func TestPackageMap(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(packagesCSV, "\n"), "\n")
	if lines[0] != "name,"+strings.Join(PackageColumns(), ",") || !strings.HasSuffix(packagesCSV, "\n") {
		t.Errorf("first line %q, or no line end after the last", lines[0])
	}
	if strings.ContainsAny(packagesCSV, "\" \t\r") {
		t.Error("no cell needs a quote or a blank")
	}
	if len(lines)-1 != len(Packages()) {
		t.Errorf("%d lines, %d packages", len(lines)-1, len(Packages()))
	}
	seen := map[string]bool{}
	for i, p := range Packages() {
		line := i + 2
		if seen[p.Name] {
			t.Errorf("line %d: %s is there already", line, p.Name)
		}
		seen[p.Name] = true
		if !forms["account"].ok(p.Name) || p.Name == "" {
			t.Errorf("line %d: the name %q is not of lower-case letters, digits and dashes", line, p.Name)
		}
		named := false
		for column, f := range fieldsOf(reflect.TypeFor[Package]()).byName {
			own := p.In(column)
			named = named || own != ""
			if own != "" && !f.form.ok(own) {
				t.Errorf("line %d: %q is no name for %s", line, own, column)
			}
		}
		if !named {
			t.Errorf("line %d: %s is packaged nowhere", line, p.Name)
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
	if d := cmp.Diff(Package{"docker-client", "docker-client", "docker-cli", "docker-cli|docker.io", "docker-cli|moby-engine"}, got); d != "" || !ok {
		t.Errorf("%v, -want +got:\n%s", ok, d)
	}
	for _, name := range []string{"", "Git", "git ", "fd-find", "zebra"} {
		if got, ok := LookupPackage(name); ok || got != (Package{}) {
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
		"kubctl":   {"kubectl"},
		"postgres": {"postgresql"},
		"docker-c": {"docker", "docker-client", "docker-compose"},
		"zebra":    nil,
		"":         nil,
	} {
		if d := cmp.Diff(want, NearPackages(got)); d != "" {
			t.Errorf("NearPackages(%q) -want +got:\n%s", got, d)
		}
	}
}
