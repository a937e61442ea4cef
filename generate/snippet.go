package generate

import (
	"vmloom/profile"
)

// snippetView is what docs/snippet.md.tmpl prints.
type snippetView struct {
	Profile, Name string
	What          prose
	Commands      string // a command block
	Guide         string
	Rules         []prose
}

// Snippet is a chapter for the project's own README.md or AGENTS.md: what the VM is, the commands of a day, and what
// may be edited. Its paths are relative to the profile.
func Snippet(p *profile.Profile) ([]byte, error) {
	script := func(verb, more string) string {
		return "./" + p.FilesDir() + "/scripts/" + p.Name + "-" + verb + ".sh" + more
	}
	v := &snippetView{
		Profile: p.File(), Name: p.Name, Guide: p.FilesDir() + "/docs/" + p.Name + ".md",
		What: say("%s is this project's development VM: "+systemName(p)+", "+archWords(p)+", made from %s. The commands are run in the directory of that file, and need no vmloom.", p.Name, p.File()),
		Rules: []prose{
			say("What is in %s is made from %s: edit that file and run %s, never the files. Commit both.", p.FilesDir()+"/", p.File(), "vmloom gen"),
			say("%s fails where they differ.", "vmloom gen --check"),
		},
	}
	add := func(to, command string) { v.Commands += "# " + to + "\n" + command + "\n" }
	add("create it, or start it", script("create", ""))
	add("work in it; with words behind it, run a command there", script("ssh", ""))
	if check, err := projectCheck(p); err != nil {
		return nil, err
	} else if check != "" {
		add("build the project and run its tests there", script("ssh", " "+check))
	}
	add("stop it", script("stop", ""))
	if p.Home.Disk > 0 {
		add("make it anew, with its home as it is", script("rebuild", ""))
		add("delete it, but its home", script("destroy", ""))
	} else {
		add("delete it, with its home", script("destroy", " --purge-home"))
	}
	var mounts []prose
	for _, m := range p.Mounts {
		if to := p.GuestPath(m); to != "" {
			mounts = append(mounts, say(capital(theHosts(m.Host))+" is %s there.", m.Host, to))
		}
	}
	v.Rules = append(mounts, v.Rules...)
	f, err := render("snippet.md", "docs/snippet.md.tmpl", v)
	return f.Data, err
}

// projectCheck are the words for the guest that build and test the project, by its own guix.scm; empty: it has none.
func projectCheck(p *profile.Profile) (string, error) {
	if p.Guix.Check == "" || p.System().SetUp != profile.ByGuix || len(p.Mounts) == 0 {
		return "", nil
	}
	check, err := checkWord(p.Guix.Check)
	if err != nil {
		return "", err
	}
	shell, err := guixHere(p, p.Guix.Project, "shell", "-D", "-f")
	if err != nil {
		return "", err
	}
	return inTree(p, shell+" -- sh -c "+check)
}
