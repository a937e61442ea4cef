package adopt

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

var (
	notInName = regexp.MustCompile(`[^a-z0-9]+`)
)

// take fills the draft from the template, field by field. What is not taken
// shows as a difference later, and Keep brings it into lima.extra.
func (a *Adoption) take() error {
	d := &a.draft
	ours := a.readOurs()
	d.name = cmp.Or(a.in.Name, ours.name, machineName(a.domain.name), machineName(d.instance), "vm")
	d.arch = a.arch()
	d.vmType = scalar(a.root, "vmType")
	d.cpus, _ = strconv.Atoi(scalar(a.root, "cpus"))
	if d.cpus == 0 {
		d.cpus = 4
	}
	d.memory = a.size("memory", 512<<20)
	d.disk = a.size("disk", 2<<30)
	d.sshPort, _ = strconv.Atoi(scalar(a.root, "ssh", "localPort"))
	d.timezone = scalar(a.root, "timezone")
	a.takeUser(ours)
	if err := a.takeGuest(); err != nil {
		return err
	}
	d.keys, d.locale = ours.keys, ours.locale
	if scalar(a.root, "ssh", "loadDotSSHPubKeys") == "true" {
		d.keys = append([]string{"host"}, d.keys...)
	}
	if ours.hostname != d.name {
		d.hostname = ours.hostname
	}
	system := profile.SystemNamed(d.system)
	d.packages = d.packagesOf(ours.packages)
	if n := child(a.root, "mountType"); lacks9p(d.system, d.release) && scalar(n) == "9p" {
		a.at(n, "no-9p", "the kernel of "+system.Title+"'s image has no 9p that works: the mounts do not work", "leave mountType out: the profile takes what works")
	}
	a.takeMounts()
	a.takeForwards(ours)
	a.takeEnv(ours)
	for _, disk := range items(child(a.root, "additionalDisks")) {
		if name := cmp.Or(scalar(disk, "name"), disk.Value); scalar(disk, "format") == "false" && (name == d.name+"-home" || ours.name != "" && strings.HasSuffix(name, "-home")) {
			d.homeDisk = true
			if made := strings.TrimSuffix(name, "-home"); made != d.name {
				d.homeName = made
			}
			a.note("the size of the home's disk is not in the template: limactl disk list shows it; it matters when the disk is recreated")
		}
	}
	if d.homeDisk = d.homeDisk && (ours.boot || ours.name != ""); !d.homeDisk && len(items(child(a.root, "additionalDisks"))) > 0 {
		a.note("the disks of the template stay its own affair, in lima.extra; home: {disk: SIZE} would make a new disk for the home")
	}
	if d.token = ours.token; d.token {
		a.note("where the token of 1Password comes from is not in the template: onepassword says a usual place, correct it")
	}
	d.autostart = a.start
	d.wezterm = a.domain
	return nil
}

// machineName makes a name of a profile from another: lower-case letters, digits, dashes.
func machineName(s string) string {
	s = strings.Trim(notInName.ReplaceAllString(strings.ToLower(s), "-"), "-")
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

// size reads memory or disk; one without a unit is a trap.
func (a *Adoption) size(field string, least int64) string {
	text := scalar(a.root, field)
	def, _ := lima.DefaultAt(field)
	if text == "" {
		return def
	}
	bytes, ok := lima.ParseSize(text)
	n := child(a.root, field)
	switch {
	case !ok:
		return def
	case bytes < least && !lima.HasUnit(text):
		cure := sizeText(int64(max(bytes, 1)) << 30)
		a.at(n, "size-without-unit", field+": "+clean(text)+" is taken for bytes, and limactl validate says OK", "write "+cure)
		return cure
	case bytes%(1<<20) != 0 || bytes < least:
		return def // as a difference it reaches lima.extra
	}
	return sizeText(bytes)
}

func (a *Adoption) takeUser(ours ours) {
	u, d := child(a.root, "user"), &a.draft
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
	d.user.name = cmp.Or(scalar(u, "name"), name)
	uid, err := strconv.Atoi(scalar(u, "uid"))
	d.user.uidOfHost = ours.name != "" && child(u, "uid") == nil
	switch {
	case d.user.uidOfHost:
		d.user.uid = 1000
	case err == nil && uid >= 500:
		d.user.uid = uid
		if uid < 1000 {
			a.at(child(u, "uid"), "system-uid", "user.uid: "+strconv.Itoa(uid)+" is below 1000: it cannot be kept when the guest becomes NixOS", "files of the home carry it: choose 1000 before the home gets a disk of its own")
		}
	default:
		d.user.uid = 1000
		if a.host.UID >= 1000 && a.host.UID <= 60000 && !a.host.isMac() {
			d.user.uid = a.host.UID
		}
		if a.host.isMac() {
			a.at(key(a.root, "user"), "no-uid", "user.uid: is not set, so the guest has the Mac's "+a.host.firstUID()+", which NixOS refuses for a user", "the profile says 1000; after the rebuild, give the files that you bring along to it")
		}
	}
	if home := scalar(u, "home"); home != "" {
		d.user.home = a.inGuest(home)
	} else {
		d.user.home = lima.GuestHome(d.user.name, a.in.LimaVersion)
		a.at(key(a.root, "user"), "no-home", "user.home: is not set, and Lima's default has changed: .linux before 2.1, .guest since", "the profile says "+d.user.home+": it stays so in every instance")
	}
	d.user.shell = "bash"
	shell := scalar(u, "shell")
	for _, known := range profile.LoginShells() {
		if strings.HasSuffix(shell, "/bin/"+known) {
			d.user.shell = known
		}
	}
}

// sizeText writes a size as profiles do.
func sizeText(bytes int64) string { return profile.Size(bytes).String() }

func (a *Adoption) takeMounts() {
	var list []*yaml.Node
	list = append(list, items(child(a.root, "mounts"))...)
	for _, b := range baseList(a.root) {
		if strings.HasSuffix(b.url, "_default/mounts") {
			// Lima's own template of that name mounts the host's home, read-only.
			a.draft.mounts = append(a.draft.mounts, mount{host: "~/"})
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
		if at(m, "9p") != nil || at(m, "sshfs") != nil || at(m, "virtiofs") != nil {
			continue // the profile has no field for these
		}
		to := mount{host: location, writable: scalar(m, "writable") == "true"}
		if point := scalar(m, "mountPoint"); point != "" {
			point, ok := unescaped(a.inGuest(point))
			if !ok {
				continue
			}
			if point != a.hostPath(location) {
				to.guest = point
			}
		}
		a.draft.mounts = append(a.draft.mounts, to)
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
	u := a.draft.user
	return lima.GuestVars{User: u.name, UID: strconv.Itoa(u.uid), Home: u.home}.Expand(s)
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
		for i := range a.draft.sockets {
			s := &a.draft.sockets[i]
			if s.guest == "" || value != s.guest && value != "unix://"+s.guest {
				continue
			}
			if url := name == "DOCKER_HOST" || name == "CONTAINER_HOST"; s.env == "" && url == strings.HasPrefix(value, "unix://") {
				s.env = name
				return
			}
			if s.env == name {
				return
			}
		}
		if slices.ContainsFunc(a.draft.sockets, func(s socket) bool { return s.env == name && s.mounted }) {
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
	a.draft.env = env
	a.settle(ours)
}
