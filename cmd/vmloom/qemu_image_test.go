package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// vmImage is the disk of a small Debian. It is made once for each state of its recipe,
// testdata/image, and kept in the user's cache.
func vmImage(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("boots a VM; skipped with -short")
	}
	for _, tool := range []string{"qemu-system-x86_64", "qemu-img", "mke2fs", "ssh", "ssh-keygen", "dash", "bash"} {
		tooltest.Need(t, tool)
	}
	recipe, err := filepath.Abs("../../testdata/image")
	must(t, err)
	hash := sha256.New()
	for _, file := range []string{"debian.sh", "vmloom.service"} {
		data, err := os.ReadFile(filepath.Join(recipe, file))
		must(t, err)
		hash.Write(data)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "vmloom-test")
	must(t, os.MkdirAll(dir, 0o755))
	image := filepath.Join(dir, "debian-"+hex.EncodeToString(hash.Sum(nil))[:16]+".qcow2")

	// The kernel frees the lock with the process.
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	must(t, err)
	defer lock.Close()
	must(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	if _, err := os.Stat(image); err == nil {
		return image
	}
	for _, tool := range []string{"mmdebstrap", "sfdisk", "syslinux", "mcopy", "mkfs.vfat"} {
		tooltest.Need(t, tool)
	}
	if os.Geteuid() != 0 {
		if os.Getenv("VMLOOM_REQUIRE_TOOLS") == "1" {
			t.Fatal("making the image needs root, and VMLOOM_REQUIRE_TOOLS=1")
		}
		t.Skip("SKIPPED: making the image needs root")
	}
	old, err := filepath.Glob(filepath.Join(dir, "debian-*"))
	must(t, err)
	for _, file := range old {
		must(t, os.RemoveAll(file))
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "sh", filepath.Join(recipe, "debian.sh"), image).CombinedOutput(); err != nil {
		t.Fatalf("debian.sh: %v\n%s", err, out)
	}
	t.Logf("made %s in %.0f s", image, time.Since(began).Seconds())
	return image
}

// TestImageHook holds the guide's unit for images of other systems to the one that the
// tests' image has.
func TestImageHook(t *testing.T) {
	unit, err := os.ReadFile("../../testdata/image/vmloom.service")
	must(t, err)
	guide, err := os.ReadFile("../../examples/dev-vm/generated/dev-vm/docs/dev-vm.md")
	must(t, err)
	if !strings.Contains(string(guide), "```text\n"+string(unit)+"```\n") {
		t.Error("testdata/image/vmloom.service is not the unit in the guide")
	}
}
