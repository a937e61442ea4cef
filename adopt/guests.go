package adopt

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/flake"
	"vmloom/lima"
	"vmloom/pattern"
	"vmloom/profile"
)

// image is what a location or a base says about the guest.
type image struct {
	system, release string
	released        string // version of nixos-lima's published image
	own             bool   // vmloom built it
}

var builtImage = pattern.New(`^\.\./\.\./\.\./images/[a-z0-9-]+-(aarch64|x86_64)\.qcow2$`)

// imageOf knows the images that Lima knows, of systems that a profile can name, and
// those that vmloom builds.
func imageOf(location string) (image, bool) {
	if builtImage().MatchString(location) {
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

// takeGuest finds the guest's system: by its image, or by the answer of --guest. It
// refuses to guess.
func (a *Adoption) takeGuest() error {
	d := &a.made.Guest
	found, named, err := a.startsAs()
	if err != nil {
		return err
	}
	system, release, _ := strings.Cut(a.in.Guest, ":")
	switch {
	case a.in.Guest != "":
		d.System, d.Release = system, release
	case len(found) == 0:
		return a.unknownGuest(named)
	case found[0].own:
		if a.hasOwn("boot") {
			return refuse(a.asking("SYSTEM:RELEASE"), "%s: which release is in the image that vmloom built is not in the template", a.in.Lima.Name)
		}
		d.System, a.made.Nix.Base = profile.NixOS().Name, "own"
	default:
		d.System, d.Release = found[0].system, found[0].release
	}
	if err := a.nameable(); err != nil {
		return err
	}
	a.takeImage()
	if a.made.System().SetUp == profile.ByFlake {
		a.note("what the guest's own NixOS configuration holds (packages, variables, mounts of the flake) is not in the template: add it to guest and nix.modules")
	}
	return nil
}

// takeImage takes an image that its owner chose for the profile's own, where the field
// can say all of it: the first of its processor. Others follow it in lima.extra.
func (a *Adoption) takeImage() {
	list := items(child(a.root, "images"))
	if len(list) == 0 || a.made.Nix.Base == "own" || !chosen((&reader{host: a.host}).top(a.root)) {
		return
	}
	for _, n := range list {
		if arch := scalar(n, "arch"); arch != "" && arch != a.made.Guest.Arch {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !slices.Contains([]string{"location", "arch", "digest"}, n.Content[i].Value) {
				return
			}
		}
		location := plainPath(scalar(n, "location"))
		if img, _ := imageOf(location); img.released == flake.NixosLima {
			return // which is named anyway
		}
		if !relative(location) && scalar(n, "arch") != "" {
			a.made.Guest.Image = profile.Image{Location: location, Digest: scalar(n, "digest")}
		}
		return
	}
}

// startsAs are the systems that bases and images name, and the words of the images
// that tell nothing.
func (a *Adoption) startsAs() (found []image, named string, err error) {
	for _, b := range baseList(a.root) {
		stock, _ := lima.StockTemplateAt(b.url)
		switch {
		case stock.OS != "":
			return nil, "", a.notLinux(b.node, stock.OS)
		case stock.Image.System == "":
		case profile.SystemNamed(stock.Image.System).Name == "":
			return nil, "", a.noGuest(b.node, stock.Image.System)
		default:
			found = append(found, newImage(stock.Image))
		}
	}
	for _, n := range items(child(a.root, "images")) {
		location := scalar(n, "location")
		if img, ok := imageOf(location); ok {
			found = append(found, img)
			continue
		}
		named += " " + strings.ToLower(location)
		a.checkImage(n, location)
	}
	return found, named, nil
}

// asking is the command that answers which system it is.
func (a *Adoption) asking(guest string) string {
	return "vmloom adopt --guest " + guest + " " + clean(a.in.Lima.Name) + " says it; cat /etc/os-release in the guest tells"
}

// unknownGuest stops where nothing shows what runs in the guest.
func (a *Adoption) unknownGuest(named string) error {
	name := a.in.Lima.Name
	if !hasItems(a.root, "images") && len(baseList(a.root)) == 0 {
		return refuse(a.asking("SYSTEM:RELEASE"), "%s: names no image and no base: limactl starts no guest of it alone", name)
	}
	for _, n := range items(child(a.root, "images")) {
		if img, ok := lima.ImageAt(scalar(n, "location")); ok && profile.SystemNamed(img.System).Name == "" {
			return a.noGuest(child(n, "location"), img.System)
		}
	}
	guest := "SYSTEM:RELEASE"
	for _, s := range limaGuests() {
		if strings.Contains(named, s.Name) {
			guest = s.Name
			if len(s.Releases) > 0 {
				guest += ":" + s.Latest()
			}
		}
	}
	return refuse(a.asking(guest), "%s: which system runs in the guest is not known by its image", name)
}

// nameable refuses a system or release that no profile can name.
func (a *Adoption) nameable() error {
	d := &a.made.Guest
	s := a.made.System()
	switch {
	case s.Name == "":
		return refuse("--guest takes "+strings.Join(guestNames(), ", "), "--guest %s: no guest of a profile", clean(d.System))
	case len(s.Releases) > 0 && d.Release == "" && a.in.Guest != "":
		return refuse(s.Name+":"+strings.Join(s.ReleaseNames(), ", "+s.Name+":"), "--guest %s: has several releases", s.Name)
	case len(s.Releases) > 0 && !slices.Contains(s.ReleaseNames(), d.Release):
		return refuse("after an upgrade in the guest, vmloom adopt --guest "+s.Name+":RELEASE takes what it is then and keeps its image",
			"%s: %s %s: no release that a profile can name: it knows %s", a.in.Lima.Name, s.Title, clean(d.Release), strings.Join(s.ReleaseNames(), ", "))
	}
	return nil
}

func (a *Adoption) notLinux(n *yaml.Node, os string) error {
	return refuse("go on with Lima's own template for it", "%s:%d: the guest is %s: guests of a profile are Linux", a.in.Lima.Name, n.Line, os)
}

func (a *Adoption) noGuest(n *yaml.Node, system string) error {
	return refuse("go on with Lima's own template for it", "%s:%d: the guest is %s: guests of a profile are %s", a.in.Lima.Name, n.Line, system, strings.Join(guestNames(), ", "))
}

// guestNames are the systems that Lima starts for a profile.
func guestNames() (names []string) {
	for _, s := range limaGuests() {
		names = append(names, s.Name)
	}
	return names
}

func limaGuests() []profile.System {
	return slices.DeleteFunc(profile.Systems(), func(s profile.System) bool { return s.Runner != profile.NixOS().Runner })
}

func hasItems(root *yaml.Node, name string) bool { return len(items(child(root, name))) > 0 }

// plainPath is where an image lies without the scheme of files, which Lima takes as well.
func plainPath(location string) string { return strings.TrimPrefix(location, "file://") }

// checkImage judges an image that is not one of a known publisher.
func (a *Adoption) checkImage(n *yaml.Node, location string) {
	l := child(n, "location")
	location = plainPath(location)
	switch {
	case l == nil:
	case strings.Contains(location, "://") && scalar(n, "digest") == "":
		a.at(l, "no-digest", "the image is downloaded without a digest: another file under that address is another system", "digest: \"sha256:…\"")
	case strings.Contains(location, "://"):
	case !strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "~"):
		a.at(l, "relative-image", clean(location)+": relative to the folder where limactl reads it, which an instance's own folder is not: the image is not found there, and another system is what runs", "name it by https://… with a digest, or by its absolute path; for NixOS, vmloom adopt --guest nixos takes the image that nixos-lima publishes")
	case a.in.Exists == nil || a.in.Exists(a.hostPath(location)):
	case a.hasNext(n):
		a.at(l, "missing-image", clean(location)+": is not there: Lima takes the next image of the list", "bring it back, or remove it from the list")
	default:
		a.at(l, "missing-image", clean(location)+": is not there: a rebuild of the VM would fail", "bring it back, or name an image of a publisher")
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

// hasNext reports whether the list has a further image for the processor of one.
func (a *Adoption) hasNext(n *yaml.Node) bool {
	list := items(child(a.root, "images"))
	i := slices.Index(list, n)
	return slices.ContainsFunc(list[i+1:], func(next *yaml.Node) bool { return scalar(next, "arch") == scalar(n, "arch") })
}
