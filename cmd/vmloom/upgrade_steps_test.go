package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// upgradeTools are Debian's own, as far as the upgrade looks at them, for the guest below $GUEST. FULL names the one for
// which there is no room any more, NOTHING a release that the package sources have not.
var upgradeTools = map[string]string{
	"dpkg": `exit 0`,
	"cp":   `[ "$FULL" != cp ] || { head -c 9 "$2" >"$3"; echo 'cp: No space left on device' >&2; exit 1; }; exec /bin/cp "$@"`,
	"sed":  `[ "$FULL$1" != sed-i ] || { echo 'sed: couldn''t flush: No space left on device' >&2; exit 4; }; exec /bin/sed "$@"`,
	"apt-get": `for word; do case $word in update | upgrade | full-upgrade | install) verb=$word ;; esac; done
case $verb in
update) [ -z "$NOTHING" ] || ! grep -q "$NOTHING" "$GUEST"/etc/apt/sources.list.d/*.sources "$GUEST"/etc/apt/sources.list.d/*.list || exit 100 ;;
full-upgrade)
  grep -q trixie "$GUEST/etc/apt/sources.list.d/debian.sources" || exit 0
  [ "$FULL" != apt-get ] || { echo 'dpkg: error: failed to write: No space left on device' >&2; exit 100; }
  printf 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n' >"$GUEST/etc/os-release" ;;
esac`,
	"systemctl":   `exit 3`,
	"systemd-run": `while :; do case $1 in -*) shift ;; *) break ;; esac; done; "$@"`,
	"sleep":       `exec /bin/sleep 0.05`,
}

// upgradeSources are the guest's package sources.
var upgradeSources = map[string]string{
	"etc/apt/sources.list.d/debian.sources": "Types: deb\nSuites: bookworm bookworm-updates\n",
	"etc/apt/sources.list.d/mine.list":      "deb https://example.org/debian bookworm main\n",
}

