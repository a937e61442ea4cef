package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/pattern"
	"vmloom/process"
	"vmloom/profile"
)

// imageURL is where an image may be downloaded from: nothing in it is special to a shell, a URL apart.
var imageURL = pattern.New(`^(https?://[^/\s"'<>\\` + "`" + `]+|file://)/[^\s"'<>\\` + "`" + `]*$`)

// key is the image's name in images/.
func (r Record) key() string { return strings.TrimSuffix(path.Base(r.File), ".qcow2") }

// Trusted is nil where the fleet's key has signed a record whose image may be downloaded, or where the fleet names no
// key. What was built here, and is nowhere else, needs no signature.
func (r Record) Trusted(f *profile.Fleet) error {
	if f == nil || f.Images.Key == "" || r.URL == "" {
		return nil
	}
	if err := verifySignature(f.Images.Key, r.key(), r); err != nil {
		return &Failure{
			Cause: fmt.Sprintf("%s: %v (%s: images.key)", lockFile(r.key()), err, f.File()),
			Hint:  "git log -p " + lockFile(r.key()) + " shows who has changed it; vmloom build-image --force makes an image of your own",
		}
	}
	return nil
}

// Fetch downloads the image of a record into its place, where it is only once it is the one that the lock pins. What
// is there after an interruption is gone on with.
func Fetch(ctx context.Context, base string, r Record) error {
	if err := MakeImagesDir(base); err != nil {
		return err
	}
	unlock, err := lockImage(base, r.key())
	if err != nil {
		return err
	}
	defer unlock()
	to := filepath.Join(base, filepath.FromSlash(r.File))
	part := filepath.Join(base, ImagesDir, "."+r.key()+"-"+r.SHA256[:16]+".part") // as the scripts have it
	if err := download(ctx, r, part); err != nil {
		return err
	}
	if err := os.Chmod(part, 0o644); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	if info, err := os.Stat(to); err == nil {
		writeStamp(base, r.key(), stamp{r.SHA256, r.Size, info.ModTime().UnixNano()})
	}
	return nil
}

// curlNoResume is the status by which curl tells of a server that gives a file from its beginning only.
const curlNoResume = 33

// download has the image in part. Curl knows proxies, certificates and ~/.netrc as everything else here does.
func download(ctx context.Context, r Record, part string) error {
	var exit *process.ExitError
	for again := true; ; again = false {
		sum, size, err := atomic.HashFile(ctx, part)
		switch {
		case err == nil && sum == r.SHA256:
			return nil
		case err == nil && size >= r.Size:
			if err := os.Remove(part); err != nil {
				return err
			}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
		c := process.Cmd{Args: []string{
			"curl", "-fsSL", "--netrc-optional", "--proto", "=http,https,file", "--proto-redir", "=http,https",
			"--max-filesize", fmt.Sprint(r.Size), "-C", "-", "-o", part, "--url", r.URL,
		}}
		err = process.Run(ctx, c, nil, nil)
		if cut := context.Cause(ctx); cut != nil {
			return cut
		}
		if errors.As(err, &exit) && exit.Status == curlNoResume && again {
			if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		if err != nil {
			return unfetched(r, err)
		}
		break
	}
	sum, _, err := atomic.HashFile(ctx, part)
	if err != nil {
		return err
	}
	if sum != r.SHA256 {
		os.Remove(part)
		return &Failure{
			Cause: fmt.Sprintf("image %s: is not the one that %s pins: its sha256 is %s", r.URL, lockFile(r.key()), sum),
			Hint:  "it is removed; vmloom build-image --force makes an image of your own, and --push puts it there",
		}
	}
	return nil
}

func unfetched(r Record, err error) error {
	f := &Failure{Cause: "image " + r.URL + ": " + err.Error(), Hint: "the same command goes on with it; vmloom build-image --force makes an image of your own"}
	var exit *process.ExitError
	if !errors.As(err, &exit) {
		return f
	}
	f.Err = exit
	if last := exit.Last; len(last) > 0 {
		f.Cause = "image " + r.URL + ": " + oneLine(plain(last[len(last)-1]))
	}
	switch {
	case exit.Status < 0 && exit.Err != nil:
		f.Hint = "curl downloads it: install curl"
	case strings.Contains(f.Cause, "error: 401"), strings.Contains(f.Cause, "error: 403"):
		f.Hint = "a line of ~/.netrc has the name and password: machine HOST login NAME password WORD"
	case strings.Contains(f.Cause, "error: 404"):
		f.Hint = "who has committed the lock has not pushed the image, or it was removed: vmloom build-image --force makes one of your own"
	}
	return f
}
