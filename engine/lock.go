package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vmloom/atomic"
	"vmloom/profile"
)

// ImagesDir holds the images, beside the profile.
const ImagesDir = "images"

// Record is what an image's lock holds: docs/build-image.md describes its JSON.
type Record struct {
	// File is the image, relative to the profile's directory, with slashes.
	File string `json:"file"`
	// SHA256 of the file, 64 hexadecimal digits; Size in bytes.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Engine and Place that made it.
	Engine string `json:"engine"`
	Place  string `json:"place"`
	// EngineVersion is that of the tool at the place: recorded, and not compared.
	EngineVersion string `json:"engineVersion,omitempty"`
	// Inputs is the hash of all that the image follows from.
	Inputs string `json:"inputs"`
	// Derivation of nix or guix that made it: where the inputs are others, it decides.
	Derivation string `json:"derivation,omitempty"`
	// URL is where everybody may download it; Signature is minisign's, of the image and of its name and SHA256.
	URL       string `json:"url,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// Key is the image's name: NAME-ARCH, and .local behind it where a local file has its part in it.
func Key(p *profile.Profile) string {
	key := p.Name + "-" + p.Guest.Arch
	if p.HasLocal() {
		key += ".local"
	}
	return key
}

// ImageFile is where the profile's image lies, relative to the profile's directory, with slashes.
func ImageFile(p *profile.Profile) string { return ImagesDir + "/" + Key(p) + ".qcow2" }

// stamp tells an image file from another without reading it: kept beside the
// images, of this machine alone.
type stamp struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Time   int64  `json:"mtime"` // nanoseconds
}

func stampFile(base, key string) string {
	return filepath.Join(base, ImagesDir, "."+key+".json")
}

// State is what a locked image is like on this disk.
type State string

// The states of an image.
const (
	Missing  State = "is missing"
	Changed  State = "was changed since it was built"
	UpToDate State = "is up to date"
	Stale    State = "was built from other inputs"
	Unbuilt  State = "is not built yet"
)

// Compare compares the profile's image with what its lock holds, or nil, and with the inputs. It reads
// the image only where size or time differ from when it was last read.
func Compare(ctx context.Context, base string, p *profile.Profile, r *Record, inputs string) (State, error) {
	if r == nil {
		return Unbuilt, nil
	}
	state, err := intact(ctx, base, Key(p), *r)
	if state == UpToDate && r.Inputs != inputs {
		state = Stale
	}
	return state, err
}

func intact(ctx context.Context, base, key string, r Record) (State, error) {
	file := filepath.Join(base, filepath.FromSlash(r.File))
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Missing, nil
	case err != nil:
		return "", err
	case info.Size() != r.Size:
		return Changed, nil
	}
	now := stamp{r.SHA256, info.Size(), info.ModTime().UnixNano()}
	var then stamp
	if data, err := atomic.Read(stampFile(base, key), atomic.Most); err == nil && json.Unmarshal(data, &then) == nil && then == now {
		return UpToDate, nil
	}
	sum, _, err := atomic.HashFile(ctx, file)
	switch {
	case err != nil:
		return "", err
	case sum != r.SHA256:
		return Changed, nil
	}
	writeStamp(base, key, now) // where it cannot be kept, the image is read again
	return UpToDate, nil
}

func writeStamp(base, key string, s stamp) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return atomic.ReplaceFile(stampFile(base, key), append(data, '\n'), atomic.How{Mode: 0o644})
}

// InputsHash is the hash of the engine's inputs as they are on disk, with their
// names and execute bits; a file that is not there counts as such.
func (e Engine) InputsHash(ctx context.Context, j *Job) (string, error) { return e.hash(ctx, j, "") }

// EditedHash is InputsHash without what a build itself pins: where it differs
// after a build, somebody has changed an input meanwhile.
func (e Engine) EditedHash(ctx context.Context, j *Job) (string, error) {
	return e.hash(ctx, j, nixLock(j.Profile))
}

func (e Engine) hash(ctx context.Context, j *Job, but string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n", e.Name, j.Profile.Guest.Arch)
	if e.sized {
		fmt.Fprintf(sum, "size %s\n", j.Profile.Resources.Disk)
	}
	if j.Template != nil {
		fmt.Fprintf(sum, "template %x\n", sha256.Sum256(j.Template))
	}
	for _, name := range e.Inputs(j) {
		if name == but {
			continue
		}
		file := filepath.Join(j.Base, filepath.FromSlash(name))
		content, _, err := atomic.HashFile(ctx, file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(sum, "%q missing\n", name)
		case err != nil:
			return "", err
		default:
			fmt.Fprintf(sum, "%q %s\n", name, content)
			if info, err := os.Stat(file); err == nil && info.Mode()&0o111 != 0 {
				fmt.Fprintln(sum, "executable") // as nix keeps it
			}
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// Keep puts a finished image, made under a temporary name in images/, in its
// place and into the lock. Cut off at any moment, the lock names the old
// image or the new one, and a half-way state is seen by Look.
func Keep(ctx context.Context, j *Job, e Engine, inputs string, made Built) (Record, error) {
	sum, size, err := atomic.HashFile(ctx, j.Image)
	if err != nil {
		return Record{}, err
	}
	r := Record{File: ImageFile(j.Profile), SHA256: sum, Size: size, Engine: e.Name, Place: j.Place.String(), Inputs: inputs, EngineVersion: made.Version, Derivation: made.Derivation}
	to := filepath.Join(j.Base, filepath.FromSlash(r.File))
	if err := os.Chmod(j.Image, 0o644); err != nil { // a store's files are read-only
		return r, err
	}
	if err := os.Rename(j.Image, to); err != nil {
		return r, err
	}
	if info, err := os.Stat(to); err == nil {
		writeStamp(j.Base, Key(j.Profile), stamp{sum, size, info.ModTime().UnixNano()})
	}
	// The lock of the lock is held for one small file.
	return r, rewrite(context.Background(), j.Base, j.Profile, func(*Record) *Record { return &r })
}

// LockImage keeps two runs from building one image at once; the kernel frees
// the lock with the process.
func LockImage(j *Job) (func(), error) { return lockImage(j.Base, Key(j.Profile)) }

func lockImage(base, key string) (func(), error) {
	f, err := os.OpenFile(filepath.Join(base, ImagesDir, "."+key+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if taken, err := atomic.TryLock(f); !taken {
		f.Close()
		if err != nil {
			return nil, err
		}
		return nil, &Failure{Cause: "image " + key + ": is being built or downloaded by another vmloom", Hint: "wait for it, or end it"}
	}
	return func() { f.Close() }, nil
}

// MakeImagesDir makes images/ beside the profile, and keeps Git from taking images in.
func MakeImagesDir(base string) error {
	dir := filepath.Join(base, ImagesDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ignore := filepath.Join(dir, ".gitignore")
	switch text, err := atomic.Read(ignore, atomic.Most); {
	case errors.Is(err, fs.ErrNotExist), err == nil && string(text) == formerIgnored:
		return atomic.ReplaceFile(ignore, []byte(ignored), atomic.How{Mode: 0o644})
	}
	return nil
}

// Git takes in the locks, but not those of this machine alone; it once took in nothing of images/.
const (
	ignored       = "*\n!*.lock.json\n*.local.lock.json\n"
	formerIgnored = "*\n"
)
