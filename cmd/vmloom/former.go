package main

import (
	"os"
	"path/filepath"
	"strings"

	"vmloom/generate"
	"vmloom/process"
	"vmloom/profile"
)

// former is a name that a profile had before. What was made under it stays: the
// files below generated/, and the VM with its home.
type former struct {
	name string
	dir  string // its files, as the user would write it
	// instance is Lima's; empty where QEMU ran the VM.
	instance string
	// made reports whether the VM is on this host.
	made bool
	// same reports whether its instance is the profile's still: the two cannot both be.
	same bool
}

// formersOf are the former names of a profile; made is what generate.Made tells.
func formersOf(p *profile.Profile, path string, made map[string]string) (out []former) {
	layout, err := hostLayout()
	for _, old := range madeFrom(made, path) {
		dir := filepath.Join(filepath.Dir(path), profile.SharedTree, old)
		if info, statErr := os.Lstat(dir); old == p.Name || statErr != nil || !info.IsDir() {
			continue
		}
		f := former{name: old, dir: dir}
		if templates, _ := os.ReadDir(filepath.Join(dir, "lima")); len(templates) == 1 {
			f.instance = strings.TrimSuffix(templates[0].Name(), ".yaml")
		}
		f.made = err == nil && hasVM(layout, f.name, f.instance)
		f.same = p.UnderLima() && f.instance == p.Lima.Instance
		out = append(out, f)
	}
	return out
}

// formers are those of a profile that is about to be run.
func (s *setup) formers() []former {
	made, _ := generate.Made(s.base)
	return formersOf(s.Profile, s.path, made)
}

// words say what becomes of what was made under the former name, and what to do about it.
func (f former) words(name string) (hint, text string) {
	remove := process.Cmd{Args: []string{"rm", "-r", f.dir}}.String()
	if !f.made {
		return remove, f.dir + ": was made under this profile's former name, of which there is no VM here"
	}
	if f.same {
		return "vmloom rename " + f.name + " " + name + " renames it; name: " + f.name + " brings it back; a VM of another name needs another lima.instance, too",
			"the instance " + f.instance + " is the VM of this profile's former name, " + f.name
	}
	destroy := process.Cmd{Args: []string{"sh", filepath.Join(f.dir, "scripts", f.name+"-destroy.sh")}}.String()
	return "vmloom rename " + f.name + " " + name + " takes it along, home and all; or take out of it what you need, then: " + destroy + ", and: " + remove,
		"the VM " + f.name + ", of this profile's former name, stays with its home; " + name + " is another VM, whose home is empty at first"
}
