package watch

import (
	"math"

	"golang.org/x/sys/unix"
)

// mutes are the file systems of which the kernel tells what this machine changes, and not what others do.
var mutes = map[int64]string{
	unix.AFS_SUPER_MAGIC:  "afs",
	unix.CEPH_SUPER_MAGIC: "ceph",
	unix.CIFS_SUPER_MAGIC: "cifs",
	unix.CODA_SUPER_MAGIC: "coda",
	unix.FUSE_SUPER_MAGIC: "fuse", // sshfs, and virtiofs has its number
	unix.NFS_SUPER_MAGIC:  "nfs",
	unix.SMB2_SUPER_MAGIC: "smb2",
	unix.SMB_SUPER_MAGIC:  "smb",
	unix.V9FS_MAGIC:       "9p",
	0x786f4256:            "vboxsf",
}

// mute says why events do not tell all of a directory; empty: they do.
func mute(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	if kind := mutes[int64(s.Type)]; kind != "" {
		return "on " + kind + " others change files unheard"
	}
	return ""
}

// wide reports whether a directory is better not watched.
func wide(string) bool { return false }

// descriptors is how many open files it takes to watch a directory: inotify has one for all.
func descriptors(string) int { return 0 }

// allowed is how many may be taken.
func allowed() int { return math.MaxInt }
