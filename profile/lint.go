package profile

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Lint gives warnings for what is legal in a profile and cannot work, or works
// otherwise than its writer must expect. There says whether a file is beside the
// profile, or a directory where a slash ends the path; nil: that is not asked. Found are
// further warnings, of what is in such files.
func Lint(p *Profile, there func(path string) bool, found ...Problem) []Problem {
	l := &linter{p: p, there: there}
	l.mounts()
	l.sockets()
	l.onePassword()
	l.envFile()
	l.ports()
	l.networks()
	l.reach()
	l.proxy()
	l.guixVersion()
	l.guest()
	l.image()
	l.locales()
	l.packages()
	l.containers()
	l.certificates()
	l.idle()
	l.files()
	l.lima()
	l.mountType()
	l.extra()
	if about := p.System().lint; about != nil {
		about(l)
	}
	l.wezterm()
	l.secrets()
	for _, w := range found {
		gone := func(p Problem) bool { return p.ID == "missing-file" && p.Path == w.Path }
		if w.Pos = find(p.pos, w.Path); !slices.ContainsFunc(l.problems, gone) {
			l.problems = append(l.problems, w)
		}
	}
	l.problems.sort(p.sources)
	return l.problems
}

type linter struct {
	p        *Profile
	there    func(path string) bool
	problems Problems
}

// said reports whether the profile has the value at path itself.
func (p *Profile) said(path string) bool {
	_, ok := p.pos[path]
	return ok
}

func (l *linter) warn(id, path, reason, hint string) {
	l.problems = append(l.problems, Problem{Pos: find(l.p.pos, path), Path: path, Reason: reason, Hint: hint, ID: id})
}

func (l *linter) mounts() {
	for i, m := range l.p.Mounts {
		if from := socketIn(m.Host); from != "" {
			l.warn("socket-mount", item("mounts", i)+".host", "holds a socket, and a socket cannot be reached through a mount",
				"replace it by sockets: [{name: "+from+", from: "+from+"}]")
		}
		if strings.HasSuffix(m.Host, ".sock") {
			l.warn("socket-mount", item("mounts", i)+".host", "is a socket, and a socket cannot be reached through a mount",
				"replace it by sockets: [{name: NAME, host: "+m.Host+"}]")
		}
		if m.Writable && (m.Host == "/" || m.Host == "~/" || l.p.Host.Home != "" && l.p.HostPath(m.Host) == l.p.Host.Home) {
			l.warn("whole-home", item("mounts", i)+".host", "gives the guest all of your files to change", "mount the directories you work in")
		}
	}
}

// dockersOnMac are the programs whose own socket of Docker is known on macOS.
func dockersOnMac() (names []string) {
	for _, s := range SocketPresets() {
		if s.Env == "DOCKER_HOST" && s.Path(Mac()) != "" {
			names = append(names, s.From)
		}
	}
	return names
}

// socketIn is the program of `from:` whose socket a directory is known to hold, or empty.
func socketIn(dir string) string {
	for _, s := range SocketPresets() {
		for _, d := range s.Dirs {
			if strings.HasSuffix(dir, "/"+d) || strings.Contains(dir, "/"+d+"/") {
				return s.From
			}
		}
	}
	return ""
}

func (l *linter) sockets() {
	for i, s := range l.p.Sockets {
		at := item("sockets", i)
		if strings.HasSuffix(s.Host, "2BUA8C4S2C.com.1password/t/s.sock") {
			l.warn("1password-app-socket", at+".host", "s.sock serves the op program of this host alone: it refuses relayed connections",
				"from: 1password forwards the SSH agent; onepassword: of the profile gives op in the guest a service account")
		}
		if s.IsWhole() {
			l.warn("whole-agent", at+".host", "is the agent's own socket: by it the guest can export and delete keys", "gpgconf --list-dirs agent-extra-socket shows the one that is made for others")
		}
		if word, _, _ := strings.Cut(s.Check, " "); word == "op" {
			l.warn("1password-op", at+".check", "op cannot sign in through a forwarded socket", "check: ssh-add -l tests the agent")
		}
		if strings.HasPrefix(s.Host, "/private/tmp/com.apple.launchd.") || strings.HasPrefix(s.Host, "/tmp/ssh-") {
			l.warn("session-socket", at+".host", "this path changes at each login", `link it: ln -sf "$SSH_AUTH_SOCK" ~/.ssh/agent.sock, and write from: ssh-agent`)
		}
		if s.Host == "/var/run/docker.sock" && l.p.MacOS() {
			l.warn("docker-link", at+".host", "is a link that Docker programs on macOS take from each other", "name the program: from: "+strings.Join(dockersOnMac(), ", "))
		}
		if s.Guest == "/run/podman/podman.sock" && !s.ToHost() {
			l.warn("daemon-socket", at, "a daemon in the guest would take this path", "use a path below /run/host-services")
		}
	}
}

