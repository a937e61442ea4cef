package engine

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vmloom/atomic"
	"vmloom/profile"
)

// nixEngine builds NixOS images with nix build.
func nixEngine() Engine {
	return Engine{
		Name: "nix", inputs: nixInputs, found: nixImported,
		choose: nixChoose, preflight: nixPreflight, plan: nixPlan,
		parse: func() parser { return newNixParser() },
		known: nixKnown,
	}
}

// nixGenerated are the generated files that the image follows from, below generated/NAME.
func nixGenerated(p *profile.Profile) []string {
	files := []string{"flake.nix", "nix/nixos.nix"}
	if p.Nix.HomeManager {
		files = append(files, "nix/home-manager.nix")
	}
	return files
}

func nixInputs(p *profile.Profile) []string {
	dir := "generated/" + p.Name + "/"
	files := []string{dir + "flake.lock"}
	for _, name := range nixGenerated(p) {
		files = append(files, dir+name)
	}
	for _, m := range p.Nix.Modules {
		files = append(files, path.Clean(m))
	}
	return files
}

// nixPath is a path as Nix writes it, with a slash and of plain characters.
var nixPath = regexp.MustCompile(`(?:^|[\s=(\[{;+])(\.\.?/[A-Za-z0-9._+/-]*)`)

// maxImported bounds what a profile's own modules may bring along.
const maxImported = 1000

// nixImported are the files that the profile's own modules speak of, and theirs
// in turn: what a flake is not given it does not see.
func nixImported(j *Job) []string {
	todo, seen := []string{}, map[string]bool{}
	for _, m := range j.Profile.Nix.Modules {
		todo = append(todo, path.Clean(m))
	}
	for i := 0; i < len(todo) && len(todo) < maxImported; i++ {
		text, err := atomic.Read(filepath.Join(j.Base, filepath.FromSlash(todo[i])), atomic.Most)
		if err != nil || path.Ext(todo[i]) != ".nix" {
			continue
		}
		for _, m := range nixPath.FindAllSubmatch(text, -1) {
			name := path.Join(path.Dir(todo[i]), string(m[1]))
			for _, file := range filesBelow(j.Base, name) {
				if !seen[file] {
					seen[file] = true
					todo = append(todo, file)
				}
			}
		}
	}
	out := todo[min(len(j.Profile.Nix.Modules), len(todo)):]
	slices.Sort(out)
	return slices.Compact(out)
}

// filesBelow is a file itself, or the files of a directory, relative to base;
// nothing outside of base, and not all of base.
func filesBelow(base, name string) (files []string) {
	if !fs.ValidPath(name) || name == "." || name == ImagesDir || name == "generated" {
		return nil
	}
	root := filepath.Join(base, filepath.FromSlash(name))
	filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || len(files) == maxImported {
			return fs.SkipAll
		}
		if rel, err := filepath.Rel(base, file); err == nil && !d.IsDir() {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				files = append(files, filepath.ToSlash(rel))
			}
		}
		return nil
	})
	return files
}

// nixOutside is the failure of a module that no flake can see, or nil.
func nixOutside(p *profile.Profile) *Failure {
	for i, m := range p.Nix.Modules {
		if clean := path.Clean(m); !fs.ValidPath(clean) {
			return &Failure{
				Cause: "nix.modules: " + m + " lies outside of the profile's directory, and a flake sees no file outside of its own",
				Hint:  "move it beside the profile and write ./" + path.Base(m), Field: "nix.modules[" + strconv.Itoa(i) + "]",
			}
		}
	}
	return nil
}

// nixSystem is the guest's system as Nix calls it.
func nixSystem(p *profile.Profile) string { return p.Guest.Arch + "-linux" }

// nixAttr is the image in the flake of the working directory. path: ignores Git,
// whose untracked files a flake would not see, and takes a directory of any name.
func nixAttr(p *profile.Profile) string {
	return "path:.#packages." + nixSystem(p) + "." + p.Name + "-image"
}

// nixArgs is a call of nix, with what it calls experimental; the user's own settings stay.
func nixArgs(args ...string) []string {
	return append([]string{"nix", "--extra-experimental-features", "nix-command flakes"}, args...)
}

// drvName is a store path without its hash, and without .drv.
func drvName(storePath string) string {
	if storePath == "" {
		return ""
	}
	name := path.Base(storePath)
	if i := strings.IndexByte(name, '-'); i == 32 {
		name = name[i+1:]
	}
	return strings.TrimSuffix(name, ".drv")
}
