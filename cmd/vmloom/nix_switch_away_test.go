package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// activatedHere stands in for the unit that activates a system, which is no real one here.
const activatedHere = `#!/bin/sh
while :; do case $1 in -E) shift 2 ;; -*) shift ;; *) break ;; esac; done
echo "$*" >GUEST/activated
`

// TestSwitchNixSSH has build.switch build the next system on a second machine, by the real nix and ssh, and hand it over
// to the guest, whose store is another: the guest has the whole of it, boots it, and nothing is sent twice. The guest's
// root is this machine's; what activates there is a stand-in.
func TestSwitchNixSSH(t *testing.T) {
	t.Parallel()
	s := newLockSeam(t)
	h := newNixHost(t, s.nixSeam)
	system := filepath.Join(s.guest, "system")
	for name, text := range map[string]string{
		"limactl":     strings.Replace(limactlHere, "sed '", "sed 's|/nix/var/nix/profiles/system|GUEST/system|g; ", 1),
		"systemd-run": activatedHere,
	} {
		writeFile(t, filepath.Join(s.bin, name), strings.ReplaceAll(text, "GUEST", s.guest))
		must(t, os.Chmod(filepath.Join(s.bin, name), 0o755))
	}
	text := regexp.MustCompile("(?m)^build:.*\n").ReplaceAllString(s.read(t, "vmloom.yaml"), "")
	writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), text+"build: {on: ssh://builder, switch: true}\n")
	s.want(t, true, []string{"gen"})
	s.want(t, true, []string{"lock"}, "flake.lock: commit it")

	before := s.calls("")
	said := s.script(t, true)
	made, err := filepath.EvalSymlinks(system)
	must(t, err)
	for _, words := range []string{"building the system on ssh://builder", " store paths into the guest"} {
		if !strings.Contains(said, words) {
			t.Errorf("no %q in:\n%s", words, said)
		}
	}
	if h.has(filepath.Base(made)) != 1 || !strings.Contains(made, "-nixos-system-ascalon-") {
		t.Errorf("%s was not built there:\n%s", made, said)
	}
	if out, err := exec.Command("nix-store", "--check-validity", made).CombinedOutput(); err != nil || s.calls("") != before {
		t.Errorf("the guest has it not, or nix was called here: %v\n%s", err, out)
	}
	if activated, _ := os.ReadFile(filepath.Join(s.guest, "activated")); string(activated) != made+"/bin/switch-to-configuration switch\n" {
		t.Errorf("activated: %q", activated)
	}
	if said := s.script(t, true, "boot"); strings.Contains(said, "copying") {
		t.Errorf("sent once more:\n%s", said)
	}

	// With the cable pulled the guest is as it was.
	pull(t, h, nil)
	if said := s.script(t, false); !strings.Contains(said, "ssh://builder: does not answer") {
		t.Errorf("cut off:\n%s", said)
	}
	if now, _ := filepath.EvalSymlinks(system); now != made {
		t.Errorf("the guest boots %s now", now)
	}
	left, _ := filepath.Glob("/tmp/vmloom.??????/my vm/generated/ascalon/nix/nixos.nix")
	for _, file := range left {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), s.token) {
			t.Errorf("left over there: %s", file)
		}
	}
}
