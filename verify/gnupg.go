package verify

import (
	"bytes"
	"slices"
	"time"

	"vmloom/pattern"
)

// secretKeysLine lists the keys of which gpg's agent has the secret part.
const secretKeysLine = "gpg --batch --no-autostart --list-secret-keys --with-colons"

var secretKey = pattern.New(`(?m)^sec:(?:[^:]*:){3}([0-9A-F]{16}):`)

// secretKeys is judged by what the host has: the guest may have keys of its own.
func secretKeys(_ *Site, a []answer) verdict {
	for _, one := range a {
		if !one.ok() {
			if one.missing() || one.status == 127 {
				return skip("there is no gpg")
			}
			return noWord("gpg", one.why())
		}
	}
	here, there := secretKey().FindAllStringSubmatch(a[0].out, -1), a[1].out
	lacks := 0
	for _, key := range here {
		if !slices.ContainsFunc(secretKey().FindAllStringSubmatch(there, -1), func(k []string) bool { return k[1] == key[1] }) {
			lacks++
		}
	}
	switch {
	case len(here) == 0:
		return skip("gpg of the host has no secret key")
	case lacks > 0:
		return bad("of %d on the host, the guest lacks %d", len(here), lacks)
	}
	return good("%d", len(here))
}

// assuan is what gpg's agent speaks. Agents differ in whether a socket is restricted, and else in their process and in
// where they listen, of which a restricted one does not speak; the greeting has the number of who asks.
var assuan = protocol{
	name: "agent of gpg", ask: []byte("GETINFO restricted\nGETINFO pid\nGETINFO socket_name\nBYE\n"),
	known: func(a []byte) bool { return bytes.HasPrefix(a, []byte("OK ")) || bytes.HasPrefix(a, []byte("ERR ")) },
	most:  4096,
	of: func(a []byte) []byte {
		greeting, rest, whole := bytes.Cut(a, []byte("\n"))
		if !whole || !bytes.HasPrefix(greeting, []byte("OK ")) {
			return a
		}
		return rest
	},
	patience: 5 * time.Second,
}
