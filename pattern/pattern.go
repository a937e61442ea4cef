// Package pattern makes regular expressions that are compiled at their first
// use. In goes the text of one, out comes what gives it compiled: most runs need
// few of the program's patterns, and none pays for the rest before main.
package pattern

import (
	"regexp"
	"sync"
)

// New is a regular expression, compiled once at its first use, which panics where it is none.
func New(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
