package atomic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Most is the limit of a file that some program writes; what people write has
// its own. Beyond it a file is not what its name says.
const Most = 64 << 20

// ErrIrregular is the error of a path where no regular file is: reading a pipe
// or a device may never end.
var ErrIrregular = errors.New("is not a regular file")

// ErrLarge is the error of a file beyond the limit.
var ErrLarge = errors.New("is larger than")

// Read gives the content of a regular file, of at most limit bytes. It never
// waits for somebody to write, and takes no more memory than the limit, whatever
// happens to the file meanwhile.
func Read(file string, limit int64) ([]byte, error) {
	return read(file, limit, os.Stat, os.OpenFile)
}

// ReadIn is Read below root.
func ReadIn(root *os.Root, file string, limit int64) ([]byte, error) {
	return read(file, limit, root.Stat, root.OpenFile)
}

// ReadFrom is Read for what is open already and must be waited for, such as
// standard input.
func ReadFrom(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, large(limit)
	}
	return data, err
}

// Open opens a regular file that is too large to be read whole.
func Open(file string) (*os.File, error) {
	f, _, err := openRegular(file, os.Stat, os.OpenFile)
	return f, err
}

type (
	statFunc func(string) (fs.FileInfo, error)
	openFunc func(string, int, fs.FileMode) (*os.File, error)
)

func read(file string, limit int64, stat statFunc, open openFunc) ([]byte, error) {
	f, size, err := openRegular(file, stat, open)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, &fs.PathError{Op: "read", Path: file, Err: large(limit)}
	}
	var data bytes.Buffer
	data.Grow(int(size) + bytes.MinRead)
	if _, err = data.ReadFrom(io.LimitReader(f, limit+1)); err == nil && int64(data.Len()) > limit {
		err = &fs.PathError{Op: "read", Path: file, Err: large(limit)}
	}
	if err != nil {
		return nil, err
	}
	return data.Bytes(), nil
}

// openRegular opens a file after a look at what it is, since opening some
// devices does something, and looks again at what it has opened.
func openRegular(file string, stat statFunc, open openFunc) (f *os.File, size int64, err error) {
	info, err := stat(file)
	if err != nil {
		return nil, 0, err
	}
	if err := regular(file, info); err != nil {
		return nil, 0, err
	}
	if f, err = open(file, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(file, info)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func regular(file string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return &fs.PathError{Op: "read", Path: file, Err: syscall.EISDIR}
	}
	return &fs.PathError{Op: "read", Path: file, Err: ErrIrregular}
}

// sizeError is ErrLarge with its limit.
type sizeError int64

func (e sizeError) Error() string        { return fmt.Sprintf("%v %d MiB", ErrLarge, int64(e)>>20) }
func (e sizeError) Is(target error) bool { return target == ErrLarge }

func large(limit int64) error { return sizeError(limit) }

// Gone reports whether an error says that nothing is at a path. What may not be looked at is not gone.
func Gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }
