package engine

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxBuildLog = 256 << 20 // of a log, unpacked, that is read for its end
	logEnd      = 64 << 10
)

// logTail is the end of a build's log, which guix-daemon keeps as gzip, bzip2 or as it is; nothing where it cannot be read.
func logTail(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(file) {
	case ".gz":
		if r, err = gzip.NewReader(f); err != nil {
			return ""
		}
	case ".bz2":
		r = bzip2.NewReader(f)
	}
	var end tail
	io.Copy(&end, io.LimitReader(r, maxBuildLog)) // a log that breaks off says what it says
	var lines []string
	for line := range strings.Lines(string(end)) {
		if text := printable(plain(strings.TrimRight(line, "\n"))); strings.TrimSpace(text) != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines[max(0, len(lines)-maxLogLines):], "\n")
}

// tail keeps the last of what is written into it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if len(*t) > 2*logEnd {
		*t = append((*t)[:0], bytes.Clone((*t)[len(*t)-logEnd:])...)
	}
	return len(p), nil
}
