package profile

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Releases with images among Lima's own templates (templates/_images of Lima 2.2).
var releases = map[string][]string{
	"ubuntu": {"20.04", "22.04", "24.04", "24.10", "25.04", "25.10", "26.04"},
	"debian": {"11", "12", "13"},
}

// systemDirs may not be mounted over or hold a home. Lima refuses the first
// ten as mount points (validate.go), the others would break a boot.
var systemDirs = []string{
	"/", "/bin", "/dev", "/etc", "/home", "/opt", "/sbin", "/tmp", "/usr", "/var",
	"/boot", "/lib", "/lib64", "/mnt", "/nix", "/gnu", "/proc", "/root", "/run", "/sys",
}

// Length limits of a Unix socket's path, without its end mark: macOS and Linux (sun_path).
const (
	maxSocketMac   = 103
	maxSocketLinux = 107
)

// validate reports every value that cannot work, by path; the decoder knows the places.
func (p *Profile) validate(d *decoder) {
	p.validateHost(d)
	p.validateGuest(d)
	p.validateSizes(d)
	p.validateMounts(d)
	p.validateSockets(d)
	p.validatePorts(d)
	p.validateWezTerm(d)
	p.validateImages(d)
}

// matches reports a value that is set and not of the form; the form's words are for people.
func (d *decoder) matches(path, value string, re *regexp.Regexp, form string, hint ...string) {
	if value != "" && !re.MatchString(value) {
		d.bad(path, "must be "+form, hint...)
	}
}

