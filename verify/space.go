package verify

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"vmloom/engine"
	"vmloom/process"
	"vmloom/profile"
)

// spaceRows hold the disks to some free space.
func spaceRows(p *profile.Profile) []Check {
	host := Check{
		ID: "space/host", Title: "the host's disk has space for the VM's", Not: "the host's disk lacks space for the VM's", Field: "resources.disk", Side: Host, State: true,
		Because: say("the VM's disk grows as the guest fills it"), Cure: say("free space on the host; the VM would stop for want of it"),
		look: func(ctx context.Context, s *session) verdict { return hostSpace(ctx, s, p) },
	}
	guest := []Check{{
		ID: "space/system", Title: "the guest's system disk has space", Not: "the guest's system disk is nearly full", Field: "resources.disk", State: true,
		Because: say("packages, logs and caches fill it"), Cure: say("delete what is not needed, or give more in %s and %s", "resources.disk", vmloom("apply")),
		steps: roomStep(p), judge: systemSpace(p),
	}}
	if p.Home.Disk > 0 {
		guest = append(guest, Check{
			ID: "space/home", Title: "the home's disk has space", Not: "the home's disk is nearly full", Field: "home.disk", State: true,
			Because: say("the home fills it"), Cure: say("delete what is not needed"),
			steps: roomStep(p), judge: func(_ *Site, a []answer) verdict { return hasSpace(a[0], readFacts(a[0])["home"]) },
		})
	}
	return append([]Check{host}, inGuest(guest...)...)
}

// roomLine asks at once for all that status says of a guest's disks, since every question is a way to it and back.
func roomLine(p *profile.Profile) string {
	home := shWord(p.Guest.User.Home)
	lines := []string{
		`f() { echo "vmloom $1=$2"; }`,
		`f system "$(df -Pk / | tail -n 1)"; f home "$(df -Pk ` + home + ` | tail -n 1)"`,
		`l=$(findmnt -n -o LABEL --target ` + home + `) && f label "$l"`,
	}
	for i, s := range p.System().Sweeps {
		if s.Size != "" {
			lines = append(lines, fmt.Sprintf(`f size%d "$(%s)"`, i, s.Size))
		}
		if s.Count != "" {
			lines = append(lines, fmt.Sprintf(`f count%d "$(%s)"`, i, s.Count))
		}
	}
	lines = append(lines, roomOfDisks(p)...)
	return strings.Join(append(lines, `f notice "$(if [ -s `+profile.HomeNotice+` ]; then sed -n 's/^vmloom: //p' `+profile.HomeNotice+` | tail -n 1; else echo none; fi)"`), "\n")
}

// roomStep is equal for all rows of a guest: it runs once.
func roomStep(p *profile.Profile) func(*Site) []process.Step {
	return func(s *Site) []process.Step { return []process.Step{guestStep(p, s, roomLine(p))} }
}

// With less than leastKiB free, and that little of the whole, builds and updates
// end in the middle; below fewKiB anything does.
const (
	leastKiB, fewKiB = 1 << 20, 100 << 10
	fullPercent      = 90
)

// hasSpace judges the last line of df.
func hasSpace(a answer, line string) verdict {
	if !a.ok() {
		return noWord("df", a.why())
	}
	d, ok := space(line)
	seen := fmt.Sprintf("%s free, %d%% used", inKiB(d.free), d.used)
	v := good("%s", seen)
	switch {
	case !ok:
		return noWord("df", "tells nothing")
	case d.free < fewKiB, d.free < leastKiB && d.used >= fullPercent:
		v = bad("%s", seen)
	}
	v.bytes = map[string]int64{"free": d.free << 10, "size": d.size << 10}
	return v
}

// inKiB is a size as its reader wants it.
func inKiB(n int64) string {
	if n >= 10<<20 {
		return fmt.Sprintf("%d GiB", n>>20)
	}
	return fmt.Sprintf("%d MiB", n>>10)
}

