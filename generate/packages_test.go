package generate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestPackagesAreAskedOnce: dpkg-query runs once, however many packages there are, and the start names what is missing.
func TestPackagesAreAskedOnce(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	tooltest.Need(t, "xargs")
	bin := t.TempDir()
	// A package that was removed keeps its row, one of several architectures has several.
	const query = `#!/bin/sh
echo >>"$LOG"
form=$2
shift 2
for name; do
  while read -r known status; do
    [ "${known%:*}" = "$name" ] || [ "$known" = "$name" ] || continue
    case $form in
    *Package*) printf '|%s %s|' "${known%:*}" "$status" ;;
    *) printf %s "$status" ;;
    esac
  done <"$DATABASE"
done
`
	if err := os.WriteFile(filepath.Join(bin, "dpkg-query"), []byte(query), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, packages, database, missing string
	}{
		{"all", "git, zsh, docker-client", "git installed\nzsh installed\ndocker.io installed\n", ""},
		{"one lacks", "git, zsh", "git installed\n", "zsh"},
		{"one was removed", "git, zsh", "git installed\nzsh config-files\n", "zsh"},
		{"part of a name", "git, zsh", "git installed\nzsh-common installed\n", "zsh"},
		{"two architectures", "{apt: libc6}", "libc6:amd64 installed\nlibc6:i386 installed\n", ""},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "database"), []byte(c.database), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(sh, "-c", probeOfPackages(t, c.packages))
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LOG="+dir+"/log", "DATABASE="+dir+"/database")
		out, err := cmd.CombinedOutput()
		want := ""
		if c.missing != "" {
			want = "missing: " + c.missing + "\n"
		}
		if string(out) != want || (err != nil) != (c.missing != "") {
			t.Errorf("%s: %v: said %q, want %q", c.name, err, out, want)
		}
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		if asked := strings.Count(string(log), "\n"); asked != 1 {
			t.Errorf("%s: dpkg-query ran %d times, want once", c.name, asked)
		}
	}
}

// probeOfPackages is what a start asks of a Debian under Lima.
func probeOfPackages(t *testing.T, packages string) string {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada, home: /home/ada}\nguest: {system: debian, release: \"12\", user: {name: ada}, packages: ["+packages+"]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	view, err := newLimaView(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, probe := range view.Probes {
		if probe.Description == packagesProbe {
			return probe.Script
		}
	}
	t.Fatal("the template asks for no packages")
	return ""
}
