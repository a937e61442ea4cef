package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// lockSeam is a nixSeam whose profile lies in a directory of a repository, with modules above it, and whose
// guest is a directory: limactl runs commands here.
type lockSeam struct {
	*nixSeam
	repository, guest string
}

// limactlHere stands in for limactl with one instance that runs; the guest's /var/lib is a directory of the test's.
const limactlHere = `#!/bin/sh
case $1 in
--version) echo 'limactl version 2.2.0' ;;
list) echo 'default false Running' ;;
shell)
  shift 4 # shell --workdir / INSTANCE
  for word; do
    shift
    case $word in sudo) continue ;; esac
    set -- "$@" "$(printf '%s\n' "$word" | sed 's|/var/lib/vmloom|GUEST|g')"
  done
  cd GUEST && exec "$@"
  ;;
*) echo "limactl $*: not known here" >&2; exit 1 ;;
esac
`

// nixosRebuildHere says what it would switch to; without a lock that fits, nix pins as it goes.
const nixosRebuildHere = `#!/bin/sh
[ "$2" = --flake ] || exit 1
case $3 in *'#'*) ;; *) exit 1 ;; esac
nix --extra-experimental-features 'nix-command flakes' eval --raw "${3%#*}#nixosConfigurations.${3#*#}.config.system.build.toplevel.drvPath" >GUEST/toplevel
`

func newLockSeam(t *testing.T) *lockSeam {
	t.Helper()
	s := &lockSeam{nixSeam: newNixSeam(t, "aarch64-linux"), guest: filepath.Join(t.TempDir(), "guest")}
	s.repository = filepath.Dir(s.dir)
	own := filepath.Join(t.TempDir(), "stubs")
	must(t, os.CopyFS(own, os.DirFS(s.Stubs)))
	s.Stubs = own
	s.wrap(t)
	profile := s.read(t, "vmloom.yaml")
	profile = swapped(t, profile, "nix: {base: own, ", "nix: {base: own, modules: [../common.nix], ")
	writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), profile)
	writeFile(t, filepath.Join(s.repository, "common.nix"), "{ imports = [ ./parts/more.nix ]; environment.etc.note.text = builtins.readFile ./note.txt; }\n")
	writeFile(t, filepath.Join(s.repository, "note.txt"), "read by common.nix\n")
	writeFile(t, filepath.Join(s.repository, "parts/more.nix"), "{ environment.etc.own.source = ./own.pem; }\n")
	writeFile(t, filepath.Join(s.repository, "parts/own.pem"), "a certificate\n")
	writeFile(t, filepath.Join(s.repository, "secret.txt"), "stays here\n")
	must(t, os.MkdirAll(s.guest, 0o755))
	for name, text := range map[string]string{"limactl": limactlHere, "nixos-rebuild": nixosRebuildHere} {
		writeFile(t, filepath.Join(s.bin, name), strings.ReplaceAll(text, "GUEST", s.guest))
		must(t, os.Chmod(filepath.Join(s.bin, name), 0o755))
	}
	writeFile(t, filepath.Join(s.Home, ".lima/default/lima.yaml"), "# vmloom-profile: ascalon\n")
	return s
}

// moveOn has the stub of nixpkgs make other systems than before.
func (s *lockSeam) moveOn(t *testing.T) {
	t.Helper()
	file := filepath.Join(s.Stubs, "nixpkgs/nixos/modules/system.nix")
	text, err := os.ReadFile(file)
	must(t, err)
	moved := strings.Replace(string(text), `"nixos-system-$`, `"moved-system-$`, 1)
	if moved == string(text) {
		t.Fatalf("%s names its systems in another way", file)
	}
	writeFile(t, file, moved)
}

func (s *lockSeam) script(t *testing.T, good bool, args ...string) string {
	t.Helper()
	cmd := exec.Command("sh", append([]string{filepath.Join(s.dir, "generated/ascalon/scripts/ascalon-switch.sh")}, args...)...)
	cmd.Dir, cmd.Env = s.Home, s.env
	out, err := cmd.CombinedOutput()
	if good != (err == nil) {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (s *lockSeam) toplevel(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.guest, "toplevel"))
	must(t, err)
	return string(text)
}

