package lima

import (
	"slices"
	"strings"
	"testing"
)

func TestImageAt(t *testing.T) {
	for location, want := range map[string]Image{
		"template:_images/ubuntu-25.10":       {"ubuntu", "25.10"},
		"template://_images/debian-13":        {"debian", "13"},
		"template:_images/centos-stream-10":   {"centos-stream", "10"},
		"template:_images/ubuntu-lts.yaml":    {"ubuntu", "26.04"},
		"template:_images/fedora":             {"fedora", "44"},
		"template:_images/ubuntu-99.04":       {},
		"template:_images/ubuntu-":            {},
		"template:_images/":                   {},
		"template:ubuntu-25.10":               {}, // mounts the home, too
		"template:docker":                     {},
		"_images/ubuntu-25.10":                {},
		"/srv/ubuntu-25.10.img":               {},
		"https://example.org/debian-13-x.img": {},
		"":                                    {},
		// As in the templates themselves.
		"https://cloud-images.ubuntu.com/releases/resolute/release-20260720/ubuntu-26.04-server-cloudimg-arm64.img":                         {"ubuntu", "26.04"},
		"https://cloud.debian.org/images/cloud/trixie/20260712-2537/debian-13-genericcloud-amd64-20260712-2537.qcow2":                       {"debian", "13"},
		"https://download.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2": {"fedora", "44"},
		"https://github.com/nixos-lima/nixos-lima/releases/download/v0.2.1/nixos-lima-v0.2.1-aarch64.qcow2":                                 {"nixos", "v0.2.1"},
		// As people write them, and as templates of older Limas have them.
		"https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-arm64.img":                                     {"ubuntu", "22.04"},
		"https://cloud-images.ubuntu.com/impish/current/impish-server-cloudimg-amd64.img":                                   {"ubuntu", "21.10"},
		"https://cloud-images.ubuntu.com/daily/server/noble/current/noble-server-cloudimg-amd64.img":                        {"ubuntu", "24.04"},
		"https://cloud-images.ubuntu.com/minimal/releases/noble/release/ubuntu-24.04-minimal-cloudimg-amd64.img":            {"ubuntu", "24.04"},
		"https://cloud-images.ubuntu.com/minimal/other.img":                                                                 {},
		"https://repo.almalinux.org/almalinux/8.10/cloud/x86_64/images/AlmaLinux-8-GenericCloud-8.10-20240819.x86_64.qcow2": {"almalinux", "8"},
		"https://dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud.latest.x86_64.qcow2":                      {"rocky", "9"},
		"https://yum.oracle.com/templates/OracleLinux/OL9/u4/x86_64/OL9U4_x86_64-kvm-b234.qcow2":                            {"oraclelinux", "9"},
		"https://cloud.centos.org/centos/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-latest.x86_64.qcow2":           {"centos-stream", "9"},
		"https://download.opensuse.org/distribution/leap/15.6/appliances/openSUSE-Leap-15.6-Minimal-VM.x86_64-Cloud.qcow2":  {"opensuse-leap", "15.6"},
		"https://dl-cdn.alpinelinux.org/alpine/v3.20/releases/cloud/nocloud_alpine-3.20.3-x86_64-uefi-cloudinit-r0.qcow2":   {"alpine", "3.20"},
		"https://github.com/lima-vm/alpine-lima/releases/download/v0.2.41/alpine-lima-std-3.20.3-x86_64.iso":                {"alpine", "3.20"},
	} {
		if got, ok := ImageAt(location); ok != (want != Image{}) || ok && got != want {
			t.Errorf("%s: %v %v", location, got, ok)
		}
	}
}

func TestTemplateStarts(t *testing.T) {
	for locator, want := range map[string]Image{
		"template:docker": {"ubuntu", "26.04"}, "template:default": {"ubuntu", "26.04"}, "template://k3s": {"ubuntu", "26.04"}, "template:podman": {"fedora", "44"},
		"template:ubuntu-lts": {"ubuntu", "26.04"}, "template:debian-12": {"debian", "12"}, "template:debian": {"debian", "13"}, "template:_images/rocky-9": {"rocky", "9"},
		"template:experimental/vnc": {"ubuntu", "26.04"}, "template:opensuse": {"opensuse-leap", "16"},
		"template:_default/mounts": {}, "template:windows": {}, "template:nosuch": {}, "docker": {}, "": {},
	} {
		if got, ok := templateStarts(locator); ok != (want != Image{}) || ok && got != want {
			t.Errorf("%s: %v %v", locator, got, ok)
		}
	}
}

// TestImageTables: what stands for an image stands for one that there is.
func TestImageTables(t *testing.T) {
	for system, list := range releases {
		for _, release := range list {
			if got, ok := ImageAt(ImageTemplate(system, release)); !ok || got != (Image{system, release}) {
				t.Errorf("%s %s: %v", system, release, got)
			}
		}
	}
	for name, img := range aliases {
		if !slices.Contains(Releases(img.System), img.Release) {
			t.Errorf("%s: there is no image of %v", name, img)
		}
	}
	for name, on := range programs {
		if _, ok := aliases[on]; !ok {
			t.Errorf("%s: builds on %s, which is none", name, on)
		}
	}
	for _, name := range bringers {
		if len(sets[name]) == 0 {
			t.Errorf("%s: brings nothing", name)
		}
		for place := range sets[name] {
			if _, ok := KeyAt(strings.TrimSuffix(place, "[]")); !ok && !strings.HasPrefix(place, "param.") {
				t.Errorf("brought: %s: Lima does not know it", place)
			}
		}
	}
	if !BringsTo("images") || BringsTo("mounts") || !Brings("ssh.overVsock", "false") || Brings("ssh.overVsock", "true") || Brings("cpus", "") {
		t.Error("brings what it does not, or the other way round")
	}
	if Releases("nixos") != nil {
		t.Error("Lima has no image of NixOS")
	}
}
