package main

import (
	"path/filepath"

	"vmloom/profile"
)

// lint are a profile's warnings; path is its file's, beside which its own files are.
func lint(p *profile.Profile, path string) []profile.Problem {
	return profile.Lint(p, func(file string) bool {
		return isFile(filepath.Join(filepath.Dir(path), filepath.FromSlash(file)))
	})
}
