package profile

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// zonesText are the names of the tz database, links too, sorted, a line each:
// the Z and L lines of its tzdata.zi.
//
//go:embed zones.txt
var zonesText string

// tzVersion is the version of the tz database that zones.txt was made from.
const tzVersion = "2025b"

var zones = sync.OnceValue(func() []string { return strings.Fields(zonesText) })

func knownZone(name string) bool {
	_, found := slices.BinarySearch(zones(), name)
	return found
}
