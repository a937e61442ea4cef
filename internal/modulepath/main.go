// Command modulepath gives the module another path: in go.mod, and in each text of a Go file
// that is the path of one of its packages. It reads and writes the checkout it is called in; it
// fetches nothing and builds nothing.
//
//	go run ./internal/modulepath example.org/me/vmloom
package main

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "modulepath: which path? go run ./internal/modulepath example.org/me/vmloom")
		os.Exit(2)
	}
	if err := rename(".", os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "modulepath:", err)
		os.Exit(1)
	}
}

var (
	moduleLine = regexp.MustCompile(`(?m)^module (\S+)$`)
	pathForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.[a-z]+(/[A-Za-z0-9_.~-]+)+$`)
)

func rename(dir, to string) error {
	if !pathForm.MatchString(to) {
		return fmt.Errorf("path %q: must be like example.org/me/vmloom", to)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	found := moduleLine.FindSubmatch(mod)
	if found == nil {
		return fmt.Errorf("go.mod: has no module line")
	}
	from := string(found[1])
	files, err := sources(dir)
	if err != nil {
		return err
	}
	packages := map[string]bool{} // and the directories above them, but for the module's own: it is the program's name, too
	for _, file := range files {
		rel, err := filepath.Rel(dir, filepath.Dir(file))
		if err != nil {
			return err
		}
		for p := path.Join(from, filepath.ToSlash(rel)); p != from; p = path.Dir(p) {
			packages[p] = true
		}
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if out := replace(src, from, to, packages); !bytes.Equal(out, src) {
			if err := os.WriteFile(file, out, 0o644); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), moduleLine.ReplaceAll(mod, []byte("module "+to)), 0o644)
}

// sources are the module's Go files.
func sources(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && file != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(file, ".go") {
			files = append(files, file)
		}
		return err
	})
	return files, err
}

// replace gives the packages another module.
func replace(src []byte, from, to string, packages map[string]bool) []byte {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, nil, 0)
	var out []byte
	done := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return append(out, src[done:]...)
		}
		if text, err := strconv.Unquote(lit); tok == token.STRING && err == nil && packages[strings.TrimSuffix(text, "/")] {
			at := file.Offset(pos)
			out = append(append(out, src[done:at]...), strconv.Quote(to+strings.TrimPrefix(text, from))...)
			done = at + len(lit)
		}
	}
}
