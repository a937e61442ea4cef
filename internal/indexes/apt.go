package indexes

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// debianArch are Debian's names of the processors.
var debianArch = map[string]string{"x86_64": "amd64", "aarch64": "arm64"}

const aptConf = `Dir::State "%[1]s"; Dir::State::status "/dev/null"; Dir::Cache "%[1]s"; Dir::Etc "%[1]s/etc";
Dir::Etc::main "none"; Dir::Etc::parts "none"; Dir::Etc::sourceparts "none"; Dir::Etc::preferencesparts "none";
APT::Architecture "amd64"; APT::Architectures { "amd64"; "arm64"; }; APT::Sandbox::User "";
Acquire::Languages "none"; Acquire::Check-Valid-Until "false";
`

// Apt is the index of a release of Debian, from the mirror that apt uses here. Nothing
// of this machine's own apt is touched.
func Apt(t testing.TB, suite, release string) Index {
	t.Helper()
	tooltest.Need(t, "apt-get")
	keys := "/usr/share/keyrings/debian-archive-keyring.gpg"
	if _, err := os.Stat(keys); err != nil {
		tooltest.Absent(t, "the package debian-archive-keyring")
	}
	dir := t.TempDir()
	for _, sub := range []string{"etc", "lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	source := fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keys, mirror(t), suite)
	conf := filepath.Join(dir, "apt.conf")
	for file, text := range map[string]string{conf: fmt.Sprintf(aptConf, dir), filepath.Join(dir, "etc/sources.list"): source} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(words ...string) []byte {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Env = append(os.Environ(), "APT_CONFIG="+conf, "LC_ALL=C")
		var talk bytes.Buffer
		cmd.Stderr = &talk
		out, err := cmd.Output()
		if err != nil {
			tooltest.Absent(t, fmt.Sprintf("%s of Debian %s: %v: %s:", words[0], suite, err, talk.String()))
		}
		return out
	}
	run("apt-get", "update", "-qq", "--error-on=any")
	return Index{"apt", release, stanzas(run("apt-cache", "dumpavail"))}
}

// stanzas reads which packages there are for which processors.
func stanzas(text []byte) map[string][]string {
	has := map[string][]string{}
	name := ""
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "Package: "); ok {
			name = n
		}
		of, ok := strings.CutPrefix(lines.Text(), "Architecture: ")
		if !ok {
			continue
		}
		for arch, deb := range debianArch {
			if of == deb || of == "all" {
				has[name] = append(has[name], arch)
			}
		}
	}
	return has
}

var debian = regexp.MustCompile(`(?m)^\S+/debian/?$`)

// mirror is where this machine's apt gets Debian from.
func mirror(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").Output()
	site := debian.FindString(string(out))
	if err != nil || site == "" {
		tooltest.Absent(t, "a mirror of Debian in apt's sources")
	}
	return site
}
