package generate

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"vmloom/profile"
)

// homeView is what a guest must know of the home's own disk, and of others.
type homeView struct {
	HomeDisk, HomeMount     string // empty: it has none
	HomeLabel, OldHomeLabel string
	HomePartition           string
	HomeLost, HomeBroken    string // the first line of the notice
	HomeNotice, NoticeDir   string // the file that says what is amiss
	HomeNoticeLine          string // what a login shell does to show it, and those of the other disks
	NoticeLines             []string
	Disks                   []diskRow // of a guest that has others, the home's first; empty: the home's alone, or none
	DataDisks               []diskRow // those without the home's
	What                    string    // is spoken of
	OwnerByRunner           bool      // the user's number is known to the runner alone
	GroupOf                 string    // the user whose group has a new file system; empty: one of the user's number
	Again                   bool      // the script runs also while the disks are in use
}

// diskRow is a disk as the guest finds, formats and mounts it.
type diskRow struct {
	What, Short      string // home, or disk NAME; what the profile calls it
	Order            string // its place among those that the runner attaches
	Name             string // the runner's
	Label, Partition string
	Mount            string
	Owner            string // of the root of a new file system
	Notice           string
	Lost, Broken     string // the first line of it
}

const (
	// homeLost is said at every login to a home that is not on its own disk.
	homeLost = "vmloom: THIS HOME IS TEMPORARY: it is not on its own disk, and the next rebuild deletes what you put here"
	broken   = " IS READ-ONLY: its file system has errors that e2fsck does not mend unasked"
)

func newHomeView(p *profile.Profile) (v homeView) {
	if p.Home.Disk > 0 {
		v = homeView{
			HomeDisk: p.HomeDisk(), HomeMount: p.HomeMount(), HomeLabel: p.HomeLabel(), HomePartition: profile.HomePartition,
			HomeLost: homeLost, HomeBroken: "vmloom: THIS HOME" + broken, HomeNotice: profile.HomeNotice, HomeNoticeLine: noticeLine(profile.HomeNotice), What: "home",
		}
		v.NoticeLines = []string{v.HomeNoticeLine}
	}
	v.OldHomeLabel, v.NoticeDir = profile.OldHomeLabel, path.Dir(profile.HomeNotice)
	if len(p.Disks) > 0 {
		v.addDisks(p)
	}
	return v
}

// addDisks makes a row of each disk: where there are several, one function is called for each.
func (v *homeView) addDisks(p *profile.Profile) {
	v.What, v.OwnerByRunner = "$what", p.Guest.User.UID.OfHost()
	if v.HomeDisk != "" {
		v.Disks = []diskRow{{
			What: "home", Name: v.HomeDisk, Label: v.HomeLabel, Partition: v.HomePartition, Mount: v.HomeMount, Owner: "0",
			Notice: v.HomeNotice, Lost: v.HomeLost, Broken: v.HomeBroken,
		}}
	}
	for _, d := range p.Disks {
		row := diskRow{
			What: "disk " + d.Name, Short: d.Name, Name: p.DiskOf(d), Label: p.DiskLabel(d), Partition: d.Partition(), Mount: d.Mount, Notice: d.Notice(),
			Lost: "vmloom: THE DISK " + d.Name + " IS NOT THERE: " + d.Mount + " takes nothing until it is", Broken: "vmloom: THE DISK " + d.Name + broken,
		}
		if !v.OwnerByRunner {
			row.Owner = p.Guest.User.UID.String()
		}
		v.Disks, v.DataDisks = append(v.Disks, row), append(v.DataDisks, row)
		v.NoticeLines = append(v.NoticeLines, noticeLine(row.Notice))
	}
	for i := range v.Disks {
		v.Disks[i].Order = strconv.Itoa(i)
	}
	v.HomeNoticeLine = strings.Join(v.NoticeLines, "\n")
}

// homeAlone is of a script for the home's disk alone, and otherDisks of one for the others: a guest that is up has
// the latter run again, where a switch has brought another disk.
func (v homeView) homeAlone() homeView {
	v.Disks, v.What, v.OwnerByRunner = nil, "home", false
	return v
}

func (v homeView) otherDisks(p *profile.Profile) homeView {
	v.Disks, v.Again, v.GroupOf = v.DataDisks, true, p.Guest.User.Name
	return v
}

// AnyDisk reports whether the guest has a disk beside the system's.
func (v homeView) AnyDisk() bool { return v.HomeDisk != "" || len(v.Disks) > 0 }

// noticeLine is what a login shell does to show a notice.
func noticeLine(file string) string { return fmt.Sprintf("[ ! -r %[1]s ] || cat %[1]s >&2", file) }
