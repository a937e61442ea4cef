package atomic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

// Hash is "sha256:" and 64 hexadecimal digits.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// HashFile is the SHA-256 of a regular file as 64 hexadecimal digits, and its
// size in bytes. Files may be large: it ends with ctx.
func HashFile(ctx context.Context, file string) (sum string, size int64, err error) {
	f, _, err := openRegular(file, os.Stat, os.OpenFile)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, whileWanted{ctx, f})
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// whileWanted is a reader that ends with its context.
type whileWanted struct {
	ctx context.Context
	io.Reader
}

func (r whileWanted) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
