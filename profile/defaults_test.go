package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// mustLoad reads a profile that the test holds for legal.
func mustLoad(t *testing.T, src string) *Profile {
	t.Helper()
	p, err := Load("vmloom.yaml", []byte(src))
	if err != nil {
		t.Fatalf("%s\n%s", src, report(err))
	}
	return p
}

// TestDefaults holds what the least profile means on each host for each guest.
func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		host, guest string
		want        func(*Profile) // what is not as on macOS for Ubuntu
	}{
		{"{os: macos}", `{system: ubuntu, release: "26.04", user: {name: u}}`, func(p *Profile) {}},
		{"{os: macos}", `{system: debian, release: "13", user: {name: u}}`, func(p *Profile) {
			p.Guest.System, p.Guest.Release = "debian", "13"
		}},
		{"{os: macos}", `{system: nixos, user: {name: u}}`, func(p *Profile) {
			p.Guest.System, p.Guest.Release = "nixos", ""
		}},
		{"{os: macos}", `{system: guix, user: {name: u}}`, func(p *Profile) {
			p.Guest.System, p.Guest.Release, p.Guest.User.Home = "guix", "", "/home/u"
			p.Runner = "qemu"
		}},
		{"{os: linux}", `{system: ubuntu, release: "26.04", user: {name: u}}`, func(p *Profile) {
			p.Host.OS, p.Lima.VMType, p.Guest.Arch = "linux", "qemu", "x86_64"
		}},
		{"{os: linux}", `{system: debian, release: "13", user: {name: u}}`, func(p *Profile) {
			p.Host.OS, p.Lima.VMType, p.Guest.Arch = "linux", "qemu", "x86_64"
			p.Guest.System, p.Guest.Release = "debian", "13"
		}},
		{"{os: linux}", `{system: nixos, user: {name: u}}`, func(p *Profile) {
			p.Host.OS, p.Lima.VMType, p.Guest.Arch = "linux", "qemu", "x86_64"
			p.Guest.System, p.Guest.Release = "nixos", ""
		}},
		{"{os: linux}", `{system: guix, user: {name: u}}`, func(p *Profile) {
			p.Host.OS, p.Lima.VMType, p.Guest.Arch = "linux", "qemu", "x86_64"
			p.Guest.System, p.Guest.Release, p.Guest.User.Home = "guix", "", "/home/u"
			p.Runner = "qemu"
		}},
		// With host.user, which names the guest's user too.
		{"{os: macos, user: u}", `{system: ubuntu, release: "26.04"}`, func(p *Profile) {
			p.Host.User, p.Host.Home = "u", "/Users/u"
		}},
		{"{os: linux, user: u}", `{system: ubuntu, release: "26.04"}`, func(p *Profile) {
			p.Host.OS, p.Lima.VMType, p.Guest.Arch = "linux", "qemu", "x86_64"
			p.Host.User, p.Host.Home = "u", "/home/u"
		}},
	} {
		t.Run(c.host+c.guest, func(t *testing.T) {
			want := &Profile{
				Version: 1, Name: "a", Runner: "lima", Autostart: "off",
				Host:      Host{OS: "macos"},
				Lima:      Lima{Instance: "a", VMType: "vz"},
				Guest:     Guest{System: "ubuntu", Release: "26.04", Arch: "aarch64", Hostname: "a", User: User{Name: "u", UID: 1000, Home: "/home/u.guest", Shell: "bash"}},
				Resources: Resources{CPUs: CPUs{Count: 4}, Memory: Memory{Size: 4 << 30}, Disk: 50 << 30},
				Home:      Home{Name: "a"},
				Nix:       Nix{Nixpkgs: "github:NixOS/nixpkgs/nixos-26.05", StateVersion: "26.05", Base: "released", Root: "."},
				Guix:      Guix{Version: "1.5"},
				Build:     Build{On: "auto"},
			}
			c.want(want)
			got := mustLoad(t, with("host: "+c.host+"\nguest: "+c.guest))
			if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Profile{})); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if got.File() != "vmloom.yaml" {
				t.Errorf("File() = %q", got.File())
			}
		})
	}
}

