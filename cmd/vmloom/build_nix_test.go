package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"vmloom/engine"
	"vmloom/internal/stubflakes"
	"vmloom/internal/tooltest"
)

// nixSeam is a directory with a profile, and a PATH on which nix is the real
// one without a network: inputs come from stubs of the test's own.
type nixSeam struct {
	stubflakes.Nix
	dir  string // the profile's
	bin  string // first on PATH
	self string // the program
	env  []string
	// platforms that nix takes for its own beside this machine's.
	platforms string
	token     string   // a value in the profile that no other has
	options   string   // further ones of nix
	inputs    []string // further ones of the flake that have a stub
}

// nixDeterministic is how the stub of nixpkgs makes an image.
const nixDeterministic = `cat "$manifestPath" "$toplevel" > "$out/$fileName"`

// newNixSeam makes a seam in a directory whose name has a blank, for the
// profile of an example that has nix build its own image, one that no store has.
func newNixSeam(t *testing.T, platforms string) *nixSeam {
	t.Helper()
	s := &nixSeam{Nix: stubflakes.Need(t), platforms: platforms, options: "--option max-jobs 2", token: fmt.Sprintf("seam-%d-%d", os.Getpid(), time.Now().UnixNano())}
	root := t.TempDir()
	s.dir, s.bin = filepath.Join(root, "my vm"), filepath.Join(root, "bin")
	text, err := os.ReadFile("../../examples/ascalon-nixos/vmloom.yaml")
	must(t, err)
	own := strings.Replace(string(text), "nix: {nixpkgs", "nix: {base: own, nixpkgs", 1)
	own = strings.Replace(own, "env: {", "env: {SEAM: "+s.token+", ", 1)
	if !strings.Contains(own, "base: own") || !strings.Contains(own, "SEAM") {
		t.Fatalf("the example is written in another way:\n%s", own)
	}
	writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), own)
	self, err := os.Executable()
	must(t, err)
	must(t, os.MkdirAll(s.bin, 0o755))
	s.self = filepath.Join(s.bin, "vmloom")
	must(t, os.Symlink(self, s.self))
	s.wrap(t)
	s.env = append(os.Environ(), "PATH="+s.bin+":"+os.Getenv("PATH"), "HOME="+s.Home, "TMPDIR="+root, "NO_COLOR=1", "GIT_CONFIG_NOSYSTEM=1")
	return s
}

// wrap puts a nix first on PATH that keeps a log of its calls. Only pinning is
// told of the stubs: flake.lock tells the rest.
func (s *nixSeam) wrap(t *testing.T) {
	t.Helper()
	script := `#!/bin/sh
echo "$*" >> '` + s.bin + `/calls'
[ "$*" != --version ] || exec '` + s.Path + `' --version
more=
case " $* " in *" flake lock "*)
`
	for _, name := range append(stubflakes.Inputs()[:2], s.inputs...) {
		if s.Stubs == "" {
			break
		}
		script += fmt.Sprintf("more=\"$more --override-input %s path:%s\"\n", name, filepath.Join(s.Stubs, name))
	}
	script += `esac
exec '` + s.Path + `' --option build-users-group "" --option sandbox false --option substitute false --option extra-platforms "` + s.platforms + `" \
  --option download-attempts 1 ` + s.options + ` "$@" --offline $more
`
	writeFile(t, filepath.Join(s.bin, "nix"), script)
	must(t, os.Chmod(filepath.Join(s.bin, "nix"), 0o755))
}

// image has the stub make its image by another script.
func (s *nixSeam) image(t *testing.T, script string) {
	t.Helper()
	own := filepath.Join(filepath.Dir(s.bin), "stubs")
	must(t, os.CopyFS(own, os.DirFS(s.Stubs)))
	file := filepath.Join(own, "nixpkgs/nixos/modules/disk-image.nix")
	text, err := os.ReadFile(file)
	must(t, err)
	if !strings.Contains(string(text), nixDeterministic) {
		t.Fatalf("%s makes its image in another way", file)
	}
	writeFile(t, file, swapped(t, string(text), nixDeterministic, strings.ReplaceAll(script, "${", "''${")))
	s.Stubs = own
	s.wrap(t)
}

