package lima

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"vmloom/pattern"
)

// Image is the system that an instance starts as.
type Image struct {
	// System as the ID of its /etc/os-release has it: ubuntu.
	System string
	// Release as text: 25.10. Of NixOS it is the version of nixos-lima.
	Release string
}

// releases of the systems whose images are among Lima's templates, oldest first
// (templates/_images).
var releases = map[string][]string{
	"almalinux":     {"8", "9", "10"},
	"alpine":        {"3.21", "3.22", "3.23"},
	"centos-stream": {"9", "10"},
	"debian":        {"11", "12", "13"},
	"fedora":        {"41", "42", "43", "44"},
	"opensuse-leap": {"15", "16"},
	"oraclelinux":   {"8", "9", "10"},
	"rocky":         {"8", "9", "10"},
	"ubuntu":        {"20.04", "22.04", "24.04", "24.10", "25.04", "25.10", "26.04"},
}

// aliases are names of templates for one of those, which move with Lima's versions.
var aliases = map[string]Image{
	"almalinux":     {"almalinux", "10"},
	"alpine":        {"alpine", "3.23"},
	"centos-stream": {"centos-stream", "9"},
	"debian":        {"debian", "13"},
	"fedora":        {"fedora", "44"},
	"opensuse":      {"opensuse-leap", "16"},
	"opensuse-leap": {"opensuse-leap", "16"},
	"oraclelinux":   {"oraclelinux", "10"},
	"rocky":         {"rocky", "10"},
	"ubuntu":        {"ubuntu", "26.04"},
	"ubuntu-lts":    {"ubuntu", "26.04"},
}

// programs are the templates that install something, by the alias that they build on.
var programs = map[string]string{
	"apptainer": "ubuntu-lts", "apptainer-rootful": "ubuntu-lts", "buildkit": "ubuntu-lts", "default": "ubuntu", "docker": "ubuntu-lts",
	"docker-rootful": "ubuntu-lts", "faasd": "ubuntu-lts", "homebrew-linux": "ubuntu-lts", "k0s": "ubuntu-lts", "k3s": "ubuntu-lts", "k8s": "ubuntu-lts",
	"linuxbrew": "ubuntu-lts", "podman": "fedora", "podman-rootful": "fedora",
	"experimental/alsa": "ubuntu-lts", "experimental/rke2": "ubuntu-lts", "experimental/u7s": "ubuntu-lts", "experimental/vnc": "ubuntu-lts",
}

// publishers are where the images of those templates come from, and nixos-lima's:
// the system, and its release in the address, or its name.
var publishers = []struct {
	system string
	at     func() *regexp.Regexp
}{
	{"ubuntu", pattern.New(`^https?://cloud-images\.ubuntu\.com/.*ubuntu-([0-9]{2}\.[0-9]{2})-`)},
	{"debian", pattern.New(`^https?://cloud\.debian\.org/.*debian-([0-9]+)-`)},
	{"fedora", pattern.New(`^https?://download\.fedoraproject\.org/.*/Fedora-Cloud-Base-Generic-([0-9]+)-`)},
	{"nixos", pattern.New(`^https?://github\.com/nixos-lima/nixos-lima/releases/download/(v[0-9.]+)/`)},
	{"ubuntu", pattern.New(`^https?://cloud-images\.ubuntu\.com/(?:daily/server/)?([a-z]+)/`)},
	{"almalinux", pattern.New(`^https?://repo\.almalinux\.org/almalinux/([0-9]+)`)},
	{"alpine", pattern.New(`^https?://dl-cdn\.alpinelinux\.org/alpine/v([0-9.]+)/`)},
	{"alpine", pattern.New(`^https?://github\.com/lima-vm/alpine-lima/releases/download/.*-([0-9]+\.[0-9]+)\.[^/]*$`)},
	{"centos-stream", pattern.New(`^https?://cloud\.centos\.org/centos/([0-9]+)-stream/`)},
	{"opensuse-leap", pattern.New(`^https?://download\.opensuse\.org/.*[Ll]eap[-/]([0-9.]+)`)},
	{"oraclelinux", pattern.New(`^https?://yum\.oracle\.com/templates/OracleLinux/OL([0-9]+)/`)},
	{"rocky", pattern.New(`^https?://dl\.rockylinux\.org/(?:pub|vault)/rocky/([0-9]+)`)},
}

// codenames are what Ubuntu calls its releases in addresses.
var codenames = map[string]string{
	"focal": "20.04", "jammy": "22.04", "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10", "resolute": "26.04",
	"bionic": "18.04", "hirsute": "21.04", "impish": "21.10", "kinetic": "22.10", "lunar": "23.04", "mantic": "23.10",
}

// UbuntuCode is what Ubuntu calls a release such as 24.04; empty: it is not known.
func UbuntuCode(release string) string {
	for code, of := range codenames {
		if of == release {
			return code
		}
	}
	return ""
}

// broughtLists are the lists that the templates of images bring along, bringers those
// templates that bring values too (sets has them): Ubuntu 26.04, Fedora 43, Debian 11.
var (
	broughtLists = []string{"images", "mountTypesUnsupported"}
	bringers     = []string{"_images/ubuntu-26.04", "_images/fedora-43", "_images/debian-11"}
)

// BringsTo reports whether a template of an image may bring elements to the list at
// a place. Lima merges a base away when it makes an instance: they follow the
// instance's own.
func BringsTo(place string) bool { return slices.Contains(broughtLists, place) }

// Brings reports whether a template of an image may bring a value, where an
// instance has none.
func Brings(place, value string) bool {
	return slices.ContainsFunc(bringers, func(name string) bool {
		brought, ok := sets[name][place]
		return ok && brought == value
	})
}

// ImageTemplate is the base that brings the image of a system's release, and
// nothing else.
func ImageTemplate(system, release string) string {
	return "template:_images/" + system + "-" + release
}

// Releases are those of a system that Lima has an image of, oldest first.
func Releases(system string) []string { return slices.Clone(releases[system]) }

// ImageAt is what an image holds, by its address or by a template that brings the
// image alone.
func ImageAt(location string) (Image, bool) {
	if name, ok := strings.CutPrefix(templateName(location), "_images/"); ok {
		return named(name)
	}
	for _, p := range publishers {
		m := p.at().FindStringSubmatch(location)
		if m == nil {
			continue
		}
		release := cmp.Or(codenames[m[1]], m[1])
		if release == m[1] && p.system == "ubuntu" && !strings.Contains(release, ".") {
			continue // a directory of another kind
		}
		return Image{p.system, release}, true
	}
	return Image{}, false
}

// templateStarts is the system that an instance of one of Lima's templates starts
// as, whatever else the template brings: template:docker.
func templateStarts(locator string) (Image, bool) {
	name := templateName(locator)
	if name == "" {
		return Image{}, false
	}
	if on, ok := programs[name]; ok {
		name = on
	}
	return named(strings.TrimPrefix(name, "_images/"))
}

// templateName is the name in template:NAME, which was template://NAME before
// Lima 2.0; empty: it is no such locator.
func templateName(locator string) string {
	name, ok := strings.CutPrefix(locator, "template:")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "//"), ".yaml")
}

// named is an alias, or system and release with a dash between.
func named(name string) (Image, bool) {
	if img, ok := aliases[name]; ok {
		return img, true
	}
	i := max(strings.LastIndexByte(name, '-'), 0)
	img := Image{name[:i], strings.TrimPrefix(name[i:], "-")}
	if !slices.Contains(releases[img.System], img.Release) {
		return Image{}, false
	}
	return img, true
}
