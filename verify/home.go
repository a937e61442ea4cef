package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
			file := shWord(marker(s, home))
			write := "echo " + s.Token + " >" + file + " && cat " + file
			return []process.Step{guestStep(p, s, write), cleanup(insideSh(p, s, "rm -f "+file)), cleanup(insideSh(p, s, sweepLine(home)))}
		},
		judge: func(s *Site, a []answer) verdict {
			switch {
			case !a[0].ok():
				return bad("%s", a[0].why())
			case lastLine(a[0].out) != s.Token:
				return mute(a[0])
			}
			return good("written and read")
		},
	}}
	rows = append(rows, homeOwned(p))
	if p.Home.Disk == 0 {
		return inGuest(rows...)
	}
	disk := p.HomeDisk()
	rows = append(rows, homeMounted(p, disk))
	if p.Nix.KeepStore {
		rows = append(rows, storeKept(p))
	}
	return append([]Check{{
		ID: "home/kept", Title: "the disk " + disk + " is there", Not: "the disk " + disk + " is not as the profile says", Field: "home.disk", Side: Host,
		Needs: []string{"instance/exists"},
		look: func(ctx context.Context, s *session) verdict {
			return runBy(p).disk(ctx, s, p, p.HomeDisk(), p.Home.Disk, "home.disk", noHomeDisk)
		},
	}}, inGuest(rows...)...)
}

// homeMounted asks the guest what its home is on, and what its own script has to say of it.
func homeMounted(p *profile.Profile, disk string) Check {
	return Check{
		ID: "home/disk", Title: "the home is on a disk of its own, " + disk, Not: "the home is not safe on a disk of its own, " + disk, Field: "home.disk", State: true, Needs: []string{reached},
		See:     say("%s at every login", "THIS HOME IS TEMPORARY"),
		Because: say("the guest has not got its disk, or something is on it that is not this VM's home and was left alone; what is in the home now would be lost by a rebuild"),
		Cure:    say("save what is new in the home; see %s in the guest, then %s", p.System().BootLog, vmloom("rebuild")),
		steps:   roomStep(p),
		judge: func(_ *Site, a []answer) verdict {
			told := readFacts(a[0])
			label, mounted := told["label"]
			notice := told["notice"]
			quiet := notice == "none"
			if quiet {
				notice = ""
			}
			ours := label == p.HomeLabel() || label == profile.OldHomeLabel
			switch {
			case !a[0].ok(), !mounted, notice == "" && !quiet:
				return mute(a[0])
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

// storeKept asks the guest whether its nix looks into what rebuilds keep, and whether that is on the home's disk.
func storeKept(p *profile.Profile) Check {
	kept := p.KeptStore()
	const nix = "nix --extra-experimental-features nix-command "
	line := "{ " + nix + "config show || " + nix + "show-config; } 2>/dev/null | sed -n 's/^substituters = //p'; findmnt -n -o LABEL --target " + shWord(p.HomeMount())
	return Check{
		ID: "home/store", Title: "a rebuild keeps the guest's store", Not: "a rebuild does not keep the guest's store", Field: "nix.keepStore", Needs: []string{"home/disk"},
		Because: say("the guest was not switched to this configuration yet"), Cure: say("%s", "generated/"+p.Name+"/scripts/"+p.Name+"-switch.sh"),
		steps: func(s *Site) []process.Step { return []process.Step{guestStep(p, s, line)} },
		judge: func(_ *Site, a []answer) verdict {
			lines := strings.Split(strings.TrimSpace(a[0].out), "\n")
			label := lastLine(a[0].out)
			switch {
			case !a[0].ok() || len(lines) < 2:
				return mute(a[0])
			case !strings.Contains(lines[len(lines)-2]+" ", "file://"+kept+"?"):
				return bad("the guest's nix does not ask %s", kept)
			case label != p.HomeLabel() && label != profile.OldHomeLabel:
				return bad("%s is on %s, which a rebuild deletes", kept, orNothing(label))
			}
			return good("%s", kept)
		},
	}
}

var noHomeDisk = bad("there is none").since(say("the VM was made without it, or it was deleted"), callRebuild)

// qemuDisk looks for a disk of the profile's in the VM's directory.
func qemuDisk(_ context.Context, s *session, _ *profile.Profile, name string, want profile.Size, field string, none verdict) verdict {
	file := s.State + "/" + name
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none
	case err != nil:
		return unreadable(err)
	case !info.Mode().IsRegular():
		return bad("%s is no disk", file)
	}
	return ofSize(file, info.Size(), want, field)
}

// ofSize holds a disk to the size that the profile says in a field.
func ofSize(name string, size int64, want profile.Size, field string) verdict {
	seen := fmt.Sprintf("%s, %s", name, profile.Size(size))
	switch {
	case size < int64(want):
		return bad("%s; the profile says %s", seen, want).since(say("%s was changed since", field), say("%s, then %s", vmloom("stop"), vmloom("up")))
	case size > int64(want):
		return bad("%s; the profile says %s", seen, want).since(say("no disk is ever made smaller"), say("write %s into the profile", field+": "+profile.Size(size).String()))
	}
	return good("%s", seen)
}

// limaDisk looks for a disk of the profile's among Lima's, and for who has locked it.
func limaDisk(ctx context.Context, s *session, p *profile.Profile, name string, want profile.Size, field string, none verdict) verdict {
	a := s.ask(ctx, process.Cmd{Args: []string{"limactl", "disk", "list", "--json"}})
	disks, err := lima.Disks(a.out)
	switch {
	case !a.ok():
		return noWord("limactl disk list", a.why())
	case err != nil:
		return noWord("limactl disk list", err.Error())
	}
	for _, disk := range disks {
		switch {
		case disk.Name != name:
		case disk.Instance != "" && disk.Instance != p.Lima.Instance:
			return bad("in use by %s", disk.Instance)
		default:
			return ofSize(disk.Name, disk.Size, want, field)
		}
	}
	return none
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
