package host

import (
	"os"
	"path/filepath"
	"strings"
)

// includeDepth is how deep ssh follows Includes (READCONF_MAX_DEPTH of OpenSSH's readconf.c).
const includeDepth = 16

// includes reports whether an ssh configuration includes the target for every
// host: in whatever spelling, by a pattern, or through another file.
func includes(config, target, home string) bool {
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	return includesAt(config, target, home, includeDepth)
}

func includesAt(config, target, home string, depth int) bool {
	data, _, err := readConfig(config)
	if err != nil || depth == 0 {
		return false
	}
	everywhere := true
	for line := range strings.Lines(string(data)) {
		keyword, args := sshWords(line)
		switch keyword {
		case "host":
			everywhere = len(args) == 1 && args[0] == "*"
		case "match":
			everywhere = len(args) == 1 && strings.EqualFold(args[0], "all")
		case "include":
			for _, pattern := range args {
				if everywhere && includesBy(sshPath(pattern, home), target, home, depth) {
					return true
				}
			}
		}
	}
	return false
}

func includesBy(pattern, target, home string, depth int) bool {
	if filepath.Clean(pattern) == target {
		return true
	}
	files, _ := filepath.Glob(pattern)
	for _, file := range files {
		real, err := filepath.EvalSymlinks(file)
		if err != nil {
			continue
		}
		info, err := os.Stat(real)
		if real == target || err == nil && info.Mode().IsRegular() && includesAt(real, target, home, depth-1) {
			return true
		}
	}
	return false
}

// sshPath is the argument of an Include of a user's configuration as a path.
func sshPath(arg, home string) string {
	if rest, ok := strings.CutPrefix(arg, "~/"); ok {
		return filepath.Join(home, rest)
	}
	arg = strings.NewReplacer("${HOME}", home, "%d", home, "%%", "%").Replace(arg)
	if !filepath.IsAbs(arg) {
		return filepath.Join(home, ".ssh", arg)
	}
	return arg
}

// sshWords cuts a line as ssh does: the keyword in lower case, and its arguments
// without their quotes.
func sshWords(line string) (keyword string, args []string) {
	line = strings.Trim(line, " \t\r\n\f")
	if line == "" || line[0] == '#' {
		return "", nil
	}
	i := strings.IndexAny(line, " \t=\"")
	if i < 0 {
		return strings.ToLower(line), nil
	}
	keyword = strings.ToLower(line[:i])
	rest := strings.TrimLeft(line[i:], " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t")
	for rest != "" && rest[0] != '#' {
		var word string
		word, rest = sshWord(rest)
		args, rest = append(args, word), strings.TrimLeft(rest, " \t")
	}
	return keyword, args
}

func sshWord(s string) (word, rest string) {
	var b strings.Builder
	var quoted byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`"'\`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case quoted == 0 && (c == ' ' || c == '\t'):
			return b.String(), s[i:]
		case quoted == 0 && (c == '"' || c == '\''):
			quoted = c
		case c == quoted:
			quoted = 0
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
