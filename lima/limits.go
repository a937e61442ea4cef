package lima

import "slices"

// A socket's path must be shorter than UNIX_PATH_MAX (sun_path with its end mark).
const (
	PathMaxLinux = 108
	PathMaxMac   = 104
)

// LongestSocket is the longest path that Lima makes a socket of in an instance; it
// refuses an instance where that does not fit.
func LongestSocket(limaHome, instance string) string {
	return limaHome + "/" + instance + "/ssh.sock.1234567890123456"
}

// SSHPort of the guest, which Lima never forwards, nor the host's number for it.
const SSHPort = 22

// MountPrefix starts the mount points that Lima makes itself: /mnt/lima-cidata,
// /mnt/lima-DISK.
const MountPrefix = "/mnt/lima-"

var refusedMountPoints = []string{"/", "/bin", "/dev", "/etc", "/home", "/opt", "/sbin", "/tmp", "/usr", "/var"}

// RefusedMountPoints are the directories of a guest that Lima refuses to mount over,
// beside the user's home.
func RefusedMountPoints() []string { return slices.Clone(refusedMountPoints) }
