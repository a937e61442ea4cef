package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"vmloom/profile"
)

// Rename has the image of a profile, with its entry in the lock, go by the profile's new name. Each step looks
// whether it is done already. What the image is called on this disk and in the lock may be different: the lock may
// have come with somebody else's commit.
func Rename(ctx context.Context, base string, from, to *profile.Profile) error {
	for _, arch := range to.Guest.Arches() {
		if err := renameOne(ctx, base, from.OnArch(arch), to.OnArch(arch)); err != nil {
			return err
		}
	}
	return nil
}

func renameOne(ctx context.Context, base string, from, to *profile.Profile) error {
	if err := moveTo(filepath.Join(base, filepath.FromSlash(ImageFile(from))), filepath.Join(base, filepath.FromSlash(ImageFile(to)))); err != nil {
		return err
	}
	if err := moveTo(stampFile(base, Key(from)), stampFile(base, Key(to))); err != nil {
		return err
	}
	for _, left := range []string{"." + Key(from) + ".lock", Key(from) + ".log"} {
		if err := os.Remove(filepath.Join(base, ImagesDir, left)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	r, err := Pinned(base, from, nil)
	if err != nil || r == nil {
		return err
	}
	r.File, r.URL, r.Signature = ImageFile(to), "", "" // what is signed has the name
	if err := rewrite(ctx, base, to, func(there *Record) *Record {
		if there != nil {
			return there
		}
		return r
	}); err != nil {
		return err
	}
	return rewrite(ctx, base, from, func(*Record) *Record { return nil })
}

// moveTo renames a file where it is there, and the other is not.
func moveTo(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Follows notes that the profile's image in the lock is what these inputs, by their hash, make.
func Follows(ctx context.Context, base string, p *profile.Profile, inputs string) error {
	return rewrite(ctx, base, p, func(r *Record) *Record {
		if r != nil {
			r.Inputs = inputs
		}
		return r
	})
}
