package generate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vmloom/lima"
	"vmloom/profile"
	"vmloom/quote"
)

// nixGuest is what the NixOS module of the guest prints.
type nixGuest struct {
	Hostname              string
	Own                   bool // the image is ours, not nixos-lima's
	User                  limaUser
	ShellPackage          string
	Keys                  nixList
	KeysFile, KeysPattern string // below /etc; sshd's pattern for it
	Marker                string
	Locale, Timezone      string
	RosettaTag            string // empty: none
	DNS                   nixList
	Hosts                 []nixNames
	Env                   []nixVar
	ShellEnv              string // exports for what Env cannot hold
	Packages, Unfree      nixList
	AllUnfree             bool
	Settings              []nixSetting
	LD                    bool
	HostStore             bool   // the host's /nix is mounted
	KeptStore             bool   // what earlier systems had is on the home's disk
	Stores                string // lines of nix.conf that name further stores
	Mounts                bool
	FileSystems           []nixFileSystem
	homeView
	HomeDiskScript, HomeDirScript string
	DisksScript                   string // of the other disks
	MountDirs                     []mountView
	MountScript                   string
	InitScript                    string   // before Lima's own init
	Beside                        []string // mounts whose tag differs from machine to machine
	BesideScript                  string
	UIDScript                     string
	Cidata                        string // where nixos-lima mounts Lima's data
	SocketDirs                    []string
	RuntimeRules, GuestUnits      []string // of the user's systemd: directories; units that would listen in the place of forwards
	UserGroups                    nixList  // of the user
	NewGroups                     []string // made where nobody else makes them
	Engine                        string   // of containers: its module below virtualisation
	CACerts                       []profile.Certificate
	Proxy                         profile.Proxy
	NoProxy                       string
}

type nixFileSystem struct {
	Path, Device, Type string
	Options            []string
	AutoResize         bool
	NoCheck            bool // there is no fsck for it
	Soft               bool // a default, which the image's own module replaces
}

// nixNames are names of an address that the guest knows.
type nixNames struct {
	Address string
	Names   nixList
}

func rosettaTag(p *profile.Profile) string {
	if p.Rosetta {
		return profile.RosettaTag
	}
	return ""
}

func newNixGuest(p *profile.Profile) (nixGuest, error) {
	u := p.Guest.User
	g := nixGuest{
		Hostname:     p.Guest.Hostname,
		Own:          p.Nix.Base == "own",
		User:         newLimaUser(u, u.Shell),
		ShellPackage: map[string]string{"bash": "bashInteractive"}[u.Shell],
		Keys:         newNixList(u.Keys()),
		Cidata:       "/mnt/lima-cidata",
		KeysFile:     "ssh/vmloom_keys.d/" + u.Name, KeysPattern: "/etc/ssh/vmloom_keys.d/%u",
		Marker:   p.Name + "\n",
		Timezone: p.Guest.Timezone,
		CACerts:  p.Certificates(),
		Proxy:    p.Guest.Proxy, NoProxy: p.Guest.Unproxied(),
		DNS:        newNixList(p.Network.DNS),
		RosettaTag: rosettaTag(p),
		Locale:     profile.GlibcLocale(p.Guest.Locale),
		LD:         p.Nix.LD,
		homeView:   newHomeView(p),
		SocketDirs: append(secretDirs(p), socketDirs(p)...),
		GuestUnits: guestUnits(p), RuntimeRules: runtimeRules(p),
	}
	if g.ShellPackage == "" {
		g.ShellPackage = u.Shell
	}
	g.UserGroups, g.NewGroups = newNixList(append([]string{"wheel"}, p.Groups()...)), slices.Sorted(slices.Values(p.Guest.Groups))
	addresses, names := p.Network.HostsOf()
	for _, address := range addresses {
		g.Hosts = append(g.Hosts, nixNames{address, newNixList(names[address])})
	}
	if len(p.Disks) > 0 { // several lines, then
		g.HomeNoticeLine += "\n"
	}
	g.addStores(p)
	g.addPackages(p)
	g.addSettings(p)
	if err := g.addEnv(p); err != nil {
		return g, err
	}
	return g, g.addFileSystems(p)
}

