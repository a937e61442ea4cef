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

// buildTwice builds on the host, then asks for the same in a store that has nothing, where nothing can be built: with
// the settings of the guest's nix.conf it is copied, and without them it is not to be had. A build leaves what it says of
// its paths in SQLite's log, which is not read where nothing can be written: who closes the database as the last puts it in.
const buildTwice = `set -eu
nix() { command nix --extra-experimental-features nix-command --option sandbox false --option build-users-group '' "$@"; }
ask() { nix build --impure -f deep.nix --no-link "$@" 2>&1; }
rm -rf guest
cat >deep.nix <<'END'
let
  make = name: text: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${text} >$out" ]; };
in
make "above" "needs ${make "below" "of the host"}"
END
ask
nix store info --store local
[ ! -s /nix/var/nix/db/db.sqlite-wal ] || { echo 'what was built is not in the database yet'; ls -l /nix/var/nix/db; exit 1; }
! touch /mnt/host-nix/x 2>/dev/null || { echo 'the store can be written to'; exit 1; }
export NIX_CONFIG='substitute = true'
! ask --store 'local?root=/work/guest' --max-jobs 0 >/dev/null || { echo 'had without the settings'; exit 1; }
NIX_CONFIG="$NIX_CONFIG
$(cat nix.conf)"
ask --store 'local?root=/work/guest' --max-jobs 0
cat guest/nix/store/*-above
`

// TestHostStore has a real nix copy from a store that is mounted read-only, as the guest's nix.conf tells it to. The store
// is the test's own, so that no other run has it open.
func TestHostStore(t *testing.T) {
	debian := tooltest.Nix(t, tooltest.NixNewest)
	module, err := os.ReadFile("../testdata/golden/nixos-own/generated/atelier/nix/nixos.nix")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?s)nix\.extraOptions = ''\n(.*?)  '';`).FindSubmatch(module)
	if found == nil {
		t.Fatal("the module has no lines of nix.conf")
	}
	dir := t.TempDir()
	conf := strings.ReplaceAll(string(found[1]), "extra-substituters", "substituters") // the default one is out of reach
	writeFile(t, filepath.Join(dir, "nix.conf"), conf)
	writeFile(t, filepath.Join(dir, "test.sh"), buildTwice)
	cmd := debian.Command(dir, "sh", "test.sh")
	cmd = exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-ec",
		`mkdir -p "$1/nix" "$1/mnt/host-nix"; mount -t tmpfs tmpfs "$1/nix"; mount --bind "$1/nix" "$1/mnt/host-nix"; mount -o remount,ro,bind "$1/mnt/host-nix"; shift; exec "$@"`, "sh", debian.Root}, cmd.Args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "needs /nix/store/") {
		t.Errorf("%v\n%s", err, out)
	}
}