// What vmloom clean would free is worth a word from worthKiB or worthCount on; less is not named at all.
const (
	worthKiB, namedKiB = 1 << 20, 100 << 10
	worthCount         = 10
)

// systemSpace also tells what has grown in the guest and may go.
func systemSpace(p *profile.Profile) func(*Site, []answer) verdict {
	return func(_ *Site, a []answer) verdict {
		told := readFacts(a[0])
		v := hasSpace(a[0], told["system"])
		if v.bytes == nil {
			return v
		}
		var kib, count int64
		var grown []string
		for i, s := range p.System().Sweeps {
			size, _ := strconv.ParseInt(told[fmt.Sprint("size", i)], 10, 64)
			n, _ := strconv.ParseInt(told[fmt.Sprint("count", i)], 10, 64)
			kib, count = kib+size, count+n
			switch {
			case n > 0:
				words := fmt.Sprintf("%d %s", n, s.Short)
				if s.Dead != "" { // which takes a minute to find out
					words += " of unknown size"
				}
				grown = append(grown, words)
			case size >= namedKiB:
				grown = append(grown, s.Short+" "+inKiB(size))
			}
		}
		v.bytes["cleanable"] = kib << 10
		if len(grown) == 0 {
			return v
		}
		v.seen += "; may go: " + strings.Join(grown, ", ")
		clean := say("%s, which shows first what goes", vmloom("clean"))
		switch {
		case v.status == Failed:
			return v.since(say("packages, logs and caches fill it"), clean.Then("; or give more in ", say("%s and %s", "resources.disk", vmloom("apply"))))
		case kib >= worthKiB || count >= worthCount:
			v.advice = clean
		}
		return v
	}
}

// hostSpace asks df where the VM's disks grow, and the host's files how much the VM and images take by now.
func hostSpace(ctx context.Context, s *session, p *profile.Profile) verdict {
	a := s.ask(ctx, process.Cmd{Args: []string{"df", "-Pk", nearest(runBy(p).disks(s.Site))}})
	v := hasSpace(a, lastLine(a.out))
	if v.bytes == nil {
		return v
	}
	for _, has := range []struct {
		key, words string
		dirs       []string
	}{{"vm", "the VM takes", runBy(p).files(p, s.Site)}, {"images", "images", []string{filepath.Join(s.Base, engine.ImagesDir)}}} {
		kib := onDisk(ctx, has.dirs) >> 10
		v.bytes[has.key] = kib >> 10 << 20 // whole MiB: small files are nobody's question
		if kib >= leastKiB {
			v.seen += fmt.Sprintf("; %s %s", has.words, inKiB(kib))
		}
	}
	return v
}

// onDisk is how much room files take, holes left out; what cannot be looked at counts for nothing.
func onDisk(ctx context.Context, dirs []string) (bytes int64) {
	for _, dir := range dirs {
		filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err != nil || ctx.Err() != nil {
				return ctx.Err()
			}
			if info, err := e.Info(); err == nil {
				if stat, ok := info.Sys().(*syscall.Stat_t); ok {
					bytes += stat.Blocks * 512
				}
			}
			return nil
		})
	}
	return bytes
}

// disk is what df tells of one, in KiB: its size, what the user may still write, and how much of the whole is used.
type disk struct{ size, free, used int64 }

// space reads a line of df -Pk.
func space(df string) (d disk, ok bool) {
	f := strings.Fields(lastLine(df))
	at := slices.IndexFunc(f, func(w string) bool { return strings.HasSuffix(w, "%") })
	if at < 3 {
		return d, false
	}
	for i, into := range map[int]*int64{at - 3: &d.size, at - 1: &d.free, at: &d.used} {
		n, err := strconv.ParseInt(strings.TrimSuffix(f[i], "%"), 10, 64)
		if err != nil {
			return d, false
		}
		*into = n
	}
	return d, true
}