// addStores names the stores that the guest copies from instead of downloading.
func (g *nixGuest) addStores(p *profile.Profile) {
	var stores []string
	if g.HostStore = p.Nix.HostStore; g.HostStore {
		at := profile.HostStore
		g.Stores = "extra-experimental-features = read-only-local-store\n"
		stores = append(stores, "local?real="+at+"/store&state="+at+"/var/nix&log="+at+"/var/log/nix&read-only=true&trusted=true")
	}
	if g.KeptStore = p.Nix.KeepStore; g.KeptStore {
		stores = append(stores, keptStore(p.KeptStore()))
	}
	if len(stores) > 0 {
		g.Stores += "extra-substituters = " + strings.Join(stores, " ") + "\n"
	}
}

// keptStore is the kept store in a directory as nix calls it: asked before those of the network, and trusted, since only
// root of the guest writes there.
func keptStore(dir string) string { return "file://" + dir + "?priority=10&trusted=true" }

// unfree are packages of the package map whose license nixpkgs refuses unless it
// is allowed, with the name that it is asked for by.
var unfree = map[string]string{
	"_1password-cli": "1password-cli", "packer": "packer", "terraform": "terraform", "vagrant": "vagrant", "vault": "vault",
}

func (g *nixGuest) addPackages(p *profile.Profile) {
	var names, allowed []string
	if e, ok := p.Engine(); ok {
		g.Engine, names = nixEngines[e.Name].Option, slices.Clone(nixEngines[e.Name].Packages)
	}
	for _, pkg := range p.Guest.Packages {
		names = append(names, pkg.Nix)
		if name, ok := unfree[pkg.Nix]; ok {
			allowed = append(allowed, name)
		}
	}
	if g.AllUnfree = p.Nix.AllowsAll(); g.AllUnfree {
		allowed = nil
	} else {
		allowed = append(allowed, p.Nix.AllowUnfree...)
	}
	slices.Sort(names)
	slices.Sort(allowed)
	g.Packages = newNixList(slices.Compact(names))
	g.Unfree = newNixList(slices.Compact(allowed))
}

// nixSetting is a setting of nix.conf: a list, which is joined with others', or a value, which is a default.
type nixSetting struct {
	Name  string
	List  nixList
	Value any
	Plain bool // Value is one
}

func (g *nixGuest) addSettings(p *profile.Profile) {
	lists := map[string][]string{
		"experimental-features": {"nix-command", "flakes"},
		"substituters":          p.Nix.Substituters,
		"trusted-public-keys":   p.Nix.TrustedPublicKeys,
		"trusted-users":         {"@wheel"},
	}
	for name, s := range p.Nix.Settings {
		if list, ok := s.Value.([]any); ok {
			for _, v := range list {
				lists[name] = append(lists[name], fmt.Sprint(v))
			}
			continue
		}
		g.Settings = append(g.Settings, nixSetting{Name: name, Value: s.Value, Plain: true})
	}
	for name, list := range lists {
		if len(list) > 0 {
			g.Settings = append(g.Settings, nixSetting{Name: name, List: newNixList(list)})
		}
	}
	slices.SortFunc(g.Settings, func(a, b nixSetting) int { return strings.Compare(a.Name, b.Name) })
}

var (
	// NixOS writes session variables as NAME="VALUE" both for shells and for PAM
	// (shells-environment.nix, system-environment.nix), and escapes nothing.
	nixPlain = regexp.MustCompile(`^[^\x00-\x1f\x7f"\\$` + "`" + `@#]*$`)
	locale   = regexp.MustCompile(`^([a-z]{2,3}_[A-Z]{2}|C)\.UTF-8$`)
	// NixOS sets these itself: a default is nothing beside that, and another plain value a conflict. Shells set the
	// profile's after it.
	nixosVars = strings.Fields(`GTK_A11Y LANG LESSKEYIN_SYSTEM LOCALE_ARCHIVE NIXPKGS_CONFIG NIX_LD NIX_LD_LIBRARY_PATH
		NIX_PATH NO_AT_BRIDGE PATH SSH_ASKPASS SYSTEMD_XKB_DIRECTORY TZDIR`)
	// These are lists that NixOS, and desktops, add directories of their own to: the profile's come first.
	nixosLists = strings.Fields("GTK_PATH INFOPATH LIBEXEC_PATH QTWEBKIT_PLUGIN_PATH TERMINFO_DIRS XCURSOR_PATH XDG_CONFIG_DIRS XDG_DATA_DIRS")
)

