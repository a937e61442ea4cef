package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"vmloom/internal/tooltest"
)

const teamProfile = `# Everybody's.
version: 1
name: team
host: {os: linux}
guest: {system: guix, user: {name: dev, uid: host}}
resources: {cpus: 2, memory: 512MiB, disk: 2GiB}
home: {disk: 256MiB}
mounts:
  - {host: ., guest: /work, writable: true}
  - {host: ../notes, guest: /mnt/notes}
`

// colleague is somebody with an account of this machine.
type colleague struct {
	*vm
	uid      int
	umask    string
	home     string
	checkout string // below the home
}

// office is a machine with accounts: no program sees that they are not those of the tests' own machine.
type office struct {
	t   *testing.T
	dir string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	for _, tool := range []string{"git", "unshare", "setpriv"} {
		tooltest.Need(t, tool)
	}
	if os.Geteuid() != 0 {
		tooltest.Absent(t, "root, for accounts of other numbers,")
	}
	dir, err := os.MkdirTemp("/tmp", "vmloom")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	o := &office{t, dir}
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.MkdirAll(filepath.Join(dir, "bin"), 0o755))
	program, err := exec.LookPath("vmloom")
	must(t, err)
	must(t, exec.Command("cp", "-L", program, filepath.Join(dir, "bin/vmloom")).Run())
	must(t, os.Chmod(filepath.Join(dir, "bin/vmloom"), 0o755))
	// The whole directory: a mount over a file alone goes where somebody replaces that file meanwhile.
	must(t, exec.Command("cp", "-a", "/etc", filepath.Join(dir, "etc")).Run())
	writeFile(t, filepath.Join(dir, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n")
	writeFile(t, filepath.Join(dir, "gitconfig"), "[safe]\n\tdirectory = *\n[user]\n\tname = somebody\n\temail = somebody@example.invalid\n")
	return o
}

// hire gives somebody an account.
func (o *office) hire(c *colleague, name string) *colleague {
	o.t.Helper()
	passwd, err := os.ReadFile(filepath.Join(o.dir, "etc/passwd"))
	must(o.t, err)
	c.home = filepath.Join(o.dir, name)
	c.checkout = filepath.Join(c.home, c.checkout)
	writeFile(o.t, filepath.Join(o.dir, "etc/passwd"), string(passwd)+fmt.Sprintf("%s:x:%d:%[2]d::%s:/bin/sh\n", name, c.uid, c.home))
	must(o.t, os.Mkdir(c.home, 0o700))
	must(o.t, os.Chown(c.home, c.uid, c.uid))
	c.vm = &vm{
		t: o.t, name: "team", state: filepath.Join(c.home, ".local/state/vmloom/team"),
		env: []string{"HOME=" + c.home, "USER=" + name, "LOGNAME=" + name, "PATH=" + filepath.Join(o.dir, "bin") + ":" + os.Getenv("PATH"),
			"TIMEOUT=1500", "GIT_CONFIG_GLOBAL=" + filepath.Join(o.dir, "gitconfig"), "GORACE=atexit_sleep_ms=0"},
		as: []string{"unshare", "--mount", "sh", "-c",
			`mount --bind "$0" /etc && umask "$1" && who=$2 && shift 2 && exec setpriv --reuid "$who" --regid "$who" --clear-groups "$@"`,
			filepath.Join(o.dir, "etc"), c.umask, fmt.Sprint(c.uid)},
	}
	c.at(c.checkout)
	o.t.Cleanup(func() { c.leave() })
	return c
}

// at says where the checkout is by now.
func (c *colleague) at(checkout string) {
	c.checkout, c.scripts = checkout, filepath.Join(checkout, "generated", c.name, "scripts")
}

// leave takes the VM away, whatever has become of it.
func (c *colleague) leave() {
	c.try("destroy", "--yes", "--purge-home")
	for pid, words := range c.processes() {
		c.t.Errorf("process %d is left: %s", pid, words)
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// sh runs a text, which must succeed.
func (c *colleague) sh(text string, args ...string) string {
	c.t.Helper()
	out, err := c.program("sh", append([]string{"-ec", text, "sh"}, args...)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", text, err, out)
	}
	return string(out)
}

// must runs vmloom, which succeeds.
func (c *colleague) must(args ...string) (stdout, stderr string) {
	c.t.Helper()
	stdout, stderr, status := c.vmloom(args...)
	if status != 0 {
		c.t.Fatalf("vmloom %q: status %d\n%s%s", args, status, stdout, stderr)
	}
	return stdout, stderr
}

// clone has the repository checked out, and holds its files to the profile.
func (c *colleague) clone(from string) {
	c.t.Helper()
	c.sh(`mkdir -p "${2%/*}/notes" && echo "of $USER" >"${2%/*}/notes/note" && git clone -q "$1" "$2"`, from, c.checkout)
	c.must("gen", "--check")
	if said := c.sh(`git -C "$1" status --porcelain --ignored`, c.checkout); said != "" {
		c.t.Errorf("in the checkout: %s", said)
	}
}

// shares has both sides write, and looks whose it is on both.
func (c *colleague) shares() {
	c.t.Helper()
	c.sh(`echo "host's" >"$1/of-host" && mkdir "$1/made"`, c.checkout)
	out, _ := c.do("ssh", "sh", "-euc", `
id -u
cat /mnt/notes/note /work/of-host
stat -c '%U %n' /work/of-host /work/vmloom.yaml ~
echo more >>/work/of-host
echo "guest's" >/work/of-guest
mkdir /work/made/below
echo x >/work/made/below/file
stat -c '%U %n' /work/of-guest /work/made/below
echo x 2>/dev/null >/mnt/notes/x || echo refused
`)
	user := filepath.Base(c.home)
	if want := fmt.Sprintf(`%d
of %s
host's
dev /work/of-host
dev /work/vmloom.yaml
dev /home/dev
dev /work/of-guest
dev /work/made/below
refused
`, c.uid, user); out != want {
		c.t.Errorf("in the guest: %q\nwant %q", out, want)
	}
	said := c.sh(`cd "$1" && stat -c '%u:%g %n' of-host of-guest made/below/file && cat of-host of-guest && echo mine >>of-guest && rm -r made`, c.checkout)
	if want := fmt.Sprintf("%d:%[1]d of-host\n%[1]d:%[1]d of-guest\n%[1]d:%[1]d made/below/file\nhost's\nmore\nguest's\n", c.uid); said != want {
		c.t.Errorf("on the host: %q\nwant %q", said, want)
	}
	if out, _ := c.do("ssh", "sh", "-c", "cat /work/of-guest; rm /work/of-host /work/of-guest"); out != "guest's\nmine\n" {
		c.t.Errorf("in the guest: %q", out)
	}
}

// TestQEMUColleagues has two people of other names, numbers and masks clone one repository to other places: each
// has a VM of it, and what is written to the share is theirs on both sides. Then one of them moves the checkout and
// renames the VM, and the next boot has the same home and the share where it is now.
func TestQEMUColleagues(t *testing.T) {
	tooltest.Whole(t, "boots three times, and two of them at once")
	image := vmImage(t)
	o := newOffice(t)
	shared := filepath.Join(o.dir, "image.qcow2")
	must(t, exec.Command("cp", image, shared).Run())
	must(t, os.Chmod(shared, 0o644))
	ada := o.hire(&colleague{uid: 1000, umask: "002", checkout: "src/team"}, "ada")
	eve := o.hire(&colleague{uid: 1234, umask: "077", checkout: "it's all/my work"}, "eve")
	team := []*colleague{ada, eve}
	for _, c := range team {
		c.env = append(c.env, "IMAGE="+shared)
	}
	repository := filepath.Join(o.dir, "team.git")
	must(t, os.Mkdir(repository, 0o755))
	must(t, os.Chown(repository, ada.uid, ada.uid))
	writeFile(t, filepath.Join(o.dir, "vmloom.yaml"), teamProfile)
	ada.sh(`umask 022; git init -q --bare "$2"; mkdir "$HOME/first"; cd "$HOME/first"; git init -q .; cp "$1" .
vmloom gen -q; git add .; git commit -qm 'A VM for everybody'; git push -q "$2" HEAD:master; cd; rm -rf first`,
		filepath.Join(o.dir, "vmloom.yaml"), repository)
	for _, c := range team {
		c.clone("file://" + repository)
	}

	var all sync.WaitGroup
	for _, c := range team {
		all.Go(func() {
			if out, said, status := c.vmloom("up", "--yes", "--no-install"); status != 0 {
				t.Errorf("up: status %d\n%s%s", status, out, said)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	for _, c := range team {
		c.stateIs("running")
		c.shares()
		if said := c.sh(`git -C "$1" status --porcelain`, c.checkout); said != "" {
			t.Errorf("in the checkout: %s", said)
		}
	}
	eve.moves(ada)
	eve.renames("crew")
}

// moves has the checkout lie elsewhere, and the next start follow; the other's VM is none of its business.
func (c *colleague) moves(other *colleague) {
	c.t.Helper()
	c.do("ssh", "sh", "-c", "echo kept >~/file")
	moved := filepath.Join(c.home, "moved, and renamed")
	c.sh(`mv "$1" "$2"`, filepath.Dir(c.checkout), moved)
	c.at(filepath.Join(moved, filepath.Base(c.checkout)))
	out, said, _ := c.vmloom("status")
	c.says(out+said, "has moved")
	c.must("stop")
	c.stateIs("stopped")
	other.stateIs("running")
}

// renames gives the VM another name: the next start has the same system and home.
func (c *colleague) renames(name string) {
	c.t.Helper()
	c.env = slices.DeleteFunc(c.env, func(word string) bool { return strings.HasPrefix(word, "IMAGE=") }) // nothing is made again
	c.sh(`cd "$1" && vmloom rename "$2" "$3"`, c.checkout, c.name, name)
	old := c.state
	c.name, c.state = name, filepath.Join(filepath.Dir(c.state), name)
	c.at(c.checkout)
	if _, err := os.Lstat(old); err == nil {
		c.t.Errorf("%s is left", old)
	}
	c.must("gen", "--check")
	c.must("up", "--yes", "--no-install")
	c.stateIs("running")
	if out, _ := c.do("ssh", "cat", "file"); out != "kept\n" {
		c.t.Errorf("in the home: %q", out)
	}
	c.shares()
}
