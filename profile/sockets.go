package profile

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// SocketPreset is a program whose socket `from:` knows. Its row owns all that is
// known of it; what may be empty says what that means.
type SocketPreset struct {
	// From is its name in the profile, Usual what people call its socket.
	From, Usual string
	// MacOS and Linux are the socket's paths on such a host.
	MacOS, Linux string `empty:"no path is fixed there"`
	// ByHand says how to find the path, or why there is none.
	ByHand string `empty:"both hosts have a path"`
	// Guest is its path in the guest; UID there stands for the user's.
	Guest string
	// InGuest is where the same program listens that runs in the guest; UID as in Guest. OnHost are the commands that
	// tell the host's programs of it, SOCKET standing for its URL and NAME for the VM's.
	InGuest string `empty:"it is a program of the host"`
	OnHost  string `empty:"nothing is known to"`
	// Listens is the user's own unit that listens there, which no distribution of the packages turns on by itself.
	Listens string `empty:"a service of the system's, which its package starts"`
	// Env is the variable that names it to programs.
	Env string `empty:"programs find it by its path"`
	// Check is a command that succeeds when it works.
	Check string
	// Agent tells one that is there only while its user is logged in.
	Agent bool `empty:"a service"`
	// GnuPG tells gpg's: it speaks Assuan, and gpg in the guest knows what the agent has by public keys alone.
	GnuPG bool `empty:"its programs need the socket alone"`
	// Units are those of the user's in the guest that would listen there instead.
	Units []string `empty:"none does"`
	// Local is a command that succeeds in the guest where the guest's own program has taken SOCKET, and Whole the
	// name of a socket of the host of which it does not, since that one gives all that the program has.
	Local, Whole string `empty:"no program of the guest does"`
	// Dirs of the host hold it: a mount of one is a mistake.
	Dirs []string `empty:"what else they hold may be wanted"`
	// OnlySocket tells that nobody mounts its directory for anything else.
	OnlySocket bool `empty:"the directory holds files that a guest may want"`
	// StartMacOS and StartLinux start the program; where no command does, Start says how.
	StartMacOS, StartLinux, Start string `empty:"the other"`
	// NotAtLogin says what starts it at login instead of a job of vmloom's.
	NotAtLogin string `empty:"start: login has one"`
	// Program is the command that a job of the user's own would name, and Named the sockets of its instances by another
	// name, which the command takes as a word for *.
	Program string `empty:"no job starts it"`
	Named   string `empty:"it has one socket"`
	// Advice is what its users should know, with Code for each %s, and a line to Run.
	Advice string   `empty:"nothing"`
	Code   []string `empty:"nothing"`
	Run    string   `empty:"nothing"`
}

// Path is where the socket is on a kind of host; empty where no path is fixed.
func (s SocketPreset) Path(h HostOS) string { return h.socket(s) }

const (
	services      = "/run/host-services/"
	dockerAdvice  = "The Docker daemon runs outside this VM: paths in %s are those of the daemon's machine, not of this guest."
	dockerContext = "docker context create NAME --docker host=SOCKET && docker context use NAME"
	linkAgent     = `[ -z "$SSH_AUTH_SOCK" ] || [ "$SSH_AUTH_SOCK" = ~/.ssh/agent.sock ] || ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock`
)

var dockerRun = []string{"docker run -v"}

var presetTable once[[]SocketPreset]

// SocketPresets in the order of the schema. Paths are the programs' own documented
// defaults; colima's is that of its default profile.
func SocketPresets() []SocketPreset { return slices.Clone(presetTable.by(presetRows)) }