// nixVar is a session variable; a joined one is a list that others add to.
type nixVar struct {
	Name, Value string
	Joined      bool
}

func (g *nixGuest) addEnv(p *profile.Profile) error {
	for _, e := range guestEnv(p) {
		if p.HasProxy() && slices.Contains([]string{profile.HTTPProxy, profile.HTTPSProxy, profile.NoProxy}, e.Name) {
			continue // networking.proxy sets them
		}
		if e.Name == "LANG" && locale.MatchString(e.Value) {
			g.Locale = profile.GlibcLocale(e.Value)
			continue
		}
		if profile.PAMCarries(e.Value) && nixPlain.MatchString(e.Value) && !slices.Contains(nixosVars, e.Name) {
			g.Env = append(g.Env, nixVar{e.Name, e.Value, slices.Contains(nixosLists, e.Name)})
			continue
		}
		value, err := quote.Sh(e.Value)
		if err != nil {
			return err
		}
		g.ShellEnv += "export " + e.Name + "=" + value + "\n"
	}
	if p.HasToken() {
		g.ShellEnv += tokenLine()
	}
	if p.Guest.EnvFile != "" {
		g.ShellEnv += envFileLine()
	}
	return nil
}

// addFileSystems names the system's partitions, the home's and Lima's mounts.
func (g *nixGuest) addFileSystems(p *profile.Profile) error {
	boot := nixFileSystem{Path: "/boot", Device: "/dev/vda1", Type: "vfat", Soft: true}
	if g.Own {
		boot = nixFileSystem{Path: "/boot", Device: "/dev/disk/by-label/ESP", Type: "vfat", Soft: true}
	}
	g.FileSystems = []nixFileSystem{{Path: "/", Device: "/dev/disk/by-label/nixos", Type: "ext4", AutoResize: true, Soft: true}, boot, {
		// nixos-lima's, which would end the boot in emergency mode where the device comes late.
		Path: g.Cidata, Options: []string{"nofail", "x-systemd.device-timeout=180"},
	}}
	g.Mounts, g.MountDirs = len(p.Mounts) > 0, mountDirs(p)
	if g.Mounts {
		var err error
		if g.MountScript, err = text("nix/mounts.sh.tmpl", g); err != nil {
			return err
		}
		if g.InitScript, err = text("nix/fstab-once.sh.tmpl", g); err != nil {
			return err
		}
	}
	for _, m := range p.Mounts {
		if profile.Beside(m.Host) {
			g.Beside = append(g.Beside, m.Guest)
			continue
		}
		g.FileSystems = append(g.FileSystems, limaFileSystem(p, m))
	}
	if g.User.OfHost {
		var err error
		if g.UIDScript, err = text("nix/host-uid.sh.tmpl", g); err != nil {
			return err
		}
		late, err := text("nix/uid-late.sh.tmpl", g)
		if err != nil {
			return err
		}
		g.InitScript = late + g.InitScript
	}
	if len(g.Beside) > 0 {
		var err error
		if g.BesideScript, err = text("nix/beside.sh.tmpl", g); err != nil {
			return err
		}
	}
	if p.Home.Disk > 0 {
		if err := g.addHome(); err != nil {
			return err
		}
	}
	if len(p.Disks) > 0 {
		var err error
		if g.DisksScript, err = text("nix/disks.sh.tmpl", g.otherDisks(p)); err != nil {
			return err
		}
	}
	slices.SortFunc(g.FileSystems, func(a, b nixFileSystem) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// limaFileSystem is a mount as Lima's cloud-init data describe it: the tag says
// which, and the options are compared at a switch.
func limaFileSystem(p *profile.Profile, m profile.Mount) nixFileSystem {
	point := p.GuestPath(m)
	system := p.MountType(profile.NixOS())
	return nixFileSystem{Path: point, Device: lima.MountTag(p.HostPath(m.Host), point), Type: system, Options: lima.MountOptions(system, m.Writable, newNineP(m.NineP)), NoCheck: true}
}

// addHome has scripts of ours find, format, check, grow and mount the home's disk: a file system of the
// configuration would be found by its label alone, and one that is missing holds up boot and every login.
func (g *nixGuest) addHome() (err error) {
	if g.HomeDiskScript, err = text("nix/home-disk.sh.tmpl", g.homeAlone()); err != nil {
		return err
	}
	g.HomeDirScript, err = text("nix/home-dir.sh.tmpl", g)
	return err
}
