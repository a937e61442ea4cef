package main

import (
	"os"
	"os/exec"
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

	e.forwards(again)
	e.mounts(again)

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

// forwards come and go while the VM runs.
func (e *e2e) forwards(boot string) {
	e.t.Helper()
	port := freePort(e.t)
	fakeDocker(e.t, filepath.Join(e.dir, "more.sock"))
	must(e.t, e.command("vmloom", "ssh", "--", "sh", "-c", "echo from the guest >/tmp/file; cd /tmp; nohup python3 -m http.server 8081 >/dev/null 2>&1 &").Run())
	const ports, sockets = "ports: [{guest: 8080, host: 18080}", "sockets:\n"
	more := ", {guest: 8081, host: " + port + "}"
	socket := "  - {name: more, host: " + e.dir + "/more.sock, env: MORE_SOCK, check: 'true'}\n"
	served := func() string {
		out, _ := exec.Command("curl", "-fsS", "-m", "20", "http://127.0.0.1:"+port+"/file").Output()
		return string(out)
	}

	e.profile(ports, ports+more, sockets, sockets+socket)
	e.step("apply of a port and a socket", func() { e.t.Logf("plan:\n%s", e.ok("apply", "--yes")) })
	if got := served(); got != "from the guest\n" {
		e.t.Errorf("the port leads to %q", got)
	}
	const ask = "curl -fsS -m 10 --unix-socket /run/host-services/more.sock http://docker/_ping"
	if got := e.guest(ask); got != "OK" {
		e.t.Errorf("the socket says %q", got)
	}

	e.profile(more, "", socket, "")
	e.step("apply without them", func() { e.ok("apply", "--yes") })
	if got := served(); got != "" {
		e.t.Errorf("the port that went leads to %q", got)
	}
	if got := e.guest(ask + " || echo gone"); !strings.HasSuffix(got, "gone\n") {
		e.t.Errorf("the socket that went says %q", got)
	}
	if e.guest("cat /proc/sys/kernel/random/boot_id") != boot {
		e.t.Error("forwards took a restart")
	}
	e.docker("after apply")
}

// mounts come and go while the VM runs, and one that comes outlives the command, and is Lima's after a restart.
func (e *e2e) mounts(boot string) {
	e.t.Helper()
	must(e.t, os.Mkdir(filepath.Join(e.dir, "more"), 0o755))
	const first = "guest: /Users/rbha18/sysinit, writable: true}\n"
	more := "  - {host: " + e.dir + "/more, guest: /mnt/more, writable: true}\n"
	e.profile(first, first+more)
	e.step("apply of a mount", func() { e.t.Logf("plan:\n%s", e.ok("apply", "--yes")) })
	e.guest("echo from the guest >/mnt/more/file")
	if data, _ := os.ReadFile(filepath.Join(e.dir, "more/file")); string(data) != "from the guest\n" {
		e.t.Errorf("the mount has %q", data)
	}
	e.profile(first, "guest: /Users/rbha18/sysinit}\n", more, "")
	e.step("apply without it, and of one that is read-only", func() { e.ok("apply", "--yes") })
	if got := e.guest("findmnt -n -o SOURCE --mountpoint /mnt/more || echo gone; touch /Users/rbha18/sysinit/x 2>/dev/null || echo refused"); got != "gone\nrefused\n" {
		e.t.Errorf("after it: %q", got)
	}
	e.profile("guest: /Users/rbha18/sysinit}\n", first)
	e.step("apply of a writable one", func() { e.ok("apply", "--yes") })
	e.guest("echo again >/Users/rbha18/sysinit/again")
	if e.guest("cat /proc/sys/kernel/random/boot_id") != boot {
		e.t.Error("mounts took a restart")
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