func (s *nixSeam) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.self, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// vmloom runs the program as a process of its own.
func (s *nixSeam) vmloom(args ...string) (stdout, stderr string, err error) {
	cmd := s.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// want runs the program, which has to succeed or fail, and to say so.
func (s *nixSeam) want(t *testing.T, good bool, args []string, says ...string) (stdout, stderr string) {
	t.Helper()
	os.Remove(s.log())
	out, errs, err := s.vmloom(args...)
	if *recordNix && err != nil {
		s.record(t)
	}
	if good != (err == nil) {
		t.Fatalf("%q: %v\n%s%s", args, err, out, errs)
	}
	for _, text := range says {
		if !strings.Contains(errs, text) {
			t.Errorf("%q: no %q in:\n%s", args, text, errs)
		}
	}
	return out, errs
}

func (s *nixSeam) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	must(t, err)
	return string(text)
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// calls counts the calls of nix so far that hold a text.
func (s *nixSeam) calls(text string) int {
	log, _ := os.ReadFile(filepath.Join(s.bin, "calls"))
	return strings.Count(string(log), text)
}

// clean fails where a build has left an image under its temporary name, a staged
// flake, or a process.
func (s *nixSeam) clean(t *testing.T, marker string) {
	t.Helper()
	for _, pattern := range []string{filepath.Join(s.dir, "images/.*partial*"), filepath.Join(filepath.Dir(s.bin), "vmloom-*")} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	if marker != "" {
		if pids := waitGone(marker); len(pids) > 0 {
			t.Errorf("processes left: %v", pids)
		}
	}
}

// running are the processes whose arguments hold a text.
func running(marker string) (pids []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), marker) {
			pids = append(pids, filepath.Base(filepath.Dir(file))+": "+strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return pids
}

// waitGone gives processes ten seconds to end.
func waitGone(marker string) (pids []string) {
	for range 100 {
		if pids = running(marker); len(pids) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return pids
}

// TestBuildImageNix goes from a profile to the digest in the Lima template, with
// the real nix; a second run does nothing.
func TestBuildImageNix(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	out, errs := s.want(t, true, []string{"build-image"},
		"nix builds at local: nix here runs aarch64-linux too (extra-platforms)", "flake.lock: is not there yet", "is built:")
	if out != "images/ascalon-aarch64.qcow2\n" {
		t.Errorf("stdout: %q", out)
	}
	image := s.read(t, "images/ascalon-aarch64.qcow2")
	if !strings.Contains(image, "/mnt/lima-cidata") {
		t.Errorf("Lima's own mount is not in the image: %.300s", image)
	}
	p, err := load(filepath.Join(s.dir, "vmloom.yaml"))
	must(t, err)
	record, err := engine.Pinned(s.dir, p, nil)
	must(t, err)
	if record == nil || record.Size != int64(len(image)) || record.Engine != "nix" || record.Place != "local" || record.SHA256 != sha256Hex(image) {
		t.Errorf("the lock says %+v of an image of %d bytes, sha256 %s", record, len(image), sha256Hex(image))
	}
	if lima := s.read(t, "generated/ascalon/lima/default.yaml"); !strings.Contains(lima, "sha256:"+record.SHA256) {
		t.Errorf("no digest in the template:\n%s", lima)
	}
	if pins := s.read(t, "generated/ascalon/flake.lock"); !strings.Contains(pins, `"narHash"`) || !strings.Contains(pins, "nixos-lima") {
		t.Errorf("flake.lock:\n%s\n%s", pins, errs)
	}
	s.clean(t, "")

	before, start := s.calls(""), time.Now()
	out, _ = s.want(t, true, []string{"build-image"}, "is up to date: nothing to build")
	if out != "images/ascalon-aarch64.qcow2\n" || s.calls("") != before {
		t.Errorf("stdout %q, and nix was called", out)
	}
	t.Logf("nothing to do: %v", time.Since(start))

	// Pinned inputs stay; what nix has in its store it does not build again.
	pins := s.read(t, "generated/ascalon/flake.lock")
	s.want(t, true, []string{"build-image", "--force", "--locked"}, "is built:")
	if s.calls("flake lock") != 1 || s.read(t, "generated/ascalon/flake.lock") != pins {
		t.Error("--locked has touched flake.lock")
	}
	// The template says what is in the image now; gen finds nothing to do.
	s.want(t, true, []string{"gen", "--check"}, "unchanged")
}

// TestBuildImageNixPaste runs what --dry-run prints, in sh.
func TestBuildImageNixPaste(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	s.paste(t)
}

// paste runs in sh what --dry-run prints, which makes an image.
func (s *nixSeam) paste(t *testing.T, args ...string) {
	t.Helper()
	builds := s.calls(" build ")
	script, _ := s.want(t, true, append([]string{"build-image", "--dry-run", "--force"}, args...))
	if s.calls(" build ") != builds {
		t.Error("--dry-run builds")
	}
	sh := exec.Command(tooltest.Need(t, "sh"), "-eu")
	sh.Env, sh.Stdin = s.env, strings.NewReader(script)
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	partial := "images/.ascalon-aarch64.partial"
	if image := s.read(t, partial); !strings.Contains(image, "/mnt/lima-cidata") {
		t.Errorf("%.300s", image)
	}
	must(t, os.Remove(filepath.Join(s.dir, partial)))
	must(t, os.RemoveAll(filepath.Join(filepath.Dir(s.bin), "vmloom-ascalon")))
}

// TestBuildImageNixModules stages the profile's own modules, and what they
// import, and nothing else; a change of any makes the image stale.
func TestBuildImageNixModules(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	text := s.read(t, "vmloom.yaml")
	odd := "./it's ${here}/other.nix"
	writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), swapped(t, text, "base: own,", `base: own, modules: [./local.nix, "`+odd+`"],`))
	writeFile(t, filepath.Join(s.dir, "local.nix"), `{ imports = [ ./more ]; environment.etc."own/local".text = "local"; }`)
	writeFile(t, filepath.Join(s.dir, "more/default.nix"), `{ environment.etc."own/more".text = builtins.readFile ../words.txt; }`)
	writeFile(t, filepath.Join(s.dir, "words.txt"), "words-of-mine")
	writeFile(t, filepath.Join(s.dir, odd), `{ environment.etc."own/other".text = "other"; }`)
	writeFile(t, filepath.Join(s.dir, "images/huge"), "never read")
	s.want(t, true, []string{"build-image"}, "is built:")
	image := s.read(t, "images/ascalon-aarch64.qcow2")
	for _, name := range []string{"own/local", "own/more", "own/other"} {
		if !strings.Contains(image, name) {
			t.Errorf("no %s in the image", name)
		}
	}
	s.want(t, true, []string{"build-image"}, "nothing to build")
	writeFile(t, filepath.Join(s.dir, "words.txt"), "others")
	s.want(t, true, []string{"build-image"}, "was built from other inputs", "is built:")
	// A comment makes no other derivation, which decides.
	writeFile(t, filepath.Join(s.dir, "local.nix"), "# as before\n"+s.read(t, "local.nix"))
	builds := s.calls(" build ")
	s.want(t, true, []string{"build-image"}, "was built from other inputs", "has the same derivation")
	s.want(t, true, []string{"build-image"}, "nothing to build")
	if s.calls(" build ") != builds {
		t.Error("the same derivation is built again")
	}

	writeFile(t, filepath.Join(s.dir, "local.nix"), `{ services.tolopogy.enable = true; }`)
	s.want(t, false, []string{"build-image"}, "option services.tolopogy: does not exist; local.nix sets it", "modules: [./local.nix", "https://search.nixos.org/options?query=services.tolopogy")
	must(t, os.Remove(filepath.Join(s.dir, "local.nix")))
	s.want(t, false, []string{"build-image"}, "local.nix")
	s.clean(t, "")
	if image != s.read(t, "images/ascalon-aarch64.qcow2") && !strings.Contains(s.read(t, "images/ascalon-aarch64.lock.json"), sha256Hex(s.read(t, "images/ascalon-aarch64.qcow2"))) {
		t.Error("a build that failed has touched the image")
	}
	writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), swapped(t, text, "base: own,", "base: own, modules: [../shared.nix],"))
	s.want(t, false, []string{"build-image"}, "nix.modules: ../shared.nix: no such file")
	writeFile(t, filepath.Join(s.dir, "../shared.nix"), "{ imports = [ ./gone.nix ]; }")
	s.want(t, false, []string{"build-image"}, "../shared.nix:1: ./gone.nix: no such file", "modules: [../shared.nix]")
	writeFile(t, filepath.Join(s.dir, "../shared.nix"), "{ environment.etc.x.text = builtins.readFile /etc/hostname; }")
	s.want(t, false, []string{"build-image"}, "../shared.nix:1: /etc/hostname: a flake reads no file outside of itself", "write ./hostname")
}

