package adopt

import (
	"fmt"
	"strconv"
	"strings"

	"vmloom/pattern"
)

// reachedMark is a key file that a probe of an ssh config has in the place of each Include.
const reachedMark = "/vmloom/include/"

var (
	includeLine = pattern.New(`(?i)^\s*include[\s=]`)
	runsCommand = pattern.New(`(?im)^\s*match\b.*\bexec\b`)
	reachedLine = pattern.New(`(?m)^identityfile ` + reachedMark + `([0-9]+)$`)
)

// reaches asks ssh which lines with an Include count for the VM's alias. What it is asked is the
// file with a mark in the place of each Include, so that nothing is read but this text. ok is false
// where it cannot be asked: there is none, or the file runs commands.
func (a *Adoption) reaches(f File) (lines map[int]bool, ok bool) {
	if a.in.SSHSettings == nil || runsCommand().Match(f.Data) {
		return nil, false
	}
	var probe strings.Builder
	number := 0
	for line := range strings.Lines(string(f.Data)) {
		if number++; includeLine().MatchString(line) {
			line = fmt.Sprintf("IdentityFile %s%d\n", reachedMark, number)
		}
		probe.WriteString(line)
	}
	settings, err := a.in.SSHSettings([]byte(probe.String()), a.alias())
	if err != nil {
		return nil, false
	}
	lines = map[int]bool{}
	for _, m := range reachedLine().FindAllSubmatch(settings, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		lines[n] = true
	}
	return lines, true
}
