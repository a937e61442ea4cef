package fleet

import (
	"path"

	"vmloom/flake"
	"vmloom/profile"
)

// LockFile is the lock of the fleet's flake, from the fleet's file on: the user's.
const LockFile = profile.FleetTree + "/flake.lock"

// Follower is a machine of the fleet's flake, whose own lock follows the fleet's.
type Follower struct {
	Machine
	// Lock is its own, from the fleet's file on.
	Lock  string
	names map[string]string // of its inputs, in the fleet's flake
}

// Followers are those of a fleet, by name.
func Followers(machines []Machine) (out []Follower) {
	for _, one := range newFlakes(machines).Flakes {
		lock := path.Join(path.Dir(one.of.File), flake.LockOf(one.Name))
		out = append(out, Follower{one.of, lock, one.names})
	}
	return out
}

// Follow is the text of its lock by that of the fleet's, and the inputs of the fleet's flake that stay its own; nil is
// that of a lock that is not there.
func (f Follower) Follow(mine []byte, fleet flake.Leader) (text []byte, own []string, err error) {
	return fleet.Follow(mine, flake.Inputs(f.Profile), f.names)
}

// Inputs are the names of those of the fleet's flake.
func Inputs(machines []Machine) []string {
	return mapped(newFlakes(machines).Inputs, func(in input) string { return in.Name })
}
