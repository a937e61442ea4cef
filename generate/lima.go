package generate

import (
	"path"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/lima"
	"vmloom/profile"
	"vmloom/quote"
)

// limaView is what lima/instance.yaml.tmpl and the fragments beside it print.
type limaView struct {
	Profile, Name string
	Hostname      string
	MinimumLima   lima.Version
	Base          string      // a template of Lima's own
	Images        []limaImage // or images, one for each processor
	VMType        string
	Arch          string       // empty: the host's
	CPUs          int          // 0: a share of the host's
	Memory        profile.Size // 0: a share of the host's
	Shared        string       // what the shares are, in words; empty: none
	Disk          profile.Size
	SSHPort       int
	User          limaUser
	Timezone      string
	Locale        string // empty: the image's
	MountType     string // empty: there are no mounts
	Inotify       bool
	Nested        bool // by Apple's hypervisor; QEMU passes on what its host has
	Rosetta       bool
	MountDirs     []mountView
	OverSSH       bool   // mounts come over ssh, by the user
	MountTool     string // of the guest, which opens and closes their directories
	Mounts        []limaMount
	homeView
	SocketDirs  []string
	Runtime     runtimeView  // what comes with the user's directory in /run/user
	GuestUnits  []string     // of the user's, which would listen where sockets are forwarded to
	Sockets     []limaSocket // of the host
	ToHost      []limaSocket // of the guest
	IgnoreDHCP  bool
	HasForwards bool
	OwnShell    bool
	SELinux     bool
	NoVsock     bool
	Ports       []limaForward
	Networks    []profile.LimaNetwork
	DNS         []string
	Hosts       []string // lines of /etc/hosts
	OnlyListed  bool     // Lima forwards no other
	Env         []envVar // reaches every session through /etc/environment
	LoginEnv    []envVar // all of them, for login shells
	TokenPath   string   // of op's token in the guest; empty: there is none
	EnvPath     string   // of guest.envFile's lines in the guest; empty: there are none
	Zsh, Fish   bool     // the user's shell reads no /etc/profile.d
	ZshEnv      bool     // it is one of these, and there are variables
	FishEnv     bool
	Proxy       profile.Proxy
	ProxyFile   string   // of the package manager, which says it there
	ProxyVars   []string // that guest.proxy sets
	EngineConf  string   // what systemd starts the engine with; empty: as it comes
	Listens     string   // the user's unit that listens for the engine, where the host has its socket; empty: none
	Keys        []string // further authorized keys
	HostKeys    bool     // and those of the host's account
	Packages    []string // each an apt name or alternatives "a|b"
	Groups      []string // of the user
	Setup       []profile.SetupScript
	SetupDir    string
	CACerts     []profile.Certificate
	Anchors     string // directory of certificates from elsewhere
	Trust       string // command that takes them in
	Containerd  bool   // Lima brings it
	Provision   []limaScript
	ToldDisks   []diskRow // of a guest whose own system mounts them, and no script of the template
	Live        []string  // templates of what brings a guest that runs to what a boot makes of it; none: it has its own way
	Probes      []limaProbe
	Message     string
	Project     param // empty: nothing is relative to the profile
}

// param is a parameter of the template, with the value it has until a script fills it in.
type param struct{ Name, Value string }

type limaUser struct {
	Name, Home, Shell string
	UID               int
	OfHost            bool // and no UID: the host's
}

func newLimaUser(u profile.User, shell string) limaUser {
	return limaUser{u.Name, u.Home, shell, int(u.UID), u.UID.OfHost()}
}

// limaMount is a mounts: entry. Both paths are Lima templates already.
type limaMount struct {
	Location, MountPoint string
	Writable             bool
	Options              *mountOptions // nil: Lima's own
}

// mountOptions are a mount's own, of Lima's key for its type.
type mountOptions struct {
	Key string
	Set []mountOption
}

type mountOption struct {
	Name  string
	Value any
}

