package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"vmloom/lima"
	"vmloom/process"
	"vmloom/profile"
	"vmloom/quote"
)

// homeRows are what makes the home outlive the VM.
func homeRows(p *profile.Profile) []Check {
	home := p.Guest.User.Home
	rows := []Check{{
		ID: "home/writable", Title: "the home can be written", Not: "the home cannot be written", Field: "guest.user.home",
		Because: say("its disk is full, or was mounted read-only after an error"), Cure: say("%s, then %s", vmloom("stop"), vmloom("up")),
		steps: func(s *Site) []process.Step {
			file := shWord(home + "/.vmloom-verify-" + s.Token)
			return []process.Step{guestStep(p, s, "echo "+s.Token+" >"+file+" && cat "+file), cleanup(insideSh(p, s, "rm -f "+file))}
		},
		judge: func(s *Site, a []answer) verdict {
			if !a[0].ok() || lastLine(a[0].out) != s.Token {
				return bad("%s", a[0].why())
			}
			return good("written and read")
		},
	}}
	if p.Home.Disk == 0 {
		return inGuest(rows...)
	}
	disk := p.HomeDisk()
	rows = append(rows, homeMounted(p, disk))
	return append([]Check{{
		ID: "home/kept", Title: "the disk " + disk + " is there", Not: "the disk " + disk + " is not as the profile says", Field: "home.disk", Side: Host,
		Needs: []string{"instance/exists"},
		steps: func(s *Site) []process.Step { return []process.Step{{Cmd: runBy(p).homeDisk(p, s)}} },
		judge: func(_ *Site, a []answer) verdict { return runBy(p).isHomeDisk(p, a[0]) },
	}}, inGuest(rows...)...)
}

// homeMounted asks the guest what its home is on, and what its own script has to say of it.
func homeMounted(p *profile.Profile, disk string) Check {
	return Check{
		ID: "home/disk", Title: "the home is on a disk of its own, " + disk, Not: "the home is not safe on a disk of its own, " + disk, Field: "home.disk", State: true, Needs: []string{reached},
		See:     say("%s at every login", "THIS HOME IS TEMPORARY"),
		Because: say("the guest has not got its disk, or something is on it that is not this VM's home and was left alone; what is in the home now would be lost by a rebuild"),
		Cure:    say("save what is new in the home; see %s in the guest, then %s", "journalctl -b", vmloom("rebuild")),
		steps: func(s *Site) []process.Step {
			return []process.Step{
				{Cmd: inside(p, s, "findmnt", "-n", "-o", "LABEL", "--target", p.Guest.User.Home)},
				guestStep(p, s, "cat "+profile.HomeNotice+" 2>/dev/null || true"),
			}
		},
		judge: func(_ *Site, a []answer) verdict {
			for _, each := range a {
				if !each.ok() {
					return mute(each)
				}
			}
			label := lastLine(a[0].out)
			ours := label == p.HomeLabel() || label == profile.OldHomeLabel
			switch notice := homeNotice(a[1].out); {
			case !ours && notice != "":
				return bad("this home is temporary, on %s: %s", orNothing(label), notice)
			case !ours:
				return bad("this home is temporary: it is on %s", orNothing(label))
			case notice != "":
				return bad("this home is read-only: %s", notice)
			}
			return good("label %s", label)
		},
	}
}

// homeNotice is the reason that the guest's script gives, which is its last line.
func homeNotice(out string) string {
	reason := ""
	for line := range strings.Lines(out) {
		if said, ok := strings.CutPrefix(line, "vmloom: "); ok {
			reason = strings.TrimSpace(said)
		}
	}
	return reason
}

func limaHomeDisk(*profile.Profile, *Site) process.Cmd {
	return process.Cmd{Args: []string{"limactl", "disk", "list", "--json"}}
}

func qemuHomeDisk(p *profile.Profile, s *Site) process.Cmd {
	return process.Cmd{Args: []string{"wc", "-c", s.State + "/" + p.HomeDisk()}}
}

var noHomeDisk = bad("there is none").since(say("the VM was made without it, or it was deleted"), callRebuild)

