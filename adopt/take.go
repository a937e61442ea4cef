package adopt

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/pattern"
	"vmloom/profile"
)

var (
	notInName = pattern.New(`[^a-z0-9]+`)
)

// take fills the profile from the template, field by field. What is not taken
// shows as a difference later, and Keep brings it into lima.extra.
func (a *Adoption) take() error {
	p, ours := a.made, a.readOurs()
	p.Name = cmp.Or(a.in.Name, ours.name, machineName(a.domain.name), machineName(a.instance()), "vm")
	p.Guest.Arch = a.arch()
	p.Host.Arch, p.Host.LimaHome = a.hostArch(), a.host.tilde(a.host.LimaHome)
	if driver := scalar(a.root, "vmType"); driver == "qemu" || driver == "vz" {
		p.Lima.VMType = driver
	}
	a.takeResources()
	p.Lima.SSHPort, _ = strconv.Atoi(scalar(a.root, "ssh", "localPort"))
	p.Guest.Timezone = scalar(a.root, "timezone")
	a.takeUser(ours)
	if err := a.takeGuest(); err != nil {
		return err
	}
	p.Guest.User.AuthorizedKeys, p.Guest.Locale = ours.keys, ours.locale
	if scalar(a.root, "ssh", "loadDotSSHPubKeys") == "true" {
		p.Guest.User.AuthorizedKeys = append([]string{"host"}, ours.keys...)
	}
	p.Guest.Hostname = ours.hostname
	a.takeContainers(&ours)
	a.takeHardware()
	a.takeBrought(ours)
	p.Guest.Packages = packagesOf(p, ours.packages)
	if n := child(a.root, "mountType"); lacks9p(p.Guest.System, p.Guest.Release) && scalar(n) == "9p" {
		a.at(n, "no-9p", "the kernel of "+p.System().Title+"'s image has no 9p that works: the mounts do not work", "leave mountType out: the profile takes what works")
	}
	a.takeMountType()
	a.takeMounts()
	a.takeForwards(ours)
	a.made.Network.Hosts = ours.hosts
	a.takeNetwork()
	a.takeEnv(ours)
	a.takeDisks(ours)
	if ours.token {
		p.OnePassword.TokenFile = "~/.config/op/token"
		a.note("where the token of 1Password comes from is not in the template: onepassword says a usual place, correct it")
	}
	if ours.envFile {
		p.Guest.EnvFile = "~/.config/" + p.Name + "/env"
		a.note("where the variables of guest.envFile come from is not in the template: it says a usual place, correct it")
	}
	p.Autostart = a.start
	a.takeDomain()
	return nil
}

// remark says beside the values what their owner may wonder about.
func (a *Adoption) remark() {
	for _, r := range []struct {
		path, text string
		holds      bool
	}{
		{"lima.extra", "what the profile has no field for goes into the template as it stands", len(a.extra.Content) > 0},
		{"sockets", "a socket cannot be reached through a mount: it is forwarded", len(a.made.Sockets) > 0},
		{"wezterm.via", "exec runs OpenSSH, which knows Lima's port, keys and Include", a.made.WezTerm != nil},
		{"home.disk", "the disk is there already: limactl disk list shows its size", a.made.Home.Disk > 0},
		{"resources", "home: {disk: 40GiB} gives the home a disk of its own, which outlives rebuilds; bring along what is in it today", a.made.Home.Disk == 0},
	} {
		if delete(a.remarks, r.path); r.holds {
			a.remarks[r.path] = r.text
		}
	}
}

// takeResources takes what the template says of them, and Lima's default where it says nothing.
func (a *Adoption) takeResources() {
	r := &a.made.Resources
	r.CPUs.Count, _ = strconv.Atoi(scalar(a.root, "cpus"))
	if r.CPUs.Count == 0 {
		r.CPUs.Count = 4
	}
	r.Memory.Size = a.size("memory", 512<<20)
	r.Disk = a.size("disk", 2<<30)
	for _, name := range []string{"cpus", "memory", "disk"} {
		if scalar(a.root, name) != "" {
			a.remarks["resources."+name] = "" // said before, and so again
		}
	}
}

// machineName makes a name of a profile from another: lower-case letters, digits, dashes.
func machineName(s string) string {
	s = strings.Trim(notInName().ReplaceAllString(strings.ToLower(s), "-"), "-")
	s = strings.TrimLeft(s, "0123456789-")
	return strings.Trim(s[:min(len(s), 40)], "-")
}

