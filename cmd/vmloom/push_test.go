package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nixCache is a cache of nix behind loopback http, with a key of its own, and stores that take from it.
type nixCache struct {
	seam           *nixSeam
	dir, conf      string
	url            string
	secret, public string // the file, and the key's public half
}

func newNixCache(t *testing.T, s *nixSeam) *nixCache {
	t.Helper()
	c := &nixCache{seam: s, dir: filepath.Dir(s.bin)}
	c.conf, c.secret = filepath.Join(c.dir, "conf"), filepath.Join(c.dir, "secret")
	must(t, os.MkdirAll(c.conf, 0o755))
	secret, err := c.nix("", "key", "generate-secret", "--key-name", "fleet-1")
	must(t, err)
	c.public, err = c.nix(secret, "key", "convert-secret-to-public")
	must(t, err)
	must(t, os.WriteFile(c.secret, []byte(secret), 0o600))
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(c.dir, "cache"))))
	t.Cleanup(server.Close)
	t.Cleanup(func() { exec.Command("chmod", "-R", "u+w", c.dir).Run() })
	c.url = server.URL
	return c
}

func (c *nixCache) nix(input string, args ...string) (string, error) {
	cmd := exec.Command(c.seam.Path, append([]string{"--extra-experimental-features", "nix-command flakes"}, args...)...)
	cmd.Env, cmd.Stdin = append(c.seam.env, "NIX_CONF_DIR="+c.conf), strings.NewReader(input)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, errs.String())
	}
	return strings.TrimSpace(string(out)), err
}

// fleet writes the fleet of one machine that has the cache, with further words of it.
func (c *nixCache) fleet(t *testing.T, more string) {
	t.Helper()
	writeFile(t, filepath.Join(c.seam.dir, "vmloom.fleet.yaml"), "version: 1\nmachines: [vmloom.yaml]\ncaches:\n"+
		fmt.Sprintf("  - {url: %q, key: %q, netrc: /etc/nix/netrc, secretKey: %s, %s}\n", c.url, c.public, c.secret, more))
}

func (c *nixCache) push() string {
	return fmt.Sprintf("push: %q", "file://"+filepath.Join(c.dir, "cache"))
}

// image is that of the cache, all of which has to be signed; empty: there is none.
func (c *nixCache) image(t *testing.T) (image string) {
	t.Helper()
	infos, err := filepath.Glob(filepath.Join(c.dir, "cache/*.narinfo"))
	must(t, err)
	for _, file := range infos {
		text, err := os.ReadFile(file)
		must(t, err)
		if !strings.Contains(string(text), "Sig: fleet-1:") {
			t.Errorf("not signed:\n%s", text)
		}
		_, path, _ := strings.Cut(string(text), "StorePath: ")
		if path, _, _ = strings.Cut(path, "\n"); strings.HasSuffix(path, "-ascalon") {
			image = path
		}
	}
	return image
}

// taken has a second store take the image by the generated nix.conf, which it must not by one with another key.
func (c *nixCache) taken(t *testing.T) {
	t.Helper()
	image := c.image(t)
	if image == "" {
		t.Fatal("no image in the cache")
	}
	generated := c.seam.read(t, "generated/fleet/nix/nix.conf")
	writeFile(t, filepath.Join(c.conf, "nix.conf"), "build-users-group =\nsandbox = false\nsubstituters =\nmax-jobs = 0\ninclude fleet.conf\n")
	take := func(store, generated string) (string, error) {
		writeFile(t, filepath.Join(c.conf, "fleet.conf"), generated)
		return c.nix("", "build", "--store", filepath.Join(c.dir, store), "--no-link", image)
	}
	if out, err := take("wrong", strings.Replace(generated, c.public, "fleet-1:"+strings.Repeat("A", 43)+"=", 1)); err == nil {
		t.Errorf("it is taken without the right key:\n%s", out)
	}
	if out, err := take("right", generated); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	there, err := os.ReadFile(filepath.Join(c.dir, "right", image, "ascalon.qcow2"))
	if err != nil || string(there) != c.seam.read(t, "images/ascalon-aarch64.qcow2") {
		t.Errorf("%v, or another image", err)
	}
}

// TestNixCache: what a build makes goes, signed, into a cache by the generated hook, and a second store takes
// it from there by the generated nix.conf, as long as that has the right key.
func TestNixCache(t *testing.T) {
	t.Parallel()
	s := newNixSeam(t, "aarch64-linux")
	c := newNixCache(t, s)
	c.fleet(t, c.push())
	s.want(t, true, []string{"gen", "vmloom.fleet.yaml"})

	// As the comment in nix.conf has it: the hook is put in its place first.
	writeFile(t, filepath.Join(s.bin, "push.sh"), s.read(t, "generated/fleet/nix/push.sh"))
	must(t, os.Chmod(filepath.Join(s.bin, "push.sh"), 0o755))
	s.options += " --option post-build-hook " + filepath.Join(s.bin, "push.sh")
	s.wrap(t)
	s.want(t, true, []string{"build-image"}, "is built:")
	c.taken(t)
}

