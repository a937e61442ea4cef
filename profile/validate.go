package profile

import (
	"fmt"
	"regexp"
	"strings"
)

// validate reports every value that cannot work, by path; the decoder knows the places.
func (p *Profile) validate(d *decoder) {
	p.validateHost(d)
	p.validateGuest(d)
	p.validateSizes(d)
	p.validateMounts(d)
	p.validateSockets(d)
	p.validateOnePassword(d)
	p.validatePorts(d)
	p.validateQEMU(d)
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
	machineName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
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
	fingerprint = regexp.MustCompile(`^[0-9A-F]{4}( ? ?[0-9A-F]{4}){9}$`)

	buildPlace    = regexp.MustCompile(`^(auto|local|ssh://[^ '"-][^ '"]*|lima:[A-Za-z0-9]+([._-][A-Za-z0-9]+)*)$`)
	weztermDomain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	guixSpec      = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*(@[0-9][A-Za-z0-9.+-]*)?(:[a-z0-9-]+)?$`)
)

func (p *Profile) validateHost(d *decoder) {
	const labels = "lower-case letters, digits and single inner dashes, starting with a letter"
	d.matches("name", p.Name, machineName, labels, "it becomes a host name, a flake attribute and a prefix of file names")
	if len(p.Name) > 40 {
		d.bad("name", "is longer than 40 characters")
	}
	if p.Name == "localhost" {
		d.bad("name", "localhost is the name every machine has for itself")
	}
	d.matches("host.user", p.Host.User, hostUser, "a login name")
	if d.given("host.home") {
		d.absolute("host.home", p.Host.Home)
	}
	if p.Host.Home == "/" {
		d.bad("host.home", "/ is no home directory")
	}
	unknown := p.Host.User == "" && !d.wrong["host.user"]
	switch {
	case p.MacOS() && p.Autostart == "boot" && unknown:
		d.bad("host.user", "is required for autostart boot: launchd starts the VM as root unless told whose it is")
	case p.MacOS() && p.Host.Home == "" && unknown && !d.wrong["host.home"] && (p.Autostart != "off" || p.Repairs()):
		d.bad("host", "needs user or home: launchd takes absolute paths only")
	}
	if p.Runner == "qemu" && p.Guest.System != "guix" && p.Guest.System != "" {
		d.bad("runner", "qemu runs Guix guests; "+p.Guest.System+" needs lima")
	}
	if p.Runner == "lima" && p.Guest.System == "guix" {
		d.bad("runner", "Lima cannot boot a Guix System guest", "write qemu, or remove the line")
	}
	p.validateLima(d)
}

func (p *Profile) validateLima(d *decoder) {
	at, name := "lima.instance", p.Lima.Instance
	if !d.given(at) {
		at = "name"
	}
	d.matches(at, name, instance, "letters and digits, with single dots, dashes or underscores between them")
	if len(name) > 63 {
		d.bad(at, "is longer than 63 characters")
	}
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		d.bad(at, "must not end in .yaml or .yml: limactl takes such a name for a file")
	}
	// Lima refuses an instance whose longest socket name does not fit.
	longest := p.Host.Home + "/.lima/" + name + "/ssh.sock.1234567890123456"
	if n, limit := len(longest), p.maxHostSocket(); p.Host.Home != "" && p.Runner == "lima" && n > limit {
		d.bad(at, fmt.Sprintf("is %d characters too long: Lima's sockets would be at %s", n-limit, longest), "lima.instance may be shorter than name")
	}
	if p.Lima.VMType == "vz" && p.Host.OS == "linux" {
		d.bad("lima.vmType", "vz exists on macOS only", "write qemu, or remove the line")
	}
}

// maxHostSocket is how long a socket's path on the host may be.
func (p *Profile) maxHostSocket() int {
	if p.MacOS() {
		return maxSocketMac
	}
	return maxSocketLinux
}

func (p *Profile) validateSizes(d *decoder) {
	least := func(path string, s, min Size) {
		if s < min && d.given(path) {
			d.bad(path, "must be at least "+min.String())
		}
	}
	least("resources.memory", p.Resources.Memory, 512<<20)
	least("resources.disk", p.Resources.Disk, 2<<30)
	least("home.disk", p.Home.Disk, 256<<20)
	if p.Resources.Memory%(1<<20) != 0 {
		d.bad("resources.memory", "must be a whole number of MiB: Apple's hypervisor takes no other")
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
	names := map[string]int{}
	for i, c := range p.Guix.Channels {
		at := item("guix.channels", i)
		d.channel(at, c)
		if j, ok := names[c.Name]; ok && c.Name != "" {
			d.bad(at+".name", fmt.Sprintf("channels[%d] has this name", j))
		}
		names[c.Name] = i
	}
	d.matches("build.on", p.Build.On, buildPlace, "auto, local, ssh://user@host or lima:INSTANCE")
}

func (d *decoder) channel(at string, c Channel) {
	const full = "the full commit, 40 hexadecimal digits"
	d.matches(at+".name", c.Name, channelName, "lower-case letters, digits and dashes")
	d.matches(at+".url", c.URL, gitURL, "the URL of a Git repository")
	d.matches(at+".branch", c.Branch, branchName, "the name of a branch")
	d.matches(at+".commit", c.Commit, fullCommit, full, "git rev-parse, or guix describe -f channels, prints it")
	if c.Name != "guix" && c.URL == "" {
		d.bad(at+".url", "is required for every channel but guix")
	}
	if in := c.Introduction; in != nil {
		d.matches(at+".introduction.commit", in.Commit, fullCommit, full)
		d.matches(at+".introduction.fingerprint", in.Fingerprint, fingerprint, "40 upper-case hexadecimal digits in groups of four")
	}
}

// ownFile checks the path of a file that the user keeps beside the profile.
func (d *decoder) ownFile(at, f, ext string) {
	if !strings.HasPrefix(f, "./") && !strings.HasPrefix(f, "../") || !strings.HasSuffix(f, ext) {
		d.bad(at, "must be a path relative to the profile, such as ./local"+ext)
	}
}