func isQEMUHomeDisk(p *profile.Profile, a answer) verdict {
	if !a.ok() {
		return noHomeDisk
	}
	size, file, _ := strings.Cut(lastLine(a.out), " ")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return noWord("wc", orNothing(size))
	}
	return homeSize(p, file, n)
}

// homeSize holds a disk to the size that the profile says.
func homeSize(p *profile.Profile, name string, size int64) verdict {
	seen := fmt.Sprintf("%s, %s", name, profile.Size(size))
	switch want := p.Home.Disk; {
	case size < int64(want):
		return bad("%s; the profile says %s", seen, want).since(say("%s was changed since", "home.disk"), say("%s, then %s", vmloom("stop"), vmloom("up")))
	case size > int64(want):
		return bad("%s; the profile says %s", seen, want).since(say("no disk is ever made smaller"), say("write %s into the profile", "home.disk: "+profile.Size(size).String()))
	}
	return good("%s", seen)
}

// isLimaHomeDisk looks for the disk among Lima's, and for who has locked it.
func isLimaHomeDisk(p *profile.Profile, a answer) verdict {
	disks, err := lima.Disks(a.out)
	switch {
	case !a.ok():
		return noWord("limactl disk list", a.why())
	case err != nil:
		return noWord("limactl disk list", err.Error())
	}
	for _, disk := range disks {
		switch {
		case disk.Name != p.HomeDisk():
		case disk.Instance != "" && disk.Instance != p.Lima.Instance:
			return bad("in use by %s", disk.Instance)
		default:
			return homeSize(p, disk.Name, disk.Size)
		}
	}
	return noHomeDisk
}

// mountRows hold each shared directory to what it promises: a file that one side
// writes is read by the other, and a read-only one refuses.
func mountRows(p *profile.Profile) []Check {
	var rows []Check
	for i, m := range p.Mounts {
		field, id, place := fmt.Sprintf("mounts[%d]", i), fmt.Sprintf("mount/%d", i), profile.Place(m.Host)
		there := Check{
			ID: id + "/host", Title: "the host has " + place, Not: "the host has no " + place, Field: field + ".host", Side: Host,
			Because: say("a shared directory is not there"), Cure: say("make it, or take it out of %s", "mounts"),
			steps: func(s *Site) []process.Step {
				return []process.Step{{Cmd: process.Cmd{Args: []string{"ls", "-d", s.path(m.Host) + "/."}}}}
			},
			judge: func(s *Site, a []answer) verdict {
				if !a[0].ok() {
					return bad("%s: no such directory", s.path(m.Host))
				}
				return good("%s", s.path(m.Host))
			},
		}
		rows = append(rows, there)
		mounted, shared := mountedRow(p, m), mountRow(p, m)
		mounted.ID, mounted.Field = id+"/mounted", field
		shared.ID, shared.Field, shared.Needs = id+"/shared", field, []string{id + "/host", id + "/mounted"}
		rows = append(rows, inGuest(mounted, shared)...)
	}
	return rows
}

// path is a path of the profile on this host.
func (s *Site) path(p string) string {
	if rest, tilde := strings.CutPrefix(p, "~"); tilde {
		return s.Home + rest
	}
	if profile.Beside(p) {
		return filepath.Join(filepath.Dir(s.Owner.Path), p)
	}
	return p
}

func mountRow(p *profile.Profile, m profile.Mount) Check {
	place := profile.Place(m.Host)
	c := Check{Title: place + " is shared, read-only", Not: place + " is not shared, read-only"}
	if m.Writable {
		c.Title, c.Not = place+" is shared, writable", place+" is not shared, writable"
	}
	c.steps = func(s *Site) []process.Step { return mountSteps(p, s, m) }
	c.judge = func(s *Site, a []answer) verdict { return judgeMount(s, m, a) }
	return c
}

