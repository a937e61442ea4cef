package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// keptFlake is a system of two derivations; a third, which is large, is none of it.
const keptFlake = `{
  outputs = _: let
    make = name: text: derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" text ]; };
    below = make "below" "echo of the old system >$out";
  in {
    nixosConfigurations.team-nixos.config.system.build.toplevel = make "toplevel" "echo needs ${below} >$out";
    large = make "large" "/usr/bin/head -c 50000000 /dev/zero >$out";
  };
}
`

// keptWords are what each of the guests begins with: its /run is its own, for others run beside it, and a mount point that one
// removes is unmounted for all. The home's disk is a directory of the test's.
const keptWords = `set -eu
mount -t tmpfs -o mode=755 tmpfs /run
export NIX_CONFIG='experimental-features = nix-command flakes
sandbox = false
build-users-group =
substituters ='
system=path:/tmp/FLAKE#nixosConfigurations.team-nixos.config.system.build.toplevel
keep() { sh -c "$(cat keep.sh)"; }
`

// keptOld builds its system, and keeps its store.
const keptOld = keptWords + `mount -t tmpfs -o size=1024m tmpfs /home
nix build --no-link "$system"
if keep; then echo 'there is no room, and it is kept'; exit 1; fi
mount -o remount,size=3000m /home
keep
keep
mount -o remount,size=1070m /home
nix build --no-link path:/tmp/FLAKE#large
if keep; then echo 'what does not fit is kept'; exit 1; fi
[ "$(ls /home/.vmloom-nix | grep -c narinfo)" -ge 2 ]
nix-store --delete --ignore-liveness /nix/store/*-large
mount -o remount,size=3000m /home
keep
cp -a /home/.vmloom-nix kept
# Where the room is wanted, what this system has not goes.
nix-store --delete --ignore-liveness /nix/store/*-toplevel
mount -o remount,size=1024m /home
if keep; then echo 'a GiB is left to the home, and was not'; exit 1; fi
! grep -q toplevel /home/.vmloom-nix/*.narinfo
grep -q below /home/.vmloom-nix/*.narinfo
[ "$(ls /home/.vmloom-nix/nar | wc -l)" -eq "$(ls /home/.vmloom-nix/*.narinfo | wc -l)" ]
umount /home
if keep; then echo 'kept on no disk of its own'; exit 1; fi
`

// keptFirst is a guest before its first switch, which mounts no home: the disk's device and its mount are stand-ins.
const keptFirst = keptWords + `mkdir bin disks
mknod "disks/LABEL" b 7 250
printf '%s\n' '#!/bin/sh' '[ "$1" = -r ] && exec /bin/mount --bind -o ro disk "$3"' 'exec /bin/mount "$@"' >bin/mount
chmod +x bin/mount
mkdir -p disk
mv kept disk/.vmloom-nix
export NIX_CONFIG="$NIX_CONFIG
max-jobs = 0"
[ ! -e /nix/store ] || [ -z "$(ls /nix/store)" ]
PATH=$PWD/bin:$PATH sh -c "$(cat first.sh)" /tmp/FLAKE team-nixos
grep -q 'needs /nix/store/' /nix/store/*-toplevel
[ ! -e /run/vmloom-kept ]
`

// keptNew is the new system, which has its settings and its home.
const keptNew = keptWords + `mount -t tmpfs tmpfs /home
cp -a disk/.vmloom-nix /home/
export NIX_CONFIG="$NIX_CONFIG
max-jobs = 0"
if nix build --no-link "$system" 2>/dev/null; then echo 'had without the settings'; exit 1; fi
export NIX_CONFIG="$NIX_CONFIG
$(cat nix.conf)"
nix build --no-link "$system"
grep -q 'needs /nix/store/' /nix/store/*-toplevel
# Without the disk the others are asked.
umount /home
nix-store --delete --ignore-liveness /nix/store/*-toplevel
NIX_CONFIG="$NIX_CONFIG
max-jobs = 1" nix build --no-link "$system"
`

// TestKeptStore has the real nix of three ages keep a store, and copy from it what it may not build: before a guest's first
// switch, and after.
func TestKeptStore(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: keeps and copies stores with nix of three ages")
	}
	tooltest.Need(t, "nix")
	nix := map[string]func(...string) *exec.Cmd{"here": func(words ...string) *exec.Cmd {
		return exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-ec", `mount -t tmpfs tmpfs /nix; exec "$@"`, "sh"}, words...)...)
	}}
	for _, suite := range []string{tooltest.NixMiddle, tooltest.NixNewest} {
		nix[suite] = tooltest.Nix(t, suite).WithNix
	}
	scripts, module := goldenText(t, "shared-nixos", "scripts/team-nixos-rebuild.sh"), goldenText(t, "shared-nixos", "nix/nixos.nix")
	conf := regexp.MustCompile(`(?s)nix\.extraOptions = ''\n(.*?)  '';`).FindStringSubmatch(module)
	keep := regexp.MustCompile(`(?s)sudo sh -c ('.*?') </dev/null \|\|`).FindStringSubmatch(scripts)
	first := regexp.MustCompile(`(?s)in_guest ('mnt=.*?') "\$name"`).FindStringSubmatch(goldenText(t, "shared-nixos", "scripts/team-nixos-switch.sh"))
	if conf == nil || keep == nil || first == nil {
		t.Fatalf("settings %v, scripts %v, %v", conf, keep, first)
	}
	label := regexp.MustCompile(`label='?([\w-]+)`).FindStringSubmatch(first[1])[1]
	for name, with := range nix {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, flake := t.TempDir(), t.TempDir()
			writeFile(t, filepath.Join(flake, "flake.nix"), keptFlake)
			writeFile(t, filepath.Join(dir, "nix.conf"), strings.ReplaceAll(conf[1], "extra-", ""))
			for file, text := range map[string]string{"keep.sh": keep[1], "first.sh": first[1]} {
				plain, err := exec.Command("sh", "-c", "printf %s "+text).Output() // out of the script's quotes
				if err != nil {
					t.Fatal(err)
				}
				writeFile(t, filepath.Join(dir, file), strings.ReplaceAll(string(plain), "/dev/disk/by-label", filepath.Join(dir, "disks")))
			}
			for guest, script := range map[string]string{"1 old": keptOld, "2 first": keptFirst, "3 new": keptNew} {
				writeFile(t, filepath.Join(dir, guest), strings.NewReplacer("/tmp/FLAKE", flake, "LABEL", label).Replace(script))
			}
			for _, guest := range []string{"1 old", "2 first", "3 new"} {
				cmd := with("sh", guest)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", guest, err, out)
				}
			}
		})
	}
}

// goldenText is a file that a golden profile made.
func goldenText(t *testing.T, golden, file string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("../testdata/golden", golden, "generated/*", file))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", file, found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