var (
	machineName = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
	hostUser    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]*$`)
	instance    = regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`) // Lima's identifiers.Validate
	guestUser   = regexp.MustCompile(`^[a-z_][a-z0-9_-]*$`)
	zone        = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`)
	envName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	publicKey   = regexp.MustCompile(`^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$`)
	plainPath   = regexp.MustCompile(`^/[A-Za-z0-9._/@+-]*$`)
	aptName     = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*(\|[a-z0-9][a-z0-9.+-]*)*$`)
	nixAttr     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_'-]*(\.[A-Za-z_][A-Za-z0-9_'-]*)*$`)
	fullCommit  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	flakeRef    = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:[^ ]+$`)
	twoDigits   = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}$`)
	channelName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	gitURL      = regexp.MustCompile(`^(https?|ssh|git|file)://[^ ]+$`)
	branchName  = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)
	fingerprint = regexp.MustCompile(`^[0-9A-F ]+$`)

	weztermDomain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	guixSpec      = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*(@[0-9][A-Za-z0-9.+-]*)?(:[a-z0-9-]+)?$`)
)

func (p *Profile) validateHost(d *decoder) {
	const labels = "lower-case letters, digits and inner dashes, starting with a letter"
	d.matches("name", p.Name, machineName, labels, "it becomes a host name, a flake attribute and a prefix of file names")
	if len(p.Name) > 40 {
		d.bad("name", "is longer than 40 characters")
	}
	if p.Name == "" {
		d.bad("name", "is required")
	}
	d.matches("host.user", p.Host.User, hostUser, "a login name")
	d.absolute("host.home", p.Host.Home)
	d.matches("lima.instance", p.Lima.Instance, instance, "letters and digits, with single dots, dashes or underscores between them")
	if len(p.Lima.Instance) > 63 {
		d.bad("lima.instance", "is longer than 63 characters")
	}
	if p.MacOS() && p.Host.Home == "" && (p.Autostart != "off" || len(p.Sockets) > 0) {
		d.bad("host", "needs user or home: launchd takes absolute paths only")
	}
	if p.Lima.VMType == "vz" && p.Host.OS == "linux" {
		d.bad("lima.vmType", "vz exists on macOS only", "write qemu, or remove the line")
	}
	if p.Runner == "qemu" && p.Guest.System != "guix" && p.Guest.System != "" {
		d.bad("runner", "qemu runs Guix guests; "+p.Guest.System+" needs lima")
	}
	if p.Runner == "lima" && p.Guest.System == "guix" {
		d.bad("runner", "Lima cannot boot a Guix System guest", "write qemu, or remove the line")
	}
}

func (p *Profile) validateGuest(d *decoder) {
	g := p.Guest
	known, dated := releases[g.System]
	switch {
	case dated && g.Release == "":
		d.bad("guest.release", "is required for "+g.System+": "+oneOf(known))
	case dated && !slices.Contains(known, g.Release):
		d.bad("guest.release", "must be "+oneOf(known)+" for "+g.System)
	case !dated && g.Release != "" && g.System == "nixos":
		d.bad("guest.release", "does not apply to nixos", "nix.nixpkgs chooses the release")
	case !dated && g.Release != "" && g.System == "guix":
		d.bad("guest.release", "does not apply to guix", "guix.channels chooses the release")
	}
	p.validateUser(d)
	d.matches("guest.timezone", g.Timezone, zone, "a name of the tz database, such as Europe/Berlin")
	for name, value := range g.Env {
		at := join("guest.env", name)
		if !envName.MatchString(name) {
			d.bad(at, "name must be letters, digits and underscores, not starting with a digit")
		}
		if len(value) > 4096 {
			d.bad(at, "is longer than 4096 characters")
		}
	}
	for i, pkg := range g.Packages {
		p.validatePackage(d, item("guest.packages", i), pkg)
	}
}

func (p *Profile) validateUser(d *decoder) {
	u := p.Guest.User
	d.matches("guest.user.name", u.Name, guestUser, "lower-case letters, digits, dashes and underscores, starting with a letter or underscore")
	switch {
	case u.Name == "":
		d.bad("guest.user.name", "is required where host.user is not set")
	case u.Name == "root":
		d.bad("guest.user.name", "root cannot be the working account")
	case len(u.Name) > 31:
		d.bad("guest.user.name", "is longer than 31 characters")
	}
	if u.UID < 1000 && p.Guest.System == "nixos" {
		d.bad("guest.user.uid", "must be at least 1000: NixOS refuses a normal user below that", "Lima's default is the Mac's 501; the profile's 1000 replaces it on both sides")
	}
	at := "guest.user.home"
	d.absolute(at, u.Home)
	d.matches(at, u.Home, plainPath, "an absolute path of letters, digits and . _ / @ + -")
	if slices.Contains(systemDirs, u.Home) {
		d.bad(at, u.Home+" is a system directory")
	}
	if parent := path.Dir(u.Home); p.Home.Disk > 0 && u.Home != "" && parent != "/home" && slices.Contains(systemDirs, parent) {
		d.bad(at, "the home disk would be mounted over "+parent, "use a home below /home")
	}
	for i, key := range u.AuthorizedKeys {
		d.matches(item("guest.user.authorizedKeys", i), key, publicKey, "a public key as in id_ed25519.pub: type, base64 text, comment")
	}
}

func (p *Profile) validatePackage(d *decoder, at string, pkg Package) {
	system := p.Guest.System
	if system == "" || d.wrong[at] {
		return
	}
	if _, known := LookupPackage(pkg.Name); pkg.Name != "" && !known {
		hint := "vmloom packages " + pkg.Name + " looks for it; a mapping {nix:, guix:, apt:} names it by hand"
		if near := NearPackages(pkg.Name); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, ", ") + "? " + hint
		}
		d.bad(at, strconv.Quote(pkg.Name)+" is not in the package map", hint)
		return
	}
	if pkg == (Package{}) {
		d.bad(at, "names no package")
	}
	d.matches(at, pkg.Apt, aptName, "an apt package name (apt:)")
	d.matches(at, pkg.Nix, nixAttr, "an attribute path of nixpkgs (nix:)")
	d.matches(at, pkg.Guix, guixSpec, "a Guix package specification (guix:)")
	if pkg.For(system) == "" {
		what := "the mapping"
		if pkg.Name != "" {
			what = strconv.Quote(pkg.Name)
		}
		column := map[string]string{"nixos": "nix", "guix": "guix"}[system]
		set(&column, "apt")
		d.bad(at, fmt.Sprintf("%s has no package for %s", what, system), "if you know its name there, write {"+column+": NAME}")
	}
}

func (p *Profile) validateSizes(d *decoder) {
	least := func(path string, s, min Size) {
		if s < min {
			d.bad(path, "must be at least "+min.String())
		}
	}
	least("resources.memory", p.Resources.Memory, 512<<20)
	least("resources.disk", p.Resources.Disk, 2<<30)
	if _, set := d.pos["home.disk"]; set {
		least("home.disk", p.Home.Disk, 256<<20)
	}
}

// absolute refuses a path that is set and not absolute and clean.
func (d *decoder) absolute(at, value string) {
	switch {
	case value == "":
	case !strings.HasPrefix(value, "/"):
		d.bad(at, "must be an absolute path")
	case path.Clean(value) != value:
		d.bad(at, "must be written plainly: "+path.Clean(value))
	}
}

// hostPath refuses a path that is neither absolute nor below the host's home.
func (p *Profile) hostPath(d *decoder, at, value string) {
	rest, tilde := strings.CutPrefix(value, "~/")
	switch {
	case value == "" || !tilde && !strings.HasPrefix(value, "/"):
		d.bad(at, "must be absolute or start with ~/")
	case path.Clean("/"+strings.TrimPrefix(rest, "/")) != "/"+strings.TrimPrefix(rest, "/"):
		d.bad(at, "must be written plainly, without . or .. or a slash at the end")
	}
}

func (p *Profile) validateMounts(d *decoder) {
	seen := map[string]int{}
	for i, m := range p.Mounts {
		at := item("mounts", i)
		p.hostPath(d, at+".host", m.Host)
		d.absolute(at+".guest", m.Guest)
		guest := p.GuestPath(m)
		where := at + ".guest"
		if m.Guest == "" {
			where = at + ".host"
		}
		if guest == "" || d.wrong[where] {
			continue
		}
		if j, ok := seen[guest]; ok {
			d.bad(where, fmt.Sprintf("mounts[%d] is already at %s", j, guest))
		}
		seen[guest] = i
		home := p.Guest.User.Home
		switch {
		case !plainPath.MatchString(guest):
			// cloud-init writes the path into /etc/fstab as it stands.
			d.bad(where, "guest path must be letters, digits and . _ / @ + -", "give guest: a plain path, such as /mnt/"+strconv.Itoa(i+1))
		case slices.Contains(systemDirs, guest):
			d.bad(where, guest+" is a system directory of the guest", "give guest: another path, such as /mnt/work")
		case inside(guest, home):
			d.bad(where, "would be inside the guest's home "+home, "give guest: a path outside it, such as /mnt/"+path.Base(guest)+": cloud-init would make the home as root before the user exists")
		case inside(home, guest):
			d.bad(where, "would hold the guest's home "+home, "the home must not come from the host: give guest: another path")
		}
	}
}

// inside reports whether path a is b or below it.
func inside(a, b string) bool {
	return b != "" && (a == b || strings.HasPrefix(a, strings.TrimSuffix(b, "/")+"/"))
}

func (p *Profile) validateSockets(d *decoder) {
	names, guests, vars := map[string]int{}, map[string]int{}, map[string]int{}
	taken := func(m map[string]int, at, key, what string, i int) {
		if j, ok := m[key]; ok && key != "" {
			d.bad(at, fmt.Sprintf("%s %s, as sockets[%d] does", what, key, j))
			return
		}
		m[key] = i
	}
	for i, s := range p.Sockets {
		at := item("sockets", i)
		d.matches(at+".name", s.Name, machineName, "lower-case letters, digits and inner dashes")
		taken(names, at+".name", s.Name, "has the name", i)
		p.validateHostSocket(d, at, s)
		p.validateGuestSocket(d, at, s)
		taken(guests, or(d, at+".guest", at), s.Guest, "has the guest path", i)
		d.matches(at+".env", s.Env, envName, "the name of a variable")
		taken(vars, or(d, at+".env", at), s.Env, "sets", i)
		if _, both := p.Guest.Env[s.Env]; both && s.Env != "" {
			d.bad(join("guest.env", s.Env), "is set by "+at+" too", "remove one of them")
		}
		if p.Autostart == "boot" && s.Agent() {
			d.bad("autostart", "boot starts the VM before anybody is logged in, when the socket "+strconv.Quote(s.Name)+" does not exist", "write login, or remove "+at)
		}
	}
}

// or gives the field's own path where the profile sets it, else the path around it.
func or(d *decoder, at, around string) string {
	if _, set := d.pos[at]; set {
		return at
	}
	return around
}

func (p *Profile) validateHostSocket(d *decoder, at string, s Socket) {
	pre, known := presets[s.From]
	switch {
	case d.wrong[at+".from"] || d.wrong[at+".host"]:
		return
	case s.Host == "" && !known:
		d.bad(at, "needs from: or host:", "from: knows "+strings.Join(presetNames(), ", "))
		return
	case s.Host == "" && known:
		d.bad(at+".from", s.From+" has no fixed socket path on "+p.Host.OS, "give host: as well ("+pre.byHand+")")
		return
	}
	at = or(d, at+".host", at)
	p.hostPath(d, at, s.Host)
	limit := maxSocketLinux
	if p.MacOS() {
		limit = maxSocketMac
	}
	if n := len(p.HostPath(s.Host)); n > limit {
		d.bad(at, fmt.Sprintf("is %d bytes long, a socket's path may have %d", n, limit))
	}
	if strings.Contains(s.Host, ":") {
		d.bad(at, "must not hold a colon: ssh -R separates the two paths by one")
	}
}

func (p *Profile) validateGuestSocket(d *decoder, at string, s Socket) {
	at = or(d, at+".guest", at)
	d.absolute(at, s.Guest)
	d.matches(at, s.Guest, plainPath, "an absolute path of letters, digits and . _ / @ + -")
	if len(s.Guest) > maxSocketLinux {
		d.bad(at, fmt.Sprintf("is %d bytes long, a socket's path may have %d", len(s.Guest), maxSocketLinux))
	}
	// sshd binds the socket as the user, so its directory must be the user's.
	dir := path.Dir(s.Guest)
	if !strings.HasPrefix(dir, "/run/") {
		d.bad(at, "must be in a directory below /run", "/run/host-services/"+s.Name+".sock is the usual place")
	}
	if user, ok := strings.CutPrefix(dir, "/run/user/"); ok && !inside("/"+user, "/"+strconv.Itoa(p.Guest.User.UID)) || dir == "/run/user" {
		d.bad(at, fmt.Sprintf("is not in the guest user's /run/user/%d", p.Guest.User.UID))
	}
	for i, m := range p.Mounts {
		if inside(s.Guest, p.GuestPath(m)) {
			d.bad(at, fmt.Sprintf("is inside mounts[%d]: a socket cannot be made on a shared directory", i))
		}
	}
}

func (p *Profile) validatePorts(d *decoder) {
	guests, hosts := map[int]int{}, map[int]int{}
	for i, port := range p.Ports {
		at := item("ports", i)
		if j, ok := guests[port.Guest]; ok {
			d.bad(at+".guest", fmt.Sprintf("ports[%d] already forwards %d", j, port.Guest))
		}
		host := or(d, at+".host", at+".guest")
		if j, ok := hosts[port.Host]; ok {
			d.bad(host, fmt.Sprintf("ports[%d] already takes the host's %d", j, port.Host))
		}
		if port.Host == p.Lima.SSHPort && port.Host != 0 {
			d.bad(host, "is lima.sshPort")
		}
		guests[port.Guest], hosts[port.Host] = i, i
	}
}

// validateImages checks what the image engines and their modules need.
func (p *Profile) validateImages(d *decoder) {
	d.matches("nix.nixpkgs", p.Nix.Nixpkgs, flakeRef, "a flake reference, such as github:NixOS/nixpkgs/nixos-26.05")
	d.matches("nix.stateVersion", p.Nix.StateVersion, twoDigits, `a release as text, such as "26.05"`)
	for i, f := range p.Nix.Modules {
		d.ownFile(item("nix.modules", i), f, ".nix")
	}
	for i, f := range p.Guix.Modules {
		d.ownFile(item("guix.modules", i), f, ".scm")
	}
	if p.Guix.Manifest != "" {
		d.ownFile("guix.manifest", p.Guix.Manifest, ".scm")
	}
	for i, c := range p.Guix.Channels {
		d.channel(item("guix.channels", i), c)
	}
	where, ssh := strings.CutPrefix(p.Build.On, "ssh://")
	vm, lima := strings.CutPrefix(p.Build.On, "lima:")
	switch {
	case p.Build.On == "auto" || p.Build.On == "local":
	case ssh && where != "" && !strings.ContainsAny(where, " '\"") && where[0] != '-':
	case lima && instance.MatchString(vm):
	default:
		d.bad("build.on", "must be auto, local, ssh://user@host or lima:INSTANCE")
	}
}

func (d *decoder) channel(at string, c Channel) {
	const full = "the full commit, 40 hexadecimal digits"
	d.matches(at+".name", c.Name, channelName, "lower-case letters, digits and dashes")
	d.matches(at+".url", c.URL, gitURL, "the URL of a Git repository")
	d.matches(at+".branch", c.Branch, branchName, "the name of a branch")
	d.matches(at+".commit", c.Commit, fullCommit, full, "git rev-parse, or guix describe -f channels, prints it")
	if c.Name != "guix" && c.URL == "" {
		d.bad(at, "needs url:")
	}
	if in := c.Introduction; in != nil {
		d.matches(at+".introduction.commit", in.Commit, fullCommit, full)
		d.matches(at+".introduction.fingerprint", in.Fingerprint, fingerprint, "upper-case hexadecimal digits and blanks")
	}
}

// ownFile checks the path of a file that the user keeps beside the profile.
func (d *decoder) ownFile(at, f, ext string) {
	if !strings.HasPrefix(f, "./") && !strings.HasPrefix(f, "../") || !strings.HasSuffix(f, ext) {
		d.bad(at, "must be a path relative to the profile, such as ./local"+ext)
	}
}