// TestBuildImageNixFails has the real nix say that it cannot.
func TestBuildImageNixFails(t *testing.T) {
	t.Run("builder fails", func(t *testing.T) {
		s := newNixSeam(t, "aarch64-linux")
		s.image(t, `echo one; echo two >&2; exit 7`)
		s.want(t, false, []string{"build-image"}, "derivation ascalon: failed with exit code 7", "  | ascalon> one", "  | ascalon> two", "all of it: "+s.dir+"/images/ascalon-aarch64.log")
		if log := s.read(t, "images/ascalon-aarch64.log"); !strings.Contains(log, "ascalon> two") {
			t.Errorf("log:\n%s", log)
		}
		s.clean(t, "")
	})
	t.Run("nobody builds", func(t *testing.T) {
		s := newNixSeam(t, "")
		s.want(t, false, []string{"build-image"}, "place: nobody builds aarch64-linux: nix here (x86_64-linux) has no builder for it", "--on ssh://USER@HOST")
		s.want(t, false, []string{"build-image", "--on", "local"},
			"has no builder for aarch64-linux: only a binary cache can have the image",
			"is built on aarch64-linux, and nix here is x86_64-linux and has no builder for it", "--on lima:INSTANCE")
		s.clean(t, "")
	})
	for _, c := range []struct{ name, options, features, says, hint string }{
		// 2.8 speaks of the system as well, newer ones of what lacks alone.
		{"no kvm", "--option system-features benchmark", `[ "kvm" ]`, "{kvm}, and nix here (is x86_64-linux with|has) {benchmark}", "kvm needs a /dev/kvm|ls -l /dev/kvm there"},
		{"no jobs", "--option max-jobs 0", "[ ]", "nix: builds nothing here: max-jobs is 0, and (there is no builder|no builder takes)", "set max-jobs in nix.conf"},
		{"builders of other systems", "--option max-jobs 0 --builders 'ssh://nobody.invalid riscv64-linux - 1 1 kvm'", "[ ]",
			"none of the builders that nix here knows takes aarch64-linux with the features {}", "/etc/nix/machines"},
		{"builder out of reach", "--option extra-platforms '' --builders 'ssh://nobody.invalid aarch64-linux - 1 1 kvm'", `[ "kvm" ]`,
			"builder ssh://nobody.invalid: cannot be reached: the name nobody.invalid cannot be resolved", "sudo ssh HOST true \\(of ssh://nobody.invalid\\)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newNixSeam(t, "aarch64-linux")
			s.options = c.options
			s.image(t, nixDeterministic)
			file := filepath.Join(s.Stubs, "nixpkgs/nixos/modules/disk-image.nix")
			text, err := os.ReadFile(file)
			must(t, err)
			writeFile(t, file, swapped(t, string(text), "inherit (cfg) fileName;", "inherit (cfg) fileName; requiredSystemFeatures = "+c.features+";"))
			_, errs := s.want(t, false, []string{"build-image", "--on", "local"})
			for _, says := range []string{c.says, c.hint} {
				if !regexp.MustCompile(says).MatchString(errs) {
					t.Errorf("no %q in:\n%s", says, errs)
				}
			}
			s.clean(t, "")
		})
	}
	t.Run("nothing pinned", func(t *testing.T) {
		s := newNixSeam(t, "aarch64-linux")
		s.want(t, false, []string{"build-image", "--locked"}, "flake.lock: is not there, and --locked pins nothing new")
		s.want(t, true, []string{"build-image"})
		text, there := s.read(t, "vmloom.yaml"), "path:"+filepath.Join(s.Stubs, "nixpkgs")
		writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), swapped(t, text, "github:NixOS/nixpkgs/nixos-26.05", there))
		s.want(t, false, []string{"build-image", "--locked"}, "flake.lock: pins nixpkgs from another reference than the profile has", "vmloom lock nixpkgs")
		// Without it the lock gets what is missing, and keeps the rest.
		pins := s.read(t, "generated/ascalon/flake.lock")
		s.want(t, true, []string{"build-image"}, "has the same derivation")
		if now := s.read(t, "generated/ascalon/flake.lock"); now == pins || !strings.Contains(now, `"owner": "nixos-lima"`) {
			t.Errorf("flake.lock:\n%s", now)
		}
	})
	t.Run("offline", func(t *testing.T) {
		s := newNixSeam(t, "aarch64-linux")
		s.Stubs = "" // the inputs are GitHub's, which a proxy that is not there keeps away
		s.wrap(t)
		s.env = append(s.env, "https_proxy=http://127.0.0.1:9")
		s.want(t, false, []string{"build-image"}, "network: https://api.github.com/repos/", "connect to server", "go online, or behind a proxy set https_proxy")
		if _, err := os.Stat(filepath.Join(s.dir, "generated/ascalon/flake.lock")); err == nil {
			t.Error("a flake.lock of nothing")
		}
		s.clean(t, "")
	})
}

