package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// mountRows hold each shared directory to what it promises: a file that one side
// writes is read by the other, and a read-only one refuses.
func mountRows(p *profile.Profile) []Check {
	var rows []Check
	for i, m := range p.Mounts {
		field, id, place := fmt.Sprintf("mounts[%d]", i), fmt.Sprintf("mount/%d", i), profile.Place(m.Host)
		there := Check{
			ID: id + "/host", Title: "the host has " + place, Not: "the host has no " + place, Field: field + ".host", Side: Host,
			Because: say("a shared directory is not there"), Cure: say("make it, or take it out of %s", "mounts"),
			look: func(_ context.Context, s *session) verdict {
				info, err := os.Stat(s.path(m.Host))
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return bad("%s: no such directory", s.path(m.Host))
				case err != nil:
					return unreadable(err)
				case !info.IsDir():
					return bad("%s: not a directory", s.path(m.Host))
				}
				return good("%s", s.path(m.Host))
			},
		}
		rows = append(rows, there)
		mounted, shared := mountedRow(p, m), mountRow(p, m)
		mounted.ID, mounted.Field = id+"/mounted", field
		shared.ID, shared.Field, shared.Needs = id+"/shared", field, []string{id + "/host", id + "/mounted"}
		rows = append(rows, inGuest(mounted, shared)...)
		if kind := p.OwnMountType(); kind != "" && p.UnderLima() {
			typed := typeRow(p, m, p.MountType(p.System()))
			typed.ID, typed.Field, typed.Needs = id+"/type", "lima.mountType", []string{id + "/mounted"}
			rows = append(rows, inGuest(typed)...)
		}
	}
	return append(rows, watchRows(p)...)
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
	c.look = func(ctx context.Context, s *session) verdict {
		if m.Writable {
			return writesThrough(ctx, s, p, m)
		}
		return readsOnly(ctx, s, p, m)
	}
	return c
}

// mountedRow asks the guest whether anything is mounted there at all: without it, the directory is the guest's own.
func mountedRow(p *profile.Profile, m profile.Mount) Check {
	return Check{
		Title: profile.Place(m.Host) + " is mounted in the guest", Not: profile.Place(m.Host) + " is not mounted in the guest", State: true,
		See: say("a shared directory is empty, and cannot be written"), Because: say("the connection that carried it died, or it failed at the boot"), Cure: callRepair,
		steps: asksType(p, m),
		judge: func(s *Site, a []answer) verdict {
			switch found := lastLine(a[0].out); {
			case !a[0].ok() || found == "":
				return mute(a[0])
			case found == "nothing":
				return bad("nothing is mounted at %s", pointOf(p, s, m))
			case !slices.Contains(shares, found):
				return bad("%s is mounted at %s, which is no share", found, pointOf(p, s, m))
			default:
				return good("%s", found)
			}
		},
	}
}

// asksType asks the guest for the file system at a mount's place.
func asksType(p *profile.Profile, m profile.Mount) func(*Site) []process.Step {
	return func(s *Site) []process.Step {
		return []process.Step{guestStep(p, s, "findmnt -n -o FSTYPE --mountpoint "+shWord(pointOf(p, s, m))+" || echo nothing")}
	}
}

// shares are the kinds of file system by which a guest has a directory of its host.
var shares = []string{"virtiofs", "9p", "fuse.sshfs", "fuse", "drvfs"}

// pointOf is where the guest has a mount.
func pointOf(p *profile.Profile, s *Site, m profile.Mount) string {
	if at := p.GuestPath(m); at != "" {
		return at
	}
	return s.path(m.Host) // the profile leaves the host's home open, and Lima takes this one
}

// writesThrough has the guest write, and reads on the host. Whatever happens, the file goes.
func writesThrough(ctx context.Context, s *session, p *profile.Profile, m profile.Mount) verdict {
	here, there := marker(s.Site, s.path(m.Host)), marker(s.Site, pointOf(p, s.Site, m))
	sweep(s.path(m.Host), s.Now())
	inGuest := shWord(there)
	defer os.Remove(here)
	defer s.tidy(ctx, insideSh(p, s.Site, "rm -f "+inGuest)) // the guest's side may be a directory of its own
	if a := s.ask(ctx, insideSh(p, s.Site, "echo "+s.Token+" >"+inGuest+" && echo written")); !a.ok() {
		return bad("the guest cannot write: %s", a.why())
	} else if lastLine(a.out) != "written" {
		return mute(a)
	}
	data, err := atomic.Read(here, atomic.Most)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return bad("the host does not see what the guest wrote")
	case err != nil:
		return unreadable(err)
	case strings.TrimSpace(string(data)) != s.Token:
		return bad("the host reads %q, the guest wrote %q", strings.TrimSpace(string(data)), s.Token)
	}
	if a := s.ask(ctx, insideSh(p, s.Site, "rm "+inGuest)); !a.ok() {
		return bad("the guest cannot delete: %s", a.why())
	}
	if _, err := os.Lstat(here); !errors.Is(err, fs.ErrNotExist) {
		return bad("what the guest deletes stays on the host")
	}
	return good("written in the guest, read on the host")
}

// readsOnly writes on the host, reads in the guest, and has the guest try to delete it.
func readsOnly(ctx context.Context, s *session, p *profile.Profile, m profile.Mount) verdict {
	here, inGuest := marker(s.Site, s.path(m.Host)), shWord(marker(s.Site, pointOf(p, s.Site, m)))
	sweep(s.path(m.Host), s.Now())
	defer os.Remove(here)
	if err := os.WriteFile(here, []byte(s.Token+"\n"), 0o644); err != nil {
		return skip("you may not write to %s, so it cannot be tried", s.path(m.Host))
	}
	a := s.ask(ctx, insideSh(p, s.Site, "cat "+inGuest))
	switch {
	case !a.ok():
		return bad("the guest does not see what the host wrote: %s", a.why())
	case lastLine(a.out) != s.Token:
		return bad("the guest reads %q, the host wrote %q", lastLine(a.out), s.Token)
	}
	a = s.ask(ctx, insideSh(p, s.Site, "if rm -f "+inGuest+" 2>/dev/null; then echo removed; else echo refused; fi"))
	_, err := os.Lstat(here)
	switch said := lastLine(a.out); {
	case said == "removed" || err != nil:
		return bad("the guest may change it").since(say("the VM was made before the profile was changed"), callApply)
	case said != "refused":
		return mute(a)
	}
	return good("written on the host, read in the guest, which may not change it")
}
