package profile

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"vmloom/lima"
)

// systemDirs may not be mounted over or hold a home: Lima refuses some, the others
// would break a boot.
var systemDirs = append(lima.RefusedMountPoints(),
	"/boot", "/lib", "/lib64", "/mnt", "/nix", "/gnu", "/proc", "/root", "/run", "/sys")

// closedDirs are no place for a mount: each is a file system of its own, or the
// store of the system. What is below fleetingDirs does not outlive a restart or
// a rebuild, or belongs to the system: no place for a home.
var (
	closedDirs   = []string{"/boot", "/dev", "/gnu", "/nix", "/proc", "/sys"}
	fleetingDirs = append(slices.Clone(closedDirs), "/bin", "/etc", "/lib", "/lib64", "/mnt", "/root", "/run", "/sbin", "/tmp", "/usr",
		"/var/empty", "/var/lock", "/var/run", "/var/tmp")
)

// stateDirs are directories of /var that one of the systems, or its packages, keep their state in: what is mounted
// over one hides it. /var/home and the like are nobody's.
var stateDirs = strings.Fields("account adm backups cache crash db empty guix lib lock log mail run spool tmp yp")

// ofState reports whether a directory is one of stateDirs or below it.
func ofState(dir string) bool {
	below, ok := strings.CutPrefix(dir, "/var/")
	top, _, _ := strings.Cut(below, "/")
	return ok && slices.Contains(stateDirs, top)
}

// hidesState reports whether a mount at a directory would hide what a system needs: below one of stateDirs a program's
// own directory may lie on the host.
func hidesState(dir string) bool {
	return ofState(dir) && (path.Dir(dir) == "/var" || slices.Contains(systemState, dir))
}

// systemState are directories below those that the system itself needs.
var systemState = strings.Fields("/var/lib/apt /var/lib/cloud /var/lib/dbus /var/lib/dpkg /var/lib/nixos /var/lib/rpm /var/lib/systemd /var/log/journal")

// runDirs are directories of the system below /run. A socket's directory is
// given to the user, and sshd for one does not start unless /run/sshd is root's.
var runDirs = strings.Fields(`NetworkManager blkid booted-system cloud-init containerd cryptsetup current-system dbus docker
	initctl keys lock log mount network nixos resolvconf secrets setuid-programs sshd sudo systemd tmpfiles.d udev udisks2 utmp wrappers`)

// plainly refuses a path with detours.
func (d *decoder) plainly(at, value string) {
	if clean := path.Clean(value); value != "" && clean != value {
		d.bad(at, "must be written plainly: "+clean)
	}
}

// hostPath refuses a path of the host with detours.
func (d *decoder) hostPath(at, value string) {
	if Beside(value) {
		d.beside(at, value)
		return
	}
	if below := strings.TrimPrefix(value, "~"); path.Clean(below) != below {
		d.bad(at, "must be written plainly, without . or .. or a slash at the end")
	}
}

func (p *Profile) validateMounts(d *decoder) {
	seen := map[string]int{}
	for i, m := range p.Mounts {
		at := item("mounts", i)
		d.hostPath(at+".host", m.Host)
		d.plainly(at+".guest", m.Guest)
		guest := p.GuestPath(m)
		if Beside(m.Host) && guest == "" {
			d.bad(at, "needs guest: a path relative to the profile is another one for everybody", "write {host: "+m.Host+", guest: /work}")
		}
		where := at + ".guest"
		if m.Guest == "" {
			where = at + ".host"
		}
		if p.HasFlake() && p.HostPath(m.Host) == "" {
			d.bad(at+".host", "needs the host's home: the flake names the mount by its absolute path", "set host.user or host.home")
		}
		if guest == "" || d.wrong[where] {
			continue
		}
		if j, ok := seen[guest]; ok {
			d.bad(where, fmt.Sprintf("mounts[%d] is already at %s", j, guest))
		}
		seen[guest] = i
		home := p.Guest.User.Home
		switch {
		case !forms["plain path"].ok(guest):
			// cloud-init writes the path into /etc/fstab as it stands.
			d.bad(where, "guest path must be letters, digits and . _ / @ + -", "give guest: a plain path, such as /mnt/"+strconv.Itoa(i+1))
		case strings.HasPrefix(guest, lima.MountPrefix):
			d.bad(where, lima.MountPrefix+"* is Lima's own", "give guest: another path, such as /mnt/work")
		case slices.ContainsFunc(closedDirs, func(dir string) bool { return inside(guest, dir) }):
			d.bad(where, guest+" is inside a system directory of the guest", "give guest: another path, such as /mnt/work")
		case slices.Contains(systemDirs, guest) || hidesState(guest):
			d.bad(where, guest+" is a system directory of the guest", "give guest: another path, such as /mnt/work")
		case inside(guest, home):
			d.bad(where, "would be inside the guest's home "+home, "give guest: a path outside it, such as /mnt/"+path.Base(guest)+": cloud-init would make the home as root before the user exists")
		case inside(home, guest):
			d.bad(where, "would hold the guest's home "+home, "the home must not come from the host: give guest: another path")
		}
	}
}

// inside reports whether path a is b or below it.
func inside(a, b string) bool {
	return b != "" && (a == b || strings.HasPrefix(a, strings.TrimSuffix(b, "/")+"/"))
}

// mountPoints are the mounts that are right, by their path in the guest.
func (p *Profile) mountPoints(d *decoder) map[string]int {
	at := map[string]int{}
	for i, m := range p.Mounts {
		if mount := item("mounts", i); !d.wrong[mount+".host"] && !d.wrong[mount+".guest"] {
			at[p.GuestPath(m)] = i
		}
	}
	return at
}
