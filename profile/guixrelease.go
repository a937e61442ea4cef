package profile

// guixReleases are the commits of Guix's release tags.
var guixReleases = map[string]string{
	"1.4": "8e2f32cee982d42a79e53fc1e9aa7b8ff0514714",
	"1.5": "230aa373f315f247852ee07dff34146e9b480aec",
}

// GuixRelease is the commit of a release of Guix, by guix.version.
func GuixRelease(version string) string { return guixReleases[version] }

// GuixVersionOf is the release that a commit is; empty where it is none.
func GuixVersionOf(commit string) string {
	for version, release := range guixReleases {
		if release == commit {
			return version
		}
	}
	return ""
}

// guixVersion warns of a commit that is another release's than guix.version says. What lies
// between two releases cannot be told from a commit alone.
func (l *linter) guixVersion() {
	for i, c := range l.p.Guix.Channels { // of a file: engine.GuixOwn
		if version := GuixVersionOf(c.Commit); version != "" && version != l.p.Guix.Version {
			l.warn("guix-version", item("guix.channels", i)+".commit", "this is Guix "+version+", and the definition is written for "+l.p.Guix.Version, "guix.version: \""+version+"\"")
		}
	}
}
