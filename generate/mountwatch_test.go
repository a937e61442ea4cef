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

// mountWatch is the guest's tool, which takes what the kernel and Lima say from its directory.
func mountWatch(t *testing.T, guest string) string {
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
		_, tool, found := strings.Cut(s.Script, "cat >"+mountTool+" <<'VMLOOM_MOUNTS'\n")
		tool, _, _ = strings.Cut(tool, "\nVMLOOM_MOUNTS\n")
		if found {
			return strings.NewReplacer("/proc/uptime", "uptime", "/run/lima-boot-done", "done").Replace(tool)
		}
	}
	t.Fatal("no script of the template makes the tool")
	return ""
}
