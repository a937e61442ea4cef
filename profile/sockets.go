package profile

import (
	"maps"
	"slices"
	"strconv"
)

// preset is what `from:` knows of a program's socket.
type preset struct {
	macos, linux string // host path; empty where no fixed path exists
	guest        string // empty for gpg-agent: it depends on the uid
	env, check   string
	agent        bool   // belongs to a logged-in user's session
	byHand       string // how to find the host path where there is none
}

// presets by the program's name in `from:`. Paths are the programs' own
// documented defaults; colima's is that of its default profile.
var presets = map[string]preset{
	"colima":         {macos: "~/.colima/default/docker.sock", linux: "~/.colima/default/docker.sock", guest: "/run/host-services/docker.sock", env: "DOCKER_HOST", check: "docker ps"},
	"docker-desktop": {macos: "~/.docker/run/docker.sock", linux: "~/.docker/desktop/docker.sock", guest: "/run/host-services/docker.sock", env: "DOCKER_HOST", check: "docker ps"},
	"orbstack":       {macos: "~/.orbstack/run/docker.sock", guest: "/run/host-services/docker.sock", env: "DOCKER_HOST", check: "docker ps", byHand: "OrbStack runs on macOS only"},
	"podman":         {macos: "~/.local/share/containers/podman/machine/podman.sock", guest: "/run/host-services/podman.sock", env: "CONTAINER_HOST", check: "podman --remote info", byHand: "podman info --format '{{.Host.RemoteSocket.Path}}' tells it"},
	"1password":      {macos: "~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock", linux: "~/.1password/agent.sock", guest: "/run/host-services/1password-agent.sock", env: "SSH_AUTH_SOCK", check: "ssh-add -l", agent: true},
	"ssh-agent":      {macos: "~/.ssh/agent.sock", linux: "~/.ssh/agent.sock", guest: "/run/host-services/ssh-agent.sock", env: "SSH_AUTH_SOCK", check: "ssh-add -l", agent: true},
	"gpg-agent":      {macos: "~/.gnupg/S.gpg-agent.extra", check: "gpg-connect-agent --no-autostart /bye", agent: true, byHand: "gpgconf --list-dirs agent-extra-socket tells it"},
}

func (s *Socket) fill(p *Profile) {
	if pre, ok := presets[s.From]; ok {
		set(&s.Host, pick(p.MacOS(), pre.macos, pre.linux))
		guest := pre.guest
		if s.From == "gpg-agent" {
			guest = gpgSocket(strconv.Itoa(p.Guest.User.UID))
		}
		set(&s.Guest, guest)
		set(&s.Env, pre.env)
		set(&s.Check, pre.check)
	}
	set(&s.Guest, "/run/host-services/"+s.Name+".sock")
}

// Agent reports whether the socket exists only while its user is logged in.
func (s Socket) Agent() bool { return presets[s.From].agent || s.Env == "SSH_AUTH_SOCK" }

func presetNames() []string { return slices.Sorted(maps.Keys(presets)) }

// SocketPreset is what `from:` stands for, for the docs: paths are empty where
// the profile must say them.
type SocketPreset struct{ From, MacOS, Linux, Guest, Env string }

// SocketPresets lists what `from:` knows, by name.
func SocketPresets() (out []SocketPreset) {
	for _, name := range presetNames() {
		pre := presets[name]
		guest := pre.guest
		if guest == "" {
			guest = gpgSocket("UID")
		}
		out = append(out, SocketPreset{name, pre.macos, pre.linux, guest, pre.env})
	}
	return out
}

// gpgSocket is where gpg in the guest looks for its agent.
func gpgSocket(uid string) string { return "/run/user/" + uid + "/gnupg/S.gpg-agent" }
