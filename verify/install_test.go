package verify

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/indexes"
	"vmloom/internal/tooltest"
)

// aptHint is an installation that a hint, a guide or a script of ours names.
var aptHint = regexp.MustCompile(`\bapt(?:-get)? (?:-\S+ )*install((?: -\S+)*)((?: [a-z0-9][a-z0-9+.-]+)+)`)

// aptNames is a hint of a script that names the packages alone.
var aptNames = regexp.MustCompile(`(\(apt):((?: [a-z0-9][a-z0-9+.-]+)+)[;,)]`)

// TestAptHints holds each package that we tell somebody to install by apt to the real
// indexes of Debian 12 and 13. What only some releases have must be asked for first.
func TestAptHints(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: reads the indexes of two releases of Debian")
	}
	wanted := map[string]string{}
	for _, tool := range tools() {
		for name := range strings.FieldsSeq(tool.install.apt) {
			if !tool.install.rare {
				wanted[name] = "doctor's cure for " + tool.name
			}
		}
	}
	root := tooltest.Repository(t)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(file, "_test.go") || !slices.Contains([]string{".go", ".tmpl", ".md", ".sh"}, filepath.Ext(file)) {
			return err
		}
		text, err := os.ReadFile(file)
		for _, m := range append(aptHint.FindAllStringSubmatch(string(text), -1), aptNames.FindAllStringSubmatch(string(text), -1)...) {
			for name := range strings.FieldsSeq(m[2]) {
				wanted[name] = file
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(wanted) < 6 {
		t.Errorf("only %d packages were found in hints: %v", len(wanted), wanted)
	}
	for release, suite := range map[string]string{"12": "bookworm", "13": "trixie"} {
		t.Run(release, func(t *testing.T) {
			has := indexes.Apt(t, suite, release).Has
			for name, where := range wanted {
				if len(has[name]) == 0 {
					t.Errorf("%s: Debian %s has no package %s", where, release, name)
				}
			}
		})
	}
}

// TestInstallAsks: each host is told its own way, and apt only where apt has the package.
func TestInstallAsks(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	for _, c := range []struct {
		name, apt, dnf, herd string
		install              install
		want                 string
	}{
		{"debian", "0", "", "", installQEMU, "sudo apt-get install qemu-system qemu-utils"},
		{"debian without guix", "1", "", "", installGuix, "its installer, which checks the signature of what it fetches: https://guix.gnu.org/"},
		{"debian with guix", "0", "", "", installGuix, "sudo apt-get install guix"},
		{"fedora", "", "0", "", installOpenSSH, "sudo dnf install openssh-clients"},
		{"fedora without guix", "", "0", "", installGuix, "its installer"},
		{"guix system", "", "", "0", installMke2fs, "guix install e2fsprogs"},
		{"something else", "", "", "", installMke2fs, "install e2fsprogs by this system's package manager"},
	} {
		dir := t.TempDir()
		for name, status := range map[string]string{"apt-get": c.apt, "apt-cache": c.apt, "dnf": c.dnf, "herd": c.herd} {
			if status != "" {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!"+sh+"\nexit "+status+"\n"), 0o777); err != nil {
					t.Fatal(err)
				}
			}
		}
		cmd := exec.Command(sh, "-c", c.install.ask())
		cmd.Env = []string{"PATH=" + dir}
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := c.install.on(false, strings.TrimSpace(string(out))).String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := installQEMU.on(true, byApt).String(); got != "brew install qemu" {
		t.Errorf("macOS: %s", got)
	}
	if got := installQEMU.on(false, byNixOS).String(); !strings.Contains(got, "nix-shell -p qemu") {
		t.Errorf("NixOS: %s", got)
	}
}
