package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// TestQEMUGuide does what a newcomer does: it runs the command blocks of the generated
// docs/dev-vm.md as they stand, from the first to the last, on a terminal and not as root,
// whose number no other account can have. There is no
// Guix here: a stand-in on the host hands out the tests' image, another in the guest
// takes the two commands that are meant for it.
func TestQEMUGuide(t *testing.T) {
	tooltest.Whole(t, "boots five times, for ten minutes where there is no KVM")
	image := vmImage(t)
	for _, tool := range []string{"script", "setpriv", "unshare"} {
		tooltest.Need(t, tool)
	}
	home, err := os.MkdirTemp("/tmp", "guide")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	g := &guide{t: t, home: home, dir: filepath.Join(home, "project/generated/dev-vm"), state: filepath.Join(home, ".local/state/vmloom/dev-vm")}
	must(t, os.CopyFS(filepath.Join(home, "project"), os.DirFS("../../examples/dev-vm")))
	g.prepare(image)
	// The profile's port of this host may be taken, as it may be on a newcomer's.
	create := filepath.Join(g.dir, "scripts/dev-vm-create.sh")
	script, err := os.ReadFile(create)
	must(t, err)
	must(t, os.WriteFile(create, []byte(strings.ReplaceAll(string(script), "127.0.0.1:8080-", "127.0.0.1:"+freePort(t)+"-")), 0o755))

	ran := 0
	for _, b := range blocks(t, filepath.Join(g.dir, "docs/dev-vm.md")) {
		if b.info != "sh" {
			continue
		}
		ran++
		said := g.block(b.text)
		switch {
		case strings.Contains(b.text, "{ printf"): // ssh by name, by the user's own configuration
			g.says(said, "Linux image ")
		case strings.Contains(b.text, "create.sh") && !strings.Contains(b.text, "stop.sh"):
			g.says(said, "guix makes the image", "ready: scripts/dev-vm-ssh.sh")
			g.guixInGuest()
		case strings.Contains(b.text, "ls -la /mnt/qbuf"):
			g.says(said, "manifest.scm")
		case strings.Contains(b.text, "guix install"):
			g.says(said, "guest: guix install hello")
		case strings.Contains(b.text, "guix shell -D"):
			g.says(said, "guest: guix shell -D -f guix.scm -- sh -c cmake -S . -B build && cmake --build build && ctest --test-dir build")
		case strings.Contains(b.text, "guix build -f"):
			g.says(said, "guest: guix build -f guix.scm")
		case strings.Contains(b.text, "&& guix shell"):
			g.says(said, "guest: guix shell -m manifest.scm -- true")
		case strings.Contains(b.text, "rebuild.sh"):
			g.says(said, "go on? [y/N]", "the home stays", "ready: ")
			g.guixInGuest()
		case strings.Contains(b.text, "herd status"):
			g.says(said, "guest: herd status", "guest: herd restart ssh-daemon")
		case strings.Contains(b.text, "--purge-home"):
			g.says(said, "go on? [y/N]", "the home is among them", "done")
		}
	}
	if ran < 13 {
		t.Errorf("only %d blocks", ran)
	}
	if _, err := os.Stat(filepath.Dir(g.state)); err == nil {
		t.Error("the state directory is left")
	}
	if left := (&vm{state: g.state}).processes(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	g.checkGuix()
}

// newcomer is the number of the account that follows the guide.
const newcomer = "1234"

// guide is a newcomer's machine.
type guide struct {
	t                *testing.T
	home, dir, state string
	image            string // which a newcomer may read where it is mounted
}

// prepare makes a home that even ssh takes for one, which asks /etc/passwd, and puts the
// stand-in for guix on PATH.
func (g *guide) prepare(image string) {
	t := g.t
	g.image = image
	image = filepath.Join(g.home, "image.qcow2")
	must(t, os.WriteFile(image, nil, 0o644))
	passwd, err := os.ReadFile("/etc/passwd")
	must(t, err)
	lines := strings.Split(string(passwd), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, ":"+newcomer+":") })
	lines = append([]string{"newcomer:x:" + newcomer + ":" + newcomer + "::" + g.home + ":/bin/sh"}, lines...)
	must(t, os.WriteFile(filepath.Join(g.home, "passwd"), []byte(strings.Join(lines, "\n")), 0o644))
	must(t, os.Mkdir(filepath.Join(g.home, "bin"), 0o755))
	must(t, os.WriteFile(filepath.Join(g.home, "bin/guix"), []byte(`#!/bin/sh
echo "$*" >>'`+g.home+`/guix.log'
case $* in
*" system image "*)
  while [ "$1" != -r ]; do shift; done
  ln -s '`+image+`' "$2" # fails where the link is already, as guix does
  echo '`+image+`'
  ;;
esac
`), 0o755))
	must(t, exec.Command("chown", "-R", newcomer+":"+newcomer, g.home).Run())
}

