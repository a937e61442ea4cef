package seen

import "golang.org/x/sys/unix"

// awayKinds are the file systems that other machines change too: the kernel tells what this one does, and for some
// seconds, or until a file is opened, shows times and sizes that it has asked for before.
var awayKinds = map[int64]string{
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

// Away is the kind of the file system that a directory is on where others may change that unheard; empty: it is this machine's own.
func Away(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return awayKinds[int64(s.Type)]
}
