package verify

import (
	"context"

	"vmloom/profile"
)

// diskRows are what the profile's further disks promise.
func diskRows(p *profile.Profile) (rows []Check) {
	for _, d := range p.Disks {
		id := "disk/" + d.Name
		rows = append(rows, Check{
			ID: id + "/kept", Title: "the disk " + p.DiskOf(d) + " is there", Not: "the disk " + p.DiskOf(d) + " is not as the profile says", Field: "disks", Side: Host,
			Needs:   []string{"instance/exists"},
			Because: say("the VM was made without it, or it was deleted"), Cure: say("%s", vmloom("apply")),
			look: func(ctx context.Context, s *session) verdict {
				return runBy(p).disk(ctx, s, p, p.DiskOf(d), d.Size, d.SizePath(), bad("there is none"))
			},
		})
		rows = append(rows, inGuest(diskMounted(p, d), Check{
			ID: id + "/space", Title: "the disk " + d.Name + " has space", Not: "the disk " + d.Name + " is nearly full", Field: "disks", State: true, Needs: []string{id + "/mounted"},
			Because: say("what lies in %s fills it", d.Mount), Cure: say("delete what is not needed, or write a bigger %s, then %s", "size", vmloom("apply")),
			steps: roomStep(p), judge: func(_ *Site, a []answer) verdict { return hasSpace(a[0], readFacts(a[0])["room "+d.Name]) },
		})...)
	}
	return rows
}

// diskMounted asks the guest what is mounted at a disk's directory, and what its own script has to say of it.
func diskMounted(p *profile.Profile, d profile.Disk) Check {
	return Check{
		ID: "disk/" + d.Name + "/mounted", Title: d.Mount + " is on the disk " + d.Name, Not: d.Mount + " is not on the disk " + d.Name, Field: "disks", State: true, Needs: []string{reached},
		See:     say("%s at every login", "THE DISK "+d.Name+" IS NOT THERE"),
		Because: say("the guest has not got its disk, or something is on it that is not this VM's and was left alone"),
		Cure:    say("see %s in the guest; %s brings a disk that the VM was made without", p.System().BootLog, vmloom("apply")),
		steps:   roomStep(p),
		judge: func(_ *Site, a []answer) verdict {
			told := readFacts(a[0])
			label, asked := told["disk "+d.Name]
			notice := told["notice "+d.Name]
			switch {
			case !a[0].ok(), !asked:
				return mute(a[0])
			case label != p.DiskLabel(d) && notice != "":
				return bad("%s is on %s: %s", d.Mount, orNothing(label), notice)
			case label != p.DiskLabel(d):
				return bad("%s is on %s", d.Mount, orNothing(label))
			case notice != "":
				return bad("%s is read-only: %s", d.Mount, notice)
			}
			return good("label %s", label)
		},
	}
}

// roomOfDisks are the lines that ask for all of it at once.
func roomOfDisks(p *profile.Profile) (lines []string) {
	for _, d := range p.Disks {
		mount, notice := shWord(d.Mount), shWord(d.Notice())
		lines = append(lines,
			`f "disk `+d.Name+`" "$(findmnt -n -o LABEL --mountpoint `+mount+`)"; f "room `+d.Name+`" "$(df -Pk `+mount+` | tail -n 1)"`,
			`f "notice `+d.Name+`" "$(if [ -s `+notice+` ]; then sed -n 's/^vmloom: //p' `+notice+` | sed -n 2p; fi)"`)
	}
	return lines
}