// TestDefaultsOfParts holds the defaults of what a profile may leave out altogether.
func TestDefaultsOfParts(t *testing.T) {
	p := mustLoad(t, with(`ports: [{guest: 80}, {guest: 81, host: 8081}]
wezterm: {}
guix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}
guest: {system: nixos, user: {name: u}, packages: [rust, {nix: x}]}
sockets: [{name: mine, host: /x/y}]`))
	for _, c := range []struct{ got, want any }{
		{p.Ports, []Port{{Guest: OnePort(80), Host: OnePort(80)}, {Guest: OnePort(81), Host: OnePort(8081)}}},
		{p.WezTerm, &WezTerm{Domain: "a", Via: "exec"}},
		{p.Guix.Channels[0].Branch, "master"},
		{p.Guest.Packages, []Package{{"rust", "rustc", "rust", "rustc", "rust"}, {Nix: "x"}}},
		{p.Sockets, []Socket{{Name: "mine", Host: "/x/y", Guest: "/run/host-services/mine.sock"}}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
	}
}

// TestPresets holds what from: stands for on each host, and that a field of the
// profile's own wins.
func TestPresets(t *testing.T) {
	const services = "/run/host-services/"
	for _, c := range []struct{ os, from, host, guest, env, value string }{
		{"macos", "colima", "~/.colima/default/docker.sock", services + "docker.sock", "DOCKER_HOST", "unix://" + services + "docker.sock"},
		{"linux", "colima", "~/.colima/default/docker.sock", services + "docker.sock", "DOCKER_HOST", "unix://" + services + "docker.sock"},
		{"macos", "docker-desktop", "~/.docker/run/docker.sock", services + "docker.sock", "DOCKER_HOST", "unix://" + services + "docker.sock"},
		{"linux", "docker-desktop", "~/.docker/desktop/docker.sock", services + "docker.sock", "DOCKER_HOST", "unix://" + services + "docker.sock"},
		{"macos", "orbstack", "~/.orbstack/run/docker.sock", services + "docker.sock", "DOCKER_HOST", "unix://" + services + "docker.sock"},
		{"macos", "podman", "~/.local/share/containers/podman/machine/podman.sock", services + "podman.sock", "CONTAINER_HOST", "unix://" + services + "podman.sock"},
		{"macos", "1password", "~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock", services + "1password-agent.sock", "SSH_AUTH_SOCK", services + "1password-agent.sock"},
		{"linux", "1password", "~/.1password/agent.sock", services + "1password-agent.sock", "SSH_AUTH_SOCK", services + "1password-agent.sock"},
		{"linux", "ssh-agent", "~/.ssh/agent.sock", services + "ssh-agent.sock", "SSH_AUTH_SOCK", services + "ssh-agent.sock"},
		{"macos", "gpg-agent", "~/.gnupg/S.gpg-agent.extra", "/run/user/1000/gnupg/S.gpg-agent", "", "/run/user/1000/gnupg/S.gpg-agent"},
	} {
		t.Run(c.os+" "+c.from, func(t *testing.T) {
			s := mustLoad(t, with("host: {os: "+c.os+", user: u}\nsockets: [{name: s, from: "+c.from+"}]")).Sockets[0]
			pre, _ := SocketPresetNamed(c.from)
			want := Socket{Name: "s", From: c.from, Host: c.host, Guest: c.guest, Env: c.env, Check: pre.Check}
			if d := cmp.Diff(want, s); d != "" || s.Check == "" || s.EnvValue() != c.value {
				t.Errorf("value %q, check %q, -want +got:\n%s", s.EnvValue(), s.Check, d)
			}
			if s.Agent() != (c.env == "SSH_AUTH_SOCK" || c.from == "gpg-agent") {
				t.Errorf("Agent() = %v", s.Agent())
			}
			own := Socket{Name: "s", From: c.from, Host: "/h", Guest: "/run/g/s", Env: "E", Check: "true"}
			s = mustLoad(t, with("host: {os: "+c.os+", user: u}\nsockets: [{name: s, host: /h, guest: /run/g/s, env: E, check: \"true\", from: "+c.from+"}]")).Sockets[0]
			if d := cmp.Diff(own, s); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestPaths holds where a profile's names and paths end up.
func TestPaths(t *testing.T) {
	p := mustLoad(t, with("host: {os: linux, user: u}\nlima: {instance: a.b_c}\nmounts: [{host: ~/src}, {host: ~/, guest: /mnt/home}, {host: /srv}]"))
	bare := mustLoad(t, with("mounts: [{host: ~/src}]"))
	for _, c := range []struct{ got, want string }{
		{p.GuestPath(p.Mounts[0]), "/home/u/src"},
		{p.GuestPath(p.Mounts[1]), "/mnt/home"},
		{p.GuestPath(p.Mounts[2]), "/srv"},
		{p.HostPath("~/"), "/home/u"},
		{p.HostPath("/"), "/"},
		{bare.GuestPath(bare.Mounts[0]), ""},
		{p.HomeMount(), "/home"},
		{p.SSHAlias(), "lima-a-b-c"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
