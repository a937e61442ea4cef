package generate

import (
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/profile"
	"vmloom/quote"
)

// withoutView is what docs/without.md.tmpl prints.
type withoutView struct {
	Name     string
	What     prose
	Ways     []way
	Chapters []chapter
}

// way is what vmloom did, with what does it in these files, and in the words of the tools beneath.
type way struct{ Did, Now, Plain prose }

// byHand are the words of a tool for what the scripts do, by their verb; a verb without any is the script's alone.
type byHand map[string]prose

// withoutPage is the page that goes with files that were made the user's own.
func withoutPage(p *profile.Profile, files []File) (File, error) {
	v := withoutView{
		Name: p.Name,
		What: say("The files of this directory are yours: %s has made them, and nothing makes them again. No script here asks for vmloom. Commands are run in this directory.", "vmloom gen"),
	}
	made := func(path string) bool {
		return slices.ContainsFunc(files, func(f File) bool { return strings.HasPrefix(f.Path, path) })
	}
	home, err := quote.Sh(p.Guest.User.Home)
	if err != nil {
		return File{}, err
	}
	v.Ways = lifeWays(p, home, made)
	for _, c := range []chapter{changeChapter(p, made), hostChapter(made), marksChapter(p, made), backChapter(p)} {
		if len(c.Parts) > 0 {
			v.Chapters = append(v.Chapters, c)
		}
	}
	return render(PageName, "docs/without.md.tmpl", v)
}

// lifeWays are the rows of the VM's life, then those of its guest.
func lifeWays(p *profile.Profile, home string, made func(string) bool) (out []way) {
	plain := runBy(p).byHand(p)
	for _, row := range []struct{ did, verb string }{
		{"vmloom up", "create"}, {"vmloom ssh", "ssh"}, {"vmloom stop", "stop"}, {"vmloom repair", "repair"}, {"vmloom apply", "apply"},
		{"vmloom snapshot", "snapshot"}, {"vmloom rebuild", "rebuild"}, {"vmloom destroy", "destroy"},
	} {
		w := way{Did: say("%s", row.did), Now: say("no script: the profile's targets left it out"), Plain: plain[row.verb]}
		if script := "scripts/" + p.Name + "-" + row.verb + ".sh"; made(script) {
			w.Now = say("%s", "./"+script)
		}
		if len(w.Plain) == 0 {
			w.Plain = say("the script's alone")
		}
		out = append(out, w)
	}
	out = append(out, guestWays[p.System().SetUp](p)...)
	for _, s := range p.System().Sweeps {
		out = append(out, way{say("%s: "+s.What, "vmloom clean"), say("by hand, as root in the guest"), say("%s", s.Run)})
	}
	return append(out,
		way{say("%s", "vmloom backup FILE"), say("by hand, while the VM runs"), say("%s", toGuest(p)+" tar -C "+home+" -czf - . >FILE")},
		way{say("%s, %s", "vmloom verify", "vmloom status"), say("the guide's table of what you see, and why"), runBy(p).asks(p)},
		way{say("%s, %s", "vmloom gen", "vmloom check"), say("an edit of the file itself"), say("as below")},
	)
}

// guestWays are rows of how a guest gets newer software, and its image, by how it is set up.
var guestWays = map[profile.SetUp]func(*profile.Profile) []way{
	profile.ByCloudInit: func(p *profile.Profile) []way {
		return []way{{say("newer packages"), say("by hand"), say("%s", toGuest(p)+" sudo sh -c '"+p.System().Manager.Upgrade+"'")}}
	},
	profile.ByFlake: func(p *profile.Profile) []way {
		script := "./scripts/" + p.Name + "-switch.sh"
		out := []way{
			{say("%s to a changed definition", "vmloom apply"), say("%s", script), say("in the guest: %s", "sudo nixos-rebuild switch --flake path:"+inGuest(p)+"#"+p.Name+ofArch(p, "-"))},
			{say("%s", "vmloom lock"), say("%s", script+" update"), say("%s, by nix 2.19 or later", "nix flake update --flake path:.")},
		}
		if p.Nix.Base == "own" {
			out = append(out, ownImageWay(p))
		}
		return out
	},
	profile.ByGuix: func(p *profile.Profile) []way {
		definition := "guix/system.scm"
		if p.ForEveryArch() {
			definition = "guix/" + archOnHost(p) + ".scm"
		}
		image := "guix time-machine -C guix/channels.scm -- system image -t " + engine.GuixImageType(p) + " --image-size=" + p.Resources.Disk.String() + " " + definition
		return []way{
			{say("%s", "vmloom lock"), say("another commit in %s", "guix/channels.scm"), say("%s prints those that the host uses", "guix describe -f channels")},
			{say("%s", "vmloom build-image"), say("%s makes one where it has none", "create"), say("%s, then %s", image, "IMAGE=/path/of/it ./scripts/"+p.Name+"-create.sh")},
		}
	},
}

