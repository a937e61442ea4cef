package generate

import (
	"fmt"
	"slices"
	"strings"

	"vmloom/lima"
	"vmloom/profile"
	"vmloom/verify"
)

// guideView is what docs/guide.md.tmpl prints.
type guideView struct {
	Profile, Name   string
	What            prose
	Picture         picture
	Facts           []fact
	Create, Reach   string // command blocks, as those below
	IncludeSSH      string
	Chapters        []chapter
	Update, Move    []part
	Apply           []prose
	ApplyRun        string
	MinimumLima     lima.Version
	Rebuild, Stop   string
	Destroy, Repair string
	RebuildKeeps    prose
	DestroyKeeps    prose
	HasSockets      bool
	Troubles        []trouble
}

type fact struct {
	Name  string
	Value prose
}

// uidWords tell the number of the guest's account.
func uidWords(p *profile.Profile) string {
	if p.Guest.User.UID.OfHost() {
		return "with the uid of your account on the host"
	}
	return "uid " + p.Guest.User.UID.String()
}

func docsFiles(from source) ([]File, error) {
	f, err := runBy(from.Profile).guide(from)
	return []File{f}, err
}

func limaGuide(from source) (File, error) {
	p := from.Profile
	v, err := newGuideView(p)
	if err != nil {
		return File{}, err
	}
	return render("docs/"+p.Name+".md", "docs/guide.md.tmpl", v)
}

func newGuideView(p *profile.Profile) (*guideView, error) {
	script := func(verb string) string { return "./scripts/" + p.Name + "-" + verb + ".sh" }
	os, system, how := hostTitle(p), systemName(p), setUpOf(p)
	v := &guideView{
		Profile: p.File(), Name: p.Name,
		What: say("A persistent development VM on "+os+": "+system+" under Lima, instance %s.", p.Lima.Instance),
		Facts: append([]fact{
			{"guest", say(system+", "+archWords(p)+", host name %s", p.Guest.Hostname)},
			{"user", say("%s, "+uidWords(p)+", home %s, shell %s", p.Guest.User.Name, p.Guest.User.Home, p.Guest.User.Shell)},
			{"resources", say(fmt.Sprintf("%s, %s, %s system disk", p.Resources.CPUs, p.Resources.Memory, p.Resources.Disk))},
			{"home", homeFact(p)},
			{"ssh", portFact(p)},
		}, slices.Concat(diskFacts(p), limaHomeFact(p), localeFact(p), hardwareFacts(p), keysFact(p), containerFacts(p), broughtFacts(p), proxyFacts(p))...),
		Picture: newPicture(p, os),
		Create:  script("create") + "\n",
		Reach: limaHomeLine(p) + fmt.Sprintf("%s                    # a shell\n%s uname -a           # a command\n%s uname -a   # the same, with the command's exit status\n",
			limaShell(p), limaShell(p), script("ssh")),
		IncludeSSH:  includeSSH(p),
		Update:      how.update(p),
		Apply:       how.apply(p),
		ApplyRun:    "(cd ../.. && vmloom gen)\n" + script("apply") + "\n",
		MinimumLima: p.System().MinimumLima,
		Move:        how.move(p),
		Rebuild:     script("rebuild") + "\n",
		Stop:        script("stop") + "\n", Destroy: script("destroy") + "\n", Repair: script("repair") + "\n",
		HasSockets:   len(p.Sockets) > 0,
		RebuildKeeps: say("the home is on the system disk and would be lost, so it refuses unless %s is said.", "--purge-home"),
		DestroyKeeps: say("%s deletes the VM with its home, and therefore wants %s as well.", "destroy", "--purge-home"),
		Troubles:     troubles(p),
	}
	if p.Home.Disk > 0 {
		v.RebuildKeeps = say("the home, on its own disk, stays. What you installed by hand outside the home is gone.")
		v.DestroyKeeps = say("%s deletes the VM and keeps the home's disk; %s deletes that too.", "destroy", "--purge-home")
	}
	if len(p.Disks) > 0 {
		v.RebuildKeeps = append(v.RebuildKeeps, say(" Further disks stay.")...)
		v.DestroyKeeps = append(v.DestroyKeeps, say(" Further disks stay in any case.")...)
	}
	for _, add := range []func(*profile.Profile) (chapter, error){how.switches, mountChapter, socketChapter, onePasswordChapter, envFileChapter, portChapter, networkChapter, wezTermChapter, autostartChapter} {
		c, err := add(p)
		if err != nil {
			return nil, err
		}
		if len(c.Parts) > 0 {
			v.Chapters = append(v.Chapters, c)
		}
	}
	return v, nil
}

// hostTitle is the host in prose, with its processor where the profile names it.
func hostTitle(p *profile.Profile) string {
	if p.Host.Arch == "" {
		return p.On().Title
	}
	return p.On().Title + " (" + p.Host.Arch + ")"
}

func systemName(p *profile.Profile) string {
	return strings.TrimSpace(p.System().Title + " " + p.Guest.Release)
}

func homeFact(p *profile.Profile) prose {
	if p.Home.Disk == 0 {
		return say("on the system disk: lost by a rebuild")
	}
	return say("on a disk of its own, Lima's %s, "+p.Home.Disk.String()+": outlives restarts and rebuilds", p.HomeDisk())
}

// limaHomeLine has a shell's own limactl look where the VM is.
func limaHomeLine(p *profile.Profile) string {
	if p.Host.LimaHome == "" {
		return ""
	}
	return verify.ExportLimaHome(p) + "   # in the start file of your shell too\n"
}

func limaHomeFact(p *profile.Profile) []fact {
	if p.Host.LimaHome == "" {
		return nil
	}
	return []fact{{"Lima", say("keeps it in %s, which a %s typed by hand has to be told; scripts, jobs, ssh and WezTerm know it", p.Host.LimaHome, "limactl")}}
}

func localeFact(p *profile.Profile) []fact {
	if p.Guest.Locale == "" {
		return nil
	}
	return []fact{{"locale", say("%s", p.Guest.Locale)}}
}

func keysFact(p *profile.Profile) []fact {
	if !p.Guest.User.HostKeys() {
		return nil
	}
	return []fact{{"keys", say("yours in %s on the host may log in, as they were when the VM was last started", "~/.ssh/*.pub")}}
}

func portFact(p *profile.Profile) prose {
	if p.Lima.SSHPort == 0 {
		return say("%s; the port is another at each start, the name follows it", p.SSHAlias())
	}
	return say(fmt.Sprintf("%%s or %%s, port %d", p.Lima.SSHPort), p.SSHAlias(), p.Name)
}
