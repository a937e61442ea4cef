package seen

import "golang.org/x/sys/unix"

// Away is the kind of the file system that a directory is on where others may change that unheard; empty: it is this machine's own.
func Away(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil || s.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}
