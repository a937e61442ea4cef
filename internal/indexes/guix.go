package indexes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// listing prints every package of Guix: name, version, outputs, and the processors that
// it and all it needs support.
const listing = `(use-modules (guix packages) (gnu packages))
(fold-packages
 (lambda (p _)
   (format #t "~a\t~a\t~a\t~a~%" (package-name p) (package-version p) (string-join (package-outputs p) ",")
           (string-join (filter (lambda (arch) (supported-package? p (string-append arch "-linux"))) '("aarch64" "x86_64")) ",")))
 #f)
`

// GuixPackage is one version of a package of Guix.
type GuixPackage struct {
	Name, Version string
	Outputs       []string
	Arches        []string
}

// Guix lists the packages of the real Guix, and says which version that is.
func Guix(t testing.TB) (packages []GuixPackage, version string) {
	t.Helper()
	chroot, version := tooltest.Guix(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "list.scm"), []byte(listing), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := chroot.Command(dir, "guix", "repl", "list.scm")
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("guix repl: %v\n%s", err, talk.String())
	}
	for line := range strings.Lines(string(out)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 4 {
			t.Fatalf("guix repl: not four cells: %q", line)
		}
		packages = append(packages, GuixPackage{cells[0], cells[1], strings.Split(cells[2], ","), strings.Split(cells[3], ",")})
	}
	return packages, version
}

// GuixIndex has the names that the map uses, as specifications: the newest version of a
// package is the one that a name without version means.
func GuixIndex(packages []GuixPackage) Index {
	x := Index{"guix", "", map[string][]string{}}
	newest := map[string]GuixPackage{}
	for _, p := range packages {
		if old, ok := newest[p.Name]; !ok || newer(p.Version, old.Version) {
			newest[p.Name] = p
		}
	}
	for name, p := range newest {
		x.Has[name] = p.Arches
		for _, output := range p.Outputs {
			x.Has[name+":"+output] = p.Arches
		}
	}
	return x
}

// newer compares versions as Guix does where they are numbers and dots.
func newer(a, b string) bool {
	left, right := strings.FieldsFunc(a, parts), strings.FieldsFunc(b, parts)
	for i := range min(len(left), len(right)) {
		if l, r := pad(left[i]), pad(right[i]); l != r {
			return l > r
		}
	}
	return len(left) > len(right)
}

func parts(r rune) bool { return strings.ContainsRune(".-_+", r) }

func pad(s string) string { return strings.Repeat("0", max(0, 20-len(s))) + s }
