package lima

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled at its first use: most runs need
// none of this package's.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
