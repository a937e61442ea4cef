package verify

import (
	"fmt"
	"strings"

	"vmloom/cure"
)

// Text is what a row says its reader.
type Text = cure.Text

func say(format string, code ...any) Text { return cure.Say(format, code...) }

func vmloom(verb string, args ...string) cure.Command { return cure.Vmloom(verb, args...) }

// Cures that many rows share.
var (
	callUp      = cure.Do(vmloom("up"))
	callRepair  = cure.Do(vmloom("repair"))
	callRebuild = cure.Do(vmloom("rebuild"))
	// Of what the guest has lost since, apply sees a part.
	callApply = cure.Do(vmloom("apply")).Then("; where that has nothing to do, ", callRebuild)
)

// some are the first names of a list, and how many more there are.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}
