package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// ignored are the lines that keep one machine's own files out of Git.
var ignored = []string{"*" + profile.LocalName(defaultProfile), "/" + profile.LocalTree + "/"}

// unignored is how Git is told to pass over a local file and what is made of it, where it would take them in;
// empty where it does not, or there is no Git.
func unignored(ctx context.Context, path string) string {
	dir := filepath.Dir(path)
	missing := func(name string) bool {
		var exit *process.ExitError
		err := process.Run(ctx, process.Cmd{Args: []string{"git", "-C", dir, "check-ignore", "-q", name}}, io.Discard, func(string) {})
		return errors.As(err, &exit) && exit.Err == nil && exit.Signal == 0 && exit.Status == 1
	}
	if !missing(profile.LocalName(filepath.Base(path))) && !missing(profile.LocalTree+"/x") {
		return ""
	}
	return process.Cmd{Args: append([]string{"printf", `%s\n`}, ignored...)}.String() + " >>" + process.Cmd{Args: []string{filepath.Join(dir, ".gitignore")}}.String()
}

// ignoreLocal sees to it that Git ignores a local file and what is made of it, in
// the directory of a profile. It adds lines, and changes none; whether it did is told.
func ignoreLocal(dir string) (file string, changed bool, err error) {
	file = filepath.Join(dir, ".gitignore")
	mode := fs.FileMode(0o644)
	switch info, err := os.Lstat(file); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return file, false, err
	case !info.Mode().IsRegular():
		return file, false, &fs.PathError{Op: "read", Path: file, Err: atomic.ErrIrregular}
	default:
		mode = info.Mode().Perm()
	}
	text, err := atomic.Read(file, atomic.Most)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file, false, err
	}
	there := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		there[strings.TrimSpace(line)] = true
	}
	var more []string
	for _, line := range ignored {
		if !there[line] {
			more = append(more, line)
		}
	}
	if len(more) == 0 {
		return file, false, nil
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	text = append(text, "# One machine's own part of a profile, and the files that vmloom makes of it.\n"+strings.Join(more, "\n")+"\n"...)
	err = atomic.ReplaceFile(file, text, atomic.How{Mode: mode})
	return file, err == nil, err
}
