package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ContainerEngine is a program of the guest that runs containers. Its row owns all that
// differs between engines.
type ContainerEngine struct {
	// Name as guest.containers has it, and Title in prose.
	Name, Title string
	// Package is its name in the package map.
	Package string `empty:"Lima brings it"`
	// With are further packages by the column of a manager that installs what it is told alone.
	With map[string][]string `empty:"it needs none"`
	// Group of those who may talk to it.
	Group string `empty:"it is the user's own, without root"`
	// Ask is a line of sh by which its user has it answer, Says the pattern of what it answers then.
	Ask, Says string
	// Bare says by a manager's column what its package alone leaves out.
	Bare map[string]string
	// refused says why a guest cannot have it, and what to write instead.
	refused func(*Profile) (reason, hint string) `empty:"every guest can"`
}

var containerTable once[[]ContainerEngine]

// ContainerEngines in the order of the schema.
func ContainerEngines() []ContainerEngine { return slices.Clone(containerTable.by(containerRows)) }

func containerRows() []ContainerEngine {
	const noDaemon, noMaps = "is the program alone: nothing starts a daemon", "is the program alone: without root it lacks its policy and the maps of uids"
	return []ContainerEngine{
		{
			Name: "docker", Title: "Docker", Package: "docker", Group: "docker",
			With: map[string][]string{"apt": {"docker-cli|docker.io"}, "dnf": {"docker-cli|moby-engine"}},
			Ask:  "env -u DOCKER_HOST -u DOCKER_CONTEXT docker version --format '{{.Server.Version}}'", Says: `^[0-9]+\.[0-9]`,
			Bare: map[string]string{
				"nix": noDaemon, "guix": noDaemon,
				"apt": "runs a daemon that your user may not talk to", "dnf": "brings a daemon that nothing starts",
			},
		},
		{
			Name: "podman", Title: "Podman", Package: "podman",
			With: map[string][]string{"apt": {"aardvark-dns|containernetworking-plugins", "dbus-user-session", "fuse-overlayfs", "netavark|containernetworking-plugins", "passt|slirp4netns", "slirp4netns", "uidmap"}},
			Ask:  "podman info --format '{{.Host.Security.Rootless}}'", Says: `^true$`,
			Bare: map[string]string{"nix": noMaps, "guix": noMaps, "apt": "comes without uidmap, which it needs where it is not root"},
			refused: func(p *Profile) (string, string) {
				if p.System().SetUp == ByGuix && p.Guix.Version == "1.4" {
					return "Guix 1.4 has no service of it", "write docker, or guix: {version: \"1.5\"}"
				}
				return "", ""
			},
		},
		{
			Name: "containerd", Title: "containerd with nerdctl",
			Ask: "nerdctl info --format '{{.ServerVersion}}'", Says: `^v?[0-9]+\.[0-9]`,
			refused: func(p *Profile) (string, string) {
				if p.System().SetUp == ByGuix {
					return "Guix has no nerdctl, by which one works with it", "write podman, or docker"
				}
				return "", ""
			},
		},
	}
}

// containerNames are the values of guest.containers.
func containerNames() (names []string) {
	for _, e := range ContainerEngines() {
		names = append(names, e.Name)
	}
	return names
}

// Engine is what runs containers in the guest; ok says whether it shall have one.
func (p *Profile) Engine() (e ContainerEngine, ok bool) {
	for _, e := range containerTable.by(containerRows) {
		if e.Name == p.Guest.Containers {
			return e, true
		}
	}
	return ContainerEngine{}, false
}

// ByLima reports whether it is Lima that brings the engine into a guest, at a start.
func (e ContainerEngine) ByLima(s System) bool { return e.Package == "" && s.SetUp == ByCloudInit }

// Asked is the line of sh that has the engine of a guest answer: only root talks to one that a system runs for itself.
func (e ContainerEngine) Asked(s System) string {
	if e.Package == "" && !e.ByLima(s) {
		return "sudo -n " + e.Ask
	}
	return e.Ask
}

