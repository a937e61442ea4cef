package profile

import (
	"path"
	"slices"
	"strings"
)

// Paths relative to the profile: the scripts complete them where they run, so that what is generated is the
// same for everybody.

// ProjectParam is the parameter of a Lima template that holds the profile's directory.
const ProjectParam = "vmloomProject"

// Beside reports whether a path of the host is relative to the profile, which lies elsewhere for everybody.
func Beside(path string) bool { return strings.HasPrefix(path, ".") }

// Place is a path of the host as people are told of it.
func Place(path string) string {
	switch {
	case path == ".":
		return "the profile's directory"
	case path == "..":
		return "the directory above the profile's"
	case Beside(path):
		return path + " from the profile"
	}
	return path
}

// SharesBeside reports whether a mount or a socket is relative to the profile.
func (p *Profile) SharesBeside() bool {
	return slices.ContainsFunc(p.Mounts, func(m Mount) bool { return Beside(m.Host) }) || p.SocketsBeside()
}

// SocketsBeside reports whether a socket is.
func (p *Profile) SocketsBeside() bool {
	return slices.ContainsFunc(p.Sockets, func(s Socket) bool { return Beside(s.Host) })
}

// beside checks that a path relative to the profile has no detours.
func (d *decoder) beside(at, value string) {
	plain := path.Clean(value)
	if plain != "." && plain != ".." && !strings.HasPrefix(plain, "../") {
		plain = "./" + plain // of a hidden file too
	}
	if plain != value {
		d.bad(at, "must be written plainly: "+plain)
	}
}
