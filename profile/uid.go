package profile

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// UID is the number of an account, or HostUID.
type UID int

// HostUID is that of the account on the host that runs the VM: known when it is made and started, and not before.
const HostUID UID = -1

const (
	hostWord       = "host"
	minUID, maxUID = 500, 60000
)

// OfHost reports whether only the host knows the number.
func (u UID) OfHost() bool { return u == HostUID }

// String is the number, or host.
func (u UID) String() string {
	if u.OfHost() {
		return hostWord
	}
	return strconv.Itoa(int(u))
}

func (u *UID) decode(d *decoder, n *yaml.Node, path string) {
	if isText(n) && n.Value == hostWord {
		*u = HostUID
		return
	}
	reason := fmt.Sprintf("must be between %d and %d, or %s", minUID, maxUID, hostWord)
	if d.misspelt(n, path, reason, hostWord) {
		return
	}
	i, ok := d.integer(n, path)
	switch {
	case !ok:
	case i < minUID || i > maxUID:
		d.bad(path, reason)
	default:
		*u = UID(i)
	}
}

func (u *UID) encode(*writer, string) *yaml.Node {
	if u.OfHost() {
		return scalarNode(hostWord)
	}
	return scalarNode(int(*u))
}