// Installs are the packages of the engine by a system's manager.
func (e ContainerEngine) Installs(s System) (names []string) {
	if known, ok := LookupPackage(e.Package); ok {
		names = append(names, known.In(s.Manager.Column))
	}
	return append(names, e.With[s.Manager.Column]...)
}

// Groups are those that the guest's user is in beside the system's own: the profile's, the engine's, and that of /dev/kvm.
func (p *Profile) Groups() []string {
	groups := slices.Clone(p.Guest.Groups)
	if e, ok := p.Engine(); ok && e.Group != "" && !slices.Contains(groups, e.Group) {
		groups = append(groups, e.Group)
	}
	if p.Resources.Nested && !slices.Contains(groups, kvmGroup) {
		groups = append(groups, kvmGroup)
	}
	slices.Sort(groups)
	return groups
}

func (p *Profile) validateContainers(d *decoder) {
	const at = "guest.containers"
	for i, group := range p.Guest.Groups {
		if slices.Contains(p.Guest.Groups[:i], group) {
			d.bad(item("guest.groups", i), group+" is named before", "remove one of them")
		}
		if group == "root" {
			d.bad(item("guest.groups", i), "root is the group of what nobody else may change", "the user may do everything by sudo already")
		}
	}
	e, ok := p.Engine()
	if !ok || p.System().Name == "" {
		return
	}
	if e.refused != nil {
		if reason, hint := e.refused(p); reason != "" {
			d.bad(at, reason, hint)
			return
		}
	}
	if e.Package == "" {
		return
	}
	pkg := Package{Name: e.Package}
	pkg.fill()
	for _, arch := range p.Guest.Arches() {
		if p.lacks(d, at, pkg, p.System(), arch) {
			return
		}
	}
}

// unserved warns of sockets of the guest's at which nothing listens there, as far as the profile says.
func (l *linter) unserved(own ContainerEngine) {
	p := l.p
	for i, s := range p.Sockets {
		at := item("sockets", i)
		pre, known := s.Preset()
		asked := slices.ContainsFunc(p.Guest.Packages, func(pkg Package) bool { return pkg.Name == "" || pkg.Name == s.From })
		switch {
		case !known || !s.ToHost() || p.said(at+".guest"):
		case len(p.SetupScripts())+len(p.Nix.Modules)+len(p.Guix.Modules) > 0, p.HasImage(), p.Lima.Extra.Node != nil: // which may see to it
		case own.Name == s.From && pre.Listens != "" && p.System().SetUp == ByGuix:
			l.warn("socket-unserved", at, "nothing in a Guix guest listens at "+s.Guest+" by itself", "there, as long as it is wanted: podman system service --time=0; or take docker for both")
		case own.Name != s.From && !asked:
			l.warn("socket-unserved", at, "nothing in the guest listens at "+s.Guest+": guest.containers is "+cmp.Or(own.Name, "not said"), "write guest: {containers: "+s.From+"}")
		}
	}
}

// containers warns of an engine's package that is not enough, and of variables that lead past the guest's engine.
func (l *linter) containers() {
	p, column := l.p, l.p.System().Manager.Column
	own, has := p.Engine()
	for i, s := range p.Sockets {
		if has && s.Env == "DOCKER_HOST" && own.Group != "" {
			l.warn("containers-shadowed", item("sockets", i), s.Env+" leads docker of the guest to this socket, and not to the guest's own engine",
				"name the socket by host: and guest:, without env, or leave guest.containers out")
		}
	}
	l.unserved(own)
	if has || len(p.Nix.Modules) > 0 || len(p.Guix.Modules) > 0 {
		return // which may say the rest
	}
	for i, pkg := range p.Guest.Packages {
		for _, e := range ContainerEngines() {
			if pkg.Name == "" || pkg.Name != e.Package || e.Bare[column] == "" {
				continue
			}
			hint := fmt.Sprintf("guest.containers: %s sets it up wholly", e.Name)
			if client, ok := LookupPackage(e.Name + "-client"); ok {
				hint += "; for a socket of the host, " + client.Name + " is enough"
			}
			l.warn("containers-bare", item("guest.packages", i), strings.TrimSpace(pkg.Name+" "+e.Bare[column]), hint)
		}
	}
}
