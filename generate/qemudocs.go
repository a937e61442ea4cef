package generate

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/profile"
	"vmloom/quote"
)

// qemuGuideView is what docs/qemu.md.tmpl prints.
type qemuGuideView struct {
	Profile, Name string
	What          prose
	Picture       picture
	Facts         []fact
	First         []chapter // to create and to reach; what to do when it does not work comes next
	Chapters      []chapter
	Last          chapter
	Repair, Logs  string // command blocks
	Troubles      []trouble
}

func qemuGuide(from source) (File, error) {
	p, os := from.Profile, hostTitle(from.Profile)
	state := stateDir(p)
	v := &qemuGuideView{
		Profile: p.File(), Name: p.Name,
		What: say("A development VM on " + os + ": Guix System in QEMU, made from pinned channels, gone without a trace when it is destroyed."),
		Facts: append([]fact{
			{"guest", say("Guix System "+p.Guix.Version+", "+archWords(p)+", host name %s", p.Guest.Hostname)},
			{"user", say("%s, "+uidWords(p)+", home %s, shell %s; may do everything by sudo", p.Guest.User.Name, p.Guest.User.Home, p.Guest.User.Shell)},
			{"resources", say(fmt.Sprintf("%s, %s, %s system disk", qemuCPUs(p.Resources.CPUs), p.Resources.Memory, p.Resources.Disk))},
			{"home", qemuHomeFact(p)},
			{"ssh", qemuPortFact(p)},
			{"on the host", say("everything is in %s, or where %s leads", state, "XDG_STATE_HOME")},
		}, slices.Concat(diskFacts(p), localeFact(p), hardwareFacts(p), keysFact(p), containerFacts(p), broughtFacts(p), proxyFacts(p))...),
		Picture:  newPicture(p, os),
		Repair:   qemuScript(p, "repair"),
		Logs:     "tail -n 20 " + state + "/serial.log\ntail -n 20 " + state + "/qemu.log\n",
		Troubles: troubles(p),
		Last:     destroyChapter(p),
	}
	for _, add := range []func(*profile.Profile) (chapter, error){createChapter, reachChapter} {
		c, err := add(p)
		if err != nil {
			return File{}, err
		}
		v.First = append(v.First, c)
	}
	for _, add := range []func(*profile.Profile) (chapter, error){
		powerChapter, shareChapter, toolsChapter, packageChapter, updateChapter, configChapter, channelChapter,
		portChapter, networkChapter, qemuSocketChapter, onePasswordChapter, envFileChapter, wezTermChapter, autostartChapter, imageChapter,
	} {
		c, err := add(p)
		if err != nil {
			return File{}, err
		}
		if len(c.Parts) > 0 {
			v.Chapters = append(v.Chapters, c)
		}
	}
	return render("docs/"+p.Name+".md", "docs/qemu.md.tmpl", v)
}

// qemuScript is the command that runs a script, as a line of its own.
func qemuScript(p *profile.Profile, verb string) string {
	return "./scripts/" + p.Name + "-" + verb + ".sh\n"
}

func stateDir(p *profile.Profile) string { return "~/.local/state/vmloom/" + p.Name }

func qemuHomeFact(p *profile.Profile) prose {
	if p.Home.Disk == 0 {
		return say("on the system disk: lost by a rebuild")
	}
	return say("on a disk of its own, %s, "+p.Home.Disk.String()+": outlives restarts and rebuilds", "home.raw")
}

func qemuPortFact(p *profile.Profile) prose {
	if p.QEMU.SSHPort == 0 {
		return say("%s; a free port, kept while it is free", p.Name)
	}
	return say(fmt.Sprintf("%%s, port %d", p.QEMU.SSHPort), p.Name)
}

func createChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Create"}
	if p.MacOS() {
		c.Parts = append(c.Parts,
			paragraph("Needs QEMU and e2fsprogs, which Homebrew has (%s). Guix runs on Linux only: make the image on a Linux machine, with %s there or with the command that the head of %s shows, and copy it here. Then:", "brew install qemu e2fsprogs", "scripts/"+p.Name+"-create.sh", "guix/system.scm"),
			run("IMAGE=~/Downloads/"+p.Name+".qcow2 ./scripts/"+p.Name+"-create.sh"))
	} else {
		c.Parts = append(c.Parts,
			paragraph("Needs QEMU, OpenSSH, e2fsprogs and Guix (https://guix.gnu.org); the script says what is missing and how it is installed. The first time, guix makes the guix of the pinned channels and then the image: minutes where ready-made packages are found, hours where not."),
			run("./scripts/"+p.Name+"-create.sh"))
	}
	c.Parts = append(c.Parts, paragraph("It ends when the VM answers over SSH. Run again, it starts what is there. KVM, or Hypervisor.framework on a Mac, is used where it works; else the VM is emulated, slowly, and the script says why."))
	return c, nil
}

func reachChapter(p *profile.Profile) (chapter, error) {
	return chapter{Title: "Reach", Parts: []part{
		paragraph("A shell, a command, and a line of shell; the exit status is the command's:"),
		run("./scripts/"+p.Name+"-ssh.sh", "./scripts/"+p.Name+"-ssh.sh uname -a", "./scripts/"+p.Name+"-ssh.sh sh -c 'cd / && ls'"),
		paragraph("The key pair is the VM's own, made by the scripts; only %s may add others. For %s itself, and what builds on it (editors, rsync, git), let the first line of your %s include the file made for it:", "guest.user.authorizedKeys", "ssh", "~/.ssh/config"),
		{Info: "sh", Code: includeSSH(p)},
		paragraph("Undo: remove that line; the file as it was is in %s.", "~/.ssh/config.before-vmloom"),
	}}, nil
}

