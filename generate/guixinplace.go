package generate

import (
	"path"

	"vmloom/profile"
)

// guixInPlace is what brings a running Guix System to another definition of itself.
type guixInPlace struct {
	// Files travel into the guest, by their paths from the profile's directory on.
	Files []string
	// Dir holds them there, Made is where in it the definition is.
	Dir, Made string
}

func newGuixInPlace(p *profile.Profile) guixInPlace {
	made := path.Join(p.FilesDir(), "guix")
	g := guixInPlace{[]string{path.Join(made, "system.scm"), path.Join(made, "channels.scm")}, inGuest(p), made}
	for _, file := range p.Guix.Modules {
		g.Files = append(g.Files, path.Clean(file))
	}
	return g
}
