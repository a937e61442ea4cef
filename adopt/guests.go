package adopt

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// image is what a location or a base says about the guest.
type image struct {
	system, release string
	released        string // version of nixos-lima's published image
	own             bool   // vmloom built it
}

var builtImage = regexp.MustCompile(`^\.\./\.\./\.\./images/[a-z0-9-]+-(aarch64|x86_64)\.qcow2$`)

// imageOf knows the images that Lima knows, of systems that a profile can name, and
// those that vmloom builds.
func imageOf(location string) (image, bool) {
	if builtImage.MatchString(location) {
		return image{own: true}, true
	}
	img, ok := lima.ImageAt(location)
	return newImage(img), ok && profile.SystemNamed(img.System).Name != ""
}

func newImage(img lima.Image) image {
	if len(profile.SystemNamed(img.System).Releases) == 0 { // the image has a version of its own
		return image{system: img.System, released: img.Release}
	}
	return image{system: img.System, release: img.Release}
}

// baseEntry is one element of base:.
type baseEntry struct {
	url  string
	node *yaml.Node
}

func baseList(root *yaml.Node) (out []baseEntry) {
	b := child(root, "base")
	if b == nil || isNull(b) {
		return nil
	}
	list := []*yaml.Node{b}
	if b.Kind == yaml.SequenceNode {
		list = b.Content
	}
	for _, n := range list {
		url := scalar(n)
		if n.Kind == yaml.MappingNode {
			url = scalar(n, "url")
		}
		if rest, old := strings.CutPrefix(url, "template://"); old {
			url = "template:" + rest
		}
		out = append(out, baseEntry{url, n})
	}
	return out
}

// takeGuest finds the guest's system: by its image, or by the answer of --guest.
func (a *Adoption) takeGuest() {
	d := &a.draft
	var found []image
	for _, b := range baseList(a.root) {
		if img, ok := imageOf(b.url); ok {
			found = append(found, img)
		} else if img, ok := lima.TemplateStarts(b.url); ok && profile.SystemNamed(img.System).Name != "" {
			found = append(found, newImage(img))
		}
	}
	named := ""
	for _, n := range items(child(a.root, "images")) {
		location := scalar(n, "location")
		named += " " + strings.ToLower(location)
		if img, ok := imageOf(location); ok {
			found = append(found, img)
			continue
		}
		a.checkImage(n, location)
	}
	system, release, answered := strings.Cut(a.in.Guest, ":")
	switch {
	case a.in.Guest != "":
		d.system = system
		if answered {
			d.release = release
		}
	case len(found) > 0 && found[0].own:
		d.system, d.nixOwn = profile.NixOS().Name, true
		if a.hasOwn("boot") {
			d.system, d.release, d.nixOwn = assumed.system, assumed.release, false
			a.note("the image was built by vmloom; which release it holds is not in the template: 25.10 is assumed, --guest SYSTEM:RELEASE says it")
		}
	case len(found) > 0:
		d.system, d.release = found[0].system, found[0].release
	default:
		a.guessGuest(named)
	}
	if profile.SystemNamed(d.system).SetUp == profile.ByFlake {
		a.note("what the guest's own NixOS configuration holds (packages, variables, mounts of the flake) is not in the template: add it to guest and nix.modules")
	}
}

// assumed is what Lima started of itself in its last version before this one.
var assumed = image{system: "ubuntu", release: "25.10"}

// guessGuest names a system where nothing shows it, and says so.
func (a *Adoption) guessGuest(named string) {
	d := &a.draft
	d.system, d.release = assumed.system, assumed.release
	for _, s := range profile.Systems() {
		if s.SetUp == profile.ByCloudInit && s.Name != assumed.system && strings.Contains(named, s.Name) {
			d.system, d.release = s.Name, s.Latest()
		}
	}
	if d.system == assumed.system && strings.Contains(named, profile.NixOS().Name) {
		a.note("the image that the template names is NixOS, but nothing says where it is: what runs is what Lima starts otherwise, taken for Ubuntu 25.10. For NixOS: vmloom adopt --guest nixos")
		return
	}
	a.note("WHICH SYSTEM runs in the guest is not in the template: %s %s is assumed; vmloom adopt --guest SYSTEM:RELEASE says it (cat /etc/os-release in the guest tells)", d.system, d.release)
}

// checkImage judges an image that is not one of a known publisher.
func (a *Adoption) checkImage(n *yaml.Node, location string) {
	l := child(n, "location")
	switch {
	case l == nil:
	case strings.Contains(location, "://") && scalar(n, "digest") == "":
		a.at(l, "no-digest", "the image is downloaded without a digest: another file under that address is another system", "digest: \"sha256:…\"")
	case strings.Contains(location, "://"):
	case !strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "~"):
		a.at(l, "relative-image", clean(location)+": relative to the folder where limactl reads it, which an instance's own folder is not: the image is not found there, and another system is what runs", "name it by https://… with a digest, or by its absolute path; for NixOS, vmloom adopt --guest nixos takes the image that nixos-lima publishes")
	case a.in.Exists != nil && !a.in.Exists(a.hostPath(location)):
		a.at(l, "missing-image", clean(location)+": is not there: a rebuild of the VM would fail, or start another system", "bring it back, or name an image of a publisher")
	}
}

func (a *Adoption) hasOwn(script string) bool {
	for _, p := range items(child(a.root, "provision")) {
		if text, _ := unescaped(scalar(p, "script")); ownScript(text) == script {
			return true
		}
	}
	return false
}
