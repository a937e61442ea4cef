package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/flake"
	"vmloom/process"
	"vmloom/profile"
)

// nixLock is the one lock of the profile's flake, relative to the profile's directory: the user's file, which
// image, guest and whoever types nix all read: the committed one where there is a local file, too.
func nixLock(p *profile.Profile) string { return flake.LockOf(p.Name) }

func nixUnlocked() *Failure {
	return &Failure{
		Cause: "flake.lock: is not there, and --locked pins nothing new",
		Hint:  "vmloom lock writes it beside the generated flake.nix; commit it",
	}
}

// nixLockFindings look at the lock before nix does, which would replace what does not fit without a word.
func nixLockFindings(j *Job) []Finding {
	name := nixLock(j.Profile)
	text, err := atomic.Read(filepath.Join(j.Base, name), atomic.Most)
	switch {
	case errors.Is(err, fs.ErrNotExist) && j.Locked:
		return []Finding{{true, *nixUnlocked()}}
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{{false, Failure{Cause: name + ": is not there yet: the inputs' newest versions get pinned", Hint: "commit " + name + " after the build"}}}
	case err != nil:
		return []Finding{{true, Failure{Cause: name + ": cannot be read: " + err.Error()}}}
	}
	lock, err := flake.ReadLock(text)
	if err != nil {
		return []Finding{{true, Failure{
			Cause: name + ": " + err.Error(),
			Hint:  "git checkout -- " + name + " takes the committed one back; or rm it, and vmloom lock pins again", Field: "nix",
		}}}
	}
	var out []Finding
	moved, missing := lock.Misfits(flake.Inputs(j.Profile))
	for _, input := range moved {
		out = append(out, Finding{j.Locked, Failure{
			Cause: name + ": pins " + input + " from another reference than the profile has",
			Hint:  "vmloom lock " + input + " pins the new one; commit the file", Field: "nix",
		}})
	}
	if len(missing) > 0 && j.Locked { // else they get pinned, which is said
		out = append(out, Finding{true, Failure{
			Cause: name + ": does not pin " + strings.Join(missing, ", ") + ", and --locked pins nothing new",
			Hint:  "vmloom lock " + strings.Join(missing, " ") + "; commit the file", Field: "nix",
		}})
	}
	return out
}

// LockPlace is where the inputs can be pinned: here where there is nix, else a running Lima guest that has it.
func LockPlace(ctx context.Context, j *Job) (Place, error) {
	f := nixVersion(ctx, Place{Kind: Local})
	if f == nil {
		return Place{Kind: Local}, nil
	}
	candidates, unknown := limaCandidates(ctx, j)
	for _, in := range candidates {
		place := Place{Kind: Lima, Instance: in.Name}
		if nixVersion(ctx, place) == nil {
			return place, nil
		}
	}
	return Place{}, &Failure{Cause: f.Cause + " here, and no Lima instance that runs has it" + unknown, Hint: nixInstall + "; or name a place: vmloom lock --on ssh://USER@HOST"}
}

// Pin pins the named inputs of the profile's flake at their newest, all of them where none is named, and gives what
// moved. The lock is replaced as a whole, or stays as it is.
func Pin(ctx context.Context, j *Job, inputs []string, watch func(Progress)) ([]flake.Change, error) {
	f, err := newNixFlake(j)
	if err != nil {
		return nil, err
	}
	before, old, err := readFlakeLock(f.lock)
	if err != nil {
		return nil, &Failure{Cause: nixLock(j.Profile) + ": " + err.Error(), Hint: "rm it: vmloom lock pins the inputs again"}
	}
	steps, err := f.pin(old, inputs)
	if err != nil {
		return nil, err
	}
	if _, err := nixEngine().perform(ctx, j, steps, watch); err != nil {
		return nil, err
	}
	after, _, err := readFlakeLock(f.lock)
	return flake.Compare(before, after), err
}

// readFlakeLock reads a lock; no file pins nothing.
func readFlakeLock(file string) (flake.Lock, []byte, error) {
	text, err := atomic.Read(file, atomic.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return flake.Lock{}, nil, nil
	}
	if err != nil {
		return flake.Lock{}, nil, err
	}
	lock, err := flake.ReadLock(text)
	return lock, text, err
}

// pin stages the flake with what stays pinned, and has nix pin the rest: so each nix does it, whose words for
// an update differ.
func (f *nixFlake) pin(old []byte, inputs []string) ([]process.Step, error) {
	steps := []process.Step{
		{Does: "Stage the flake", Cmd: process.Cmd{Args: []string{"mkdir", "-p", f.dir}}},
		{Cmd: process.Cmd{Args: []string{"cp", filepath.Join(f.Base, f.Profile.FilesDir(), "flake.nix"), f.dir}}},
	}
	if old != nil && len(inputs) > 0 {
		text, err := flake.Without(old, inputs)
		if err != nil {
			return nil, err
		}
		kept := filepath.Join(f.Work, "kept.lock")
		if err := os.WriteFile(kept, text, 0o600); err != nil {
			return nil, err
		}
		steps = append(steps, process.Step{Cmd: process.Cmd{Args: []string{"cp", kept, filepath.Join(f.dir, "flake.lock")}}})
	}
	if f.Place.Kind == Local {
		return append(steps, f.locks()...), nil
	}
	there, err := f.away(lockOnly)
	return append(steps, there...), err
}

// FleetFlake stands for the flake of a fleet where inputs are pinned: it lies where that of a machine would be that is
// called so, which none is.
func FleetFlake(arch string) *profile.Profile {
	p := &profile.Profile{Name: path.Base(profile.FleetTree)}
	p.Guest.Arch = arch
	return p
}

// KnownInput is the failure of an input that a flake has not, or nil; of is whose it is.
func KnownInput(of string, names []string, name string) error {
	if slices.Contains(names, name) {
		return nil
	}
	hint := "it has " + strings.Join(names, ", ")
	if near := profile.Near(name, names, 1); len(near) > 0 {
		hint = "did you mean " + near[0] + "? " + hint
	}
	return &Failure{Cause: "input " + name + ": the flake of " + of + " has none of that name", Hint: hint}
}