func newMountOptions(m profile.Mount) *mountOptions {
	o := &mountOptions{Key: "sshfs"}
	add := func(name string, value any, set bool) {
		if set {
			o.Set = append(o.Set, mountOption{name, value})
		}
	}
	if m.SSHFS.Cache != nil {
		add("cache", *m.SSHFS.Cache, true)
	}
	add("followSymlinks", true, m.SSHFS.FollowSymlinks)
	add("sftpDriver", m.SSHFS.SFTPDriver, m.SSHFS.SFTPDriver != "")
	if len(o.Set) == 0 {
		o.Key = "9p"
	}
	add("securityModel", m.NineP.SecurityModel, m.NineP.SecurityModel != "")
	add("protocolVersion", m.NineP.ProtocolVersion, m.NineP.ProtocolVersion != "")
	add("msize", m.NineP.MSize.String(), m.NineP.MSize != 0)
	add("cache", m.NineP.Cache, m.NineP.Cache != "")
	if len(o.Set) == 0 {
		return nil
	}
	return o
}

// limaSocket is a forward of one. Host is a Lima template; the guest path is plain.
type limaSocket struct{ Name, Guest, Host string }

// hostLines are those of network.hosts in the guest's /etc/hosts. Lima's own resolver could answer the names too, but
// where it is that of vz or user-v2, a name takes all others of its top level away, and IPv6 and names without a dot
// never arrive.
func hostLines(p *profile.Profile) (lines []string) {
	addresses, names := p.Network.HostsOf()
	for _, address := range addresses {
		lines = append(lines, address+" "+strings.Join(names[address], " "))
	}
	return lines
}

type envVar struct{ Name, Value string }

type limaScript struct{ Mode, Script string }

// limaProbe holds its script as Lima's template has it, and as it is.
type limaProbe struct{ Description, Script, Hint, Plain string }

func absentLima(p *profile.Profile) string {
	if p.Runner != "lima" {
		return "made for the runner lima only"
	}
	return ""
}

func limaFiles(from source) ([]File, error) {
	p := from.Profile
	v, err := from.lima()
	if err != nil {
		return nil, err
	}
	f, err := render("lima/"+p.Lima.Instance+".yaml", "lima/instance.yaml.tmpl", v)
	if err != nil {
		return nil, err
	}
	if f.Data, err = mergeExtra(f.Data, p.Lima.Extra.Node); err != nil || len(v.Live) == 0 {
		return []File{f}, err
	}
	live, err := liveFile(v)
	return []File{f, live}, err
}

// liveScript is the path of what apply has a guest run that goes on running.
const liveScript = "guest/provision.sh"

func liveFile(v *limaView) (File, error) {
	f := File{Path: liveScript, Mode: 0o755}
	for _, name := range v.Live {
		part, err := text("lima/"+name+".sh.tmpl", v)
		if err != nil {
			return f, err
		}
		f.Data = append(f.Data, part...)
	}
	return f, nil
}

func newLimaView(p *profile.Profile, images engine.Images) (*limaView, error) {
	g := p.Guest
	v := &limaView{
		Profile: p.File(), Name: p.Name, Hostname: g.Hostname,
		VMType: p.Lima.VMType,
		CPUs:   p.Resources.CPUs.Count, Memory: p.Resources.Memory.Size, Shared: sharedWords(p.Resources), Disk: p.Resources.Disk,
		SSHPort:   p.Lima.SSHPort,
		HostKeys:  g.User.HostKeys(),
		User:      newLimaUser(g.User, "/bin/"+g.User.Shell),
		homeView:  newHomeView(p),
		MountDirs: mountDirs(p), MountTool: mountTool, OverSSH: mountsOverSSH(p),
		Ports: limaForwards(p.Ports), OnlyListed: p.Forwards() != "all",
		Inotify: p.Lima.MountInotify, Nested: p.Resources.Nested && p.VMType() == "vz", Rosetta: p.Rosetta, Networks: p.Lima.Networks, DNS: p.Network.DNS, Hosts: hostLines(p),
	}
	if !g.ArchOfHost() {
		v.Arch = g.Arch
	}
	v.OwnShell = g.User.Shell != "bash"
	v.Zsh, v.Fish = g.User.Shell == "zsh", g.User.Shell == "fish"
	if err := v.addPaths(p); err != nil {
		return nil, err
	}
	v.Message = "To work in " + p.Name + ": " + limaShell(p) + ", or ssh " + p.SSHAlias() + "\n"
	err := v.addGuest(p)
	v.takeImages(p, images)
	v.HasForwards = len(p.Sockets)+len(v.Ports) > 0 || v.IgnoreDHCP || v.OnlyListed
	return v, err
}

