package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"vmloom/engine"
	"vmloom/internal/tooltest"
)

// guixPush is done beside the real Guix, whose daemon has a key of its own: a derivation that needs nothing stands for
// the image's. What --push has exported is what it gave, signed by that key.
const guixPush = `
export GUIX_CONFIGURATION_DIRECTORY=/root/guix
mkdir -p /root/guix /var/log/guix
guix-daemon --disable-chroot --no-substitutes --discover=no >/work/daemon.log 2>&1 &
n=0
until guix archive --missing </dev/null 2>/dev/null; do
  n=$((n + 1))
  [ "$n" -lt 60 ] || { cat /work/daemon.log; exit 1; }
  sleep 0.5
done
guix archive --generate-key='(genkey (ecdsa (curve Ed25519) (flags rfc6979)))' 2>&1
drv=$(guix repl drv.scm)
sed -i "s|DRV|$drv|" vm/images/dev-x86_64.lock.json
cd vm
/work/vmloom build-image --push
key=$(sed -n 's/.*(q #\([0-9A-F]*\)#).*/\1/p' /root/guix/signing-key.pub)
test -n "$key"
grep -aq "$key" /work/pushed
grep -aq 'what was built' /work/pushed
grep -aqF "$(guix build "$drv")" /work/pushed
`

const guixPushDrv = `(use-modules (guix store) (guix derivations))
(with-store store
  (let ((sh (add-to-store store "sh" #t "sha256" "/usr/bin/dash"))) ; a builder is in the store
    (display (derivation-file-name
      (derivation store "image.qcow2" sh '("-c" "printf 'what was built' >$out") #:sources (list sh))))))
`

// TestGuixPush has --push give what guix has built to a command of the user's, which exports it.
func TestGuixPush(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix")
	}
	guix, version := tooltest.Guix(t)
	dir := t.TempDir()
	vm := filepath.Join(dir, "vm")
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "vmloom"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	writeFile(t, filepath.Join(vm, "vmloom.yaml"), "version: 1\nname: dev\nhost: {os: linux}\nguest: {system: guix, arch: x86_64, user: {name: dev}}\nresources: {disk: 20GiB}\n")
	writeFile(t, filepath.Join(vm, "vmloom.fleet.yaml"), `version: 1
machines: [vmloom.yaml]
caches:
  - url: https://guix.example.org
    guixKey: "(public-key (ecc (curve Ed25519) (q #8D156F295D24B0D9A86FA5741A840FF2D24F60F7B6C4134814AD55625971B394#)))"
    pushBy: [sh, -c, 'guix archive --export --recursive "$1" >/work/pushed', sh]
`)
	gen := exec.Command(filepath.Join(dir, "vmloom"), "gen", "-q", "vmloom.yaml", "vmloom.fleet.yaml")
	gen.Dir = vm
	if out, err := gen.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s, err := loadSetup(filepath.Join(vm, "vmloom.yaml"))
	must(t, err)
	e, err := engine.For(s.Profile)
	must(t, err)
	inputs, err := e.InputsHash(t.Context(), &engine.Job{Profile: s.Profile, Base: vm})
	must(t, err)
	const image = "an image\n"
	writeFile(t, filepath.Join(vm, "images/dev-x86_64.qcow2"), image)
	writeFile(t, filepath.Join(vm, "images/dev-x86_64.lock.json"), fmt.Sprintf(
		`{"version": 1, "file": "images/dev-x86_64.qcow2", "sha256": %q, "size": %d, "engine": "guix", "place": "local", "engineVersion": "1.5.0", "inputs": %q, "derivation": "DRV"}`, sha256Hex(image), len(image), inputs))
	writeFile(t, filepath.Join(dir, "drv.scm"), guixPushDrv)
	if out, err := guix.Command(dir, "sh", "-euxc", guixPush).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", version, err, out)
	}
}
