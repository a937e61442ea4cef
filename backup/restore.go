package backup

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"vmloom/atomic"
	"vmloom/guest"
)

//go:embed restore.sh
var restoreScript string

// File is a backup that was read to its end, and is whole.
type File struct {
	Home
	Content
	path string
}

// mostWindow bounds the memory that reading a file takes; ours need 8 MiB.
const mostWindow = 64 << 20

// Open reads a backup whole, and gives an Unfit error where it is none, cut off or
// damaged. tell, which may be nil, hears how many bytes of the archive are read.
func Open(ctx context.Context, path string, tell func(bytes int64)) (*File, error) {
	f, err := atomic.Open(path)
	if errors.Is(err, atomic.ErrIrregular) {
		return nil, unfit("%v", atomic.ErrIrregular)
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	home, content, err := about(f)
	if err != nil {
		return nil, err
	}
	b := &File{home, content, path}
	r, err := b.archive(ctx, f, tell)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	sum := sha256.New()
	entries, err := count(io.TeeReader(r, sum))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, unfit("is damaged: %v", err)
	case r.bytes != b.Bytes || entries != b.Entries || hex.EncodeToString(sum.Sum(nil)) != b.SHA256:
		return nil, unfit("is damaged: what it holds is not what was written")
	}
	return b, nil
}

// reading unpacks a file, and ends with its context.
type reading struct {
	*zstd.Decoder
	ctx   context.Context
	bytes int64
	tell  func(bytes int64)
}

func (b *File) archive(ctx context.Context, f io.Reader, tell func(int64)) (*reading, error) {
	d, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(mostWindow))
	return &reading{Decoder: d, ctx: ctx, tell: tell}, err
}

func (r *reading) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	n, err := r.Decoder.Read(p)
	if r.bytes += int64(n); r.tell != nil {
		r.tell(r.bytes)
	}
	return n, err
}

// Full is a guest without the room for what is to be restored; in KiB.
type Full struct{ Needs, Free int64 }

func (f Full) Error() string {
	return fmt.Sprintf("it takes %d MiB, and %d MiB are free in the guest's home", f.Needs>>10, f.Free>>10)
}

// Mounted is a mount in the guest at a place where the file has something.
type Mounted struct{ Path string }

func (m Mounted) Error() string {
	return m.Path + ": is a mount in this VM, and the backup has files there"
}

// Halfway is a restore that stopped after it had begun to replace; nothing is deleted.
type Halfway struct{ Err error }

func (h Halfway) Error() string {
	return "stopped while files were put in their places: " + h.Err.Error()
}
func (h Halfway) Unwrap() error { return h.Err }

// Restore puts what the file holds into the home of a guest's user, whose it is then.
// What is in its way is moved to the directory moved of that home, which is aside where
// nothing has that name; empty: nothing was in its way. Before all of it lies in the guest nothing of the home is touched, and
// an error is Halfway where something was.
func (b *File) Restore(ctx context.Context, g guest.Guest, aside string, tell func(bytes int64)) (moved string, err error) {
	f, err := atomic.Open(b.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r, err := b.archive(ctx, f, tell)
	if err != nil {
		return "", err
	}
	defer r.Close()
	t := guest.NewLines()
	sum := sha256.New()
	last := &lazily{text: func() string {
		if hex.EncodeToString(sum.Sum(nil)) != b.SHA256 {
			return "" // it was replaced since it was read
		}
		return t.Token + " whole\n"
	}}
	err = g.Run(ctx, restoreScript, t, io.MultiReader(io.TeeReader(r, sum), last), nil,
		strconv.Itoa(b.UID), strconv.Itoa(b.GID), strconv.FormatInt(b.Bytes, 10), aside)
	if !t.Has("restored") {
		return t.One("puts"), refused(ctx, t, err, b)
	}
	return t.One("aside"), nil
}

// refused is why nothing, or not all, was restored.
func refused(ctx context.Context, t *guest.Lines, why error, b *File) error {
	if err := context.Cause(ctx); err != nil {
		why = err
	}
	free, _ := strconv.ParseInt(t.One("room"), 10, 64)
	switch {
	case t.Has("puts") && why == nil:
		return Halfway{errors.New("the guest does not say that it has done all")}
	case t.Has("puts"):
		return Halfway{why}
	case ctx.Err() != nil:
		return why
	case t.Has("room"):
		return Full{b.Bytes >> 10, free}
	case t.Has("mounted"):
		return Mounted{t.All("mounted")[0]}
	case t.Has("torn"):
		return errors.New("not all of it has arrived in the guest")
	case why == nil:
		return errors.New("the guest does not say what it has done")
	}
	return why
}

// lazily is a reader of a text that is known when it is read.
type lazily struct {
	text func() string
	from *strings.Reader
}

func (l *lazily) Read(p []byte) (int, error) {
	if l.from == nil {
		l.from = strings.NewReader(l.text())
	}
	return l.from.Read(p)
}
