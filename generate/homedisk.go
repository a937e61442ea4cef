package generate

import (
	"fmt"

	"vmloom/profile"
)

// homeView is what a guest must know of the home's own disk; empty where it has none.
type homeView struct {
	HomeDisk, HomeMount        string
	HomeLabel, OldHomeLabel    string
	HomePartition              string
	HomeLost                   string // the first line of the notice
	HomeNotice, HomeNoticeLine string // the file that says what is amiss, and what a login shell does to show it
}

// homeLost is said at every login to a home that is not on its own disk.
const homeLost = "vmloom: THIS HOME IS TEMPORARY: it is not on its own disk, and the next rebuild deletes what you put here"

func newHomeView(p *profile.Profile) homeView {
	if p.Home.Disk == 0 {
		return homeView{}
	}
	return homeView{
		HomeDisk: p.HomeDisk(), HomeMount: p.HomeMount(),
		HomeLabel: p.HomeLabel(), OldHomeLabel: profile.OldHomeLabel, HomePartition: profile.HomePartition,
		HomeLost: homeLost, HomeNotice: profile.HomeNotice, HomeNoticeLine: fmt.Sprintf("[ ! -r %[1]s ] || cat %[1]s >&2", profile.HomeNotice),
	}
}