// lacks9p reports whether the kernel of a system's images cannot mount what Lima mounts by default.
func lacks9p(system, release string) bool {
	s := profile.SystemNamed(system)
	return s.SetUp == profile.ByCloudInit && s.Mounts(release) != "9p"
}

func (a *Adoption) arch() string {
	if arch := scalar(a.root, "arch"); arch == "x86_64" || arch == "aarch64" {
		return arch
	}
	seen := ""
	for _, image := range items(child(a.root, "images")) {
		switch arch := scalar(image, "arch"); {
		case arch == "" || seen != "" && arch != seen:
			return a.host.Arch
		default:
			seen = arch
		}
	}
	if seen != "x86_64" && seen != "aarch64" {
		return a.host.Arch
	}
	return seen
}

// hostArch is the host's processor where such hosts have another one: that of this machine, or what vz tells, which runs no other.
func (a *Adoption) hostArch() string {
	arch := a.host.Arch
	if scalar(a.root, "vmType") == "vz" {
		arch = a.made.Guest.Arch
	}
	if arch == a.made.On().Arch {
		return ""
	}
	return arch
}

// size reads memory or disk; one without a unit is a trap.
func (a *Adoption) size(field string, least int64) profile.Size {
	text := scalar(a.root, field)
	limas, _ := lima.DefaultAt(field)
	def, _ := profile.ParseSize(limas)
	if text == "" {
		return def
	}
	bytes, ok := lima.ParseSize(text)
	n := child(a.root, field)
	switch {
	case !ok:
		return def
	case bytes < least && !lima.HasUnit(text):
		meant := profile.Size(max(bytes, 1)) << 30
		a.at(n, "size-without-unit", field+": "+clean(text)+" is taken for bytes, and limactl validate says OK", "write "+meant.String())
		return meant
	case bytes%(1<<20) != 0 || bytes < least:
		return def // as a difference it reaches lima.extra
	}
	return profile.Size(bytes)
}

func (a *Adoption) takeUser(ours ours) {
	u, user := child(a.root, "user"), &a.made.Guest.User
	name := lima.GuestUser(a.host.User)
	if a.host.User == "root" { // limactl does not run as root
		name = lima.GuestUser("")
	}
	switch {
	case a.host.User == "":
		a.note("your login name is not known here: --user NAME says it; lima stands for it")
	case name != a.host.User:
		a.note("Lima calls the guest's user lima, since %s is no name for an account of Linux", clean(a.host.User))
	}
	user.Name = cmp.Or(scalar(u, "name"), name)
	uid, err := strconv.Atoi(scalar(u, "uid"))
	ofHost := ours.name != "" && child(u, "uid") == nil
	a.uid = 1000
	switch {
	case ofHost:
	case err == nil && uid >= 500:
		a.uid = uid
		if uid < 1000 {
			a.at(child(u, "uid"), "system-uid", "user.uid: "+strconv.Itoa(uid)+" is below 1000: it cannot be kept when the guest becomes NixOS", "files of the home carry it: choose 1000 before the home gets a disk of its own")
		}
	default:
		if a.host.UID >= 1000 && a.host.UID <= 60000 && !a.host.isMac() {
			a.uid = a.host.UID
		}
		if a.host.isMac() {
			a.at(key(a.root, "user"), "no-uid", "user.uid: is not set, so the guest has the Mac's "+a.host.firstUID()+", which NixOS refuses for a user", "the profile says 1000; after the rebuild, give the files that you bring along to it")
		}
	}
	if user.UID = profile.UID(a.uid); ofHost {
		user.UID = profile.HostUID
	}
	if home := scalar(u, "home"); home != "" {
		user.Home = a.inGuest(home)
	} else {
		user.Home = lima.GuestHome(user.Name, a.in.LimaVersion)
		a.at(key(a.root, "user"), "no-home", "user.home: is not set, and Lima's default has changed: .linux before 2.1, .guest since", "the profile says "+user.Home+": it stays so in every instance")
	}
	for _, path := range []string{"guest.user.name", "guest.user.uid", "guest.user.home", "guest.user.shell"} {
		a.remarks[path] = "" // said, so that it stays
	}
	user.Shell = "bash"
	shell := scalar(u, "shell")
	for _, known := range profile.LoginShells() {
		if strings.HasSuffix(shell, "/bin/"+known) {
			user.Shell = known
		}
	}
}

