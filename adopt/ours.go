package adopt

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"vmloom/pattern"
	"vmloom/profile"
)

// ours is what a template that vmloom made tells beyond Lima's keys: its marker
// and its scripts hold the rest of the profile.
type ours struct {
	name           string
	hostname       string
	boot           bool // it has vmloom's boot script
	token          bool // op gets a token
	envFile        bool // login shells get variables from a file of the host
	locale         string
	env            [][2]string
	keys, packages []string
	groups         []string
	hosts          profile.HostNames
	engine         string // of containers
	setup          profile.Setup
	certificates   profile.Files
	brought        map[string]string // texts of files beside the profile
	sockets        map[string]string // guest path to name
	disks          []ownDisk
}

// ownDisk is a further disk of the VM's own.
type ownDisk struct {
	profile.Disk
	limas, label string // Lima's name of it, and its file system's
}

// Signatures of vmloom's own scripts: a line that each of them has. The tests
// hold every golden template to them.
const (
	bootSign   = "# Runs as root in /bin/sh before the user is made."
	systemSign = "# Lima calls the guest lima-INSTANCE at each boot"
	shellSign  = "# Runs as root at every boot. Lima looks for the shell in /bin"
)

// hostUIDLine stands before the boot script where the profile's uid is that of the host: Lima fills it in.
const hostUIDLine = "vmloom_host_uid={{.UID}}\n"

// ownScript names vmloom's own script: boot, system or shell; empty: another's.
func ownScript(script string) string {
	switch {
	case strings.HasPrefix(script, bootSign):
		return "boot"
	case strings.Contains(script, systemSign):
		return "system"
	case strings.Contains(script, shellSign):
		return "shell"
	}
	return ""
}

