package profile

import (
	"slices"
	"strings"
)

// fill completes a profile from its own values alone: the same profile means
// the same on every machine.
func (p *Profile) fill() {
	host := p.On()
	if p.Host.User != "" {
		set(&p.Host.Home, host.Homes+p.Host.User)
	}
	set(&p.Runner, RunnerNamed(p.System().Runner).Name)
	p.fillGuest(host)
	set(&p.Lima.Instance, p.Name)
	set(&p.Home.Name, p.Name)
	set(&p.Lima.VMType, host.VMTypes[0])
	set(&p.Autostart, "off")
	if p.Resources.CPUs.Share == 0 {
		setInt(&p.Resources.CPUs.Count, 4)
	}
	if p.Resources.Memory.Share == 0 {
		setInt(&p.Resources.Memory.Size, 4<<30)
	}
	setInt(&p.Resources.Disk, 50<<30)
	for i := range p.Sockets {
		p.Sockets[i].fill(p)
	}
	for i := range p.Ports {
		if p.Ports[i].Host == (PortRange{}) {
			p.Ports[i].Host = p.Ports[i].Guest
		}
	}
	if p.RunBy().ForwardsAll && p.Network.Forward == "all" || !p.RunBy().ForwardsAll && p.Network.Forward == "listed" {
		p.Network.Forward = "" // the runner's own way
	}
	if w := p.WezTerm; w != nil {
		set(&w.Domain, p.Name)
		set(&w.Via, "exec")
	}
	set(&p.Nix.Nixpkgs, "github:NixOS/nixpkgs/nixos-26.05")
	set(&p.Nix.StateVersion, "26.05")
	set(&p.Nix.Base, "released")
	set(&p.Nix.Root, p.Nix.lowestRoot())
	if store := (Mount{Host: "/nix", Guest: HostStore}); p.Nix.HostStore && !slices.Contains(p.Mounts, store) {
		p.Mounts = append(p.Mounts, store)
	}
	set(&p.Guix.Version, "1.5")
	for i := range p.Guix.Channels {
		if p.Guix.Channels.File() != "" {
			break
		}
		set(&p.Guix.Channels[i].Branch, "master")
	}
	set(&p.Build.On, "auto")
}

func (p *Profile) fillGuest(host HostOS) {
	g := &p.Guest
	set(&g.Arch, p.HostArch())
	set(&g.Hostname, p.Name)
	set(&g.User.Name, p.Host.User)
	set(&g.User.Shell, "bash")
	set(&g.Proxy.HTTPS, g.Proxy.HTTP)
	setInt(&g.User.UID, 1000)
	if g.User.Name != "" {
		set(&g.User.Home, p.RunBy().home(g.User.Name))
	}
	for i := range g.Packages {
		g.Packages[i].fill()
	}
}

// GuestPath is where a mount appears in the guest: its own path or the host's.
// It is empty where that needs a home directory the profile does not tell, or where nothing tells it.
func (p *Profile) GuestPath(m Mount) string {
	if m.Guest != "" || Beside(m.Host) {
		return m.Guest
	}
	return p.HostPath(m.Host)
}

// HostPath replaces a leading ~ by the host's home directory; it is empty where
// the profile does not tell that. A path relative to the profile stays so.
func (p *Profile) HostPath(path string) string {
	rest, tilde := strings.CutPrefix(path, "~")
	switch {
	case !tilde:
		return path
	case p.Host.Home == "":
		return ""
	default:
		return p.Host.Home + strings.TrimSuffix(rest, "/")
	}
}

// HomeMount is the directory the home disk is mounted on: the one that holds
// the user's home.
func (p *Profile) HomeMount() string {
	return p.Guest.User.Home[:strings.LastIndexByte(p.Guest.User.Home, '/')]
}

// EnvValue is what the socket's variable holds in the guest: programs that take
// a URL get one.
func (s Socket) EnvValue() string { return s.named(s.Guest) }

// HostValue is what it holds on the host.
func (s Socket) HostValue() string { return s.named(s.Host) }

// named is what the socket's variable holds where the socket is at a path.
func (s Socket) named(path string) string {
	if v := s.Variable(); v == "DOCKER_HOST" || v == "CONTAINER_HOST" {
		return "unix://" + path
	}
	return path
}

func set(s *string, def string) {
	if *s == "" {
		*s = def
	}
}

func setInt[T ~int | ~int64](i *T, def T) {
	if *i == 0 {
		*i = def
	}
}