// block runs one block of the guide in a terminal, and answers y to every question.
func (g *guide) block(text string) string {
	t := g.t
	t.Helper()
	file := filepath.Join(g.home, "block.sh")
	must(t, os.WriteFile(file, []byte("set -e\n"+text), 0o644))
	answer := "exit\n" // of the first shell that the guide opens
	if strings.Contains(text, "rebuild.sh") || strings.Contains(text, "destroy.sh") {
		answer = "y\n"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "sh", "-c",
		`mount --bind "$HOME/passwd" /etc/passwd && mount --bind '`+g.image+`' "$HOME/image.qcow2" && exec setpriv --reuid=`+newcomer+` --regid=`+newcomer+` --clear-groups script -qefc "sh '$HOME/block.sh'" /dev/null`)
	cmd.Dir = g.dir
	cmd.Stdin = strings.NewReader(answer)
	cmd.Env = append(os.Environ(), "HOME="+g.home, "PATH="+filepath.Join(g.home, "bin")+":"+os.Getenv("PATH"), "TERM=dumb", "XDG_STATE_HOME=", "IMAGE=")
	began := time.Now()
	out, err := cmd.CombinedOutput()
	said := strings.ReplaceAll(string(out), "\r\n", "\n")
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(g.state, "serial.log"))
		(&vm{t: t, name: "dev-vm", scripts: filepath.Join(g.dir, "scripts"), state: g.state, env: cmd.Env}).try("destroy", "--yes", "--purge-home")
		t.Fatalf("%v in %.0f s\n%s\n--\n%s\n%s", err, time.Since(began).Seconds(), text, said, log[max(0, len(log)-1000):])
	}
	t.Logf("%.1f s: %s", time.Since(began).Seconds(), strings.TrimSpace(text))
	return said
}

func (g *guide) says(got string, words ...string) {
	g.t.Helper()
	for _, want := range words {
		if !strings.Contains(got, want) {
			g.t.Errorf("said %q\nwant %q in it", got, want)
		}
	}
}

// guixInGuest puts a stand-in into the guest, which is no Guix System.
func (g *guide) guixInGuest() {
	cmd := exec.Command("sh", filepath.Join(g.dir, "scripts/dev-vm-ssh.sh"), "sudo", "sh", "-c",
		"for tool in guix herd; do printf '#!/bin/sh\\necho guest: %s \"$*\"\\n' $tool >/usr/local/bin/$tool; chmod 755 /usr/local/bin/$tool; done")
	cmd.Env = append(os.Environ(), "HOME="+g.home, "XDG_STATE_HOME=")
	if out, err := cmd.CombinedOutput(); err != nil {
		g.t.Fatalf("%v\n%s", err, out)
	}
}

// checkGuix compares the calls of guix on the host with what guix takes (facts of its 1.5).
func (g *guide) checkGuix() {
	data, err := os.ReadFile(filepath.Join(g.home, "guix.log"))
	must(g.t, err)
	image := "time-machine -C " + g.dir + "/guix/channels.scm -- system image --system=x86_64-linux -t qcow2 --image-size=30GiB -r " + g.state + "/image-N " + g.dir + "/guix/system.scm\n"
	want := image +
		"time-machine -C guix/channels.scm -- shell -m guix/manifest.scm -- true\n" +
		image +
		"describe -f channels\n"
	got := string(data)
	for _, line := range strings.Split(got, "\n") {
		if _, rest, found := strings.Cut(line, "/image-"); found {
			digits, _, _ := strings.Cut(rest, " ")
			got = strings.ReplaceAll(got, "/image-"+digits, "/image-N")
		}
	}
	if got != want {
		g.t.Errorf("guix was called with\n%swant\n%s", got, want)
	}
}
