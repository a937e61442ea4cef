package lima

import (
	"crypto/sha256"
	"fmt"
)

// MountTag names a mount to the guest, by both of its absolute paths
// (limayaml.MountTag, since TagsByPath).
func MountTag(location, mountPoint string) string {
	sum := sha256.Sum256([]byte(location + ":" + mountPoint))
	return fmt.Sprintf("lima-%x", sum[:8])
}

// MountOptions are those of a guest's /etc/fstab for a mount of a type, 9p or
// virtiofs (cidata.go).
func MountOptions(mountType string, writable bool) []string {
	access, cache := "ro", "fscache"
	if writable {
		access, cache = "rw", "mmap"
	}
	options := []string{access}
	if mountType == "9p" {
		options = append(options, "trans=virtio", "version=9p2000.L", "msize=131072", "cache="+cache)
	}
	return append(options, "nofail")
}
