package lima

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// StockTemplate is what a template of Lima's own brings into an instance, beside images,
// scripts and messages.
type StockTemplate struct {
	// Image is the system that it starts; zero: none, or none that Lima has an image list of.
	Image Image
	// OS where it is not Linux: FreeBSD, Darwin, Windows.
	OS string
	// Sets are values by place, as DefaultAt has them; a list's place ends with [],
	// its elements have a blank between.
	Sets map[string]string
}

// off is what templates for one program say of containerd.
var off = map[string]string{"containerd.system": "false", "containerd.user": "false"}

// without9p is what templates of images say whose kernel has none.
var without9p = map[string]string{"mountTypesUnsupported[]": "9p"}

// sets are what Lima 2.2's templates set that is no image, script or message, and
// that a generated template may set otherwise (templates/).
var sets = map[string]map[string]string{
	"_images/almalinux-8": without9p, "_images/almalinux-9": without9p, "_images/almalinux-10": without9p, "_images/almalinux-kitten-10": without9p,
	"_images/centos-stream-9": without9p, "_images/centos-stream-10": without9p, "_images/fedora-41": without9p,
	"_images/debian-11": {"mountTypesUnsupported[]": "9p", "vmType": "qemu"}, "_images/debian-12": without9p, "_images/debian-13": without9p,
	"_images/fedora-43": {"ssh.overVsock": "false"}, "_images/opensuse-leap-15": {"mountType": "reverse-sshfs", "mountTypesUnsupported[]": "9p virtiofs"},
	"_images/oraclelinux-8": without9p, "_images/oraclelinux-9": without9p, "_images/oraclelinux-10": without9p,
	"_images/rocky-8": without9p, "_images/rocky-9": without9p, "_images/rocky-10": without9p, "_images/ubuntu-24.10": without9p,
	"_images/ubuntu-26.04": {"param.internal_netplanOptional": "true"},

	"alpine-3.21": off, "alpine-3.22": off, "alpine-3.23": off, "alpine-iso": off, "apptainer": off, "apptainer-rootful": off, "docker": off, "docker-rootful": off,
	"faasd": off, "k0s": off, "k3s": off, "linuxbrew": off, "podman": off, "podman-rootful": off, "experimental/rke2": off, "experimental/u7s": off,
	"buildkit":          {"containerd.system": "false", "containerd.user": "true"},
	"k8s":               {"containerd.system": "true", "containerd.user": "false"},
	"experimental/alsa": {"vmType": "qemu", "audio.device": "default"},
	"experimental/vnc":  {"vmType": "qemu", "video.display": "vnc"},
}

// foreign are templates of systems that are not Linux, by how their names begin.
var foreign = []struct{ prefix, os string }{
	{"freebsd", "FreeBSD"}, {"experimental/freebsd", "FreeBSD"}, {"macos", "Darwin"}, {"homebrew-macos", "Darwin"}, {"windows", "Windows"},
}

// unlisted are Lima's templates that start a system which the table of releases has not.
var unlisted = strings.Fields("_default/mounts _images/alpine-iso _images/archlinux _images/fedora-rawhide _images/almalinux-kitten-10 alpine-iso archlinux " +
	"experimental/almalinux-kitten experimental/almalinux-kitten-10 experimental/debian-sid experimental/fedora-rawhide experimental/gentoo " +
	"experimental/opensuse-tumbleweed experimental/ubuntu-next experimental/ubuntu-26.10 experimental/wsl2")

// StockTemplateAt is what a template of Lima's own brings: template:k8s, with what the
// templates that it builds on do. ok is false where Lima has none of that name.
func StockTemplateAt(locator string) (t StockTemplate, ok bool) {
	name := templateName(locator)
	image, alone := strings.CutPrefix(name, "_images/")
	for _, f := range foreign {
		if strings.HasPrefix(image, f.prefix) {
			return StockTemplate{OS: f.os}, true
		}
	}
	t.Image, ok = templateStarts(locator)
	if !ok && !slices.Contains(unlisted, name) {
		return StockTemplate{}, false
	}
	release := t.Image.System + "-" + t.Image.Release
	from := []string{"_images/" + release}
	if !alone {
		from = append(from, release, cmp.Or(links[name], name))
	}
	t.Sets = map[string]string{}
	for _, name := range from {
		maps.Copy(t.Sets, sets[name])
	}
	return t, true
}

// links are templates that are another one, and no alias of a system.
var links = map[string]string{"homebrew-linux": "linuxbrew"}
