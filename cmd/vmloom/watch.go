package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"vmloom/engine"
)

// watchEvery is how often profiles are looked at: soon enough for a person, and
// cheap. Asking the system for events would miss editors that replace files.
const watchEvery = 300 * time.Millisecond

// watch regenerates the files of profiles whenever a profile or its image lock
// changes, until it is interrupted. New profiles below a directory are found, too.
func (g *genRun) watch(ctx context.Context, args []string) error {
	seen := map[string]string{}
	g.say("watching; Ctrl-C ends it")
	for {
		paths, err := profilePaths(ctx, args)
		if err != nil && len(seen) == 0 {
			return err
		}
		for _, path := range paths {
			now := state(path) + state(filepath.Join(filepath.Dir(path), engine.LockName))
			if seen[path] == now {
				continue
			}
			seen[path] = now
			g.made = nil // what there is has changed since it was asked
			if plan, err := g.one(ctx, path); err != nil {
				g.loadError(path, err)
			} else {
				g.print(path, plan)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// state tells a file's content from an earlier one, without reading it.
func state(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "-"
	}
	return info.ModTime().String() + info.Mode().String()
}
