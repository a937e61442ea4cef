package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLimaApply changes a VM of the real Lima in place: what a restart brings, what comes live, an edit by Lima's own
// command, and a change with which it does not start.
func TestLimaApply(t *testing.T) {
	limactl, image := os.Getenv(e2eLimactl), os.Getenv(e2eImage)
	if limactl == "" || image == "" {
		t.Skipf("SKIPPED: %s and %s name no real limactl and image", e2eLimactl, e2eImage)
	}
	if os.Getuid() == 0 {
		t.Fatal("limactl refuses root: run this test as another user")
	}
	e := newE2E(t, limactl, image)
	e.step("up", func() { e.ok("up", "--yes", "--no-install") })
	e.ok("ssh", "--", "sh", "-c", "echo kept >~/keep; printf '#!/bin/sh\\necho mine\\n' | sudo tee /usr/local/bin/mine >/dev/null; sudo chmod 755 /usr/local/bin/mine")
	boot := e.guest("cat /proc/sys/kernel/random/boot_id")

	e.profile("cpus: 1, memory: 1GiB, disk: 5GiB", "cpus: 2, memory: 1100MiB, disk: 6GiB", "home: {disk: 3GiB}", "home: {disk: 4GiB}\nports: [{guest: 8080, host: 18080}]")
	t.Logf("plan:\n%s", e.ok("apply", "--dry-run"))
	e.step("apply with a restart", func() { e.ok("apply", "--yes") })
	if got := e.guest("nproc; mine; cat ~/keep"); got != "2\nmine\nkept\n" {
		t.Errorf("after apply: %q", got)
	}
	for dir, least := range map[string]string{"/": "5", "/home": "3"} {
		if got := e.guest("df --output=size -BG " + dir + " | tail -n 1"); strings.Trim(got, " G\n") < least {
			t.Errorf("%s has %s", dir, got)
		}
	}
	again := e.guest("cat /proc/sys/kernel/random/boot_id")
	if again == boot {
		t.Error("it was not restarted")
	}

	e.profile("env: {EDITOR: vim}", "env: {EDITOR: nano, GREETING: hello}")
	e.step("apply of variables", func() { e.ok("apply", "--yes") })
	if got := e.guest("sh -lc 'echo $EDITOR $GREETING'"); got != "nano hello\n" {
		t.Errorf("variables: %q", got)
	}
	if live := e.guest("cat /proc/sys/kernel/random/boot_id") == again; !live {
		t.Error("variables took a restart")
	}
	if out := e.ok("apply", "--dry-run"); out != "" {
		t.Errorf("still differs: %s", out)
	}

	e.profile("memory: 1100MiB", "memory: 900TiB")
	e.step("apply of what does not start", func() {
		if e.run(nil, "apply", "--yes") == 0 {
			t.Error("900TiB of memory did not fail")
		}
	})
	if got := e.guest("mine; cat ~/keep"); got != "mine\nkept\n" {
		t.Errorf("taken back: %q", got)
	}
}

// guest is what a command of sh in the guest prints.
func (e *e2e) guest(command string) string {
	e.t.Helper()
	return e.ok("ssh", "--", "sh", "-c", command)
}

// profile replaces texts of the profile.
func (e *e2e) profile(pairs ...string) {
	e.t.Helper()
	file := filepath.Join(e.dir, "vmloom.yaml")
	text, err := os.ReadFile(file)
	must(e.t, err)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			e.t.Fatalf("the profile has no %s", pairs[i])
		}
	}
	must(e.t, os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o644))
}
