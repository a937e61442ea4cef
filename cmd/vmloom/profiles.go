package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
	"vmloom/seen"
)

// defaultProfile is read where none is named.
const defaultProfile = "vmloom.yaml"

func quietFlag(u *ui) cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print results and errors only", Destination: &u.quiet}
}

// profilePaths are the profiles that the arguments name: files, and for a
// directory every profile below it.
func profilePaths(ctx context.Context, args []string) ([]string, error) {
	return profilePathsBy(ctx, args, nil)
}

// unlisted are directories that could not be listed, in which there may be profiles.
type unlisted []string

func (u unlisted) Error() string {
	return fmt.Sprintf("%s: permission denied, and profiles may be below", strings.Join(u, ", "))
}

// hint says what lets the directories be listed, or does without.
func (u unlisted) hint() string {
	return process.Cmd{Args: append([]string{"chmod", "u+rx"}, u...)}.String() + "; or name the profiles, or directories, that are meant"
}

// profilePathsBy is profilePaths that reads no profile of which the index tells what it is a part of. Beside the error
// unlisted it gives the profiles that it has found elsewhere.
func profilePathsBy(ctx context.Context, args []string, index *seen.Index) ([]string, error) {
	if len(args) == 0 && isFile(profile.FleetName) && !isFile(defaultProfile) {
		args = []string{profile.FleetName}
	}
	if len(args) == 0 {
		path, err := profileHere()
		if err != nil {
			return nil, err
		}
		return []string{path}, nil
	}
	var out []string
	var shut unlisted
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, noProfile(arg)
		case err != nil:
			return nil, err
		case !info.IsDir():
			if of := localOf(arg); of != "" {
				return nil, usage(arg+": is a local file, a part of "+of, "name the profile: "+of)
			}
			if isFleet(arg) {
				f, err := loadFleet(arg)
				if err != nil {
					return nil, err
				}
				out = append(out, f.members...)
				continue
			}
			out = append(out, arg)
			continue
		}
		found, err := profilesBelow(ctx, arg, index)
		if some := (unlisted)(nil); errors.As(err, &some) {
			shut = append(shut, some...)
		} else if err != nil {
			return nil, err
		} else if len(found) == 0 {
			return nil, hinted(fmt.Errorf("%s: no profile below this directory", arg), cmp.Or(madeHere(arg), linkedIn(arg), "profiles are called vmloom.yaml or NAME.vmloom.yaml; vmloom init "+arg+" writes one"))
		}
		out = append(out, found...)
	}
	for _, path := range out {
		if strings.Contains(path, "\n") {
			return nil, fmt.Errorf("%s: holds a line end, and results are a path a line", oneLine(path))
		}
	}
	if len(shut) > 0 {
		return distinct(out), hinted(shut, shut.hint())
	}
	return distinct(out), nil
}

// localOf is the profile whose local file this is, if it is one's.
func localOf(path string) string {
	ext := filepath.Ext(path)
	of := strings.TrimSuffix(strings.TrimSuffix(path, ext), ".local") + ext
	if of != path && isFile(of) {
		return of
	}
	return ""
}

// distinct leaves out what was named before, as with: . vmloom.yaml
func distinct(paths []string) (out []string) {
	seen := map[string]bool{}
	for _, path := range paths {
		if key := filepath.Clean(path); !seen[key] {
			seen[key] = true
			out = append(out, path)
		}
	}
	return out
}

// linkedIn is the hint for a directory whose one profile is a link; empty for another.
func linkedIn(dir string) string {
	file := filepath.Join(dir, defaultProfile)
	if !isFile(file) {
		return ""
	}
	return file + " is a link, which a directory does not stand for: name it"
}

// isProfile reports whether a file is called as profiles are. What macOS keeps beside a file on disks of others, ._NAME, is none.
func isProfile(name string) bool {
	return name == defaultProfile || strings.HasSuffix(name, "."+defaultProfile) && !strings.HasPrefix(name, "._")
}

// profileless reports whether a directory is none to look for profiles in.
func profileless(name string) bool {
	return name == profile.SharedTree || name == profile.LocalTree || name == "node_modules" || strings.HasPrefix(name, ".")
}

// profilesBelow are the profiles below a directory, sorted. Directories that cannot be listed are an error, unlisted,
// beside what is found elsewhere; one that goes meanwhile has none.
func profilesBelow(ctx context.Context, dir string, index *seen.Index) ([]string, error) {
	var found []string
	var shut unlisted
	top := dir
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		top += string(filepath.Separator) // the directory that the link leads to
	}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrPermission):
			shut = append(shut, filepath.Clean(path))
			return nil
		case errors.Is(err, fs.ErrNotExist) && path != top:
			return nil
		case err != nil:
			return err // d may be nil
		}
		name := d.Name()
		switch {
		case d.IsDir() && path != top && profileless(name):
			return fs.SkipDir
		case d.Type().IsRegular() && isProfile(name):
			found = append(found, path)
		}
		return nil
	})
	if err == nil && len(shut) > 0 {
		err = shut
	}
	slices.Sort(found)
	return machines(found, index), err
}

// machines leaves out of the profiles below a directory those that are a part of
// another and name no machine, whatever they are called.
func machines(paths []string, index *seen.Index) []string {
	parts, extended := map[string]bool{}, map[string]bool{}
	add := func(path string, files []string, named bool) {
		parts[path] = !named
		for _, file := range files {
			extended[filepath.Join(filepath.Dir(path), filepath.FromSlash(file))] = true
		}
	}
	for _, path := range paths {
		if known, ok := unread(index, path); ok {
			add(path, known.Parts, known.Named)
			continue
		}
		text, err := atomic.Read(path, profile.MaxBytes)
		if err != nil {
			continue
		}
		files, named := partsOf(text)
		add(path, files, named)
	}
	return slices.DeleteFunc(paths, func(path string) bool { return parts[path] && extended[filepath.Clean(path)] })
}

// partsOf are the files that the text of a profile extends, and whether it names a machine.
func partsOf(text []byte) (files []string, named bool) {
	named = bytes.HasPrefix(text, []byte("name:")) || bytes.Contains(text, []byte("\nname:"))
	if named && !bytes.Contains(text, []byte("extends")) {
		return nil, true // as most: nothing to parse
	}
	return profile.Extended(text) // as YAML has it
}

// madeFrom are the names below generated/ that were made from the profile's file, sorted.
func madeFrom(made map[string]string, path string) (names []string) {
	for name, file := range made {
		if file == filepath.Base(path) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
