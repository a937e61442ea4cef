package generate

import (
	"path"
	"slices"
	"strings"

	"vmloom/profile"
)

// guixInPlace is what brings a running Guix System to another definition of itself.
type guixInPlace struct {
	// Files travel into the guest, by their paths from the profile's directory on.
	Files []string
	// Up reports whether some of them lie above it; Down is as deep as they lie high.
	Up   bool
	Down string
	// Dir holds them there, Made is where in it the definition is.
	Dir, Made string
}

func newGuixInPlace(p *profile.Profile, own []string) guixInPlace {
	made := path.Join(p.FilesDir(), "guix")
	g := guixInPlace{Files: []string{path.Join(made, "system.scm"), path.Join(made, "channels.scm")}, Dir: inGuest(p), Made: made}
	for _, module := range p.Guix.Modules {
		g.Files = append(g.Files, path.Clean(module))
	}
	for _, file := range own {
		if !slices.Contains(g.Files, file) {
			g.Files = append(g.Files, file)
		}
	}
	up := 0
	for _, file := range g.Files {
		up = max(up, strings.Count(file, "../"))
	}
	if up > 0 {
		g.Up, g.Down = true, strings.TrimSuffix(strings.Repeat("project/", up), "/")
		g.Made = path.Join(g.Down, made)
	}
	return g
}

// own are the files among them that are the project's, and not made of the profile.
func (g guixInPlace) own(p *profile.Profile) []string {
	return slices.DeleteFunc(slices.Clone(g.Files), func(file string) bool { return strings.HasPrefix(file, p.FilesDir()+"/") })
}
