package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"vmloom/engine"
	"vmloom/profile"
	"vmloom/seen"
)

// lint are a profile's warnings; path is its file's, beside which its own files are.
// Found are more of them.
func lint(p *profile.Profile, path string, looks *seen.Looks, found ...profile.Problem) []profile.Problem {
	base, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		base = filepath.Dir(path)
	}
	there := func(file string) bool {
		is := isFile
		if strings.HasSuffix(file, "/") {
			is = isDir
		}
		at := filepath.Join(base, filepath.FromSlash(file))
		looks.Is(at)
		return is(at)
	}
	_, findings := engine.GuixOwn(p, base, looks)
	for _, f := range findings {
		field, _, _ := strings.Cut(f.Field, "[")
		found = append(found, profile.Problem{Path: f.Field, Reason: strings.TrimPrefix(f.Cause, field+": "), Hint: f.Hint, ID: "guix-file"})
	}
	return profile.Lint(p, there, found...)
}

// tellEnding says where the guest's release has ended, or ends soon.
func (l *lookAt) tellEnding() {
	for _, w := range profile.Outdated(l.Profile, today()) {
		l.suggest(w.Hint, "%s: %s: %s", l.path, w.Path, w.Reason)
	}
}

// tellEnding says of each release once which machines have it.
func (s *several) tellEnding() {
	type ending struct{ path, reason, hint string }
	var all []ending
	of := map[ending][]string{}
	for _, one := range s.machines {
		if one.lookAt == nil {
			continue
		}
		for _, w := range profile.Outdated(one.Profile, today()) {
			e := ending{w.Path, w.Reason, w.Hint}
			if of[e] == nil {
				all = append(all, e)
			}
			of[e] = append(of[e], one.path)
		}
	}
	for _, e := range all {
		s.suggest(e.hint, "%s: %s: %s", few(of[e]), e.path, e.reason)
	}
}

// today is the day that releases are held to. VMLOOM_TODAY is another one, where what is said must not change by itself.
func today() time.Time {
	if day, err := time.Parse(time.DateOnly, os.Getenv("VMLOOM_TODAY")); err == nil {
		return day
	}
	return time.Now()
}
