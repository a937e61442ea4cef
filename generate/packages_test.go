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

// packageScripts are what a guest runs for its packages, in a directory that stands for its root: at a boot, for those that
// the profile has no more, what waits for them, and how it tells of a proxy.
func packageScripts(t *testing.T, root, system, packages string) (boot, gone, probe, proxy string) {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: a\nhost: {os: linux}\nguest: {system: "+system+", user: {name: me}, packages: ["+packages+"], proxy: {http: 'http://proxy.example:3128'}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := newLimaView(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	script := func(name string) string {
		text, err := limaText("lima/"+name+".sh.tmpl", v)
		if err != nil {
			t.Fatal(err)
		}
		return "set -eu\n" + strings.NewReplacer("/var/lib/vmloom", root+"/var/lib/vmloom", "=/etc/", "="+root+"/etc/", ">/etc/", ">"+root+"/etc/").Replace(text)
	}
	with := installers[p.System().Manager.Column]
	return script(with.install), script(with.remove), script("probe-" + with.probe), script(with.proxy)
}

// guestShell is a shell for those scripts, in the directory dir, with programs of it first on its PATH.
type guestShell struct {
	t   *testing.T
	dir string
	run func(dir string, words ...string) *exec.Cmd
}

func (g guestShell) program(name, text string) {
	g.t.Helper()
	file := filepath.Join(g.dir, "bin", name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		g.t.Fatal(err)
	}
}

// does runs a script, which ends well or not, and says each of the words.
func (g guestShell) does(script string, well bool, words ...string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.dir, "script"), []byte(script), 0o600); err != nil {
		g.t.Fatal(err)
	}
	out, err := g.run(g.dir, "sh", "-c", `PATH=$PWD/bin:$PATH; export PATH; exec sh script`).CombinedOutput()
	if (err == nil) != well {
		g.t.Errorf("%v\n%s", err, out)
	}
	for _, word := range words {
		if not, ok := strings.CutPrefix(word, "!"); ok == strings.Contains(string(out), not) {
			g.t.Errorf("%q in:\n%s", word, out)
		}
	}
}

// calls are what a program was asked that writes it into calls, since the last time.
func (g guestShell) calls() string {
	g.t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, "calls"))
	if err != nil && !os.IsNotExist(err) {
		g.t.Fatal(err)
	}
	os.Remove(filepath.Join(g.dir, "calls"))
	return string(text)
}

// repository makes one for each of two releases: git brings what it needs and would bring weak, app needs ripgrep.
const repository = `set -eu
spec() { printf '%s\n' "%package -n $1" 'Summary: of a test' "${2:-}" "%description -n $1" 'of a test' "%files -n $1"; }
{
  printf '%s\n' 'Name: all' 'Version: %{release_of}' 'Release: 1' 'Summary: of a test' 'License: none' 'BuildArch: noarch' '%description' 'of a test'
  spec git 'Requires: perl-Git
Recommends: weak'
  spec perl-Git
  spec weak
  spec ripgrep
  spec app 'Requires: ripgrep'
  spec moby-engine
  spec nodejs
} >all.spec
for release in 44 45; do
  rpmbuild -bb --define "_topdir $PWD/build" --define "release_of $release" all.spec >build.log 2>&1 || { cat build.log; exit 1; }
  mv build/RPMS/noarch "fedora-$release"
  createrepo_c -q "fedora-$release"
done
mkdir guest repos
printf '%s\n' '[fedora]' 'name=fedora' 'baseurl=file:///work/fedora-$releasever' gpgcheck=0 >repos/fedora.repo
`

