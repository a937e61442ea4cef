package generate

import (
	"strings"

	"vmloom/lima"
	"vmloom/profile"
)

// hostPath is a path of the host as scripts write it (shared/_hostpath.sh.tmpl).
type hostPath struct {
	Host   string
	InHome bool // Host is relative to $HOME
	Beside bool // Host is relative to the profile's directory, $project; empty: that itself
}

func newHostPath(path string) hostPath {
	if profile.Beside(path) {
		if path == "." {
			path = ""
		}
		return hostPath{Host: strings.TrimPrefix(path, "./"), Beside: true}
	}
	rest, inHome := strings.CutPrefix(path, "~/")
	return hostPath{Host: rest, InHome: inHome}
}

// mountView is a shared directory as scripts write it.
type mountView struct {
	hostPath
	Guest     string // empty: the same path as on the host
	ReadOnly  bool
	SSHFS     string // further options of sshfs, each after a comma
	BelowHome bool   // of the guest's user, who may remove the directory
}

func mountViews(p *profile.Profile) (out []mountView) {
	for _, m := range p.Mounts {
		guest := p.GuestPath(m)
		out = append(out, mountView{newHostPath(m.Host), guest, !m.Writable, sshfsOptions(m.SSHFS), strings.HasPrefix(guest, p.Guest.User.Home+"/")})
	}
	return out
}

// mountDirs are the directories in the guest that are known before there is one.
func mountDirs(p *profile.Profile) (out []mountView) {
	for _, m := range mountViews(p) {
		if m.Guest != "" {
			out = append(out, m)
		}
	}
	return out
}

func newNineP(o profile.NineP) lima.NineP {
	return lima.NineP{Version: o.ProtocolVersion, Cache: o.Cache, MSize: int64(o.MSize)}
}

// sshfsOptions are those of a mount that a script makes over ssh as Lima does (its hostagent/mount.go).
func sshfsOptions(o profile.SSHFS) (options string) {
	if o.Cache != nil && !*o.Cache {
		options += ",cache=no"
	}
	if o.FollowSymlinks {
		options += ",follow_symlinks"
	}
	return options
}

// mountsOverSSH reports whether mounts end with the ssh connection.
func mountsOverSSH(p *profile.Profile) bool { return len(p.Mounts) > 0 && p.MountsLive() }

// mountTool of a guest whose mounts come over ssh opens and closes their directories.
const mountTool = "/usr/local/sbin/vmloom-mounts"

// sftpServers are where OpenSSH's server of files is: on Debian, on a Mac, on Fedora, on Arch.
func sftpServers() []string {
	return []string{"/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server"}
}
