package generate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"vmloom/atomic"
)

// errElsewhere tells a path that leads out of its place: nothing there is vmloom's.
var errElsewhere = errors.New("is not a path of plain directories")

// read gives a regular file that no symbolic link leads to.
func read(root *os.Root, file string) ([]byte, fs.FileMode, error) {
	if !fs.ValidPath(file) || file == "." {
		return nil, 0, fmt.Errorf("%s: %w", file, errElsewhere)
	}
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if info, err := root.Lstat(dir); err == nil && !info.IsDir() {
			return nil, 0, fmt.Errorf("%s: %w", dir, errElsewhere)
		}
	}
	info, err := root.Lstat(file)
	if err != nil {
		return nil, 0, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, 0, atomic.ErrIrregular
	}
	data, err := atomic.ReadIn(root, file, atomic.Most)
	return data, info.Mode().Perm(), err
}

// prune removes the directories that a file left empty.
func prune(root *os.Root, file string) {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if info, err := root.Lstat(dir); err != nil || !info.IsDir() || root.Remove(dir) != nil {
			return
		}
	}
}

// tempName is where a file is written before it is renamed to its place: one
// name for all, so that a run that was cut off leaves one file that the next finds.
const tempName = ".vmloom-tmp"

func (p *Plan) replace(root *os.Root, file string, data []byte, mode fs.FileMode) error {
	var stamp time.Time
	err := atomic.Replace(root, file, data, atomic.How{Mode: mode, Temp: tempName, Stamp: &stamp})
	p.wrote[file] = stamp
	return err
}

// ErrNotOurs is what stands where a directory of generated files belongs: a file, or a link to elsewhere.
var ErrNotOurs = errors.New("is not a directory of its own; vmloom writes nowhere else")

// open opens generated/<name>, without following a symbolic link on the way;
// where there is none it makes it, or gives nil.
func (p *Plan) open(create bool) (*os.Root, error) {
	at, err := os.OpenRoot(p.base)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	for dir, rest := range steps(p.Dir) {
		info, err := at.Lstat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !create:
			return nil, nil
		case errors.Is(err, fs.ErrNotExist):
			if err := at.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
		case err != nil:
			return nil, err
		case !info.IsDir():
			return nil, fmt.Errorf("%s: %w", dir, ErrNotOurs)
		}
		if rest == "" {
			return at.OpenRoot(dir)
		}
	}
	return nil, fmt.Errorf("%s: no such directory", p.Dir)
}

// empty reports whether surely nothing is in a directory.
func empty(root *os.Root) bool {
	dir, err := root.Open(".")
	if err != nil {
		return false
	}
	defer dir.Close()
	_, err = dir.ReadDir(1)
	return errors.Is(err, io.EOF)
}

// steps gives a, a/b, a/b/c for a/b/c, each with what is left.
func steps(dir string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := range len(dir) {
			if dir[i] == '/' && !yield(dir[:i], dir[i+1:]) {
				return
			}
		}
		yield(dir, "")
	}
}

// lock keeps two runs from writing at once; the kernel frees it with the process.
func lock(ctx context.Context, root *os.Root) (func(), error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	if err := atomic.Lock(ctx, dir); err != nil {
		dir.Close()
		return nil, fmt.Errorf("lock: %w", err)
	}
	return func() { dir.Close() }, nil
}
