package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestGuixInPlace has guix time-machine, by the pinned channels, reconfigure a running system to
// a definition, as far as it goes without one. For the guix of the pin stands that of Debian, in
// the place where time-machine keeps those that it has built; its name is made of the commit.
func TestGuixInPlace(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix, for some seconds")
	}
	guix, version := tooltest.Guix(t)
	dir := t.TempDir()
	k := guixKinds(t, dir)[0]
	must(t, os.WriteFile(filepath.Join(dir, "try.sh"), []byte(`kept=/var/guix/profiles/per-user/root/inferiors
trap 'rm -rf $kept /tmp/pinned' EXIT
mkdir -p $kept /tmp/pinned/bin
ln -s /usr/bin/guix /tmp/pinned/bin/guix
cat >name.scm <<'END'
(use-modules (gcrypt hash) (guix base32) (guix channels) (rnrs bytevectors))
(display (bytevector->base32-string (sha256 (string->utf8 (string-concatenate (map channel-commit (load "$1")))))))
END
sed -i "s|\$1|$1/channels.scm|" name.scm
ln -s /tmp/pinned "$kept/$(guix repl name.scm)"
try() { guix time-machine -C "$1/channels.scm" -- system reconfigure -d --no-grafts --no-substitutes $2 "$1/system.scm" 2>>talk; }
try "$1" '' >refused && exit 1
try "$1" --skip-checks >made
`), 0o644))
	out, err := guix.Guix(dir, "sh", "-eu", "try.sh", k.base+"/generated/"+k.Name+"/guix").CombinedOutput()
	talk, _ := os.ReadFile(filepath.Join(dir, "talk"))
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, talk)
	}
	made, err := os.ReadFile(filepath.Join(dir, "made"))
	must(t, err)
	if lines := strings.Fields(string(made)); len(lines) != 2 || !strings.HasSuffix(lines[0], "-system.drv") || !strings.HasSuffix(lines[1], "-grub.cfg.drv") {
		t.Errorf("reconfigure makes %q, with %s", made, version)
	}
	if len(k.Mounts) > 0 && !strings.Contains(string(talk), "error: device 'mount0' not found: No such file or directory") {
		t.Errorf("without --skip-checks: %s", talk)
	}
}
