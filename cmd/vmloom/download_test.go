package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"vmloom/internal/tooltest"
)

// imageServer serves a directory over loopback http, from the middle of a file on only where it is told to.
type imageServer struct {
	dir     string
	ranges  atomic.Bool
	resumed atomic.Int32
	*httptest.Server
}

func newImageServer(t *testing.T) *imageServer {
	t.Helper()
	s := &imageServer{dir: t.TempDir()}
	s.ranges.Store(true)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			s.resumed.Add(1)
			if !s.ranges.Load() {
				r.Header.Del("Range")
			}
		}
		http.FileServer(http.Dir(s.dir)).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// image is the one file that is served.
func (s *imageServer) image(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "*"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("served are %q", files)
	}
	return files[0]
}

// TestImageForEverybody: one builds an image, signs it with the real minisign and brings it to where all others
// download it: vmloom, and the generated script without it. Whatever is not what the lock pins, and what is not signed
// by the fleet's key, is refused, and leaves nothing.
func TestImageForEverybody(t *testing.T) {
	t.Parallel()
	minisign := tooltest.Need(t, "minisign")
	tooltest.Need(t, "curl")
	s, server := newNixSeam(t, "aarch64-linux"), newImageServer(t)
	secret, public := filepath.Join(filepath.Dir(s.bin), "team-key"), filepath.Join(filepath.Dir(s.bin), "team.pub")
	if out, err := exec.Command(minisign, "-G", "-W", "-p", public, "-s", secret).CombinedOutput(); err != nil {
		t.Fatalf("minisign: %v\n%s", err, out)
	}
	text, err := os.ReadFile(public)
	must(t, err)
	words := strings.Fields(string(text))
	key := words[len(words)-1]
	fleet := func(key string) string {
		return fmt.Sprintf("version: 1\nmachines: [vmloom.yaml]\nimages: {url: %q, key: %s, secretKey: %s, pushBy: [cp, \"{image}\", %q]}\n",
			server.URL+"/", key, secret, filepath.Join(server.dir, "{name}"))
	}
	file := filepath.Join(s.dir, "vmloom.fleet.yaml")
	const another = "RWSSVdN7F5AV0tFe2tsDHvtIfkkM90CgcdwLyfagaKESNG1NTUvXOYMN"

	// Keys: looked at before the build, or as soon as one has signed.
	writeFile(t, file, fleet(key))
	must(t, os.Chmod(secret, 0o644))
	s.want(t, false, []string{"build-image", "--push"}, "vmloom.fleet.yaml:3:", "images.secretKey: others may read it (mode 0644)", "hint: chmod 600")
	must(t, os.Chmod(secret, 0o600))
	if s.calls(" build ") > 0 {
		t.Error("it was built first")
	}
	writeFile(t, file, fleet(another))
	s.want(t, false, []string{"build-image", "--push"}, "is built:", "built, not pushed: vmloom.fleet.yaml:3:", "images.secretKey: what it has signed is signed by another key")
	writeFile(t, file, fleet(key))
	s.want(t, true, []string{"build-image", "--push"}, "is pushed")
	s.want(t, true, []string{"gen", "--check"}, "unchanged")
	lock, image := s.read(t, "images/ascalon-aarch64.lock.json"), s.read(t, "images/ascalon-aarch64.qcow2")
	for _, part := range []string{`"url": "` + server.URL + "/ascalon-aarch64-", `"signature": "untrusted comment: `} {
		if !strings.Contains(lock, part) {
			t.Errorf("no %s in the lock:\n%s", part, lock)
		}
	}

	// Somebody else has the lock, and no image.
	lose := func() {
		t.Helper()
		must(t, os.Remove(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")))
	}
	same := func() {
		t.Helper()
		if s.read(t, "images/ascalon-aarch64.qcow2") != image {
			t.Error("another image was downloaded")
		}
		if left, _ := filepath.Glob(filepath.Join(s.dir, "images/.*.part")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
	part := filepath.Join(s.dir, "images", "."+strings.TrimSuffix(filepath.Base(server.image(t)), ".qcow2")+".part")
	script := s.fetchScript(t)
	builds := s.calls(" build ")
	for _, way := range []struct {
		what string
		do   func()
	}{
		{"vmloom", func() { s.want(t, true, []string{"build-image"}, "is missing: downloads") }},
		{"the script", func() { s.sh(t, true, script) }},
	} {
		server.ranges.Store(true)
		for _, there := range []string{"", image[:100], image, strings.Repeat("x", len(image)), image + "more"} {
			if there != "" && there[0] == 'x' && way.what == "the script" {
				continue // it may not tell before the end
			}
			lose()
			if there != "" {
				must(t, os.WriteFile(part, []byte(there), 0o600))
			}
			resumed := server.resumed.Load()
			way.do()
			same()
			if len(there) == 100 && server.resumed.Load() == resumed {
				t.Errorf("%s has begun anew", way.what)
			}
		}
		server.ranges.Store(false)
		lose()
		must(t, os.WriteFile(part, []byte(image[:100]), 0o600))
		way.do()
		same()
	}
	if s.calls(" build ") != builds {
		t.Error("nix was asked to build what is to be had")
	}

	// Another image under that address.
	lose()
	must(t, os.WriteFile(server.image(t), []byte(strings.Repeat("y", len(image))), 0o644))
	s.want(t, false, []string{"build-image"}, "is not the one that images/ascalon-aarch64.lock.json pins: its sha256 is ", "vmloom build-image --force")
	if out := s.sh(t, false, script); !strings.Contains(out, "is not the one that its lock pins: its sha256 is ") {
		t.Error(out)
	}
	for _, left := range []string{part, filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")} {
		if _, err := os.Stat(left); err == nil {
			t.Errorf("left behind: %s", left)
		}
	}
	must(t, os.Remove(server.image(t)))
	s.want(t, false, []string{"build-image"}, "error: 404", "has not pushed the image")

	// Another lock under that signature, or another key.
	writeFile(t, filepath.Join(s.dir, "images/ascalon-aarch64.lock.json"), strings.Replace(lock, sha256Hex(image), sha256Hex("another"), 1))
	s.want(t, false, []string{"gen"}, "images/ascalon-aarch64.lock.json: its signature is that of another image", "git log -p images/ascalon-aarch64.lock.json")
	writeFile(t, filepath.Join(s.dir, "images/ascalon-aarch64.lock.json"), lock)
	writeFile(t, file, fleet(another))
	s.want(t, false, []string{"gen"}, "images/ascalon-aarch64.lock.json: is signed by another key (vmloom.fleet.yaml: images.key)")
	s.clean(t, "")
}

// fetchScript is what the generated script of the profile downloads its image by.
func (s *nixSeam) fetchScript(t *testing.T) string {
	t.Helper()
	text := s.read(t, "generated/ascalon/scripts/ascalon-create.sh")
	_, from, ok := strings.Cut(text, "\nfetch_image() {")
	functions, rest, end := strings.Cut(from, "\nimage_sum() {")
	sum, rest, _ := strings.Cut(rest, "\n}\n")
	_, call, calls := strings.Cut(rest, "|| fetch_image ")
	call, _, _ = strings.Cut(call, "\n")
	if !ok || !end || !calls {
		t.Fatalf("the script downloads nothing:\n%s", text)
	}
	return "set -eu\numask 077\nsay() { echo \"$*\"; }\ndie() { echo \"$1\"; exit 1; }\nimage=../../../images/ascalon-aarch64.qcow2\n" +
		"fetch_image() {" + functions + "\nimage_sum() {" + sum + "\n}\ncd generated/ascalon/lima\nfetch_image " + call + "\n"
}

// sh runs a script in the profile's directory.
func (s *nixSeam) sh(t *testing.T, good bool, script string) string {
	t.Helper()
	cmd := exec.Command("sh")
	cmd.Dir, cmd.Env, cmd.Stdin = s.dir, s.env, strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if good != (err == nil) {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
