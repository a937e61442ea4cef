package fleet

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/generate"
	"vmloom/internal/stubflakes"
	"vmloom/internal/tooltest"
)

// repository is a Git repository with the fleet, its machines, and all that is made of them.
func repository(t *testing.T) string {
	t.Helper()
	git := tooltest.Need(t, "git")
	dir := filepath.Join(t.TempDir(), "fleet")
	if err := os.CopyFS(dir, os.DirFS("../testdata/fleet")); err != nil {
		t.Fatal(err)
	}
	_, machines := golden(t)
	for _, m := range machines {
		files, err := generate.Files(m.Profile, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			to := filepath.Join(dir, filepath.Dir(m.File), m.FilesDir(), f.Path)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, f.Data, f.Mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	return dir
}

// TestFlake: the real nix finds every machine in the fleet's flake, each with its own inputs, and
// the very image that the machine's own flake has.
func TestFlake(t *testing.T) {
	nix := stubflakes.Need(t)
	dir := repository(t)
	var more []string
	for _, name := range []string{"nixpkgs", "nixos-lima"} {
		more = append(more, "--override-input", "cedar-"+name, "path:"+filepath.Join(nix.Stubs, name))
	}
	eval := func(flake, attr, apply string, more ...string) (out any) {
		t.Helper()
		args := append([]string{"eval", "--json", ".#" + attr, "--apply", apply}, more...)
		text, errs, err := nix.Run(filepath.Join(dir, flake), args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", attr, err, errs)
		}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	const names = "builtins.mapAttrs (n: v: builtins.attrNames v)"
	got := eval("generated/fleet", "packages", names, more...)
	want := any(map[string]any{"aarch64-linux": []any{"den-image"}, "x86_64-linux": []any{"amber-image", "cedar-image"}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	got = eval("generated/fleet", "hydraJobs", names, more...)
	want = map[string]any{"amber": []any{"image", "system"}, "cedar": []any{"image", "system"}, "den": []any{"image", "system"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hydraJobs (-want +got):\n%s", diff)
	}
	for _, name := range []string{"amber", "cedar"} {
		const image = "x: x.drvPath"
		of := "packages.x86_64-linux." + name + "-image"
		fleet, own := eval("generated/fleet", of, image, more...), eval("machines/"+name+"/generated/"+name, of, image)
		if fleet != own {
			t.Errorf("%s: the fleet's image is %v, its own %v", name, fleet, own)
		}
	}
}

// TestModuleTypes: NixOS and nix-darwin take the module by the types of their options, and refuse what has others.
func TestModuleTypes(t *testing.T) {
	nix := stubflakes.Need(t)
	text, err := os.ReadFile("../testdata/fleet/generated/fleet/nix/builders.nix")
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range []string{"guest", "mac"} {
		ask := func(module string) (string, error) {
			out, errs, err := nix.Eval(filepath.Join(nix.Stubs, "consumer"), "path:.#lib."+system,
				"f: let c = (f ("+module+")).config.nix; in [ c.distributedBuilds (map (b: [ b.protocol b.hostName b.systems b.maxJobs b.system ]) c.buildMachines) c.settings.extra-substituters c.settings.builders-use-substitutes ]")
			return out + errs, err
		}
		const want = `[true,[["ssh-ng","builder.example.org",["x86_64-linux","aarch64-linux"],4,null]],["https://cache.example.org","https://own.example.org"],true]`
		if out, err := ask(string(text)); err != nil || !strings.HasPrefix(out, want) {
			t.Errorf("%s: %v\n%s", system, err, out)
		}
		if out, err := ask(strings.Replace(string(text), "maxJobs = 4", `maxJobs = "4"`, 1)); err == nil || !strings.Contains(out, "is not of type `signed integer'") {
			t.Errorf("%s: %v\n%s", system, err, out)
		}
	}
}

// TestModule: nix reads the module of the builders, and its values are those of the machines' file.
func TestModule(t *testing.T) {
	nix := tooltest.Need(t, "nix-instantiate")
	out, err := exec.Command(nix, "--eval", "--strict", "--json", "-E",
		`let m = (import ../testdata/fleet/generated/fleet/nix/builders.nix).nix.buildMachines; in map (b: [ b.hostName b.systems b.publicHostKey ]) m`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out = out[max(0, strings.Index(string(out), "[[")):] // a warning stands before it
	text, err := os.ReadFile("../testdata/fleet/generated/fleet/nix/machines")
	if err != nil {
		t.Fatal(err)
	}
	var builders [][]any
	if err := json.Unmarshal(out, &builders); err != nil || len(builders) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	words := strings.Fields(strings.Split(strings.TrimSpace(string(text)), "\n")[3])
	if words[0] != "ssh-ng://nix@"+builders[0][0].(string) || words[7] != builders[0][2] {
		t.Errorf("machines says %q, the module %v", words, builders)
	}
}

// TestSSH: ssh takes the hosts' file, and knows the host keys by it.
func TestSSH(t *testing.T) {
	ssh, keygen := tooltest.Need(t, "ssh"), tooltest.Need(t, "ssh-keygen")
	const dir = "../testdata/fleet/generated/fleet/ssh/"
	out, err := exec.Command(ssh, "-G", "-F", dir+"builders.conf", "192.0.2.7").CombinedOutput()
	for _, want := range []string{"user guix\n", "port 2222\n", "identityfile /root/.ssh/id_ed25519\n"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: no %q in:\n%s", err, want, out)
		}
	}
	for _, host := range []string{"builder.example.org", "[192.0.2.7]:2222"} {
		if out, err := exec.Command(keygen, "-F", host, "-f", dir+"known_hosts").CombinedOutput(); err != nil || !strings.Contains(string(out), "ssh-ed25519") {
			t.Errorf("%s: %v\n%s", host, err, out)
		}
	}
}

// TestPush: the hook is clean sh, copies what was built, and fails no build.
func TestPush(t *testing.T) {
	const hook = "../testdata/fleet/generated/fleet/nix/push.sh"
	if out, err := exec.Command(tooltest.Need(t, "shellcheck"), hook).CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
	bin := t.TempDir()
	for name, script := range map[string]string{"nix": "echo nix \"$@\"", "attic": "echo attic \"$@\"; exit 1"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", hook)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "OUT_PATHS=/nix/store/a /nix/store/b")
	out, err := cmd.CombinedOutput()
	want := "nix --extra-experimental-features nix-command store sign --recursive --key-file /etc/nix/cache.sec /nix/store/a /nix/store/b\nnix --extra-experimental-features nix-command copy --to s3://cache /nix/store/a /nix/store/b\nattic push the cache /nix/store/a /nix/store/b\nvmloom: https://own.example.org: what was built could not be copied there\n"
	if err != nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGuix: the real Guix loads the machines as guix offload does, and a Guix System's configuration
// takes them, the servers and their keys.
func TestGuix(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: asks the real Guix")
	}
	guix, _ := tooltest.Guix(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/fleet/generated/fleet/guix")); err != nil {
		t.Fatal(err)
	}
	const script = `(use-modules (guix scripts offload) (gnu services base) (guix gexp) (srfi srfi-1))
(define (say . words) (for-each display words) (newline))
(for-each (lambda (m)
            (say ((@@ (guix scripts offload) build-machine-name) m) " " ((@@ (guix scripts offload) build-machine-port) m)
                 " " ((@@ (guix scripts offload) build-machine-user) m) " " ((@@ (guix scripts offload) build-machine-systems) m)
                 " " ((@@ (guix scripts offload) build-machine-parallel-builds) m) " " ((@@ (guix scripts offload) build-machine-features) m)))
          ((@@ (guix scripts offload) build-machines) "machines.scm"))
(load "/work/guix.scm")
(define config (with-fleet (guix-configuration)))
(say (length (guix-configuration-build-machines config)) " machines")
(say (first (guix-configuration-substitute-urls config)))
(say (plain-file-name (first (guix-configuration-authorized-keys config))))
`
	if err := os.WriteFile(filepath.Join(dir, "ask.scm"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := guix.Guix(dir, "guix", "repl", "ask.scm")
	out, err := cmd.CombinedOutput()
	const want = `builder.example.org 22 nix (x86_64-linux aarch64-linux) 4 (kvm big-parallel)
192.0.2.7 2222 guix (x86_64-linux) 1 ()
2 machines
https://guix.example.org
substitutes-3.pub
`
	if err != nil || !strings.HasSuffix(string(out), want) {
		t.Errorf("%v\n%s", err, out)
	}
}
