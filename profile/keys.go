package profile

import (
	"slices"
	"strings"
)

// Keys are the further keys that the profile itself has.
func (u User) Keys() []string {
	var own []string
	for _, key := range u.AuthorizedKeys {
		if key != hostWord {
			own = append(own, key)
		}
	}
	return own
}

// HostKeys reports whether the keys of the account on the host that runs the VM may log in, too: known
// when it starts, and not before.
func (u User) HostKeys() bool { return slices.Contains(u.AuthorizedKeys, hostWord) }

// PublicKeys are the lines of a text that are public SSH keys.
func PublicKeys(text string) []string {
	var keys []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); forms["public key"].ok(line) {
			keys = append(keys, line)
		}
	}
	return keys
}
