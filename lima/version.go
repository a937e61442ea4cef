package lima

import (
	"fmt"
	"strconv"

	"vmloom/pattern"
)

// Version is the numbers at the front of a version, compared one by one.
type Version [3]int

var (
	// Oldest is the first Lima whose templates are ours: base, probes, user.
	Oldest = Version{2, 0, 0}
	// TagsByPath is the first that names a mount's tag by its paths (MountTag).
	TagsByPath = Version{2, 1, 0}
	// Newest is the last whose ways are known here.
	Newest = Version{2, 2, 0}
)

var versionNumbers = pattern.New(`(\d+)\.(\d+)(?:\.(\d+))?`)

// ParseVersion finds the version in what a tool says of itself, such as limactl
// version 2.2.0-153-g183a60d7.
func ParseVersion(text string) (v Version, ok bool) {
	m := versionNumbers().FindStringSubmatch(text)
	if m == nil {
		return v, false
	}
	for i := range v {
		v[i], _ = strconv.Atoi(m[i+1]) // no third number is 0
	}
	return v, true
}

// Before reports whether v is older than w.
func (v Version) Before(w Version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

// String writes the version with all three numbers.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// Bad are versions of Lima that do not work with a guest.
type Bad struct {
	// NixOS: only with guests that run nixos-lima.
	NixOS bool
	// From and To bound the versions of Lima: From <= it < To; a zero To is no bound.
	From, To Version
	// Module is the first nixos-lima that works with them; zero: none does.
	Module Version
	// Because says what goes wrong.
	Because string
}

var bad = []Bad{
	{To: Oldest, Because: "this set-up needs Lima 2.0 or later"},
	{NixOS: true, To: TagsByPath, Because: "Lima before 2.1 names its mounts by number, and the flake knows them by their paths"},
	// nixos-lima, PR #52: the instance's id in /run/lima-boot-done.
	{NixOS: true, From: Version{2, 1, 0}, Module: Version{0, 0, 5}, Because: "nixos-lima before 0.0.5 does not tell Lima 2.1 that it is ready: the start hangs"},
	// nixos-lima, PR #101: the guest agent's --socket-owner.
	{NixOS: true, From: Version{2, 1, 3}, Module: Version{0, 1, 0}, Because: "nixos-lima before 0.1 starts the guest agent of Lima 2.1.3 wrongly: no ports, no clock"},
}

// KnownBad says why a version of Lima does not work, with the nixos-lima that a
// NixOS guest has (zero: not known); nil where nothing speaks against it.
func KnownBad(v Version, nixos bool, module Version) *Bad {
	for i := range bad {
		b := &bad[i]
		if b.NixOS && !nixos || v.Before(b.From) || b.To != (Version{}) && !v.Before(b.To) {
			continue
		}
		if b.Module == (Version{}) || module != (Version{}) && module.Before(b.Module) {
			return b
		}
	}
	return nil
}