// addPaths fills mounts and sockets; Lima expands both as Go templates, and a
// leading ~ only in a mount's location.
func (v *limaView) addPaths(p *profile.Profile) error {
	if p.SharesBeside() {
		// No directory, and none that Lima could make: an instance that no script made does not start with an empty one.
		v.Project = param{profile.ProjectParam, "/filled-in-by-" + p.Name + "-create.sh"}
	}
	for _, m := range p.Mounts {
		location, err := limaPath(m.Host, "~/")
		if err != nil {
			return err
		}
		point, err := quote.LimaTemplate(p.GuestPath(m))
		if err != nil {
			return err
		}
		v.Mounts = append(v.Mounts, limaMount{location, point, m.Writable, newMountOptions(m)})
	}
	for _, s := range p.Sockets {
		host, err := limaPath(s.Host, "{{.Home}}/")
		if err != nil {
			return err
		}
		if s.ToHost() {
			v.ToHost = append(v.ToHost, limaSocket{s.Name, s.Guest, host})
		} else {
			v.Sockets = append(v.Sockets, limaSocket{s.Name, s.Guest, host})
		}
	}
	return nil
}

// limaPath is a path of the host as Lima's template has it; home stands for ~/.
func limaPath(path, home string) (string, error) {
	at := newHostPath(path)
	rest, err := quote.LimaTemplate(at.Host)
	switch {
	case at.InHome:
		return home + rest, err
	case at.Beside && rest == "":
		return "{{.Param." + profile.ProjectParam + "}}", err
	case at.Beside:
		return "{{.Param." + profile.ProjectParam + "}}/" + rest, err
	}
	return rest, err
}

// socketDirs are the directories of the guest's sockets that nobody else makes.
func socketDirs(p *profile.Profile) (dirs []string) {
	for _, s := range p.ToGuest() {
		if dir := path.Dir(s.Guest); !strings.HasPrefix(dir, "/run/user/") && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// guestEnv is the profile's variables and those of the sockets, sorted by name.
func guestEnv(p *profile.Profile) (env []envVar) {
	for name, value := range p.Guest.Env {
		env = append(env, envVar{name, value})
	}
	env = append(env, proxyEnv(p)...)
	for _, s := range p.Sockets {
		if s.Env != "" {
			env = append(env, envVar{s.Env, s.EnvValue()})
		}
	}
	return byName(env)
}

// proxyEnv are the variables of guest.proxy alone, for daemons, which have none of a session's.
func proxyEnv(p *profile.Profile) (env []envVar) {
	for name, value := range p.ProxyEnv() {
		env = append(env, envVar{name, value})
	}
	return byName(env)
}

func byName(env []envVar) []envVar {
	slices.SortFunc(env, func(a, b envVar) int { return strings.Compare(a.Name, b.Name) })
	return env
}

func (v *limaView) addProbe(description, kind, hint string, view any) error {
	plain, err := text("lima/probe-"+kind+".sh.tmpl", view)
	if err != nil {
		return err
	}
	script, err := quote.LimaTemplate(plain)
	v.Probes = append(v.Probes, limaProbe{description, script, hint, plain})
	return err
}

// limaShell is the shortest command that opens a shell in the instance.
func limaShell(p *profile.Profile) string {
	if p.Lima.Instance == lima.Default {
		return "lima"
	}
	return "limactl shell " + p.Lima.Instance
}

// limaText renders a script and escapes it: Lima takes every script for a Go template.
func limaText(template string, view any) (string, error) {
	s, err := text(template, view)
	if err != nil {
		return "", err
	}
	return quote.LimaTemplate(s)
}
