package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// pool is the reader's machine of docs/fleets.md: root's /etc and home on it are copies, in a mount namespace.
type pool struct {
	*nixSeam
	root     string // where etc and root are
	builders []*nixHost
	cache    *nixCache
	own      *strings.Replacer // what stands for the reader's own in the page
}

// TestDocsFleetsRoot does what docs/fleets.md says, those commands that need root, too: from one VM to two builders and
// a cache. sudo is a stand-in; nix, ssh, the builders and the cache are real.
func TestDocsFleetsRoot(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	for _, b := range blocks(t, "../../docs/fleets.md") {
		switch b.info {
		case "yaml":
			first, text, _ := strings.Cut(b.text, "\n")
			writeFile(t, filepath.Join(p.dir, strings.TrimPrefix(first, "# ")), p.own.Replace(text))
		case "sh", "sh root":
			for line := range strings.Lines(b.text) {
				p.run(t, line)
			}
		}
	}
	for i, name := range []string{"web", "db"} {
		for j, h := range p.builders {
			if built := h.has("*-"+name) == 1; built != (i == j) {
				t.Errorf("%s: built at builder %d: %v", name, j, built)
			}
		}
		p.taken(t, name)
	}
}

func newPool(t *testing.T) *pool {
	t.Helper()
	p := &pool{nixSeam: newNixSeam(t, "")}
	p.options = "--option max-jobs 0" // this machine is a builder's own kind, and builds nothing
	p.root = filepath.Join(filepath.Dir(p.bin), "machine")
	p.dir = filepath.Join(p.root, "fleet")
	must(t, os.MkdirAll(filepath.Join(p.root, "root"), 0o700))
	if out, err := exec.Command("cp", "-a", "/etc", p.root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p.builders = []*nixHost{newNixHost(t, p.nixSeam), newNixHost(t, p.nixSeam)}
	must(t, os.Remove(filepath.Join(p.bin, "ssh")))
	p.wrap(t)
	writeFile(t, filepath.Join(p.bin, "sudo"), "#!/bin/sh\nexec \"$@\"\n")
	must(t, os.Chmod(filepath.Join(p.bin, "sudo"), 0o755))
	p.cache = newNixCache(t, p.nixSeam)
	etc := func(file, text string) { writeFile(t, filepath.Join(p.root, "etc", file), text) }
	etc("nix/nix.conf", "build-users-group =\nsandbox = false\nsubstituters =\nexperimental-features = nix-command flakes\n")
	etc("hosts", "127.0.0.1 localhost\n"+p.builders[0].address(t)+" big.example.org\n"+p.builders[1].address(t)+" arm.example.org\n")
	must(t, os.RemoveAll(filepath.Join(p.root, "etc/ssh")))
	secret, err := os.ReadFile(p.cache.secret)
	must(t, err)
	etc("nix/cache.sec", strings.Replace(string(secret), "fleet-1:", "cache.example.org-1:", 1))
	must(t, os.Chmod(filepath.Join(p.root, "etc/nix/cache.sec"), 0o600))
	const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2BfhyWPFM0TJZpIy5CPXdM4uLDmCKQUKnDLVRiHzCO"
	p.own = strings.NewReplacer(
		"systems: [x86_64-linux]\n    key: /etc/nix/builder_ed25519\n    hostKey: "+hostKey, "systems: [x86_64-linux]\n    key: /etc/nix/builder_ed25519\n    hostKey: "+p.hostKey(t, 0),
		"systems: [aarch64-linux]\n    key: /etc/nix/builder_ed25519\n    hostKey: "+hostKey, "systems: [aarch64-linux]\n    key: /etc/nix/builder_ed25519\n    hostKey: "+p.hostKey(t, 1),
		"packages: [git, ripgrep]}", "packages: [git, ripgrep], env: {SEAM: "+p.token+"}}", // so that no store has it
		"user: nix", "user: root\n    port: 22022",
		"https://cache.example.org", p.cache.url, "s3://cache", "file://"+filepath.Join(p.cache.dir, "cache"),
		"cache.example.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=", strings.Replace(p.cache.public, "fleet-1:", "cache.example.org-1:", 1))
	return p
}

func (p *pool) hostKey(t *testing.T, i int) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.builders[i].dir, "hostkey.pub"))
	must(t, err)
	return strings.Join(strings.Fields(string(key))[:2], " ")
}

// there is a line of sh on that machine.
func (p *pool) there(t *testing.T, line string) (string, error) {
	t.Helper()
	const script = `mount --make-rprivate / && mount --bind "$1/etc" /etc && mount --bind "$1/root" /root && cd "$1/fleet" && exec sh -ec "$2"`
	cmd := exec.Command(tooltest.Need(t, "unshare"), "-m", "sh", "-c", script, "sh", p.root, line)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run does a command of the page. The cache's key is there already, since the page has its other half before.
func (p *pool) run(t *testing.T, line string) {
	t.Helper()
	if strings.Contains(line, "generate-secret") {
		return
	}
	out, err := p.there(t, line)
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	if strings.Contains(line, "ssh-keygen") { // what the page has the reader do on each builder
		key, err := os.ReadFile(filepath.Join(p.root, "etc/nix/builder_ed25519.pub"))
		must(t, err)
		for _, h := range p.builders {
			writeFile(t, filepath.Join(h.dir, "key.pub"), string(key))
		}
	}
}

// taken has a second store take an image from the cache by what root has put into /etc/nix.
func (p *pool) taken(t *testing.T, name string) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(p.cache.dir, "cache/*.narinfo"))
	for _, file := range found {
		text, err := os.ReadFile(file)
		must(t, err)
		_, path, _ := strings.Cut(string(text), "StorePath: ")
		if path, _, _ = strings.Cut(path, "\n"); strings.HasSuffix(path, "-"+name) {
			store := filepath.Join(p.cache.dir, "second")
			if out, err := p.there(t, "'"+p.Path+"' build --max-jobs 0 --builders '' --no-link --store '"+store+"' "+path); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if _, err := os.Stat(filepath.Join(store, path, name+".qcow2")); err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Errorf("%s: no image in the cache", name)
}
