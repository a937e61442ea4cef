package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const workProfile = "version: 1\nname: %s\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\", user: {name: dev}}\n"

// worked is a directory of profiles among which is all that gen speaks of: errors, warnings, edits, two of one name, and many in
// one directory.
func worked(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write := func(file, text string) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		writeFile(t, filepath.Join(dir, file), text)
	}
	for i := range 6 {
		write(fmt.Sprintf("own/%d/vmloom.yaml", i), fmt.Sprintf(workProfile, fmt.Sprint("own", i)))
		write(fmt.Sprintf("flat/%d.vmloom.yaml", i), fmt.Sprintf(workProfile, fmt.Sprint("flat", i%5))) // the last has the name of the first
	}
	write("own/1/vmloom.yaml", fmt.Sprintf(workProfile, "own1")+"mounts: [{host: relative}]\nnone: 1\n")
	write("own/2/vmloom.yaml", fmt.Sprintf(workProfile, "own2")+"mounts: [{host: ~/.colima/default}]\n")
	write("own/3/vmloom.yaml", "extends: ../part.yaml\n"+fmt.Sprintf(workProfile, "own3"))
	write("own/4/generated/own4/ssh/config", "mine\n")
	write("own/5/vmloom.local.yaml", "resources: {cpus: 2}\n")
	write("own/part.yaml", "resources: {cpus: 3}\n")
	write("flat/7.vmloom.yaml", "version: 1\n")
	return dir
}

// TestWorkers: how many profiles are made at once changes neither a file nor a word.
func TestWorkers(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("HOME", t.TempDir())
	run := func(cores int) (talk []string, trees []map[string]string) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		dir := worked(t)
		for _, args := range [][]string{
			{"--check", dir}, {dir}, {dir}, {"--json", dir}, {filepath.Join(dir, "flat"), filepath.Join(dir, "own")}, {"--diff", dir}, {"--force", dir}, {dir},
		} {
			text := said(append([]string{"gen"}, args...)...)
			talk = append(talk, strings.ReplaceAll(text, dir, "DIR"))
			trees = append(trees, contents(t, dir))
		}
		return talk, trees
	}
	talk, trees := run(1)
	again, treesAgain := run(4)
	for i := range talk {
		if talk[i] != again[i] {
			t.Errorf("%d: one at a time:\n%s\nfour:\n%s", i, talk[i], again[i])
		}
		for file, text := range trees[i] {
			if treesAgain[i][file] != text {
				t.Errorf("%d: %s is another", i, file)
			}
		}
		if len(trees[i]) != len(treesAgain[i]) {
			t.Errorf("%d: %d files, and %d", i, len(trees[i]), len(treesAgain[i]))
		}
	}
	if text := talk[1]; !strings.Contains(text, "belongs to the profile") || !strings.Contains(text, "ssh/config: was not made by vmloom: kept") || !strings.Contains(text, "with errors") {
		t.Errorf("not all is in it that should be:\n%s", text)
	}
}

// TestWorkersCut: of a run that is interrupted is told what was done, and no more is done.
func TestWorkersCut(t *testing.T) {
	t.Setenv("CI", "true")
	dir := worked(t)
	var out strings.Builder
	g := &genRun{ui: newUI(&out, &out)}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	cancel(cause)
	if err := g.all(ctx, []string{filepath.Join(dir, "own")}); !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
	var w genWork
	w.path = filepath.Join(dir, "own", "0", defaultProfile)
	if g.make(ctx, &w); !w.cut {
		t.Error("was made all the same")
	}
	var made []string
	for file := range contents(t, dir) {
		if strings.Contains(file, "generated/own0") {
			made = append(made, file)
		}
	}
	if len(made) > 0 {
		t.Errorf("written: %q", made)
	}
}