// TestNixOneLock: the guest switches to what the committed lock pins, as whoever types nix in the repository
// builds it, whatever has moved meanwhile; and what the guest pins comes back.
func TestNixOneLock(t *testing.T) {
	s := newLockSeam(t)
	out, _ := s.want(t, true, []string{"lock"}, "generated/ascalon/flake.lock: commit it")
	if !strings.Contains(out, "nixpkgs: pinned: path:") {
		t.Errorf("lock says not what it pins:\n%s", out)
	}
	byHand := func() string {
		cmd := exec.Command("nix", "--extra-experimental-features", "nix-command flakes", "eval", "--raw", ".#nixosConfigurations.ascalon.config.system.build.toplevel.drvPath", "--no-update-lock-file")
		cmd.Path, cmd.Dir, cmd.Env = filepath.Join(s.bin, "nix"), filepath.Join(s.dir, "generated/ascalon"), s.env
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
		}
		return string(out)
	}
	for _, args := range [][]string{{"init", "-q", "."}, {"add", "my vm", "common.nix", "parts", "note.txt"}} {
		git := exec.Command(tooltest.Need(t, "git"), args...)
		git.Dir = s.repository
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	s.moveOn(t)
	s.script(t, true, "boot")
	pinned := byHand()
	if guest := s.toplevel(t); guest != pinned || !strings.Contains(guest, "-nixos-system-") || strings.Contains(guest, "moved") {
		t.Errorf("guest: %s\nhere:  %s", guest, pinned)
	}
	// nix 2.34 refuses a lock that is a link, and older ones read none through a link.
	if info, err := os.Lstat(filepath.Join(s.guest, "ascalon/flake.lock")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("flake.lock in the guest: %v, %v", info, err)
	}
	var there []string
	must(t, filepath.WalkDir(filepath.Join(s.guest, "ascalon"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			there = append(there, strings.TrimPrefix(path, filepath.Join(s.guest, "ascalon")+"/"))
		}
		return err
	}))
	const want = "common.nix flake.lock flake.nix my vm/generated/ascalon/flake.nix my vm/generated/ascalon/nix/darwin.nix my vm/generated/ascalon/nix/flake-module.nix " +
		"my vm/generated/ascalon/nix/home.nix my vm/generated/ascalon/nix/nixos.nix my vm/generated/ascalon/nix/nixpkgs.nix my vm/generated/ascalon/nix/own.nix note.txt parts/more.nix parts/own.pem"
	if got := strings.Join(there, " "); got != want {
		t.Errorf("in the guest: %s\nwant %s", got, want)
	}

	// Without a lock the guest pins, and the pins come home.
	lock := s.read(t, "generated/ascalon/flake.lock")
	must(t, os.Remove(filepath.Join(s.dir, "generated/ascalon/flake.lock")))
	must(t, os.RemoveAll(s.guest))
	must(t, os.MkdirAll(s.guest, 0o755))
	writeFile(t, filepath.Join(s.bin, "nixos-rebuild"), "#!/bin/sh\nnix --extra-experimental-features 'nix-command flakes' flake lock \"${3%#*}\"\n")
	if said := s.script(t, true); !strings.Contains(said, "flake.lock has new pins from the guest: commit it") {
		t.Errorf("says nothing of the pins:\n%s", said)
	}
	grown := s.read(t, "generated/ascalon/flake.lock")
	if grown == lock || !strings.Contains(grown, "narHash") {
		t.Errorf("the lock that came home:\n%s", grown)
	}
	// Both have moved: nobody's pins are lost.
	writeFile(t, filepath.Join(s.dir, "generated/ascalon/flake.lock"), lock)
	writeFile(t, filepath.Join(s.guest, "ascalon/flake.lock"), grown+"\n")
	if said := s.script(t, false); !strings.Contains(said, "has changed here, and in the guest as well") {
		t.Errorf("two locks that have moved:\n%s", said)
	}
	if s.read(t, "generated/ascalon/flake.lock") != lock {
		t.Error("the lock here was replaced")
	}
}

