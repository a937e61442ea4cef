package generate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestBesideNixOS runs what mounts shares of NixOS again, on data as Lima writes them
// (pkg/cidata/cidata.TEMPLATE.d/user-data), with mount and mountpoint as stand-ins.
func TestBesideNixOS(t *testing.T) {
	script, err := text("nix/beside.sh.tmpl", nixGuest{Beside: []string{"/work", "/mnt/data", "/mnt/there"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, data string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put("user-data", `#cloud-config
mounts:
- [lima-0123456789abcdef, /work, virtiofs, "rw,nofail", "0", "0"]
- [lima-1111111111111111, /mnt/data, 9p, "ro,trans=virtio,version=9p2000.L,nofail", "0", "0"]
- [lima-2222222222222222, /mnt/there, 9p, "ro", "0", "0"]
- [lima-3333333333333333, /srv/other, 9p, "ro", "0", "0"]

timezone: UTC
`)
	put("mountpoint", "#!/bin/sh\n[ \"$2\" = /mnt/there ]\n")
	put("mount", "#!/bin/sh\necho \"mount $*\"\n")
	at := strings.NewReplacer("/mnt/lima-cidata", dir, "/run/lima-boot-done", dir+"/done")
	run := func() string {
		t.Helper()
		cmd := exec.Command(tooltest.Need(t, "bash"), "-euc", at.Replace(script))
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if got := run(); got != "" {
		t.Errorf("while the guest boots: %q", got)
	}
	put("done", "")
	const want = "mount -t virtiofs -o rw,nofail lima-0123456789abcdef /work\n" +
		"mount -t 9p -o ro,trans=virtio,version=9p2000.L,nofail lima-1111111111111111 /mnt/data\n"
	if got := run(); got != want {
		t.Errorf("after a switch: %q, want %q", got, want)
	}
}