// TestBuildImageNixTwice compares two builds of one image.
func TestBuildImageNixTwice(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	_, errs := s.want(t, true, []string{"build-image", "--check-reproducible"}, "image ascalon-aarch64 is reproducible")
	if s.calls("--rebuild") != 1 {
		t.Errorf("nothing was built again:\n%s", errs)
	}
	s = newNixSeam(t, "aarch64-linux")
	s.image(t, `cat /proc/sys/kernel/random/uuid > "$out/$fileName"`)
	_, errs = s.want(t, false, []string{"build-image", "--check-reproducible"}, "derivation ascalon: is not deterministic")
	if _, err := os.Stat(filepath.Join(s.dir, "images/ascalon-aarch64.lock.json")); err == nil {
		t.Errorf("an image that was only compared is in the lock:\n%s", errs)
	}
	s.clean(t, "")
}

// TestBuildImageNixCut ends a build by Ctrl-C: the process group gets the signal,
// and nothing is left.
func TestBuildImageNixCut(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	marker := fmt.Sprintf("%d.%09d", 3000+os.Getpid()%1000, time.Now().UnixNano()%1e9)
	s.image(t, `echo started; sleep `+marker)
	cmd := s.command("build-image")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	for range 300 {
		if len(running("sleep\x00"+marker)) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(running("sleep\x00"+marker)) == 0 {
		cmd.Process.Kill()
		t.Fatalf("the builder did not start:\n%s", errs.String())
	}
	must(t, syscall.Kill(cmd.Process.Pid, syscall.SIGINT))
	err := cmd.Wait()
	if err == nil || !strings.Contains(errs.String(), "interrupt: nothing half-done is left") {
		t.Errorf("%v\n%s", err, errs.String())
	}
	s.clean(t, marker)
	if _, err := os.Stat(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")); err == nil {
		t.Error("an image of half a build")
	}
	// What was pinned on the way is kept: the next run goes on from there.
	var pins map[string]any
	must(t, json.Unmarshal([]byte(s.read(t, "generated/ascalon/flake.lock")), &pins))
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}