// TestBuildImagePush signs an image and copies it to a cache after its build, and says so where that fails: then the
// same command goes on with it. Nothing is pushed unasked, and no key is taken that is not fit for it.
func TestBuildImagePush(t *testing.T) {
	t.Parallel()
	s := newNixSeam(t, "aarch64-linux")
	c := newNixCache(t, s)
	s.want(t, false, []string{"build-image", "--push"}, "--push: the profile is in no fleet")
	c.fleet(t, c.push())
	s.want(t, true, []string{"gen", "vmloom.fleet.yaml"})

	// The key is looked at before anything is built.
	at := "vmloom.fleet.yaml:4:"
	must(t, os.Chmod(c.secret, 0o640))
	s.want(t, false, []string{"build-image", "--push"}, at, "caches[0].secretKey: others may read it (mode 0640)", "hint: chmod 600 "+c.secret)
	must(t, os.Rename(c.secret, c.secret+".away"))
	s.want(t, false, []string{"build-image", "--push"}, at, "caches[0].secretKey: there is no such file", "nix key generate-secret --key-name fleet-1 > "+c.secret)
	other, err := c.nix("", "key", "generate-secret", "--key-name", "fleet-1")
	must(t, err)
	must(t, os.WriteFile(c.secret, []byte(other), 0o600))
	s.want(t, false, []string{"build-image", "--push"}, "caches[0].secretKey: is not the other half of key")
	must(t, os.WriteFile(c.secret, []byte("fleet-1:none\n"), 0o600))
	s.want(t, false, []string{"build-image", "--push"}, "is no secret key of nix")
	must(t, os.Rename(c.secret+".away", c.secret))
	must(t, os.Chmod(c.secret, 0o600))
	if s.calls(" build ") > 0 {
		t.Error("it was built first")
	}

	// A cache that takes nothing: the image is whole all the same, and the next one is tried.
	file := filepath.Join(s.dir, "vmloom.fleet.yaml")
	writeFile(t, filepath.Join(c.dir, "full"), "a file\n")
	c.fleet(t, fmt.Sprintf("push: %q", "file://"+filepath.Join(c.dir, "full")))
	text := s.read(t, "vmloom.fleet.yaml")
	keeper := filepath.Join(s.bin, "keep paths")
	writeFile(t, keeper, "#!/bin/sh\nprintf '%s\\n' \"$@\" > '"+c.dir+"/kept'\n")
	must(t, os.Chmod(keeper, 0o755))
	writeFile(t, file, text+fmt.Sprintf("  - {url: \"https://own.example.org\", key: %q, pushBy: [%q, \"a b;$(false)\"]}\n", c.public, keeper))
	out, _ := s.want(t, false, []string{"build-image", "--push"}, "is built:", "vmloom.yaml: built, not pushed: "+c.url+": nix: ", "hint: vmloom build-image --push vmloom.yaml goes on with it")
	if out != "images/ascalon-aarch64.qcow2\n" {
		t.Errorf("stdout: %q", out)
	}
	if kept := s.read(t, "../kept"); !strings.HasPrefix(kept, "a b;$(false)\n/nix/store/") || !strings.HasSuffix(kept, "-ascalon\n") {
		t.Errorf("the command was given %q", kept)
	}
	s.want(t, true, []string{"gen", "--check"}, "unchanged")

	c.fleet(t, c.push())
	s.want(t, true, []string{"build-image"}, "is up to date")
	if c.image(t) != "" {
		t.Error("it was pushed unasked")
	}
	out, _ = s.want(t, true, []string{"build-image", "--push", "--json"})
	if !strings.Contains(out, `"state": "unchanged"`) || !strings.Contains(out, `"pushed": true`) {
		t.Error(out)
	}
	s.want(t, true, []string{"gen", "vmloom.fleet.yaml"})
	c.taken(t)

	// Built anew, signed and pushed in one go, and by what --dry-run prints.
	s.want(t, true, []string{"build-image", "--push", "--force"}, "is built:", "image ascalon-aarch64 is pushed")
	must(t, os.RemoveAll(filepath.Join(c.dir, "cache")))
	s.paste(t, "--push")
	if c.image(t) == "" {
		t.Error("what --dry-run prints has filled no cache")
	}
	s.clean(t, "")
}