// ownImageWay is how the image of a flake is built.
func ownImageWay(p *profile.Profile) way {
	w := way{Did: say("%s", "vmloom build-image"), Now: say("%s, or a new image in %s", "./scripts/"+p.Name+"-switch.sh", "../../images")}
	if p.HasOwnNix() {
		w.Plain = say("the flake reads files of yours: one whose %s is a link to this one, in %s from the profile's directory, can be built", "flake.nix", p.Nix.Root)
	} else {
		w.Plain = say("%s", "nix build "+flakeImage(p))
	}
	return w
}

// toGuest is the start of a line that runs a command in the guest.
func toGuest(p *profile.Profile) string { return "./scripts/" + p.Name + "-ssh.sh" }

// changeChapter says where a change goes now.
func changeChapter(p *profile.Profile, made func(string) bool) chapter {
	c := chapter{Title: "Change something", Parts: []part{
		paragraph("Where the guide in docs/, a comment or a hint of a script speaks of the profile (%s, %s, %s) or of %s, edit the file itself; the guide's commands that begin with %s do nothing for these files. %s makes nothing any more, but leave it where it is: the scripts know their VM by that place.", "lima.extra", "nix.modules", "guix.modules", "vmloom gen", "vmloom", p.File()),
	}}
	if file := "scripts/" + p.Name + ".fields"; made(file) && made("scripts/"+p.Name+"-apply.sh") {
		c.Parts = append(c.Parts,
			paragraph("%s compares %s with the VM's own copy, a line a value: write a changed value there as well. For a change of which no line tells, add one of your own, with another number each time; the first word (%s, %s, %s or %s) says what it takes:", "apply", file, "live", "switch", "restart", "rebuild"),
			run(`printf '`+string(p.System().Change)+`\tmine\t1\n' >>`+file))
	}
	return chapter{c.Title, append(c.Parts, runBy(p).changes(p)...)}
}

// hostChapter says that what was installed goes on.
func hostChapter(made func(string) bool) chapter {
	var there []string
	for _, kind := range []struct{ dir, what string }{{"launchd/", "jobs of launchd"}, {"systemd/", "units of systemd"}, {"ssh/", "the line in the configuration of ssh"}, {"wezterm/", "the module of WezTerm"}} {
		if made(kind.dir) {
			there = append(there, kind.what)
		}
	}
	if len(there) == 0 {
		return chapter{}
	}
	return chapter{"What is installed on the host", []part{
		paragraph("Nothing has changed there. What was installed ("+strings.Join(there, ", ")+") works on, since the files keep their places. The guide has the commands that put each there and take it away; while vmloom is at hand, %s takes away all that it has put there, of which it keeps notes in %s.", "vmloom down --uninstall", "~/.local/state/vmloom/installed.d"),
	}}
}

// marksChapter says what still bears vmloom's name, and has to.
func marksChapter(p *profile.Profile, made func(string) bool) chapter {
	if !made("scripts/") {
		return chapter{}
	}
	return chapter{"What still bears the name", []part{
		paragraph("%s beside the profile holds the id by which the scripts know their VM, and %s and its like in the VM's directory are their notes: keep both.", ".vmloom/"+p.Name+".id", "vmloom.owner"),
		paragraph("Where %s is beside the profile, vmloom has made files of that machine's own in %s: they are vmloom's still, and while that file is there the scripts hand over to them. Remove it, and the files here count.", profile.LocalName(p.File()), profile.LocalTree+"/"+p.Name),
	}}
}

// backChapter says what vmloom would do with these files.
func backChapter(p *profile.Profile) chapter {
	return chapter{"Back to vmloom", []part{
		paragraph("%s sees files here that are not its own, keeps them and says so; %s, %s and whatever else would regenerate stop at that. %s replaces them by what %s says, and what you have changed in them is LOST; then remove this page.", "vmloom gen", "vmloom up", "vmloom apply", "vmloom gen --force", p.File()),
	}}
}