func powerChapter(p *profile.Profile) (chapter, error) {
	return chapter{Title: "Stop and start", Parts: []part{
		run("./scripts/"+p.Name+"-stop.sh", "./scripts/"+p.Name+"-create.sh"),
		paragraph("%s asks the guest to shut down, over SSH, then by the guest agent and the power button, and takes the power away when nothing helps: three minutes at most.", "stop"),
	}}, nil
}

func shareChapter(p *profile.Profile) (chapter, error) {
	c := chapter{Title: "Share code"}
	for _, m := range p.Mounts {
		state := "read-only"
		if m.Writable {
			state = "writable"
		}
		c.Parts = append(c.Parts, paragraph(capital(theHosts(m.Host))+" is %s in the guest, "+state+".", m.Host, p.GuestPath(m)),
			run("./scripts/"+p.Name+"-ssh.sh ls -la "+p.GuestPath(m)))
	}
	c.Parts = append(c.Parts, mountWords(p)...)
	switch {
	case len(c.Parts) == 0:
	case p.Guest.User.UID.OfHost():
		c.Parts = append(c.Parts, paragraph("The files keep the numbers of their owners: the guest's user has that of your account, so that both may write. Edit on either side; builds with many small files are faster in the guest's home."))
	default:
		c.Parts = append(c.Parts, paragraph("The files keep the numbers of their owners: %s in the profile should be what %s says on the host, or the guest's user cannot write. Edit on either side; builds with many small files are faster in the guest's home.", "guest.user.uid", "id -u"))
	}
	return c, nil
}

func toolsChapter(p *profile.Profile) (chapter, error) {
	manifest, err := manifestParts(p)
	if err != nil {
		return chapter{}, err
	}
	project, err := projectParts(p)
	return chapter{Title: "The project's tools", Parts: append(manifest, project...)}, err
}

// projectParts say how the project itself is built in the VM, by its own guix.scm.
func projectParts(p *profile.Profile) ([]part, error) {
	if p.Guix.Project == "" {
		return nil, nil
	}
	file, ssh := path.Base(p.Guix.Project), "./scripts/"+p.Name+"-ssh.sh "
	shell, err := guixHere(p, p.Guix.Project, "shell", "-D", "-f")
	if err != nil {
		return nil, err
	}
	out := []part{paragraph("%s is the project's own package. %s opens an environment with all that it is built with, and nothing of the project itself; %s holds it, too. A build in the VM, where the file lies at the top of the shared tree:", file, shell, "guix/manifest.scm")}
	if len(p.Mounts) == 0 {
		return append(out, run(ssh+shell+" -- true")), nil
	}
	build, err := guixHere(p, p.Guix.Project, "build", "-f")
	if err != nil {
		return nil, err
	}
	if build, err = inTree(p, build); err != nil {
		return nil, err
	}
	if check, err := projectCheck(p); err != nil {
		return nil, err
	} else if check != "" {
		return append(out, run(ssh+check), paragraph("Guix builds the package itself, its tests included, with:"),
			run(ssh+build)), nil
	}
	shell, err = inTree(p, shell+" -- true")
	return append(out, run(ssh+shell),
		paragraph("The command after %s is the project's: %s, then %s for one that CMake builds, %s and %s elsewhere. Guix builds the package itself, its tests included, with:", "--", "cmake -S . -B build && cmake --build build", "ctest --test-dir build", "make", "make check"),
		run(ssh+build)), err
}

// guixHere is a command of guix on a file of the project, where it lies, with those load paths that lie below.
func guixHere(p *profile.Profile, file string, words ...string) (string, error) {
	all, dir := []string{"guix"}, path.Dir(path.Clean(file))
	all = append(all, words[0])
	for _, load := range p.Guix.LoadPath {
		if to, err := filepath.Rel(dir, path.Clean(load)); err == nil && to != ".." && !strings.HasPrefix(to, "../") {
			all = append(all, "-L", to)
		}
	}
	return quote.Sh(append(append(all, words[1:]...), path.Base(file)))
}

// inTree runs a line of sh in the guest, where the project is shared.
func inTree(p *profile.Profile, line string) (string, error) {
	dir, err := quote.Sh(p.GuestPath(p.Mounts[0]))
	if err != nil {
		return "", err
	}
	all, err := quote.Sh("cd " + dir + " && " + line)
	return "sh -c " + all, err
}

// checkWord is a command as one word of sh, in double quotes where they mean nothing else, since
// it stands in single ones.
func checkWord(command string) (string, error) {
	if !strings.ContainsAny(command, "'\"\\$`") {
		return `"` + command + `"`, nil
	}
	return quote.Sh(command)
}

// manifestParts say what the project's manifest is good for.
func manifestParts(p *profile.Profile) ([]part, error) {
	if p.Guix.Manifest == "" {
		return nil, nil
	}
	out := []part{paragraph("The project's own %s is used as it is, and read only when one of these commands runs. On any machine with Guix, %s holds the VM's packages and the project's together:", path.Base(p.Guix.Manifest), "guix/manifest.scm"),
		run("guix time-machine -C guix/channels.scm -- shell -m guix/manifest.scm -- true")}
	if len(p.Mounts) == 0 {
		return out, nil
	}
	shell, err := guixHere(p, p.Guix.Manifest, "shell", "-m")
	if err != nil {
		return nil, err
	}
	shell, err = inTree(p, shell+" -- true")
	return append(out, paragraph("In the VM, where it lies at the top of the shared tree:"), run("./scripts/"+p.Name+"-ssh.sh "+shell)), err
}

// qemuCPUs says that the scripts give a VM no more than the host has.
func qemuCPUs(c profile.CPUs) string {
	if c.Share > 0 {
		return c.String()
	}
	return c.String() + " (fewer where the host has fewer)"
}