func presetRows() []SocketPreset {
	return []SocketPreset{
		{
			From: "colima", Usual: "docker", MacOS: "~/.colima/default/docker.sock", Linux: "~/.colima/default/docker.sock",
			Guest: services + "docker.sock", Env: "DOCKER_HOST", Check: "docker ps", Dirs: []string{".colima"}, OnlySocket: true,
			StartMacOS: "colima start", StartLinux: "colima start", Program: "colima", Named: "~/.colima/*/docker.sock", Advice: dockerAdvice, Code: dockerRun,
		},
		{
			From: "docker-desktop", Usual: "docker", MacOS: "~/.docker/run/docker.sock", Linux: "~/.docker/desktop/docker.sock",
			Guest: services + "docker.sock", Env: "DOCKER_HOST", Check: "docker ps", Dirs: []string{".docker/run"}, OnlySocket: true,
			StartMacOS: "open -a Docker", StartLinux: "systemctl --user start docker-desktop",
			NotAtLogin: "Docker Desktop starts itself at login: Settings, General", Advice: dockerAdvice, Code: dockerRun,
		},
		{
			From: "orbstack", Usual: "docker", MacOS: "~/.orbstack/run/docker.sock", ByHand: "OrbStack runs on macOS only",
			Guest: services + "docker.sock", Env: "DOCKER_HOST", Check: "docker ps", Dirs: []string{".orbstack/run"}, OnlySocket: true,
			StartMacOS: "orb start", StartLinux: "orb start", NotAtLogin: "OrbStack starts itself at login: Settings, General", Advice: dockerAdvice, Code: dockerRun,
		},
		{
			From: "rancher-desktop", Usual: "docker", MacOS: "~/.rd/docker.sock", Linux: "~/.rd/docker.sock",
			Guest: services + "docker.sock", Env: "DOCKER_HOST", Check: "docker ps", Dirs: []string{".rd"}, OnlySocket: true,
			StartMacOS: "rdctl start", StartLinux: "rdctl start", NotAtLogin: "Rancher Desktop starts itself at login: Preferences, Application, Behavior",
			Advice: dockerAdvice + " Rancher Desktop has this socket with the container engine dockerd (moby) only.", Code: dockerRun,
		},
		{
			From: "docker", Usual: "docker", Linux: "/var/run/docker.sock",
			ByHand: "there it is a link that Docker programs take from each other: take from: of one of them",
			Guest:  services + "docker.sock", Env: "DOCKER_HOST", Check: "docker ps",
			InGuest: "/var/run/docker.sock", OnHost: dockerContext,
			StartLinux: "sudo systemctl start docker", Start: "start the Docker program of this Mac",
			NotAtLogin: "the host's own system starts it: sudo systemctl enable docker",
			Advice:     dockerAdvice + " Your account of the host must be in its group %s.", Code: append(dockerRun, "docker"),
		},
		{
			From: "podman", Usual: "podman", MacOS: "~/.local/share/containers/podman/machine/podman.sock",
			ByHand: "podman info --format '{{.Host.RemoteSocket.Path}}' shows it",
			Guest:  services + "podman.sock", Env: "CONTAINER_HOST", Check: "podman --remote info",
			InGuest: "/run/user/UID/podman/podman.sock", Listens: "podman.socket", OnHost: "podman system connection add NAME SOCKET",
			Dirs: []string{".local/share/containers/podman/machine"}, OnlySocket: true,
			StartMacOS: "podman machine start", StartLinux: "systemctl --user start podman.socket", Program: "podman",
		},
		{
			From: "1password", Usual: "onepassword-agent",
			MacOS: "~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock", Linux: "~/.1password/agent.sock",
			Guest: services + "1password-agent.sock", Env: "SSH_AUTH_SOCK", Check: "ssh-add -l", Agent: true,
			Dirs: []string{"2BUA8C4S2C.com.1password/t", ".1password"}, OnlySocket: true,
			NotAtLogin: "1Password starts itself at login: Settings, General",
			Start:      "open 1Password, unlock it, and turn on its SSH agent under Settings, Developer",
			Advice:     "This is 1Password's SSH agent; turn it on under Settings, Developer. The %s program cannot sign in through a forwarded socket: the app accepts only programs of this host. In the guest it works as a service account (%s of the profile), or run %s on the host.",
			Code:       []string{"op", "onepassword", "op"},
		},
		{
			From: "ssh-agent", Usual: "ssh-agent", MacOS: "~/.ssh/agent.sock", Linux: "~/.ssh/agent.sock",
			Guest: services + "ssh-agent.sock", Env: "SSH_AUTH_SOCK", Check: "ssh-add -l", Agent: true,
			StartMacOS: `ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock`, StartLinux: `ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock`,
			NotAtLogin: "the agent is of each login; the line of the guide keeps its link",
			Advice:     "The agent's own path changes at each login; this line in your shell's start file keeps it in one place:", Run: linkAgent,
		},
		{
			From: "gpg-agent", Usual: "gpg-agent", MacOS: "~/.gnupg/S.gpg-agent.extra",
			ByHand: "gpgconf --list-dirs agent-extra-socket shows it",
			Guest:  "/run/user/UID/gnupg/S.gpg-agent", // where gpg in the guest looks for it
			Check:  "gpg --no-autostart --list-secret-keys | grep ^sec", Agent: true, GnuPG: true, Dirs: []string{".gnupg"},
			Units: []string{"gpg-agent", "gpg-agent-browser", "gpg-agent-extra", "gpg-agent-ssh"},
			// Only what comes by the extra socket is restricted.
			Local: `timeout 10 gpg-connect-agent --no-autostart -S SOCKET "GETINFO restricted" /bye 2>/dev/null | grep -q "^ERR.*False"`, Whole: "S.gpg-agent",
			StartMacOS: "gpgconf --launch gpg-agent", StartLinux: "gpgconf --launch gpg-agent", Program: "gpg-agent",
			Advice: "%s in the guest signs and decrypts by the agent of this host, which asks here for the passphrase: secret keys stay here. At each start the scripts add this host's public keys (%s) to those of the guest, by which %s there knows what the agent has. The guest needs the package %s; where it has a %s of its own, that is off.",
			Code:   []string{"gpg", "gpg --export", "gpg", "gnupg", "gpg-agent.socket"},
		},
	}
}

// SocketPresetNamed is the row of a value of `from:`.
func SocketPresetNamed(from string) (SocketPreset, bool) {
	all := presetTable.by(presetRows)
	if i := slices.IndexFunc(all, func(s SocketPreset) bool { return s.From == from }); i >= 0 {
		return all[i], true
	}
	return SocketPreset{}, false
}

