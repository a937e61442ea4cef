package lima

import (
	"cmp"
	"crypto/sha256"
	"fmt"
)

// MountTag names a mount to the guest, by both of its absolute paths
// (limayaml.MountTag, since TagsByPath).
func MountTag(location, mountPoint string) string {
	sum := sha256.Sum256([]byte(location + ":" + mountPoint))
	return fmt.Sprintf("lima-%x", sum[:8])
}

// NineP are options of the guest's for a mount by 9p; what is zero is Lima's default.
type NineP struct {
	Version, Cache string
	MSize          int64
}

// Transport are those that every guest takes. The size of a message is far above a kernel's default, which is slow.
func (o NineP) Transport() []string {
	return []string{"trans=virtio", "version=" + cmp.Or(o.Version, defaults["mounts[].9p.protocolVersion"]), fmt.Sprint("msize=", cmp.Or(o.MSize, 128<<10))}
}

// MountOptions are those of a guest's /etc/fstab for a mount of a type, 9p or
// virtiofs (cidata.go).
func MountOptions(mountType string, writable bool, o NineP) []string {
	access, cache := "ro", "fscache"
	if writable {
		access, cache = "rw", "mmap"
	}
	options := []string{access}
	if mountType == "9p" {
		options = append(append(options, o.Transport()...), "cache="+cmp.Or(o.Cache, cache))
	}
	return append(options, "nofail")
}
