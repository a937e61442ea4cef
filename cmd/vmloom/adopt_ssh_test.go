package main

import (
	"strings"
	"testing"

	"vmloom/adopt"
	"vmloom/internal/tooltest"
)

// TestAdoptSSH: the real ssh decides which Include counts for the VM, by its own rules of Host and
// Match; no file is read and no command run for it. What only a Mac's ssh knows is no obstacle.
func TestAdoptSSH(t *testing.T) {
	tooltest.Need(t, "ssh")
	asked := 0
	settings := func(config []byte, host string) ([]byte, error) {
		asked++
		return sshSettings(t.Context(), config, host)
	}
	const include = "  Include /nowhere/.lima/default/ssh.config\n"
	for config, late := range map[string]bool{
		include: false, "UseKeychain yes\n" + include: false, "Host *\n" + include: false, "Host other\n" + include: true,
		"Host other\n  User x\nMatch all\n" + include: false, "Host lima-* !lima-default\n" + include: true,
		"Host LIMA-default\n" + include: true, "Match originalhost lima-default\n" + include: false, "Match originalhost other\n" + include: true,
		"Match host lima-* user nobody-of-that-name\n" + include: true, "Match exec \"touch ran\"\n" + include: false,
	} {
		in := adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: []byte("base: template:_images/debian-13\n")}, SSHSettings: settings,
			SSH: []adopt.File{{Name: "config", Data: []byte(config)}}, Host: adopt.Host{OS: "linux", Arch: "x86_64", User: "dev", Home: "/home/dev"}}
		before := asked
		a, err := adopt.Read(in)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range a.Findings {
			found = found || f.ID == "include-late"
		}
		if found != late {
			t.Errorf("%s: late %v, want %v", config, found, late)
		}
		if runs := strings.Contains(config, "exec"); runs != (asked == before) {
			t.Errorf("%s: ssh was asked %d times", config, asked-before)
		}
	}
}