func (a *Adoption) takeMounts() {
	var list []*yaml.Node
	list = append(list, items(child(a.root, "mounts"))...)
	for _, b := range baseList(a.root) {
		if strings.HasSuffix(b.url, "_default/mounts") {
			// Lima's own template of that name mounts the host's home, read-only.
			a.made.Mounts = append(a.made.Mounts, profile.Mount{Host: "~/"})
		}
	}
	for _, m := range list {
		location := besideProfile(scalar(m, "location"))
		if strings.HasPrefix(location, "{{.Home}}/") {
			location = "~/" + strings.TrimPrefix(location, "{{.Home}}/")
		}
		if location == "~" {
			location = "~/"
		}
		if relative(location) && scalar(m, "mountPoint") != "" {
			a.at(child(m, "location"), "relative-mount", clean(location)+": Lima refuses a directory that is not written out", "the profile says one that is relative to where it lies itself")
			location = relativeHost(location)
		}
		location, plain := unescaped(location)
		if location != "~/" && location != "/" {
			location = strings.TrimSuffix(location, "/")
		}
		if !plain || location == "" {
			continue
		}
		if from, dir, holds := socketDir(location); holds {
			a.socketMount(m, location, from, dir)
			continue
		}
		if scalar(m, "virtiofs", "queueSize") != "" {
			continue // the profile has no field for it
		}
		to := profile.Mount{Host: location, Writable: scalar(m, "writable") == "true"}
		a.optionsOf(m, &to)
		if point := scalar(m, "mountPoint"); point != "" {
			point, ok := unescaped(a.inGuest(point))
			if !ok {
				continue
			}
			if point != a.hostPath(location) {
				to.Guest = point
			}
		}
		a.made.Mounts = append(a.made.Mounts, to)
	}
}

// besideProfile makes a path below the parameter that vmloom's scripts fill in one relative to the profile.
func besideProfile(location string) string {
	rest, is := strings.CutPrefix(location, "{{.Param."+profile.ProjectParam+"}}")
	switch {
	case !is:
		return location
	case rest == "":
		return "."
	case strings.HasPrefix(rest, "/.."):
		return rest[1:]
	}
	return "." + rest
}

// inGuest expands what Lima's templates know of the guest's user.
func (a *Adoption) inGuest(s string) string {
	u := a.made.Guest.User
	return lima.GuestVars{User: u.Name, UID: strconv.Itoa(a.uid), Home: u.Home}.Expand(s)
}

// hostPath replaces a leading ~ by the host's home, where that is known.
func (a *Adoption) hostPath(s string) string { return a.host.path(s) }

func (h Host) path(s string) string {
	if rest, tilde := strings.CutPrefix(s, "~"); tilde && h.Home != "" && (rest == "" || rest[0] == '/') {
		return h.Home + strings.TrimSuffix(rest, "/")
	}
	return s
}

// home is the reverse: a path below the host's home starts with ~/.
func (h Host) tilde(s string) string {
	if rest, below := strings.CutPrefix(s, h.Home+"/"); below && h.Home != "" {
		return "~/" + rest
	}
	return s
}

// takeEnv takes variables: /etc/environment's, and those that vmloom's script
// gives to login shells alone.
func (a *Adoption) takeEnv(ours ours) {
	env := map[string]string{}
	add := func(name, value string) {
		for i := range a.made.Sockets {
			s := &a.made.Sockets[i]
			if s.Guest == "" || value != s.Guest && value != "unix://"+s.Guest {
				continue
			}
			if url := name == "DOCKER_HOST" || name == "CONTAINER_HOST"; s.Env == "" && url == strings.HasPrefix(value, "unix://") {
				s.Env = name
				return
			}
			if s.Env == name {
				return
			}
		}
		if slices.ContainsFunc(a.made.Sockets, func(s profile.Socket) bool { return s.Env == name && a.mounted[s.Name] }) {
			return // it pointed into the mount that the forward replaces
		}
		env[name] = value
	}
	if n := child(a.root, "env"); n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := n.Content[i+1]; v.Kind == yaml.ScalarNode && !isNull(v) && !a.secret[v] {
				if !profile.PAMCarries(v.Value) {
					a.at(v, "env-cut", n.Content[i].Value+": /etc/environment cannot carry the value: it ends at #, and loses quotes and backslashes", "the profile gives it to login shells as well")
				}
				add(n.Content[i].Value, v.Value)
			}
		}
	}
	for _, e := range ours.env {
		if at(a.root, "env", e[0]) == nil {
			add(e[0], e[1])
		}
	}
	a.takeProxy(env)
	a.made.Guest.Env = env
	a.settle(ours)
}
