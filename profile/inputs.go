package profile

import (
	"slices"
	"strings"

	"vmloom/pattern"
)

// flakeSchemes are those that nix fetches an input by.
var flakeSchemes = strings.Fields("github gitlab sourcehut flake path git git+http git+https git+ssh git+file hg+http hg+https hg+ssh hg+file http https file tarball+http tarball+https tarball+file file+http file+https file+file")

var (
	scpLike = pattern.New(`^(?:git\+)?ssh://([^/@ ]+@)([^/: ]+):([^/0-9 ][^ ]*)$`)
	webPage = pattern.New(`^https?://(?:www\.)?(github|gitlab)\.com/([^/?# ]+)/([^/?# ]+?)(?:\.git)?/?$`)
)

// otherReference words what is meant by a reference that nix takes for something else, or for nothing; both are empty
// where it takes it.
func otherReference(url string) (reason, hint string) {
	scheme, rest, found := strings.Cut(url, ":")
	if !found {
		return "", "" // no form of a reference, which is told
	}
	if m := scpLike().FindStringSubmatch(url); m != nil {
		return "is an address of ssh, and no URL", "write git+ssh://" + m[1] + m[2] + "/" + m[3]
	}
	if m := webPage().FindStringSubmatch(url); m != nil {
		return "is a web page to nix, and no repository", "write " + m[1] + ":" + m[2] + "/" + m[3]
	}
	switch {
	case scheme == "ssh":
		return "nix fetches nothing by ssh: alone", "write git+" + url
	case scheme == "indirect":
		return "is written in another way", "write flake:" + rest
	case !slices.Contains(flakeSchemes, scheme):
		return "nix fetches nothing by " + scheme + ":", "such as github:, git+https:// and git+ssh://"
	case strings.Contains(url, "#"):
		return "an input is the whole flake", "take the # and what follows out; modules and overlays name it: INPUT#ATTRIBUTE"
	case scheme == "path" && !strings.HasPrefix(rest, "/"):
		return "a relative path means something else in the guest", "name its files in nix.modules, or publish it: git+https://…, github:OWNER/REPO"
	case namesNoRepository(url):
		return "names no repository", "write it as github:OWNER/REPO"
	}
	return "", ""
}