func (l *linter) guest() {
	p := l.p
	if p.Home.Disk == 0 {
		l.warn("home-on-system-disk", "home", "the home directory is lost when the VM is rebuilt", "home: {disk: 40GiB} gives it a disk of its own")
	}
	switch uid := p.Guest.User.UID; {
	case uid.OfHost() && p.MacOS() && p.HasFlake():
		l.warn("host-uid", "guest.user.uid", fmt.Sprintf("the first account of a Mac has the number %d, and NixOS refuses one below 1000: create will say so", p.On().FirstUID), "write uid: 1000")
	case uid < 1000 && !uid.OfHost():
		l.warn("system-uid", "guest.user.uid", "a uid below 1000 cannot be kept when the guest becomes NixOS", "files of the home carry it: 1000 fits every system")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Guest.Env)) {
		if !PAMCarries(p.Guest.Env[name]) {
			l.warn("env-login-only", join("guest.env", name), "only "+p.System().AnyEnv.Title+" see this value: /etc/environment cannot carry it", "short values without quotes, # and backslashes reach every session")
		}
		if name == "PATH" {
			l.warn("env-path", "guest.env.PATH", "replaces the whole search path", "extend PATH in the shell's own start file")
		}
	}
	if zone := p.Guest.Timezone; zone != "" && !knownZone(zone) {
		hint := zoneMeant(zone)
		if near := Near(zone, zones(), 1); hint == "" && len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
		l.warn("unknown-timezone", "guest.timezone", "is not in the tz database as of "+tzVersion, cmp.Or(hint, "look it up in /usr/share/zoneinfo"))
	}
	l.ended()
}

// idle warns of a section that nothing is made of.
func (l *linter) idle() {
	p := l.p
	if why := "does nothing: the guest is " + p.Guest.System; p.HasSection("guix") && p.System().SetUp != ByGuix {
		l.warn("unused-guix", "guix", why, "remove it, or write guest: {system: guix}")
	}
	if p.HasSection("nix") && !p.HasFlake() {
		l.warn("unused-nix", "nix", "does nothing: a flake is made for guests under Lima, and targets must not leave nix out", "remove it")
	}
}

// files warns of what the profile names beside itself and is not there.
func (l *linter) files() {
	if l.there == nil {
		return
	}
	missing := func(field, file string) {
		if file != "" && !l.there(file) {
			what := "file"
			if strings.HasSuffix(file, "/") {
				what = "directory"
			}
			l.warn("missing-file", field, file+": no such "+what+" beside the profile", "write it, or remove the line")
		}
	}
	missing("guix.manifest", l.p.Guix.Manifest)
	missing("guix.project", l.p.Guix.Project)
	missing("guix.channels", l.p.Guix.Channels.File())
	for i, dir := range l.p.Guix.LoadPath {
		missing(item("guix.loadPath", i), path.Clean(dir)+"/")
	}
	for i, s := range l.p.Guix.Substitutes {
		missing(item("guix.substitutes", i)+".key", s.KeyFile())
	}
	for i, file := range l.p.Guix.Modules {
		missing(item("guix.modules", i), file)
	}
	for _, own := range l.p.Nix.OwnFiles() {
		missing(own.Field, own.File)
	}
}

