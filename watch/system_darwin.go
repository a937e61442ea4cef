package watch

import (
	"math"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// wide reports whether a directory is better not watched: kqueue opens each file of one, and in the user's home and
// above it macOS asks the user about some of them.
func wide(dir string) bool {
	home, err := os.UserHomeDir()
	return dir == "/" || err == nil && strings.HasPrefix(home+"/", strings.TrimSuffix(dir, "/")+"/")
}

// descriptors is how many open files it takes to watch a directory: one for each file in it.
func descriptors(dir string) int {
	entries, _ := os.ReadDir(dir)
	return len(entries) + 1
}

// allowed is how many may be taken: half, for there is more to do than to watch.
func allowed() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt {
		return math.MaxInt
	}
	return int(limit.Cur / 2)
}