func writeUpgradeTools(t *testing.T, dir string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for name, text := range upgradeTools {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
}

// oldGuest is one of Debian 12 with its package sources.
func oldGuest(t *testing.T, guest string) {
	t.Helper()
	for path, text := range upgradeSources {
		must(t, os.MkdirAll(filepath.Join(guest, filepath.Dir(path)), 0o755))
		writeFile(t, filepath.Join(guest, path), text)
	}
	must(t, os.MkdirAll(filepath.Join(guest, "var/lib/vmloom"), 0o755))
	writeFile(t, filepath.Join(guest, "etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
}

// holdSources: each of the package sources is the old one or the new one, and of a new one the old one lies beside it, whole.
func holdSources(t *testing.T, at, guest string, want ...string) {
	t.Helper()
	for path, old := range upgradeSources {
		now, err := os.ReadFile(filepath.Join(guest, path))
		must(t, err)
		before, _ := os.ReadFile(filepath.Join(guest, path+".before-trixie"))
		is := "neither old nor new"
		switch string(now) {
		case old:
			is = "old"
		case strings.ReplaceAll(old, "bookworm", "trixie"):
			is = "new"
		}
		if !strings.Contains(strings.Join(want, " "), is) || is == "new" && string(before) != old || before != nil && string(before) != old {
			t.Errorf("%s: %s: %s, want %q\n%s\nbefore it:\n%s", at, path, is, want, now, before)
		}
	}
}

// TestKilledInGuest cuts what runs in the guest off before each of its commands, as a crash of the guest does, and has
// its disk full at those that write: every package source stays whole, one that has nothing for the new release leaves
// all as they were, and the same goes on. A sample; VMLOOM_FULL=1 tries each command.
func TestKilledInGuest(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	steps := filepath.Join(home, "steps")
	writeUpgradeTools(t, filepath.Join(home, "tools"))
	must(t, os.Mkdir(steps, 0o755))
	for _, name := range strings.Fields("dpkg cp sed apt-get mv rm") {
		must(t, os.WriteFile(filepath.Join(steps, name), []byte("#!"+fakes()+" step\n"), 0o755))
	}
	count, guest := filepath.Join(home, "count"), ""
	run := func(killAt int, env ...string) (int, string) {
		must(t, os.RemoveAll(count))
		text := ". /etc/os-release\nrelease=13 code=trixie prompt=lts\n" + profile.SystemNamed("debian").Upgrade.Run
		text = strings.NewReplacer("/etc/os-release", guest+"/etc/os-release", "/etc/apt/", guest+"/etc/apt/").Replace(text)
		cmd := exec.Command(tooltest.Need(t, "sh"), "-c", text)
		cmd.Dir = filepath.Join(guest, "var/lib/vmloom")
		cmd.Env = append(os.Environ(), "GUEST="+guest, "STEPS="+count, fmt.Sprint("KILL_AT=", killAt), "PATH="+strings.Join([]string{steps, filepath.Join(home, "tools"), os.Getenv("PATH")}, ":"))
		cmd.Env = append(cmd.Env, env...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	fresh := func(name any) {
		guest = filepath.Join(home, fmt.Sprint("guest", name))
		oldGuest(t, guest)
	}
	ends := func(at string) {
		t.Helper()
		if status, said := run(0); status != 0 {
			t.Errorf("%s: again: status %d\n%s", at, status, said)
		}
		holdSources(t, at+": again", guest, "new")
	}
	fresh("")
	ends("at once")
	commands, err := os.ReadFile(count)
	must(t, err)
	every := 4
	if tooltest.Full() {
		every = 1
	}
	for n := 1; n <= len(commands); n += every {
		at := fmt.Sprintf("command %d of %d", n, len(commands))
		fresh(n)
		if status, said := run(n); status != -1 {
			t.Fatalf("%s: not killed: status %d\n%s", at, status, said)
		}
		holdSources(t, at, guest, "old", "new")
		status, said := run(0, "NOTHING=trixie")
		switch _, err := os.Stat(filepath.Join(guest, "var/lib/vmloom/packages-trixie")); {
		case strings.Contains(said, "all are as they were"):
			holdSources(t, at+", and no such release", guest, "old")
		case status == 0 && n < len(commands) || status != 0 && err != nil:
			t.Errorf("%s, and no such release: status %d\n%s", at, status, said)
		}
		ends(at)
	}
	for _, tool := range []string{"cp", "sed", "apt-get"} {
		fresh(tool)
		if status, said := run(0, "FULL="+tool); status <= 0 || !strings.Contains(said, "No space left on device") {
			t.Errorf("full disk at %s: status %d\n%s", tool, status, said)
		}
		holdSources(t, "full disk at "+tool, guest, "old", "new")
		ends("full disk at " + tool)
	}
}

// TestKilledUpgrades kills apply --upgrade before its commands, on the host: the guest is of the old or of the new
// release, and the same command goes on to the new one, with the way back that leads to the old. A sample; VMLOOM_FULL=1
// tries each command.
func TestKilledUpgrades(t *testing.T) {
	for name, by := range map[string]string{"kill -9": "", "Ctrl-C": "INT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if by != "" {
				tooltest.Whole(t, "Ctrl-C at an upgrade's commands")
			}
			killedUpgrade(t, killed{verb: "apply", args: []string{"--yes", "--upgrade"}, by: by, sample: 1})
		})
	}
}

func killedUpgrade(t *testing.T, c killed) {
	s := newUpgrading(t)
	if status, said := s.run(0, c.verb, c.args...); status != 0 {
		t.Fatalf("status %d\n%s", status, said)
	}
	count, err := os.ReadFile(s.steps)
	must(t, err)
	s.upgraded(t, "at once")
	every := max(1, len(count)/(c.sample+1))
	if tooltest.Full() {
		every = 1
	}
	killed := 0
	once := func(n int, words string) {
		s := newUpgrading(t)
		at := fmt.Sprintf("command %d of %d, %q", n, len(count), words)
		if words != "" {
			s.env = append(s.env, "KILL_BEFORE="+words)
		}
		switch status, said := c.interrupted(s, n); status {
		case -1:
			killed++
		case 0:
		default:
			t.Errorf("%s: not killed: status %d\n%s", at, status, said)
		}
		holdSources(t, at, s.guest(), "old", "new")
		s.env = append(s.env, "KILL_BEFORE=")
		if status, said := s.run(0, c.verb, c.args...); status != 0 {
			t.Errorf("%s: again: status %d\n%s", at, status, said)
		}
		s.upgraded(t, at)
	}
	for n := every; n <= len(count); n += every {
		once(n, "")
	}
	if c.by == "" { // where the VM is off: before the snapshot, and after the upgrade
		once(0, "snapshot create")
		once(0, "limactl --tty=true edit")
	}
	if killed == 0 {
		t.Error("never killed")
	}
	t.Logf("%d commands, killed before %d of them", len(count), killed)
}

func (s *stepping) guest() string { return filepath.Join(s.home, ".lima/vm/guest") }

// newUpgrading has a VM of Debian 12 whose profile says 13.
func newUpgrading(t *testing.T) *stepping {
	t.Helper()
	s := newStepping(t, false)
	is := func(release string) {
		writeFile(t, filepath.Join(s.home, "p/vmloom.yaml"), strings.Replace(faultyProfile, `release: "13"`, `release: "`+release+`"`, 1))
		quietly(t, filepath.Join(s.home, "p"), nil, "vmloom", "gen")
	}
	is("12")
	if status, said := s.run(0, "create"); status != 0 {
		t.Fatal(said)
	}
	writeFile(t, s.notes, "notes of years\n")
	s.writeSystem("lima", "of debian 12\n")
	fill := exec.Command(fakes(), "fill", "fill", filepath.Join(s.home, "p/vmloom.yaml"))
	fill.Env = append(os.Environ(), "HOME="+s.home)
	if out, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	oldGuest(t, s.guest())
	writeUpgradeTools(t, filepath.Join(s.home, "tools"))
	must(t, os.WriteFile(filepath.Join(s.home, "bin/sudo"), []byte(`#!/bin/sh
# Root's script, with the guest's files in the place of this machine's.
if [ "$*" != 'sh -s upgrade' ]; then
  case $(command -v "$1") in "$WORK"/*) exec "$@" ;; esac
  echo "sudo: nothing of this machine's: $*" >&2
  exit 1
fi
PATH=$WORK/tools:/usr/bin:/bin
/bin/sed "s,/etc/os-release,$GUEST&,g; s,/etc/apt/,$GUEST&,g; s,/var/lib/vmloom,$GUEST&,g" | sh -s upgrade
`), 0o755))
	s.env = append(s.env, "GUEST="+s.guest())
	is("13")
	return s
}

// upgraded: the guest is of the new release and known for it, the home is there, and the snapshot is of the old system.
func (s *stepping) upgraded(t *testing.T, at string) {
	t.Helper()
	holdSources(t, at, s.guest(), "new")
	for file, want := range map[string]string{
		filepath.Join(s.guest(), "etc/os-release"):      "VERSION_ID=\"13\"\n",
		filepath.Join(s.home, ".lima/vm/vmloom.fields"): "guest.release\t13\n",
		s.notes:                                "notes of years\n",
		filepath.Join(s.home, ".lima/vm/disk"): "of debian 12\n", // no boot changes it here
	} {
		if text, err := os.ReadFile(file); !strings.Contains(string(text), want) {
			t.Errorf("%s: %s: %q, want %q (%v)", at, file, text, want, err)
		}
	}
	if _, said := s.run(0, "snapshot", "list"); !strings.Contains(said, "before-debian-13\t") {
		t.Errorf("%s: no way back: %q", at, said)
	}
}
