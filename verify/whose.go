package verify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/ownership"
	"vmloom/profile"
)

// ownRow holds the VM, and under Lima the home's disk, to the marks that say whose they are.
func ownRow(p *profile.Profile) Check {
	c := Check{
		ID: "instance/ours", Title: "the VM is of this project", Not: "the VM is not of this project", Field: "name", Side: Host, Needs: []string{"instance/exists"}, State: true,
		Because: say("a VM of this name was there before; nothing is done to it"),
		Cure:    say("if it is yours: %s; else give this profile another name", vmloom("up", "--take")),
	}
	c.look = func(_ context.Context, s *session) verdict {
		for _, t := range marked(p, s.Site) {
			state, mark, err := s.Owner.Whose(filepath.Join(t.dir, ownership.MarkName), t.name)
			switch {
			case err != nil:
				return unreadable(err)
			case state == ownership.Unmarked && t.earlier():
				continue
			case state == ownership.Foreign:
				return bad("%s is of another project, %s", t.what, mark.Profile).
					of(Foreign).since(say("two projects have a VM of this name; nothing is done to it"), say("give this profile another name; or destroy that VM from its own project"))
			case state == ownership.Unmarked:
				return bad("%s was not made from this profile", t.what).of(Unowned)
			case state == ownership.Unowned && mark.Of != t.name && !(mark.Of == t.name+"-next" && mark.ID == s.Owner.ID):
				return bad("%s is a copy of %s", t.what, mark.Of).of(Unowned)
			case state == ownership.Unowned && mark.Of == t.name:
				return bad("%s was made from %s, which is gone or has another id by now", t.what, mark.Profile).of(Unowned)
			}
		}
		return good("by its mark")
	}
	return c
}

// thing is what has a mark.
type thing struct {
	what, dir, name string
	// earlier reports whether an earlier vmloom made it, which left no marks.
	earlier func() bool
}

func marked(p *profile.Profile, s *Site) []thing {
	if !p.UnderLima() {
		dir, err := filepath.EvalSymlinks(s.State)
		if err != nil {
			dir = s.State
		}
		return []thing{{"the VM", dir, filepath.Base(dir), func() bool { return dir == s.State }}}
	}
	out := []thing{{"the instance " + p.Lima.Instance, filepath.Join(s.LimaHome, p.Lima.Instance), p.Lima.Instance, func() bool {
		data, err := atomic.Read(limaYAML(p, s), atomic.Most)
		return err == nil && slices.Contains(strings.Split(string(data), "\n"), p.Marker())
	}}}
	if p.Home.Disk > 0 { // an unmarked one is the instance's, which names it
		dir := filepath.Join(s.LimaHome, "_disks", p.HomeDisk())
		out = append(out, thing{"the disk " + p.HomeDisk(), dir, p.HomeDisk(), func() bool { return true }})
	}
	for _, d := range p.Disks {
		dir := filepath.Join(s.LimaHome, "_disks", p.DiskOf(d))
		out = append(out, thing{"the disk " + p.DiskOf(d), dir, p.DiskOf(d), func() bool { return !there(dir) }})
	}
	return out
}

// there reports whether a file is there, or may be.
func there(file string) bool {
	_, err := os.Lstat(file)
	return !errors.Is(err, fs.ErrNotExist)
}
