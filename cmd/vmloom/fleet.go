package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vmloom/profile"
	"vmloom/seen"
)

// fleetSetup is a fleet with the profiles that its patterns mean.
type fleetSetup struct {
	*profile.Fleet
	path    string   // as the user wrote it
	members []string // as the user would write them
}

// fleetFaults are mistakes in a fleet's file: whoever reports them shows their lines.
type fleetFaults struct {
	path string
	profile.Problems
}

func (f fleetFaults) Error() string {
	return fmt.Sprintf("%s: %s", f.path, plural(len(f.Problems), "error"))
}

// isFleet reports whether a file is called as that of a fleet is.
func isFleet(path string) bool { return filepath.Base(path) == profile.FleetName }

// readFleet reads a fleet's file alone.
func readFleet(path string, looks *seen.Looks) (*profile.Fleet, error) {
	src, err := looks.Read(path, profile.MaxBytes)
	if err != nil {
		return nil, err
	}
	f, err := profile.LoadFleet(filepath.Base(path), src)
	var ps profile.Problems
	if errors.As(err, &ps) {
		return nil, fleetFaults{path, ps}
	}
	return f, err
}

// loadFleet reads a fleet's file, and finds its machines.
func loadFleet(path string) (*fleetSetup, error) {
	f, err := readFleet(path, nil)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	out := &fleetSetup{Fleet: f, path: path}
	var faults profile.Problems
	for i, pattern := range f.Machines {
		found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		n := len(out.members)
		for _, one := range found {
			if file := filepath.Join(one, defaultProfile); isFile(file) {
				one = file
			}
			if isFile(one) && !isFleet(one) && localOf(one) == "" {
				out.members = append(out.members, one)
			}
		}
		if n == len(out.members) {
			p := f.ProblemAt(fmt.Sprintf("machines[%d]", i), "means no profile: there is none at "+filepath.Join(dir, filepath.FromSlash(pattern)))
			p.Hint = "vmloom init " + filepath.Join(dir, "NAME") + " makes one; a pattern is a path from this file on"
			faults = append(faults, p)
		}
	}
	if len(faults) > 0 {
		return nil, fleetFaults{path, faults}
	}
	slices.Sort(out.members)
	out.members = slices.Compact(out.members)
	return out, nil
}

// membership is what a profile takes from the fleet that it is in.
type membership struct {
	fleet *profile.Fleet // nil: it is in none
	file  string         // from the profile's directory
}

// maxAbove is how many directories above a profile are searched for its fleet.
const maxAbove = 8

// fleetAbove finds the fleet of a profile, in its directory or one above it, up to the
// repository's.
func fleetAbove(path string, looks *seen.Looks) (m membership, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return m, err
	}
	at := filepath.Dir(abs)
	for range maxAbove {
		file := filepath.Join(at, profile.FleetName)
		looks.Look(file)
		if _, err := os.Stat(file); err == nil {
			from, err := filepath.Rel(filepath.Dir(abs), file)
			if err != nil {
				return m, err
			}
			f, err := readFleet(filepath.Join(filepath.Dir(path), from), looks)
			if err != nil {
				return m, err
			}
			rel, err := filepath.Rel(at, abs)
			if err != nil || !f.Has(filepath.ToSlash(rel)) {
				return m, err
			}
			return membership{f, filepath.ToSlash(from)}, nil
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return m, err
		}
		looks.Is(filepath.Join(at, ".git"))
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at)
	}
	return m, nil
}

// layers are where the further files of a profile come from.
func (m membership) layers(path string, local bool, looks *seen.Looks) profile.Layers {
	l := layers(path, local, looks)
	l.Fleet, l.FleetFile = m.fleet, m.file
	return l
}

// fleetBeside says that a fleet is here too, where a command without arguments takes the profile alone.
func (u *ui) fleetBeside(args []string, command string) {
	if len(args) == 0 && isFile(defaultProfile) && isFile(profile.FleetName) {
		u.suggest("vmloom "+command+" "+profile.FleetName+" takes all of its machines", "%s: this profile alone, though %s is here too", defaultProfile, profile.FleetName)
	}
}

// fleetFiles are the fleets that the arguments of a command name: a fleet's file, or a directory that
// has one, as the present one where nothing is named.
func fleetFiles(args []string) (out []string) {
	if len(args) == 0 {
		if isFile(defaultProfile) {
			return nil
		}
		args = []string{"."}
	}
	for _, arg := range args {
		if !isFleet(arg) {
			arg = filepath.Join(arg, profile.FleetName)
		}
		if isFile(arg) {
			out = append(out, arg)
		}
	}
	return out
}

func fleets(args []string) (out []*fleetSetup, err error) {
	for _, file := range fleetFiles(args) {
		f, err := loadFleet(file)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