var (
	marker       = pattern.New(`(?m)^# vmloom-profile: ([a-z][a-z0-9-]*)$`)
	wantedLine   = pattern.New(`(?m)^for wanted in (.*?); do`)
	keyLine      = pattern.New(`(?m)^add_key (.*)$`)
	hostnameLine = pattern.New(`(?m)^(?:hostnamectl set-hostname --static (\S+)|echo (\S+) >/etc/hostname)$`)
	hostsLine    = pattern.New(`(?m)^printf '%s # vmloom\\n' (.*) >>/etc/hosts$`)
	groupsLine   = pattern.New(`(?m)^vmloom_groups ([^(].*)$`)
	localeLine   = pattern.New(`(?m)^locale=(\S+)$`)
	diskLine     = pattern.New(`(?m)^vmloom_disk 'disk ([a-z][a-z0-9-]*)' [0-9]+ (\S+) (vmloom-[0-9a-f]{8}) vmloom-disk-\S+ (.+) \S+ \\$`)
	toldDisk     = pattern.New(`(?m)^# disk ([a-z][a-z0-9-]*) is (\S+), labelled (vmloom-[0-9a-f]{8}), at (/\S+)$`)
	exportLine   = pattern.New(`(?m)^export ([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)
	socketProbe  = pattern.New(`(?m)^awk -v path=(\S+) `)
	forwardedAs  = pattern.New(`^the socket ([a-z0-9-]+) is forwarded$`)
)

func (a *Adoption) readOurs() ours {
	o := ours{sockets: map[string]string{}}
	if m := marker().FindSubmatch(a.in.Lima.Data); m != nil {
		o.name = string(m[1])
	}
	for _, m := range toldDisk().FindAllStringSubmatch(string(a.in.Lima.Data), -1) { // of NixOS, which has no boot script
		o.disks = append(o.disks, ownDisk{profile.Disk{Name: m[1], Mount: m[4]}, m[2], m[3]})
	}
	for _, p := range items(child(a.root, "provision")) {
		script, _ := unescaped(strings.TrimPrefix(scalar(p, "script"), hostUIDLine))
		switch ownScript(script) {
		case "boot":
			o.boot = true
			o.readDisks(script)
		case "system":
			if m := hostnameLine().FindStringSubmatch(script); m != nil {
				o.hostname = m[1] + m[2]
			}
			_, exports, _ := strings.Cut(script, "<<'VMLOOM_ENV'\n")
			exports, _, _ = strings.Cut(exports, "\nVMLOOM_ENV\n")
			for _, m := range exportLine().FindAllStringSubmatch(exports, -1) {
				if words, ok := shellWords(m[2]); ok && len(words) <= 1 {
					o.env = append(o.env, [2]string{m[1], strings.Join(words, "")})
				}
			}
			for _, m := range keyLine().FindAllStringSubmatch(script, -1) {
				if words, ok := shellWords(m[1]); ok && len(words) == 1 {
					o.keys = append(o.keys, words[0])
				}
			}
			if m := localeLine().FindStringSubmatch(script); m != nil {
				o.locale = m[1]
			}
			o.readHosts(script)
			o.readContainers(script)
			o.readBrought(script)
			o.token = strings.Contains(script, "/etc/profile.d/vmloom-op.sh")
			o.envFile = strings.Contains(script, "/etc/profile.d/vmloom-env.sh")
			if m := wantedLine().FindStringSubmatch(script); m != nil {
				o.packages, _ = shellWords(m[1])
			}
		}
	}
	for _, p := range items(child(a.root, "probes")) {
		script, _ := unescaped(scalar(p, "script"))
		name, path := forwardedAs().FindStringSubmatch(scalar(p, "description")), socketProbe().FindStringSubmatch(script)
		if name == nil || path == nil {
			continue
		}
		if words, ok := shellWords(path[1]); ok && len(words) == 1 {
			o.sockets[words[0]] = name[1]
		}
	}
	if o.boot {
		a.note("the template is vmloom's own: the rest of the profile is read from its scripts")
	}
	return o
}

// readDisks takes the disks that a boot script mounts.
func (o *ours) readDisks(script string) {
	for _, m := range diskLine().FindAllStringSubmatch(script, -1) {
		if mount, ok := shellWords(m[4]); ok && len(mount) == 1 {
			o.disks = append(o.disks, ownDisk{profile.Disk{Name: m[1], Mount: mount[0]}, m[2], m[3]})
		}
	}
}

// readHosts takes the names of hosts that a script writes.
func (o *ours) readHosts(script string) {
	m := hostsLine().FindStringSubmatch(script)
	if m == nil {
		return
	}
	lines, _ := shellWords(m[1])
	o.hosts = profile.HostNames{}
	for _, line := range lines {
		if words := strings.Fields(line); len(words) > 1 {
			for _, name := range words[1:] {
				o.hosts[name] = words[0]
			}
		}
	}
}

// engineSigns are lines of the scripts that set an engine up.
var engineSigns = map[string]string{"# Docker. Its socket is the user's": "docker", "# Containers of podman outlive": "podman"}

func (o *ours) readContainers(script string) {
	for sign, engine := range engineSigns {
		if strings.Contains(script, "\n"+sign) {
			o.engine = engine
		}
	}
	if m := groupsLine().FindStringSubmatch(script); m != nil {
		if words, ok := shellWords(m[1]); ok {
			o.groups = words
		}
	}
}

// readBrought takes back what was in files beside the profile.
func (o *ours) readBrought(script string) {
	o.brought = map[string]string{}
	for _, call := range callsOf(script, "vmloom_setup", 3) {
		list := map[string]*profile.Files{"once": &o.setup.Once, "boot": &o.setup.Boot, "user": &o.setup.User}[call[0]]
		if list != nil {
			*list, o.brought[call[1]] = append(*list, call[1]), call[2]
		}
	}
	for _, call := range callsOf(script, "vmloom_ca", 2) {
		if _, known := o.brought[call[0]]; !known {
			o.certificates = append(o.certificates, call[0])
		}
		o.brought[call[0]] += call[1] + "\n"
	}
}

// takeBrought takes scripts and certificates, whose files may not be there any more.
func (a *Adoption) takeBrought(ours ours) {
	a.made.Guest.Setup, a.made.Guest.CACerts, a.brought = ours.setup, ours.certificates, ours.brought
	for _, file := range slices.Sorted(maps.Keys(ours.brought)) {
		a.note("%s must lie beside the profile: the template has its text", file)
	}
}

// readBeside gives files beside the profile as the template has them.
func (a *Adoption) readBeside(file string) ([]byte, error) {
	for name, text := range a.brought {
		if path.Clean(name) == file {
			return []byte(text), nil
		}
	}
	return nil, fs.ErrNotExist
}

// callsOf are the words of each call of a function that begins a line, which are plain or in single quotes.
func callsOf(script, name string, words int) (calls [][]string) {
	for _, rest := range strings.Split(script, "\n"+name+" ")[1:] {
		quoted, escaped := false, false
		end := strings.IndexFunc(rest, func(r rune) bool {
			quoted = quoted != (r == '\'' && !escaped)
			escaped = r == '\\' && !quoted
			return r == '\n' && !quoted
		})
		if end < 0 {
			end = len(rest)
		}
		if call, ok := shellWords(rest[:end]); ok && len(call) == words {
			calls = append(calls, call)
		}
	}
	return calls
}

// hasContainerd reports whether Lima brings containerd for the user alone, as it does by default.
func (a *Adoption) hasContainerd() bool {
	c := child(a.root, "containerd")
	arch := scalar(a.root, "arch")
	byDefault := isNull(child(c, "user")) && (arch == "" || arch == "default" || slices.Contains(profile.Arches(), arch))
	return scalar(a.root, "plain") != "true" && (byDefault || scalar(c, "user") == "true") && scalar(c, "system") != "true" && isNull(child(c, "archives"))
}

// takeContainers takes the engine and the groups, and leaves to the engine what it brings along.
func (a *Adoption) takeContainers(ours *ours) {
	p := a.made
	p.Guest.Containers, p.Guest.Groups = ours.engine, ours.groups
	if a.hasContainerd() && ours.engine == "" && p.System().SetUp == profile.ByCloudInit {
		p.Guest.Containers = "containerd"
	}
	if e, ok := p.Engine(); ok {
		brought := e.Installs(p.System())
		p.Guest.Groups = slices.DeleteFunc(p.Guest.Groups, func(g string) bool { return g == e.Group })
		ours.packages = slices.DeleteFunc(ours.packages, func(name string) bool { return slices.Contains(brought, name) })
	}
}

// shellWords splits text as sh does where it holds nothing but words, plain or
// in single quotes.
func shellWords(s string) (words []string, ok bool) {
	word, open := "", false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			if open {
				words = append(words, word)
			}
			word, open = "", false
		case c == '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, false
			}
			word, open = word+s[i+1:i+1+end], true
			i += end + 1
		case c == '\\' && i+1 < len(s):
			word, open = word+s[i+1:i+2], true
			i++
		case strings.IndexByte("$`\"&|;<>()*?[", c) >= 0:
			return nil, false
		default:
			word, open = word+string(c), true
		}
	}
	if open {
		words = append(words, word)
	}
	return words, true
}

// packagesOf are names of a package manager as the profile says them: by vmloom's own name where
// it has one that check takes for this guest. The shell comes of itself.
func packagesOf(p *profile.Profile, names []string) (out []profile.Package) {
	system, arch := p.System(), cmp.Or(p.Guest.Arch, p.On().Arch)
	if system.SetUp != profile.ByCloudInit {
		return nil
	}
	for _, name := range names {
		if name == p.Guest.User.Shell && name != "bash" {
			continue
		}
		i := slices.IndexFunc(profile.Packages(), func(e profile.Entry) bool {
			return e.In(system.Manager.Column) == name && e.Stock(system, p.Guest.Release, arch) != profile.Lacking
		})
		if i < 0 {
			out = append(out, profile.PackageOf(system, name))
			continue
		}
		out = append(out, profile.Package{Name: profile.Packages()[i].Name})
	}
	return out
}