// TestNixLockWrong: a lock that nix cannot take, or would silently replace in part, is told before nix is called,
// and stays as it is.
func TestNixLockWrong(t *testing.T) {
	s := newLockSeam(t)
	s.want(t, true, []string{"lock", "nixpkgs"}, "commit it")
	const file = "generated/ascalon/flake.lock"
	good := s.read(t, file)
	for _, c := range []struct{ text, cause, hint string }{
		{strings.Replace(good, `"version": 7`, `"version": 8`, 1), "flake.lock: has format 8 of a newer nix; up to 7 is known", "vmloom lock pins again"},
		{"<<<<<<< HEAD\n" + good + ">>>>>>> other\n", "flake.lock: holds a conflict of a merge", "git checkout -- generated/ascalon/flake.lock"},
		{good[:len(good)/2], "flake.lock: is not JSON as nix writes it", "git checkout"},
		{strings.Replace(good, `"ref": "nixos-26.05"`, `"ref": "nixos-25.11"`, 1), "flake.lock: pins nixpkgs from another reference than the profile has", "vmloom lock nixpkgs"},
	} {
		writeFile(t, filepath.Join(s.dir, file), c.text)
		before := s.calls(" build ")
		s.want(t, false, []string{"build-image", "--locked"}, c.cause, c.hint)
		if s.read(t, file) != c.text || s.calls(" build ") != before {
			t.Errorf("%s: the lock was changed, or nix called", c.cause)
		}
	}
	writeFile(t, filepath.Join(s.dir, file), good)
	s.want(t, false, []string{"lock", "nixpgs"}, "input nixpgs: the flake of ascalon has none of that name", "did you mean nixpkgs?")
	if _, said := s.want(t, true, []string{"lock"}, "nothing has moved"); strings.Contains(said, "commit") {
		t.Errorf("nothing to commit:\n%s", said)
	}
	out, _ := s.want(t, true, []string{"lock", "--json"})
	if err := readDocument("lock", out); err != nil {
		t.Error(err)
	}
}

// TestNixOwnWrong: what a module or an input lacks is told with its place in the profile, and nothing is built.
func TestNixOwnWrong(t *testing.T) {
	s := newLockSeam(t)
	s.inputs = []string{"sops-nix"}
	s.wrap(t)
	profile := s.read(t, "vmloom.yaml")
	for _, c := range []struct{ nix, module, cause, hint string }{
		{"modules: [../common.nix, sops-nix#nixosModules.sosp]", "{ }", "nix.modules[1]: sops-nix#nixosModules.sosp: the input sops-nix has no such attribute", "nix flake show"},
		{"overlays: [sops-nix#overlays.none]", "{ }", "nix.overlays[0]: sops-nix#overlays.none: the input sops-nix has no such attribute", "nix.inputs.sops-nix"},
		{"modules: [../common.nix]", "{ inputs, ... }: {\n  environment.systemPackages = [ inputs.home-manager.packages.x ];\n}", "attribute 'home-manager' missing", "nix: {inputs: {INPUT: {url: ...}}}"},
		{"modules: [../common.nix]", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.ripgrepp ]; }", "attribute 'ripgrepp' missing", "https://search.nixos.org/packages?query=ripgrepp"},
	} {
		text := swapped(t, profile, "modules: [../common.nix]", "inputs: {sops-nix: {url: github:Mic92/sops-nix, follows: {nixpkgs: nixpkgs}}}, "+c.nix)
		writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), text)
		writeFile(t, filepath.Join(s.repository, "common.nix"), c.module)
		s.want(t, false, []string{"build-image"}, c.cause, c.hint, "vmloom.yaml:61:")
		if _, err := os.Stat(filepath.Join(s.dir, "images/ascalon-aarch64.qcow2")); err == nil {
			t.Errorf("%s: an image", c.cause)
		}
	}
}
