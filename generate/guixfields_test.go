package generate_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vmloom/profile"
)

// guixWanted are the fields that the profile asks for, by the words of its documentation
// and not by those of our templates.
func guixWanted(p *profile.Profile) guixFields {
	want := guixFields{
		HostName: p.Guest.Hostname, Timezone: p.Guest.Timezone, Locale: "en_US.utf8",
		Sudoers:         "root ALL=(ALL) ALL\n%wheel ALL=(ALL) NOPASSWD: ALL\n",
		KernelArguments: []string{"console=ttyS0,115200", "modprobe.blacklist=usbmouse,usbkbd", "quiet"},
		BootTargets:     []string{"/dev/vda"},
		Users: []guixUser{{
			Name: p.Guest.User.Name, UID: int(p.Guest.User.UID), Home: p.Guest.User.Home,
			Shell: p.Guest.User.Shell + "/bin/" + p.Guest.User.Shell, Groups: append([]string{"users", "wheel"}, guixWantedGroups(p)...),
		}},
		FileSystems: guixWantedFileSystems(p), Packages: []string{}, Keys: []string{}, Env: map[string]string{},
		Services: []string{"dhcpcd", "openssh", "qemu-guest-agent", "special-file-/bin/bash"},
		AtBoot:   []string{"vmloom"}, Channels: []string{},
	}
	if p.Guest.Timezone == "" {
		want.Timezone = "Etc/UTC"
	}
	if language, _, ok := strings.Cut(p.Guest.Locale, "."); ok {
		want.Locale = language + ".utf8"
	}
	if p.Guest.Arch == "aarch64" {
		want.KernelArguments[0], want.BootTargets = "console=ttyAMA0,115200", []string{"/boot/efi"}
	}
	for _, pkg := range p.Guest.Packages {
		name, output, ok := strings.Cut(pkg.Guix, ":")
		if !ok {
			output = "out"
		}
		name, _, _ = strings.Cut(name, "@")
		want.Packages = append(want.Packages, name+":"+output)
	}
	slices.Sort(want.Packages)
	if len(p.Guest.CACerts) > 0 {
		want.Packages = slices.Insert(want.Packages, 0, "profile-certificates")
	}
	if keys := p.Guest.User.Keys(); len(keys) > 0 {
		want.Keys = []string{p.Guest.User.Name + " " + strings.Join(keys, "\n") + "\n"}
	}
	for name, value := range p.Guest.Env {
		want.Env[name] = value
	}
	if proxy := p.Guest.Proxy; proxy.HTTP != "" {
		for name, value := range map[string]string{
			"http_proxy": proxy.HTTP, "https_proxy": cmp.Or(proxy.HTTPS, proxy.HTTP),
			"no_proxy": strings.Join(append([]string{"localhost", "127.0.0.1", "::1", p.Guest.Hostname}, proxy.NoProxy...), ","),
		} {
			want.Env[name], want.Env[strings.ToUpper(name)] = value, value
		}
	}
	for _, s := range p.Sockets {
		if s.Env != "" {
			want.Env[s.Env] = socketValue(s)
		}
	}
	if len(want.Env) > 0 {
		want.Services = append(want.Services, "profile-environment")
	}
	if len(p.Network.Hosts) > 0 {
		want.Services = append(want.Services, "profile-hosts")
	}
	if p.HasToken() {
		want.Services = append(want.Services, "onepassword")
	}
	want.Services = append(want.Services, guixEngines[p.Guest.Containers+" "+p.Guix.Version]...)
	if p.Guest.EnvFile != "" {
		want.Services = append(want.Services, "environment-file")
	}
	if len(p.Disks) > 0 {
		want.Services = append(want.Services, "vmloom-disks", "vmloom-disks-first", "vmloom-disk-notices")
		want.AtBoot = append([]string{"vmloom-disks"}, want.AtBoot...)
	}
	want.Services = append(want.Services, "vmloom")
	for _, s := range p.Guix.Substitutes {
		want.Servers = append(want.Servers, s.URL)
		if want.Trusted = append(want.Trusted, s.Key); s.KeyFile() != "" {
			want.Trusted[len(want.Trusted)-1] = guixOwnKey
		}
	}
	want.Servers = append(want.Servers, "https://bordeaux.guix.gnu.org", "https://ci.guix.gnu.org")
	want.Trusted = append(want.Trusted, "?", "?") // theirs, files of Guix
	if p.Guix.Version == "1.4" {
		want.Services[0] = "dhcp-client" // its guix in the guest does not know of channels
		return want
	}
	want.Services, want.Channels = append(want.Services, "guix"), guixWantedChannels(p)
	return want
}

// guixEngines are the services of the engines that Guix has, by engine and version; dbus and elogind give
// sessions what they need.
var guixEngines = map[string][]string{
	"docker 1.4": {"dbus", "elogind", "docker"},
	"docker 1.5": {"dbus", "elogind", "containerd", "docker"},
	"podman 1.5": {"dbus", "elogind", "iptables", "rootless-podman"},
}

// guixWantedGroups are the user's further ones, with that of the engine.
func guixWantedGroups(p *profile.Profile) []string {
	own := slices.Clone(p.Guest.Groups)
	if p.Resources.Nested {
		own = append(own, "kvm")
	}
	return append(slices.Compact(slices.Sorted(slices.Values(own))), map[string][]string{"docker": {"docker"}, "podman": {"cgroup"}}[p.Guest.Containers]...)
}

// socketValue is what the socket's variable says: Docker's wants a URL.
func socketValue(s profile.Socket) string {
	if s.Env == "DOCKER_HOST" {
		return "unix://" + s.Guest
	}
	return s.Guest
}

func guixWantedFileSystems(p *profile.Profile) []guixFileSystem {
	out := []guixFileSystem{{MountPoint: "/", Device: "label Guix_image", Type: "ext4"}}
	esp := guixFileSystem{MountPoint: "/boot/efi", Device: "label GNU-ESP", Type: "vfat"}
	if p.Guest.Arch == "aarch64" && !p.ForEveryArch() {
		out = append(out, esp)
	}
	if p.Home.Disk > 0 {
		out = append(out, guixFileSystem{MountPoint: p.HomeMount(), Device: "label " + p.HomeLabel(), Type: "ext4"})
	}
	share := func(tag, dir string, by profile.NineP, readOnly bool) {
		options := fmt.Sprintf("trans=virtio,version=%s,msize=%d", cmp.Or(by.ProtocolVersion, "9p2000.L"), cmp.Or(by.MSize, 128<<10))
		if by.Cache != "" {
			options += ",cache=" + by.Cache
		}
		out = append(out, guixFileSystem{dir, tag, "9p", options, readOnly, true})
	}
	share("vmloom", "/run/vmloom", profile.NineP{}, true)
	for i, m := range p.Mounts {
		share("mount"+strconv.Itoa(i), p.GuestPath(m), m.NineP, !m.Writable)
	}
	if p.Guest.Arch == "aarch64" && p.ForEveryArch() {
		out = append(out, esp)
	}
	return out
}

// guixWantedChannels are the profile's pins, Guix's own first.
func guixWantedChannels(p *profile.Profile) []string {
	first := "guix https://git.guix.gnu.org/guix.git " + guixReleaseCommit[p.Guix.Version]
	var others []string
	for _, c := range p.Guix.Channels {
		if c.File != "" {
			others = append(others, "more https://example.org/more.git 0123456789abcdef0123456789abcdef01234567")
		} else if c.Name != "guix" {
			others = append(others, c.Name+" "+c.URL+" "+c.Commit)
		}
	}
	return append([]string{first}, others...)
}
