package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/generate"
	"vmloom/host"
	"vmloom/ownership"
	"vmloom/process"
	"vmloom/profile"
)

// former is a name that a profile had before. What was made under it stays: the
// files below generated/, and the VM with its home.
type former struct {
	name string
	dir  string // its files, as the user would write it; empty where somebody else's commit took them away
	// instance is Lima's; empty where QEMU ran the VM.
	instance string
	// made reports whether the VM is on this host, kept whether its home is alone.
	made, kept bool
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
		out = append(out, f)
	}
	if err != nil {
		return out
	}
	out = append(out, unfiled(p, path, made, layout)...)
	for i, f := range out {
		out[i].made = hasVM(layout, f.name, f.instance)
		out[i].kept = !out[i].made && hasHome(layout, f.name, f.instance) && !(p.UnderLima() && p.Home.Name == f.name)
		out[i].same = p.UnderLima() && f.instance == p.Lima.Instance
	}
	return out
}

// unfiled are former names without files: the new one came with a commit. Their id is here still, and the VM with its mark.
func unfiled(p *profile.Profile, path string, made map[string]string, layout host.Layout) (out []former) {
	ids, _ := os.ReadDir(filepath.Join(filepath.Dir(path), ".vmloom"))
	for _, entry := range ids {
		name, isID := strings.CutSuffix(entry.Name(), ".id")
		if _, filed := made[name]; !isID || filed || name == p.Name {
			continue
		}
		self, err := ownership.Of(path, name)
		if err != nil || self.ID == "" {
			continue
		}
		of := func(dir string) bool {
			m, _ := ownership.ReadMark(filepath.Join(dir, ownership.MarkName))
			return m.ID == self.ID && (m.Profile == self.Path || !there(m.Profile))
		}
		if of(filepath.Join(layout.State, "vmloom", name)) {
			out = append(out, former{name: name})
			continue
		}
		instances, _ := os.ReadDir(limaDir(layout))
		if at := slices.IndexFunc(instances, func(e os.DirEntry) bool { return of(filepath.Join(limaDir(layout), e.Name())) }); at >= 0 {
			out = append(out, former{name: name, instance: instances[at].Name()})
		}
	}
	return out
}

// formers are those of a profile that is about to be run.
func (s *setup) formers() []former {
	made, _ := generate.Made(s.base)
	return formersOf(s.Profile, s.path, made)
}

// holds reports whether there is something under the former name that a new VM would lack.
func (f former) holds() bool { return f.made || f.kept }

// words say what becomes of what was made under the former name, and what to do about it.
func (f former) words(name string) (hint, text string) {
	remove := process.Cmd{Args: []string{"rm", "-r", f.dir}}.String()
	rename := process.Cmd{Args: []string{"vmloom", "rename", f.name, name}}.String()
	switch {
	case !f.holds():
		return remove, f.dir + ": was made under this profile's former name, of which there is no VM here"
	case f.same && f.made:
		return rename + " renames it; name: " + f.name + " brings it back; a VM of another name needs another lima.instance, too",
			"the instance " + f.instance + " is the VM of this profile's former name, " + f.name
	}
	text = "the VM " + f.name + ", of this profile's former name, stays with its home; " + name + " is another VM, whose home is empty at first"
	if f.kept {
		text = "the home of the VM " + f.name + ", of this profile's former name, is kept; " + name + " is another VM, whose home is empty at first"
	}
	if f.dir == "" {
		return rename + " takes it along, home and all; name: " + f.name + " brings it back", text
	}
	destroy := process.Cmd{Args: []string{"sh", filepath.Join(f.dir, "scripts", f.name+"-destroy.sh")}}.String()
	if f.kept {
		destroy += " --purge-home"
	}
	return rename + " takes it along, home and all; or take out of it what you need, then: " + destroy + ", and: " + remove, text
}
