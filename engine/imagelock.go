package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vmloom/atomic"
	"vmloom/profile"
	"vmloom/seen"
)

// Every image has a lock of its own beside it, so that branches that build different images merge.

// lockSuffix ends the name of an image's lock.
const lockSuffix = ".lock.json"

// LockFile is the file that pins the profile's image, relative to the profile's directory, with slashes. Git takes it
// in, unless a local file has its part in the image.
func LockFile(p *profile.Profile) string { return lockFile(Key(p)) }

func lockFile(key string) string { return ImagesDir + "/" + key + lockSuffix }

// imageLock is such a file.
type imageLock struct {
	// Version of the format: 1.
	Version int `json:"version"`
	Record
}

// Images are those of a profile, by the processors that it may have.
type Images map[string]Record

// Of is the image for a processor, or nil.
func (i Images) Of(arch string) *Record {
	if r, ok := i[arch]; ok {
		return &r
	}
	return nil
}

// Pinned is what the profile's image is pinned at, in its lock or else in the one file that once held all; nil: it is not.
func Pinned(base string, p *profile.Profile, looks *seen.Looks) (*Record, error) {
	looks.Look(filepath.Join(base, filepath.FromSlash(lockFile(Key(p)))))
	r, err := readLock(base, Key(p))
	if r != nil || err != nil {
		return r, err
	}
	for _, name := range formerLocks {
		looks.Look(filepath.Join(base, filepath.FromSlash(name)))
		former, err := readFormer(base, name)
		if err != nil {
			return nil, err
		}
		if r, ok := former[Key(p)]; ok {
			return &r, nil
		}
	}
	return nil, nil
}

func readLock(base, key string) (*Record, error) {
	var l imageLock
	there, err := decode(base, lockFile(key), &l)
	switch {
	case !there || err != nil:
		return nil, err
	case l.Version != 1:
		return nil, fmt.Errorf("%s: was written by a newer vmloom", lockFile(key))
	case !validRecord(key, l.Record):
		return nil, fmt.Errorf("%s: is not as vmloom writes it", lockFile(key))
	}
	return &l.Record, nil
}

// decode reads a lock file strictly: what is not known would be lost when it is written again.
func decode(base, name string, into any) (there bool, err error) {
	data, err := atomic.Read(filepath.Join(base, filepath.FromSlash(name)), atomic.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	if bytes.Contains(data, []byte("<<<<<<< ")) || bytes.Contains(data, []byte("\n>>>>>>> ")) {
		return true, fmt.Errorf("%s: holds a conflict of a merge: keep one of its sides", name)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return true, fmt.Errorf("%s: cannot be read: %w", name, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return true, fmt.Errorf("%s: cannot be read: there is something behind its end", name)
	}
	return true, nil
}

// validRecord guards what becomes part of generated files.
func validRecord(key string, r Record) bool {
	sum, err := hex.DecodeString(r.SHA256)
	return err == nil && len(sum) == sha256.Size && r.SHA256 == strings.ToLower(r.SHA256) &&
		r.File == ImagesDir+"/"+key+".qcow2" && fs.ValidPath(r.File) && !strings.Contains(key, "/") &&
		(r.URL == "" || imageURL().MatchString(r.URL)) && len(r.Signature) < 1<<12
}

// rewrite changes the lock of the profile's image, whoever else writes it meanwhile; without a record it is removed.
func rewrite(ctx context.Context, base string, p *profile.Profile, change func(*Record) *Record) error {
	return guarded(ctx, base, func() error {
		r, err := readLock(base, Key(p))
		if err != nil {
			return err
		}
		if r = change(r); r != nil {
			return writeLock(base, Key(p), *r)
		}
		err = os.Remove(filepath.Join(base, filepath.FromSlash(LockFile(p))))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// guarded has nobody else change a directory's locks meanwhile, and moves over what the one file of before holds.
func guarded(ctx context.Context, base string, do func() error) error {
	if err := MakeImagesDir(base); err != nil {
		return err
	}
	guard, err := os.OpenFile(filepath.Join(base, ImagesDir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer guard.Close()
	if err := atomic.Lock(ctx, guard); err != nil {
		return err
	}
	if err := moveOver(base); err != nil {
		return err
	}
	return do()
}

func writeLock(base, key string, r Record) error {
	return writeJSON(base, lockFile(key), imageLock{1, r})
}

func writeJSON(base, name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomic.ReplaceFile(filepath.Join(base, filepath.FromSlash(name)), append(data, '\n'), atomic.How{Mode: 0o644, Sync: true})
}

// formerLocks are the files that once pinned all images of a directory: the committed ones, and those of this machine alone.
var formerLocks = []string{"images.lock.json", ImagesDir + "/local" + lockSuffix}

type formerLock struct {
	Version int               `json:"version"`
	Images  map[string]Record `json:"images"`
}

func readFormer(base, name string) (map[string]Record, error) {
	l := formerLock{Version: 1}
	if _, err := decode(base, name, &l); err != nil {
		return nil, err
	}
	if l.Version != 1 {
		return nil, fmt.Errorf("%s: was written by a newer vmloom", name)
	}
	for key, r := range l.Images {
		if !validRecord(key, r) {
			return nil, fmt.Errorf("%s: image %s: is not as vmloom writes it", name, key)
		}
	}
	return l.Images, nil
}

// moveOver gives each image of the one file of before a lock of its own. Cut off at any moment, what is in both is the
// same. What differs from a lock that is there, as after a merge with a branch of before, stays where it is.
func moveOver(base string) error {
	for _, name := range formerLocks {
		former, err := readFormer(base, name)
		if err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(former)) {
			now, err := readLock(base, key)
			if err != nil {
				return err
			}
			if now == nil {
				now = new(former[key])
				if err := writeLock(base, key, *now); err != nil {
					return err
				}
			}
			if *now == former[key] {
				delete(former, key)
			}
		}
		if len(former) > 0 {
			err = writeJSON(base, name, formerLock{1, former})
		} else {
			err = os.Remove(filepath.Join(base, filepath.FromSlash(name)))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
