package backup

import (
	"archive/tar"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"vmloom/atomic"
	"vmloom/guest"
	"vmloom/process"
)

//go:embed save.sh
var saveScript string

// Saved is what a backup holds, and what it does not.
type Saved struct {
	Home
	Content
	// Mounts are file systems below the home: they stay out.
	Mounts []string
	// Sockets that were left out: they are their programs' to make again.
	Sockets []string
	// Changed are files that were written to meanwhile.
	Changed []string
}

// Order is what is to be saved.
type Order struct {
	// File must not be there yet.
	File string
	// Name of the profile, and the time as it is now.
	Name string
	Now  time.Time
	// Without are paths below the home that stay out.
	Without []string
}

// Save writes the home of a guest's user to a file; the error is fs.ErrExist where that
// is there already. tell, which may be nil, hears how many bytes of the archive have come.
func Save(ctx context.Context, g guest.Guest, o Order, tell func(bytes int64)) (*Saved, error) {
	s := &saving{Saved: &Saved{Home: Home{Name: o.Name, Taken: o.Now.UTC().Truncate(time.Second)}}, Lines: guest.NewLines(), tell: tell}
	command := g.Command(saveScript, s.Lines, o.Without...)
	err := atomic.CreateFrom(o.File, func(w io.Writer) error { return s.run(ctx, command, w) }, atomic.How{Mode: 0o600, Sync: true})
	return s.Saved, err
}

// saving is one run of Save: what the guest prints is its lines, and then the archive.
type saving struct {
	*Saved
	*guest.Lines
	tell func(bytes int64)
	// talk is what tar says.
	talk []string

	line []byte // one that has not come whole yet
	into io.Writer
	out  *zstd.Encoder
	sum  hash.Hash
	last []byte // of the archive
	// entries is where the archive is read once more, to be counted.
	entries *io.PipeWriter
	counted chan error
}

func (s *saving) run(ctx context.Context, c process.Cmd, w io.Writer) error {
	s.into = w
	ended := process.Run(ctx, c, s, s.hear)
	err := s.end(ctx, ended)
	if s.out != nil {
		s.entries.CloseWithError(io.ErrUnexpectedEOF)
		s.out.Close()
	}
	return err
}

// end judges what has come: how tar ended, and that the archive has its end.
func (s *saving) end(ctx context.Context, ended error) error {
	switch status := s.One("ended"); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.out == nil && ended != nil:
		return guest.InWords(ended)
	case s.out == nil:
		return errors.New("the guest has sent nothing")
	case status == "" || ended != nil && (status == "0" || status == "1"):
		return fmt.Errorf("the guest is gone in the middle: %w", cmp.Or(guest.InWords(ended), io.ErrUnexpectedEOF))
	case status != "0" && status != "1": // 1: a file has changed while it was read
		return errors.New(s.complaint())
	case !s.closed():
		return errors.New("the archive has no end")
	}
	s.entries.Close()
	if err := <-s.counted; err != nil {
		return fmt.Errorf("what the guest has sent is no whole archive: %w", err)
	}
	if err := s.out.Close(); err != nil {
		return err
	}
	s.SHA256 = hex.EncodeToString(s.sum.Sum(nil))
	s.hearTar()
	last, err := frameOf(s.Content, lastFrame)
	if err == nil {
		_, err = s.into.Write(last)
	}
	return err
}

// archiveEnd is the size of the zeros that end an archive, without which many readers
// of tar take it for whole all the same.
const archiveEnd = 1024

func (s *saving) closed() bool {
	return len(s.last) == archiveEnd && !slices.ContainsFunc(s.last, func(b byte) bool { return b != 0 })
}

func (s *saving) hear(line string) {
	if !s.Hear(line) && len(s.talk) < 1000 {
		s.talk = append(s.talk, process.Short(line))
	}
}

// Write takes what the guest prints.
func (s *saving) Write(p []byte) (int, error) {
	n := len(p)
	for s.out == nil && len(p) > 0 {
		at := slices.Index(p, '\n')
		if at < 0 {
			s.line = append(s.line, p...)
			if len(s.line) > mostFirst {
				return 0, errors.New("the guest prints something else")
			}
			return n, nil
		}
		s.line, p = append(s.line, p[:at]...), p[at+1:]
		s.Hear(string(s.line))
		s.line = s.line[:0]
		if s.Has("begins") {
			if err := s.begin(); err != nil {
				return 0, err
			}
		}
	}
	if len(p) == 0 {
		return n, nil
	}
	s.Bytes += int64(len(p))
	s.last = append(s.last, p[max(0, len(p)-archiveEnd):]...)
	s.last = s.last[max(0, len(s.last)-archiveEnd):]
	s.sum.Write(p)
	if s.tell != nil {
		s.tell(s.Bytes)
	}
	if _, err := s.entries.Write(p); err != nil {
		return 0, err
	}
	_, err := s.out.Write(p)
	return n, err
}

func (s *saving) begin() error {
	home, err := homeOf(s.Lines)
	if err != nil {
		return err
	}
	home.Name, home.Taken = s.Name, s.Taken
	s.Home, s.Mounts = home, s.All("mount")
	first, err := frameOf(s.Home, 0)
	if err != nil {
		return err
	}
	if _, err := s.into.Write(first); err != nil {
		return err
	}
	if s.out, err = zstd.NewWriter(s.into); err != nil {
		return err
	}
	s.sum, s.counted = sha256.New(), make(chan error, 1)
	in, out := io.Pipe()
	s.entries = out
	go func() {
		n, err := count(in)
		in.CloseWithError(err)
		s.Entries = n
		s.counted <- err
	}()
	return nil
}

// count reads an archive to its end, and how many entries it has.
func count(r io.Reader) (n int64, err error) {
	for t := tar.NewReader(r); ; n++ {
		if _, err := t.Next(); err == io.EOF {
			break
		} else if err != nil {
			return n, err
		}
	}
	_, err = io.Copy(io.Discard, r) // tar fills its last record
	return n, err
}

// hearTar parts what tar says of files.
func (s *saving) hearTar() {
	for _, line := range s.talk {
		file, ok := strings.CutPrefix(line, "tar: ./")
		if name, of := strings.CutSuffix(file, ": socket ignored"); ok && of {
			s.Sockets = append(s.Sockets, name)
		} else if name, _, of := strings.Cut(file, ": file changed as we read it"); ok && of {
			s.Changed = append(s.Changed, name)
		} else if name, _, of := strings.Cut(file, ": File removed before we read it"); ok && of {
			s.Changed = append(s.Changed, name)
		}
	}
}

// complaint is the first thing that tar could not do.
func (s *saving) complaint() string {
	for _, line := range s.talk {
		if text, ok := strings.CutPrefix(line, "tar: "); ok && !strings.HasSuffix(text, ": socket ignored") {
			return "tar in the guest: " + text
		}
	}
	return "tar in the guest: status " + s.One("ended")
}
