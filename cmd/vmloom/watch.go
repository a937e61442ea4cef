package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vmloom/engine"
	"vmloom/profile"
)

// watchEvery is how often profiles are looked at: soon enough for a person, and
// cheap. Asking the system for events would miss editors that replace files.
const watchEvery = 300 * time.Millisecond

// watch regenerates the files of profiles whenever a profile or its image lock
// changes, until it is interrupted. New profiles below a directory are found, too.
func (g *genRun) watch(ctx context.Context, args []string) error {
	seen := map[string]string{}
	g.parts = map[string][]string{}
	g.say("watching; Ctrl-C ends it")
	for {
		paths, err := profilePaths(ctx, args)
		if err != nil && len(seen) == 0 {
			return err
		}
		for _, path := range paths {
			now := g.watched(path)
			if seen[path] == now {
				continue
			}
			g.made = nil // what there is has changed since it was asked
			w := &genWork{path: path}
			g.make(ctx, w)
			if w.err == nil && !w.cut {
				if parts := extended(path, w.plans[0].profile); !slices.Equal(parts, g.parts[path]) {
					g.parts[path] = parts
					now = g.watched(path)
				}
			}
			if !w.cut {
				g.tell(w)
			}
			seen[path] = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// watched tells what a profile's files are made of from what it was: the profile, what
// it extended when it last loaded, its local file, and the images that are pinned.
func (g *genRun) watched(path string) (states string) {
	dir, name := filepath.Split(path)
	for _, file := range slices.Concat([]string{path, dir + profile.LocalName(name)}, engine.Locks(dir), g.parts[path]) {
		states += state(file) + " "
	}
	return states
}

// state tells a file's content from an earlier one, without reading it.
func state(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "-"
	}
	return info.ModTime().String() + info.Mode().String()
}
