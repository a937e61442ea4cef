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

// TestMountWatch: the directory of a mount that came over ssh is closed when the mount has gone, or never came; while
// the guest boots, however long that takes, it is open, or Lima could not mount there.
func TestMountWatch(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	for _, c := range []struct {
		name   string
		polls  []string // what happens before each wait of the watch ends
		closed bool
	}{
		{"slow boot", []string{"up 900", "up 1800"}, false},
		{"slow boot and Lima mounts after it", []string{"up 900; touch done", "up 1300", "touch mounted; up 1600", "up 2400"}, false},
		{"never mounted", []string{"touch done; up 100", "up 710"}, true},
		{"mounted and gone", []string{"touch mounted", "rm mounted"}, true},
		{"gone after long", []string{"touch done mounted; up 100", "up 9000", "rm mounted"}, true},
		{"mounted again", []string{"touch mounted", "up 20"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			guest, bin := filepath.Join(dir, "guest"), filepath.Join(dir, "bin")
			files := map[string]string{
				"uptime":     "5.00 9.00\n",
				"bin/chattr": "echo \"$@\" >>log\n",
				"bin/findmnt": "up() { echo \"$1.00 9.00\" >uptime; }\ncase $* in\n*--poll*) ;;\n*) [ -e mounted ]; exit ;;\nesac\n" +
					"echo >>polls\ncase $(wc -l <polls | tr -d ' ') in\n",
			}
			for n, poll := range c.polls {
				files["bin/findmnt"] += string(rune('1'+n)) + ") " + poll + " ;;\n"
			}
			files["bin/findmnt"] += "*) kill $PPID ;;\nesac\n"
			for _, d := range []string{guest, bin} {
				if err := os.Mkdir(d, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for name, text := range files {
				if strings.HasPrefix(name, "bin/") {
					text = "#!/bin/sh\n" + text
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(sh, "-c", mountWatch(t, guest), "vmloom-mounts", "watch")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
			if out, err := cmd.CombinedOutput(); len(out) > 0 || cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("%v: %s", err, out)
			}
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			if closed := strings.Contains(string(log), "+i "+guest+"\n"); closed != c.closed {
				t.Errorf("closed: %v; chattr %q", closed, log)
			}
		})
	}
}

// TestMountWatchStarts: a boot at which nothing has changed asks systemd for nothing, and a new unit has it read no other.
func TestMountWatchStarts(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	dir, bin := t.TempDir(), t.TempDir()
	for _, d := range []string{"etc", "sbin"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const restart, reload = "--no-block restart vmloom-mounts.service\n", "daemon-reload\n"
	for name, text := range map[string]string{"systemctl": "echo \"$*\" >>log\n[ ! -e deaf ] || [ \"$1\" = daemon-reload ] && rm -f deaf\n", "findmnt": "exit 1\n", "chattr": "exit 0\n"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Each follows the one before, in one guest.
	for _, c := range []struct{ name, before, mount, want string }{
		{"the first boot", "", "/srv/one", restart},
		{"the next boot", "", "/srv/one", ""},
		{"another mount", "", "/srv/two", restart},
		{"another unit", "echo >>etc/vmloom-mounts.service", "/srv/two", reload + restart},
		{"taken out of the boot", "rm etc/multi-user.target.wants/vmloom-mounts.service", "/srv/two", restart},
		{"a systemd that must read units to know one", "rm etc/vmloom-mounts.service; touch deaf", "/srv/two", restart + reload + restart},
		{"and all is well again", "", "/srv/two", ""},
	} {
		log := filepath.Join(dir, "log")
		os.Remove(log)
		script := strings.NewReplacer("/etc/systemd/system", "etc", "/usr/local/sbin/", "sbin/").Replace(bootScript(t, c.mount))
		script, _, _ = strings.Cut(script, "\n# Forwards are made") // what follows is of another thing
		cmd := exec.Command(sh, "-c", c.before+"\n"+script)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%s: %v: %s", c.name, err, out)
		}
		if got, _ := os.ReadFile(log); string(got) != c.want {
			t.Errorf("%s: systemctl was asked\n%swant\n%s", c.name, got, c.want)
		}
		tool, err := os.ReadFile(filepath.Join(dir, "sbin/vmloom-mounts"))
		if err != nil || !strings.Contains(string(tool), "for dir in "+c.mount+"; do") {
			t.Errorf("%s: the tool is not that of %s: %v", c.name, c.mount, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*/*.new")); len(left) > 0 {
			t.Errorf("%s: left: %q", c.name, left)
		}
	}
}

// mountWatch is the guest's tool, which takes what the kernel and Lima say from its directory.
func mountWatch(t *testing.T, guest string) string {
	t.Helper()
	_, tool, found := strings.Cut(bootScript(t, guest), "cat >"+mountTool+".new <<'VMLOOM_MOUNTS'\n")
	if !found {
		t.Fatal("the boot script makes no tool")
	}
	tool, _, _ = strings.Cut(tool, "\nVMLOOM_MOUNTS\n")
	return strings.NewReplacer("/proc/uptime", "uptime", "/run/lima-boot-done", "done").Replace(tool)
}

// bootScript is that of a Debian under Lima with one mount.
func bootScript(t *testing.T, guest string) string {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada, home: /home/ada}\nguest: {system: debian, release: \"12\", user: {name: ada}}\nmounts: [{host: /srv/work, guest: "+guest+"}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	view, err := newLimaView(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range view.Provision {
		if s.Mode == "boot" {
			return s.Script
		}
	}
	t.Fatal("the template has no boot script")
	return ""
}
