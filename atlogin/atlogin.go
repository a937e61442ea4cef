// Package atlogin finds what somebody's own jobs start when he logs in. In go the name of a program and the
// directories of such jobs; out comes the file of one that starts it. It never changes anything, and asks neither
// launchd nor systemd.
package atlogin

import (
	"bytes"
	"path/filepath"
	"strings"

	"vmloom/atomic"
)

// Starts is the file of a job that starts a program at login, or empty: a plist of launchd's in one of the
// directories, or a unit of systemd's that is enabled there, which names it. The job called except does not count.
func Starts(program, except string, dirs ...string) string {
	for _, dir := range dirs {
		var files []string
		for _, pattern := range []string{"*.plist", "*.wants/*"} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern))
			files = append(files, found...)
		}
		for _, file := range files {
			name := filepath.Base(file)
			if name == except || name == except+".plist" || strings.HasSuffix(name, ".repair.plist") || strings.HasSuffix(name, "-repair.timer") {
				continue
			}
			data, err := atomic.Read(file, atomic.Most)
			if err != nil {
				data = nil // a link to a unit that is no more, or another's: its name tells
			}
			if hasWord(data, program) || hasWord([]byte(name), program) {
				return file
			}
		}
	}
	return ""
}

// hasWord reports whether a text has a name, and not just as a part of another.
func hasWord(text []byte, word string) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte(word))
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(word):]
		letter := func(b []byte, at int) bool {
			return len(b) > 0 && (b[at] >= 'a' && b[at] <= 'z' || b[at] >= 'A' && b[at] <= 'Z' || b[at] >= '0' && b[at] <= '9')
		}
		if !letter(before, max(len(before)-1, 0)) && !letter(after, 0) {
			return true
		}
		rest = after
	}
}
