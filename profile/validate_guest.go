package profile

import (
	"cmp"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vmloom/pattern"
)

// takenUsers are accounts and groups that every guest, or one of them, has
// already: useradd refuses the name, and the VM starts without its user.
var takenUsers = strings.Fields(`adm admin audio backup bin cdrom chrony crontab daemon dbus dialout dip disk docker fax floppy ftp games gnats
	guixbuild halt input irc kmem kvm list lp lxd mail man messagebus netdev news nixbld nobody nogroup operator plugdev polkitd proxy render
	root sasl sgx shadow shutdown src sshd staff sudo sync sys syslog tape tss tty users utmp uucp uuidd video voice wheel www-data`)

// sessionVars are set by the login itself.
var sessionVars = []string{"HOME", "LOGNAME", "PWD", "SHELL", "USER"}

func (p *Profile) validateGuest(d *decoder) {
	g, s := p.Guest, p.System()
	known := s.ReleaseNames()
	switch {
	case len(known) > 0 && g.Release == "":
		d.bad("guest.release", "is required for "+g.System+": "+oneOf(known))
	case len(known) > 0 && !slices.Contains(known, g.Release):
		d.bad("guest.release", "must be "+oneOf(known)+" for "+g.System, cmp.Or(odd(g.Release), releaseMeant(s, g.Release)))
	case s.ReleaseFrom != "" && g.Release != "":
		d.bad("guest.release", "does not apply to "+g.System, s.ReleaseFrom+" chooses the release")
	}
	if _, both := g.Env["LANG"]; both && g.Locale != "" {
		d.bad("guest.env.LANG", "is set by guest.locale too", "remove one of them")
	}
	if s.SetUp == ByGuix && g.Locale == "C.UTF-8" {
		d.bad("guest.locale", "a Guix System builds its locales from sources, and C has none", "remove the line: its default is en_US.UTF-8")
	}
	p.validateImage(d)
	p.validateUser(d)
	for name := range g.Env {
		at := join("guest.env", name)
		if !forms["variable"].ok(name) {
			d.bad(at, "name must be letters, digits and underscores, not starting with a digit")
		}
		if slices.Contains(sessionVars, name) {
			d.bad(at, "is set by each login", "guest.user says name, home and shell")
		}
		if s.Name != "" && len(s.AnyEnv.Of) == 0 && !PAMCarries(g.Env[name]) {
			d.bad(at, "does not fit /etc/environment: quotes, #, backslashes, $ and blanks at its ends do not",
				"set it in the start file of your shell, in the home")
		}
	}
	p.validateContainers(d)
	p.validateBrought(d)
	p.validateProxy(d)
	for i, pkg := range g.Packages {
		p.validatePackage(d, item("guest.packages", i), pkg)
	}
}

// HasImage reports whether the profile names the file that a new VM starts from.
func (p *Profile) HasImage() bool { return p.Guest.Image.Location != "" }

func (p *Profile) validateImage(d *decoder) {
	const at = "guest.image"
	if location := p.Guest.Image.Location; forms["image"].ok(location) && !strings.Contains(location, "://") {
		d.hostPath(at+".location", location)
	}
	switch {
	case !p.HasImage():
	case p.System().Name != "" && !p.UnderLima():
		d.bad(at, "does not apply to "+p.Guest.System+": its image is made of the profile", "remove the line")
	case p.Guest.ArchOfHost():
		d.bad(at, "is of one processor, and guest.arch: host is for both", "write "+oneOf(Arches())+" for guest.arch")
	case p.Nix.Base == "own" && p.System().SetUp == ByFlake:
		d.bad(at, "is another image than the one that nix: {base: own} builds", "remove one of them")
	}
}

func (p *Profile) validateUser(d *decoder) {
	u, at := p.Guest.User, "guest.user.name"
	limits := fieldsOf(reflect.TypeOf(u)).byName["name"] // for a name that comes from host.user
	switch {
	case !d.given(at) && d.wrong["host.user"]:
	case u.Name == "":
		d.bad(at, "is required where host.user is not set")
	case !d.given(at) && (!limits.form.ok(u.Name) || len(u.Name) > limits.longest):
		d.bad(at, "is required: host.user is no name for an account of the guest")
	case slices.Contains(takenUsers, u.Name):
		d.bad(at, u.Name+" is an account or group of the guest's system", "give it another name, such as dev")
	}
	if u.UID < 1000 && !u.UID.OfHost() && p.HasFlake() {
		d.bad("guest.user.uid", "must be at least 1000: NixOS refuses a normal user below that"+p.whyFlake(), "Lima's default is the Mac's 501; the profile's 1000 replaces it on both sides")
	}
	if d.given("guest.user.home") {
		p.validateGuestHome(d, "guest.user.home", u.Home)
	}
	for i, key := range u.AuthorizedKeys {
		at := item("guest.user.authorizedKeys", i)
		if strings.HasSuffix(key, ".pub") && !strings.Contains(key, " ") {
			d.bad(at, "must be a public key itself, and not its file", "write what this prints: cat "+key+"; or host, for the keys of whoever runs the VM")
		}
		switch near := Near(key, []string{hostWord}, 1); {
		case key == hostWord:
		case len(near) > 0:
			d.bad(at, "must be a public key, or "+hostWord, "did you mean "+hostWord+"?")
		default:
			d.matches(at, key, "public key")
		}
	}
}