// Preset is the row of the program that the socket is from, if it is from one.
func (s Socket) Preset() (SocketPreset, bool) { return SocketPresetNamed(s.From) }

// What direction: says. The first is meant where nothing is, and is kept as that.
const (
	toGuest = "toGuest"
	// DirectionToHost is that of a socket of the guest.
	DirectionToHost = "toHost"
)

// ToHost reports whether it is a socket of the guest, for the host's programs.
func (s Socket) ToHost() bool { return s.Direction == DirectionToHost }

// ToGuest are the sockets of the host, for the guest's programs.
func (p *Profile) ToGuest() []Socket {
	return slices.DeleteFunc(slices.Clone(p.Sockets), Socket.ToHost)
}

// ToHost are the sockets of the guest, for the host's programs.
func (p *Profile) ToHost() []Socket {
	return slices.DeleteFunc(slices.Clone(p.Sockets), func(s Socket) bool { return !s.ToHost() })
}

// HostSockets is where the guest's sockets are on the host that the profile gives no place.
func (p *Profile) HostSockets() string { return "~/.local/state/vmloom/sockets.d/" + p.Name }

func (s *Socket) fill(p *Profile) {
	if s.Direction == toGuest {
		s.Direction = ""
	}
	if s.Start == "off" {
		s.Start = ""
	}
	pre, known := s.Preset()
	switch {
	case s.ToHost():
		set(&s.Host, p.HostSockets()+"/"+s.Name+".sock")
		if known && pre.InGuest != "" {
			set(&s.Guest, p.inRun(pre.InGuest))
			set(&s.Check, pre.Check)
		}
		return
	case known:
		set(&s.Host, pre.Path(p.On()))
		set(&s.Guest, p.inRun(pre.Guest))
		set(&s.Env, pre.Env)
		set(&s.Check, pre.Check)
	}
	set(&s.Guest, services+s.Name+".sock")
}

// IsWhole reports whether it hands over a whole program of which a part is meant for that.
func (s Socket) IsWhole() bool {
	pre, _ := s.Preset()
	return pre.Whole != "" && path.Base(s.Host) == pre.Whole
}

// Agent reports whether the socket exists only while its user is logged in.
func (s Socket) Agent() bool {
	pre, _ := s.Preset()
	return !s.ToHost() && (pre.Agent || s.Env == "SSH_AUTH_SOCK")
}

// StartOn is the command that starts its program on a kind of host; empty: the preset's Start says how, or nothing does.
func (s Socket) StartOn(h HostOS) string {
	pre, _ := s.Preset()
	command := h.start(pre)
	if before, after, ok := strings.Cut(pre.Named, "*"); ok && s.Host != pre.Path(h) {
		if name, found := between(s.Host, before, after); found && forms["instance"].ok(name) {
			return command + " " + name
		}
	}
	return command
}

func between(text, before, after string) (string, bool) {
	_, rest, ok := strings.Cut(text, strings.TrimPrefix(before, "~"))
	name, ends := strings.CutSuffix(rest, after)
	return name, ok && ends
}

// AtLogin are the sockets whose program a job of the host starts.
func (p *Profile) AtLogin() []Socket {
	return slices.DeleteFunc(slices.Clone(p.Sockets), func(s Socket) bool { return s.Start != "login" })
}

// ProgramLabel names the launchd job that starts a socket's program, ProgramUnit the systemd unit. A dot keeps both
// apart from every other profile's.
func (p *Profile) ProgramLabel(s Socket) string { return "io.vmloom." + p.Name + ".start." + s.Name }

// ProgramUnit is that unit.
func (p *Profile) ProgramUnit(s Socket) string { return p.Unit() + ".start-" + s.Name + ".service" }

// Variable is what names it to programs: its own, or that of its kind.
func (s Socket) Variable() string {
	pre, _ := s.Preset()
	return cmp.Or(s.Env, pre.Env)
}

// loginPresets are the programs that a job may start at login.
func loginPresets() (names []string) {
	for _, s := range SocketPresets() {
		if s.NotAtLogin == "" {
			names = append(names, s.From)
		}
	}
	return names
}

// guestPresets are the programs that may run in the guest, too.
func guestPresets() (names []string) {
	for _, s := range SocketPresets() {
		if s.InGuest != "" {
			names = append(names, s.From)
		}
	}
	return names
}

func presetNames() (names []string) {
	for _, s := range SocketPresets() {
		names = append(names, s.From)
	}
	return names
}

// inRun is a path of a preset's, with the number of the guest's user.
func (p *Profile) inRun(path string) string {
	return strings.Replace(path, "/UID/", "/"+p.Guest.User.UID.String()+"/", 1)
}

// EngineUnit is the unit of the user's that listens for the guest's engine, where the host has its socket; empty: none has to.
func (p *Profile) EngineUnit() string {
	engine, _ := SocketPresetNamed(p.Guest.Containers)
	for _, s := range p.Sockets {
		if s.ToHost() && s.Guest == p.inRun(engine.InGuest) {
			return engine.Listens
		}
	}
	return ""
}