// lima warns of what the Lima template would not do as the profile says.
func (l *linter) lima() {
	p := l.p
	for _, r := range Runners() {
		if p.HasSection(r.Name) && p.Runner != r.Name {
			l.warn(r.unusedLint, r.Name, "does nothing: the runner is "+p.Runner, "remove it")
		}
	}
	if p.Host.LimaHome != "" && !p.UnderLima() && !strings.HasPrefix(p.Build.On, "lima:") {
		l.warn("unused-lima", "host.limaHome", "does nothing: the runner is "+p.Runner, "remove it")
	}
	l.foreignArch()
	if p.Lima.Extra.Node == nil {
		return
	}
	for i := 0; i < len(p.Lima.Extra.Node.Content); i += 2 {
		key := p.Lima.Extra.Node.Content[i].Value
		if field := extraFields[key]; field != "" {
			l.warn("extra-overrides", join("lima.extra", key), "goes over what the profile says", "set "+field+" instead: every output follows it")
		}
	}
	l.extraDisks()
}

// foreignArch warns of a guest of another processor than the host's, where the profile tells both.
func (l *linter) foreignArch() {
	p := l.p
	switch of := "the host is " + p.HostArch(); {
	case p.Guest.ArchOfHost() || p.Guest.Arch == p.HostArch():
	case p.VMType() == "vz" && p.Host.Arch == "":
		l.warn("foreign-arch", "guest.arch", "vz runs guests of the Mac's own processor only, and Apple silicon is aarch64", "on an Intel Mac write host: {arch: x86_64}; on Apple silicon lima: {vmType: qemu}, which is slow")
	case p.VMType() == "vz":
		l.warn("foreign-arch", "guest.arch", "vz runs guests of the Mac's own processor only, and "+of, "write guest: {arch: "+p.HostArch()+"}; or lima: {vmType: qemu}, which is slow")
	case p.Host.Arch != "":
		l.warn("foreign-arch", "guest.arch", "is emulated, many times slower: "+of, "write guest: {arch: "+p.HostArch()+"}, or host, which is that of whoever runs the VM")
	}
}

// extraFields are keys of the Lima YAML that a field of the profile sets.
var extraFields = map[string]string{
	"arch": "guest.arch", "base": "guest.system and guest.release", "cpus": "resources.cpus", "disk": "resources.disk",
	"memory": "resources.memory", "mountInotify": "lima.mountInotify", "mountType": "lima.mountType", "nestedVirtualization": "resources.nested", "timezone": "guest.timezone", "user": "guest.user", "vmType": "lima.vmType",
}

// maxPAM is what pam_env of Debian and Ubuntu reads of one line, less a name.
const maxPAM = 900

// PAMCarries reports whether pam_env reads a line NAME=value of /etc/environment
// back as the same value: it ends a value at #, strips quotes and blanks, and
// cuts long lines.
func PAMCarries(value string) bool {
	return len(value) <= maxPAM && !strings.ContainsAny(value, "#\"'\\`$") && strings.TrimSpace(value) == value
}

func (l *linter) wezterm() {
	w := l.p.WezTerm
	if w == nil {
		return
	}
	check := func(at, s string) {
		k, _ := ParseKey(s)
		if action := DefaultAction(k); action != "" {
			l.warn("wezterm-shadow", at, s+" hides WezTerm's own binding "+action, "choose another key, or accept it with open eyes")
		}
	}
	if w.Keys.Domains != "" {
		check("wezterm.keys.domains", w.Keys.Domains)
	}
	for i, s := range w.Keys.NewTab {
		check(item("wezterm.keys.newTab", i), s)
	}
	if w.Via == "mux" {
		l.warn("wezterm-mux", "wezterm.via", "mux needs a wezterm in the guest of the very version of the host's", "exec needs nothing in the guest")
	}
	if w.Via == "ssh" {
		l.warn("wezterm-ssh", "wezterm.via", "WezTerm's own SSH client asks to trust the guest's new host key after each rebuild", "exec runs OpenSSH, which does not")
	}
}

// image warns of a download that nothing holds to what it was.
func (l *linter) image() {
	if image := l.p.Guest.Image; strings.Contains(image.Location, "://") && image.Digest == "" {
		l.warn("image-digest", "guest.image.location", "is downloaded without a digest: another file under that address is another system", "guest.image.digest takes sha256:…")
	}
}
