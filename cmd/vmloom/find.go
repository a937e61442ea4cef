package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/profile"
)

// profileHere is the profile where none is named: that of this directory or,
// as Git looks for its repository, of the nearest one above it.
func profileHere() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for path := defaultProfile; ; path = filepath.Join("..", path) {
		info, err := os.Stat(path)
		_, bad := os.Lstat(path)
		if err == nil && info.Mode().IsRegular() || err != nil && bad == nil {
			return path, nil // a link that leads nowhere is meant, too, and not one further up
		}
		if here, err := os.ReadDir(filepath.Dir(path)); err == nil {
			if misnamed := misnamedProfile(mapped(here, os.DirEntry.Name)); misnamed != "" {
				return "", noProfile(path) // it is meant, and not one further up
			}
		}
		if dir == filepath.Dir(dir) {
			return "", noProfile(defaultProfile)
		}
		dir = filepath.Dir(dir)
	}
}

// noProfile answers the name of a profile that is not there with what is.
func noProfile(arg string) error {
	err := fmt.Errorf("%s: no such profile", arg)
	if arg == "-" {
		return usage("-: stdin is not read here", "name a file; only vmloom check takes -")
	}
	if arg == "help" {
		return usage("help: no such profile", "vmloom help COMMAND explains a command, and so does vmloom COMMAND --help")
	}
	dir, name := filepath.Dir(arg), filepath.Base(arg)
	if hint := madeHere(arg); hint != "" {
		return hinted(err, hint)
	}
	here, readErr := os.ReadDir(dir)
	if readErr != nil && !atomic.Gone(readErr) {
		return err
	}
	if readErr != nil {
		return hinted(err, fmt.Sprintf("the directory %s is not there either; vmloom init %s writes a profile there", dir, dir))
	}
	var profiles, names []string
	for _, e := range here {
		names = append(names, e.Name())
		switch {
		case isProfile(e.Name()):
			profiles = append(profiles, e.Name())
		case e.IsDir() && isFile(filepath.Join(dir, e.Name(), defaultProfile)):
			profiles = append(profiles, e.Name()+"/"+defaultProfile)
		}
	}
	at := func(file string) string { return filepath.Join(dir, file) }
	if misnamed := misnamedProfile(names); misnamed != "" && len(profiles) == 0 {
		return hinted(err, fmt.Sprintf("%s is here: rename it to %s, or name it: vmloom check %s", at(misnamed), defaultProfile, at(misnamed)))
	}
	for _, p := range profiles { // the name of the VM in the place of its file
		if strings.TrimSuffix(p, "."+defaultProfile) == name || strings.TrimSuffix(p, "/"+defaultProfile) == name || nameOf(at(p)) == name {
			return hinted(err, "did you mean "+at(p)+"?")
		}
	}
	for _, p := range profiles { // vmloom.yaml.bak
		if strings.HasPrefix(name, p) {
			return hinted(err, "did you mean "+at(p)+"?")
		}
	}
	if near := profile.Near(name, slices.Concat(profiles, names), 1); len(near) > 0 {
		return hinted(err, "did you mean "+at(near[0])+"?")
	}
	if len(profiles) > 0 {
		return hinted(err, "here: "+strings.Join(mapped(profiles, at), ", "))
	}
	if slices.Contains(names, "lima.yaml") {
		return hinted(err, "vmloom adopt "+at("lima.yaml")+" makes one of Lima's template; vmloom init writes a new one")
	}
	return hinted(err, "vmloom init"+cmp.Or(strings.TrimSuffix(" "+dir, " ."), "")+" writes one")
}

// madeHere is the hint for a path below generated/, where no profile is; empty for another.
func madeHere(arg string) string {
	parts := strings.Split(filepath.ToSlash(filepath.Clean(arg)), "/")
	at := slices.Index(parts, profile.SharedTree)
	if at < 0 {
		return ""
	}
	file := filepath.Join(filepath.FromSlash(strings.Join(parts[:at], "/")), defaultProfile)
	if strings.HasPrefix(arg, "/") {
		file = "/" + file
	}
	if !isFile(file) {
		return "below generated/ are the files that are made of a profile: name the profile itself"
	}
	return "below generated/ are the files that are made: name the profile, " + file
}

// misnamedProfile is a file that is called nearly as profiles are.
func misnamedProfile(names []string) string {
	for _, name := range names {
		if lower := strings.ToLower(name); lower == "vmloom.yml" || lower == "vmloom.json" || lower == "vmloom.yaml.txt" || lower == defaultProfile && name != defaultProfile {
			return name
		}
	}
	return ""
}

// nameOf is the name that a profile gives its VM; empty where it does not load.
func nameOf(path string) string {
	p, err := load(path)
	if err != nil {
		return ""
	}
	return p.Name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// there reports whether anything is at a path, be it a link to nowhere. What cannot be looked at may be there.
func there(path string) bool {
	_, err := os.Lstat(path)
	return !atomic.Gone(err)
}

func mapped[T any](list []T, f func(T) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}
