package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vmloom/pattern"
)

// soon is how many months before a release's end its users hear of it.
const soon = 3

// Ending are the warnings of the guest's release and its certificates on a day, which Lint does not know: what it says is the same on every day.
func Ending(p *Profile, today time.Time) []Problem {
	l := &linter{p: p}
	s, day := p.System(), today.Format(time.DateOnly)
	switch r := s.release(p.Guest.Release); {
	case r.Ends == "" || r.Ended != "":
	case r.Ends < day:
		l.warn("release-ended", "guest.release", s.Title+" "+r.Name+" gets no updates since "+r.Ends, s.moveOn(r.Name, today))
	case r.Ends < today.AddDate(0, soon, 0).Format(time.DateOnly):
		l.warn("release-ending", "guest.release", s.Title+" "+r.Name+" gets its last update on "+r.Ends, s.moveOn(r.Name, today))
	}
	l.nixpkgsEnded(day)
	l.expired(today)
	return l.problems
}

// Outdated are Ending's warnings, and Lint's of a release that had ended when vmloom was made.
func Outdated(p *Profile, today time.Time) []Problem {
	l := &linter{p: p}
	l.ended()
	return append(l.problems, Ending(p, today)...)
}

// ended warns of a release that had ended when vmloom was made.
func (l *linter) ended() {
	s := l.p.System()
	if r := s.release(l.p.Guest.Release); r.Ended != "" {
		l.warn("release-ended", "guest.release", s.Title+" "+r.Name+" "+r.Ended, s.moveOn(r.Name, time.Time{}))
	}
}

// moveOn says which release to go to, and how.
func (s System) moveOn(from string, today time.Time) string {
	late := ""
	if !today.IsZero() {
		late = today.AddDate(0, soon, 0).Format(time.DateOnly)
	}
	for _, to := range slices.Backward(s.Releases) {
		if to.Ended != "" || to.Ends < late || s.release(from).Long && !to.Long {
			continue
		}
		switch via := s.UpgradeVia(from, to.Name); via {
		case "":
		case to.Name:
			return fmt.Sprintf("guest.release: %q, then vmloom apply --upgrade", to.Name)
		default:
			return fmt.Sprintf("guest.release: %q, then vmloom apply --upgrade; and from there to %q alike", via, to.Name)
		}
	}
	var alive []string
	for _, r := range s.Releases {
		if r.Ended == "" && r.Ends >= late {
			alive = append(alive, r.Name)
		}
	}
	if len(alive) == 0 {
		return "a newer vmloom may know a newer release"
	}
	return "these get updates: " + strings.Join(alive, ", ") + "; vmloom apply makes the VM again"
}

var nixosBranch = pattern.New(`^github:NixOS/nixpkgs/nixos-([0-9]{2})[.](05|11)$`)

// nixpkgsEnded warns of a NixOS whose branch is over: the next comes after half a year, and a month later it ends.
func (l *linter) nixpkgsEnded(day string) {
	m := nixosBranch().FindStringSubmatch(l.p.Nix.Nixpkgs)
	if m == nil || !l.p.HasFlake() {
		return
	}
	year, _ := strconv.Atoi(m[1])
	ends := fmt.Sprintf("20%02d-12-31", year)
	if m[2] == "11" {
		ends = fmt.Sprintf("20%02d-06-30", year+1)
	}
	if ends < day {
		l.warn("release-ended", "nix.nixpkgs", "NixOS "+m[1]+"."+m[2]+" gets no updates since "+ends, "name a newer branch, then vmloom lock and vmloom apply")
	}
}