// whyFlake says why another guest has to please NixOS.
func (p *Profile) whyFlake() string {
	if p.System().SetUp == ByFlake {
		return ""
	}
	return " (the nix section makes a flake)"
}

func (p *Profile) validateGuestHome(d *decoder, at, home string) {
	parent := path.Dir(home)
	d.plainly(at, home)
	d.matches(at, home, "plain path")
	switch {
	case slices.Contains(systemDirs, home):
		d.bad(at, home+" is a system directory")
	case slices.ContainsFunc(fleetingDirs, func(dir string) bool { return inside(home, dir) }):
		d.bad(at, "is in a directory of the system, or in one that does not last", "use a home below /home")
	case p.System().SELinux && parent != "/home":
		d.bad(at, "must be right below /home: elsewhere SELinux lets sshd read no keys")
	case p.Home.Disk > 0 && parent != "/home" && (slices.Contains(systemDirs, parent) || ofState(parent)):
		d.bad(at, "the home disk would be mounted over "+parent, "use a home below /home")
	}
}

// nixKeywords cannot be part of an attribute path.
var nixKeywords = strings.Fields("assert else if in inherit let or rec then with")

// versioned words how a package of a certain version is named.
func versioned(name string) string {
	hint := "a version is named by hand, as each system has it: " + ByHand()
	if _, known := LookupPackage(name); known {
		return "write " + name + "; " + hint
	}
	if near := NearPackages(name); len(near) > 0 {
		return "did you mean " + near[0] + "? " + hint
	}
	return hint
}

var plainPackage = pattern.New(`^[A-Za-z0-9._+-]+$`)

func (p *Profile) validatePackage(d *decoder, at string, pkg Package) {
	system := p.System()
	if system.Name == "" || d.wrong[at] {
		return
	}
	if _, known := LookupPackage(pkg.Name); pkg.Name != "" && !known {
		name, version, pinned := strings.Cut(pkg.Name, "@")
		if pinned && version != "" {
			d.bad(at, strconv.Quote(pkg.Name)+" has a version, and the package map has none", versioned(name))
			return
		}
		if first, more, ok := strings.Cut(pkg.Name, " - "); ok {
			d.bad(at, strconv.Quote(pkg.Name)+" is not in the package map", "the line of - "+more+" is indented too deep: begin it below that of - "+first)
			return
		}
		if meant := PackageMeant(pkg.Name); meant != "" {
			d.bad(at, strconv.Quote(pkg.Name)+" is not in the package map", "write "+meant+"; a version or a source is named by hand: "+ByHand())
			return
		}
		hint := "vmloom packages " + strconv.Quote(pkg.Name) + " looks for it; a mapping " + ByHand() + " names it by hand"
		if plainPackage().MatchString(pkg.Name) {
			hint = strings.ReplaceAll(hint, strconv.Quote(pkg.Name), pkg.Name)
		}
		if near := NearPackages(pkg.Name); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, ", ") + "? " + hint
		}
		d.bad(at, strconv.Quote(pkg.Name)+" is not in the package map", hint)
		return
	}
	if pkg == (Package{}) {
		d.bad(at, "names no package")
	}
	for part := range strings.SplitSeq(pkg.Nix, ".") {
		if slices.Contains(nixKeywords, part) {
			d.bad(at+".nix", part+" is a keyword of Nix, and no attribute", "an attribute of that name stands in quotes: "+strconv.Quote(part))
		}
	}
	for _, system := range p.packageSystems() {
		for _, arch := range p.Guest.Arches() {
			if p.lacks(d, at, pkg, system, arch) {
				return
			}
		}
	}
}

// packageSystems are the systems that need a name of each package: the flake's before the guest's.
func (p *Profile) packageSystems() []System {
	if own := p.System(); p.HasFlake() && own.SetUp != ByFlake {
		return []System{NixOS(), own}
	}
	return []System{p.System()}
}

// lacks reports a package that a system does not have for a processor, and says so.
func (p *Profile) lacks(d *decoder, at string, pkg Package, s System, arch string) bool {
	e, known := LookupPackage(pkg.Name)
	release, why := p.Guest.Release, ""
	if s.Name != p.Guest.System {
		release, why = "", p.whyFlake()
	}
	if pkg.For(s) != "" && (!known || e.Stock(s, release, arch) != Lacking) {
		return false
	}
	what, hint := "the mapping", "if you know its name there, write {"+s.Manager.Column+": NAME}"
	if known {
		what = strconv.Quote(pkg.Name)
		if ways := e.elsewhere(s, release, arch); ways != "" {
			hint = ways + "; " + hint
		}
	}
	switch {
	case pkg.For(s) == "" && known && s.Index == "":
		d.bad(at, fmt.Sprintf("the package map has no name of %s for %s%s", what, s.Name, why), hint)
	case pkg.For(s) == "":
		d.bad(at, fmt.Sprintf("%s has no package for %s%s", what, s.Name, why), hint)
	default:
		if p.Guest.ArchOfHost() {
			why += ", and guest.arch: host is for both processors"
		}
		d.bad(at, fmt.Sprintf("%s has no package for %s%s", what, e.place(s, release, arch), why), hint)
	}
	return true
}