// TestPackagesDNF has the real dnf install, keep and remove what a guest of Fedora is to have, and fetch the next release.
func TestPackagesDNF(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real dnf, for some seconds")
	}
	debian := tooltest.Debian(t, "sid", "createrepo-c", "dnf5", "rpm")
	g := guestShell{t, t.TempDir(), debian.Command}
	g.does(repository, true)
	g.program("dnf", "printf '%s\\n' \"$*\" >>/work/calls\nexec dnf5 --installroot=/work/guest --setopt=reposdir=/work/repos --releasever=44 \"$@\"\n")
	g.program("rpm", "exec /usr/bin/rpm --root /work/guest \"$@\"\n")
	const asked = "-q repoquery --queryformat |%{name}|\\n "

	boot, _, probe, proxy := packageScripts(t, "/work/guest", `fedora, release: "44"`, `git, ripgrep, {dnf: "nodejs24|nodejs"}, {dnf: app-44-1}, {dnf: nothere}`)
	g.does(probe, false, "missing: app-44-1")
	g.does(boot, true, "vmloom: no package nothere in this release", "Installing app-", "Installing perl-Git-", "!Installing weak-")
	if got, want := g.calls(), asked+"app-44-1 git nodejs24 nodejs nothere ripgrep\n-q repoquery app-44-1\n-q repoquery nodejs24\n-q repoquery nothere\ninstall -y --setopt=install_weak_deps=False app-44-1 git nodejs ripgrep\n"; got != want {
		t.Errorf("dnf was asked\n%swant\n%s", got, want)
	}
	g.does(probe, false, "missing: nothere")

	boot, gone, probe, _ := packageScripts(t, "/work/guest", `fedora, release: "44"`, `{dnf: "nodejs24|nodejs"}, {dnf: app}`)
	g.does(boot, true)
	g.does(probe, true)
	if got := g.calls(); got != "" {
		t.Errorf("all is there, and dnf was asked\n%s", got)
	}
	g.does("gone_packages='git ripgrep nodejs moby-engine'\n"+gone, true, "Removing git-", "!perl-Git", "vmloom: ripgrep stays: other packages need it", "!nodejs", "!moby")
	g.does("rpm -q perl-Git ripgrep nodejs app", true)
	g.does("rpm -q git", false)

	// What its repositories have is not known: that is not said to be nothing.
	boot, _, _, _ = packageScripts(t, "/work/guest", `fedora, release: "44"`, `{dnf: moby-engine}`)
	g.does("mv fedora-44 away; rm -rf guest/var/cache\n"+boot, false, "vmloom: dnf does not tell which packages this release has", "Failed to download metadata", "!no package")
	g.does("mv away fedora-44\n"+boot, true, "Installing moby-engine-")

	g.does(proxy+"\ndnf --dump-main-config\n", true, "\nproxy = http://proxy.example:3128\n")
	g.does("rm -r guest/etc/dnf", true)

	fedora := profile.SystemNamed("fedora")
	sweep := fedora.Sweeps[0]
	g.does("ls -d guest/var/cache/libdnf5/fedora-*\n"+sweep.Run+"\n! ls -d guest/var/cache/libdnf5/fedora-* 2>/dev/null", true)

	upgrade := fedora.Upgrade
	g.does("VERSION_ID=45 release=45\n"+upgrade.Run, true, "!Repositories")
	g.does("VERSION_ID=44 release=45\n"+upgrade.Run, true, "replacing app", "Transaction stored to be performed offline")
	g.does(upgrade.Reboot, false, "The system will now reboot to upgrade to release version 45") // with nobody there to do it
}

// TestPackagesAptLists has the real apt ask for lists that cannot be fetched, which is a warning to it: of a package that
// is in none of those there are nobody knows whether the release has it. What it installs is a stand-in's.
func TestPackagesAptLists(t *testing.T) {
	apt, cache := tooltest.Need(t, "apt-get"), tooltest.Need(t, "apt-cache")
	g := guestShell{t, t.TempDir(), func(dir string, words ...string) *exec.Cmd {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		return cmd
	}}
	const own = ` -o Dir="$PWD/apt" -o Dir::State::status="$PWD/apt/status" -o Dir::Bin::Methods=/usr/lib/apt/methods -o APT::Sandbox::User= "$@"` + "\n"
	g.program("apt-get", "case $* in *install*) echo \"$*\" >>calls; exit ;; esac\nexec "+apt+own)
	g.program("apt-cache", "exec "+cache+own)
	g.program("dpkg-query", "exit 1\n")
	g.does(`mkdir -p apt/etc/apt/apt.conf.d apt/var/lib/apt/lists/partial apt/var/cache/apt/archives/partial there; : >apt/status
printf '%s\n' 'Package: git' 'Version: 1' 'Architecture: all' 'Filename: git.deb' 'Size: 1' "SHA256: $(printf 0%.0s $(seq 64))" 'Description: of a test' >there/Packages
printf '%s\n' "deb [trusted=yes] file:$PWD/there ./" >apt/etc/apt/sources.list`, true)

	boot, _, _, proxy := packageScripts(t, filepath.Join(g.dir, "apt"), `debian, release: "13"`, `git, {apt: nothere}`)
	g.does(boot, true, "vmloom: no package nothere in this release", "!fetch")
	const install = "install -y --no-install-recommends git\n"
	if got := g.calls(); got != install {
		t.Errorf("apt was asked %q", got)
	}
	g.does("echo 'deb [trusted=yes] file:/nonexistent ./' >>apt/etc/apt/sources.list\n"+boot, false,
		"vmloom: apt knows no package nothere, and could not fetch all of its lists", "Failed to fetch", "!no package nothere in this release")
	if got := g.calls(); got != install {
		t.Errorf("apt was asked %q", got)
	}
	boot, _, _, _ = packageScripts(t, filepath.Join(g.dir, "apt"), `debian, release: "13"`, `git`)
	g.does(boot, true, "Failed to fetch", "!no package")
	if got := g.calls(); got != install {
		t.Errorf("apt was asked %q", got)
	}
	boot, _, _, _ = packageScripts(t, filepath.Join(g.dir, "apt"), `debian, release: "13"`, `{apt: nothere}`)
	g.does("sed -i /nonexistent/d apt/etc/apt/sources.list\n"+boot, true, "no package nothere in this release")
	if got := g.calls(); got != "" {
		t.Errorf("apt was asked %q", got)
	}
	g.does(proxy+"\nprintf 'Dir \"%s\";\\n' \"$PWD/apt\" >conf\nAPT_CONFIG=conf "+tooltest.Need(t, "apt-config")+" dump Acquire\n", true,
		`Acquire::http::Proxy "http://proxy.example:3128";`, `Acquire::https::Proxy "http://proxy.example:3128";`)
}