// mountedRow asks the guest whether anything is mounted there at all: without it, the directory is the guest's own.
func mountedRow(p *profile.Profile, m profile.Mount) Check {
	return Check{
		Title: profile.Place(m.Host) + " is mounted in the guest", Not: profile.Place(m.Host) + " is not mounted in the guest", State: true,
		See: say("a shared directory is empty, and cannot be written"), Because: say("the connection that carried it died, or it failed at the boot"), Cure: callRepair,
		steps: func(s *Site) []process.Step {
			return []process.Step{guestStep(p, s, "findmnt -n -o FSTYPE --mountpoint "+shWord(pointOf(p, s, m))+" || echo nothing")}
		},
		judge: func(s *Site, a []answer) verdict {
			switch found := lastLine(a[0].out); {
			case !a[0].ok() || found == "":
				return mute(a[0])
			case found == "nothing":
				return bad("nothing is mounted at %s", pointOf(p, s, m))
			default:
				return good("%s", found)
			}
		},
	}
}

// pointOf is where the guest has a mount.
func pointOf(p *profile.Profile, s *Site, m profile.Mount) string {
	if at := p.GuestPath(m); at != "" {
		return at
	}
	return s.path(m.Host) // the profile leaves the host's home open, and Lima takes this one
}

// mountSteps write on one side and read on the other. Whatever happens, the file goes.
func mountSteps(p *profile.Profile, s *Site, m profile.Mount) []process.Step {
	name := "/.vmloom-verify-" + s.Token
	onHost := s.path(m.Host) + name
	inGuest := shWord(pointOf(p, s, m) + name)
	remove := cleanup(process.Cmd{Args: []string{"rm", "-f", onHost}})
	read := process.Step{Cmd: process.Cmd{Args: []string{"cat", onHost}}}
	if m.Writable {
		return []process.Step{
			guestStep(p, s, "echo "+s.Token+" >"+inGuest), read,
			guestStep(p, s, "rm "+inGuest), {Cmd: process.Cmd{Args: []string{"test", "!", "-e", onHost}}},
			// The guest's side may be a directory of its own.
			cleanup(insideSh(p, s, "rm -f "+inGuest)), remove,
		}
	}
	return []process.Step{
		{Cmd: process.Cmd{Args: []string{"sh", "-c", `echo "$2" >"$1"`, "sh", onHost, s.Token}}},
		guestStep(p, s, "cat "+inGuest),
		guestStep(p, s, "if rm -f "+inGuest+" 2>/dev/null; then echo removed; else echo refused; fi"), remove,
	}
}

func judgeMount(s *Site, m profile.Mount, all []answer) verdict {
	a := all[:len(all)-1] // the last one cleans up
	if m.Writable {
		a = all[:len(all)-2]
		switch {
		case !a[0].ok():
			return bad("the guest cannot write: %s", a[0].why())
		case len(a) < 2 || !a[1].ok():
			return bad("the host does not see what the guest wrote")
		case strings.TrimSpace(a[1].out) != s.Token:
			return bad("the host reads %q, the guest wrote %q", strings.TrimSpace(a[1].out), s.Token)
		case !a[2].ok() || !a[3].ok():
			return bad("what the guest deletes stays on the host")
		}
		return good("written in the guest, read on the host")
	}
	if !a[0].ok() {
		return skip("you may not write to %s, so it cannot be tried", s.path(m.Host))
	}
	switch {
	case !a[1].ok():
		return bad("the guest does not see what the host wrote: %s", a[1].why())
	case lastLine(a[1].out) != s.Token:
		return bad("the guest reads %q, the host wrote %q", lastLine(a[1].out), s.Token)
	case len(a) < 3 || lastLine(a[2].out) != "refused":
		return bad("the guest may change it").since(say("the VM was made before the profile was changed"), callRebuild)
	}
	return good("written on the host, read in the guest, which may not change it")
}

func cleanup(c process.Cmd) process.Step { return process.Step{Cmd: c, Cleanup: true} }

// shWord quotes for sh. What cannot be quoted, a profile does not hold.
func shWord(s string) string {
	word, err := quote.Sh(s)
	if err != nil {
		return "''"
	}
	return word
}

// nearest is the directory itself or the first above it that is there.
func nearest(dir string) string {
	for dir != "/" && dir != "." && dir != "" {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
		dir = dir[:max(1, strings.LastIndexByte(dir, '/'))]
	}
	return "/"
}
