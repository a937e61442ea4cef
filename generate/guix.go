package generate

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"vmloom/engine"
	"vmloom/lima"
	"vmloom/profile"
)

// guixView is what the templates in guix/ print.
type guixView struct {
	Profile, Name, Version string
	Hostname               string
	ImageType              string
	Timezone, Console      string
	ConsoleUEFI            string // where the processor decides
	Locale, LocaleSource   string // empty: Guix' own default
	EFI                    bool
	ByArch                 bool // the processor is the host's, and what it decides is asked of Guix
	Systems                []guixSystem
	User, Home             string
	UID                    int
	OfHost                 bool // and no UID: the boot script gives it
	Shell, ShellPath       string
	HomeLabel, HomeMount   string // empty: the home is on the system disk
	Shares                 []share
	Packages               []string
	DHCP                   string // the service that asks for an address
	Keys                   string
	Env                    []envVar
	Hosts                  []guixHost
	TokenScript            string // for /etc/profile.d; empty: none
	Proxy                  string // of the daemon, which knows one for all; empty: none
	EnvFileScript          string // the same, of guest.envFile
	BootScript             string
	NoticeScript           string // for /etc/profile.d: what is amiss with the further disks; empty: there are none
	OwnChannels            bool   // guix in the VM knows channels.scm
	OwnDaemon              bool   // its daemon is set up by the profile
	Uses                   bool   // the manifest needs modules of Guix
	Channels               []profile.Channel
	Manifest, Project      string // of the project, from the file's directory; empty: none
	Modules                []string
	ChannelFile            string // of the project, in place of Channels; empty: none
	LoadPath               []string
	Substitutes            []substitute
	ServiceModules         []string // that the services are from
	Groups, NewGroups      []string // of the user; those made where nobody else makes them
	Engine                 guixEngine
	EngineEnv              []envVar // of its daemon
	OwnContainerd          bool     // docker does not start it itself
	OwnPackages            bool     // beside those that Guix has anyway
	Certificates           string   // in PEM; empty: Guix' own alone
}

// guixHost is an address that the guest knows by names.
type guixHost struct {
	Address, Name string
	Aliases       []string
}

// guixHosts are the names of network.hosts, by their addresses.
func guixHosts(p *profile.Profile) (out []guixHost) {
	addresses, names := p.Network.HostsOf()
	for _, address := range addresses {
		out = append(out, guixHost{address, names[address][0], names[address][1:]})
	}
	return out
}

// substitute is a server of ready-made packages, by its key or the file that has it.
type substitute struct {
	URL, Name, Key, File string
}

// guixSystem is the system for a processor: what guix/arch.scm.tmpl prints.
type guixSystem struct{ Profile, Arch, System, ImageType string }

// share is a 9p mount: a directory of the host by its tag.
type share struct {
	Tag, Guest string
	Options    []string
	ReadOnly   bool
	hostPath
	SecurityModel string // empty: none
	Closed        bool   // its directory takes nothing without it
}

// guixChannel is Guix's own channel; its introduction is in guix/channels.scm of its source.
var guixChannel = profile.Channel{
	Name: "guix", URL: "https://git.guix.gnu.org/guix.git", Branch: "master",
	Introduction: &profile.Introduction{
		Commit:      "9edb3f66fd807b096b48283debdcddccfea34bad",
		Fingerprint: "BBB0 2DDF 2CEA F6A8 0D1D  E643 A2A0 6DF2 A33A 54FA",
	},
}

func absentGuix(p *profile.Profile) string {
	if p.System().SetUp != profile.ByGuix {
		return "made for guix guests only"
	}
	return ""
}

func guixFiles(from source) ([]File, error) {
	p := from.Profile
	v := newGuixView(p)
	var out []File
	for _, name := range []string{"channels", "manifest", "system"} {
		f, err := render("guix/"+name+".scm", "guix/"+name+".scm.tmpl", v)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	for _, one := range v.Systems {
		f, err := render("guix/"+one.Arch+".scm", "guix/arch.scm.tmpl", one)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func newGuixView(p *profile.Profile) *guixView {
	const bios, uefi = "console=ttyS0,115200", "console=ttyAMA0,115200"
	g := p.Guest
	v := &guixView{
		Profile: p.File(), Name: p.Name, Hostname: g.Hostname, Version: p.Guix.Version, ImageType: engine.GuixImageType(p),
		Timezone: g.Timezone, Console: bios, EFI: bootsByUEFI(g.Arch), ByArch: g.ArchOfHost(),
		User: g.User.Name, UID: int(g.User.UID), OfHost: g.User.UID.OfHost(), Home: g.User.Home,
		Shell: g.User.Shell, ShellPath: "/bin/" + g.User.Shell,
		Shares: guestShares(p), DHCP: "dhcpcd-service-type", Env: guestEnv(p), Hosts: guixHosts(p),
		BootScript: guestDir + "/boot.sh", OwnChannels: p.Guix.Version != "1.4",
		Channels: guixChannels(p),
	}
	if source, _, ok := strings.Cut(g.Locale, "."); ok {
		v.Locale, v.LocaleSource = source+".utf8", source
	}
	v.addContainers(p)
	if p.HasToken() {
		v.TokenScript = tokenLine()
	}
	if p.Guest.EnvFile != "" {
		v.EnvFileScript = envFileLine()
	}
	if v.Timezone == "" {
		v.Timezone = "Etc/UTC"
	}
	if v.EFI {
		v.Console = uefi
	}
	if v.ByArch {
		v.ConsoleUEFI = uefi
		for _, arch := range g.Arches() {
			v.Systems = append(v.Systems, guixSystem{v.Profile, arch, arch + "-linux", engine.GuixImageType(p.OnArch(arch))})
		}
	}
	if p.Guix.Version == "1.4" {
		v.DHCP = "dhcp-client-service-type"
	}
	if p.Home.Disk > 0 {
		v.HomeLabel, v.HomeMount = p.HomeLabel(), p.HomeMount()
	}
	for _, d := range p.Disks {
		v.NoticeScript += noticeLine(d.Notice()) + "\n"
	}
	for _, pkg := range g.Packages {
		v.Packages = append(v.Packages, pkg.Guix)
	}
	for _, c := range p.Certificates() {
		v.Certificates += c.PEM + "\n"
	}
	if v.Certificates != "" && !v.OwnChannels {
		v.Packages = append(v.Packages, "nss-certs") // which 1.5 has by itself
	}
	slices.Sort(v.Packages)
	v.Packages = slices.Compact(v.Packages)
	for _, key := range g.User.Keys() {
		v.Keys += key + "\n"
	}
	if p.Guix.Manifest != "" {
		v.Manifest = fromGuix(p.Guix.Manifest)
	}
	if p.Guix.Project != "" {
		v.Project = fromGuix(p.Guix.Project)
	}
	for _, file := range p.Guix.Modules {
		v.Modules = append(v.Modules, fromGuix(file))
	}
	if file := p.Guix.Channels.File(); file != "" {
		v.ChannelFile = fromGuix(file)
	}
	for _, dir := range p.Guix.LoadPath {
		v.LoadPath = append(v.LoadPath, "/"+fromGuix(dir))
	}
	for i, s := range p.Guix.Substitutes {
		one := substitute{URL: s.URL, Name: "substitute-" + strconv.Itoa(i) + ".pub", Key: s.Key}
		if s.KeyFile() != "" {
			one.Key, one.File = "", fromGuix(s.KeyFile())
		}
		v.Substitutes = append(v.Substitutes, one)
	}
	v.OwnPackages = len(v.Packages) > 0 || v.Certificates != ""
	v.Proxy = p.Guest.Proxy.HTTPS // its servers are at https
	v.OwnDaemon, v.Uses = v.OwnChannels || len(v.Substitutes) > 0 || v.Proxy != "", v.Project != "" || len(v.LoadPath) > 0
	return v
}

func (v *guixView) addContainers(p *profile.Profile) {
	v.Groups, v.NewGroups = append([]string{"wheel"}, p.Groups()...), p.Guest.Groups
	v.ServiceModules = strings.Fields("networking shepherd ssh virtualization")
	if e, ok := p.Engine(); ok {
		v.NewGroups = slices.DeleteFunc(slices.Clone(v.NewGroups), func(name string) bool { return name == e.Group })
		v.Engine, v.EngineEnv = guixEngines[e.Name], proxyEnv(p)
		v.ServiceModules = append(v.ServiceModules, v.Engine.Modules...)
		v.OwnContainerd = v.OwnChannels
		slices.Sort(v.ServiceModules)
		if v.Engine.Podman {
			v.Groups = append(v.Groups, "cgroup") // whose members may limit what a container takes
		}
	}
}

// fromGuix is a path beside the profile as seen from generated/<name>/guix. Guile
// takes it from the directory of the file that says load.
func fromGuix(file string) string { return path.Join("../../..", file) }

// guixChannels are the profile's, Guix's own first and never without a commit.
func guixChannels(p *profile.Profile) []profile.Channel {
	first := guixChannel
	first.Commit = profile.GuixRelease(p.Guix.Version)
	var others []profile.Channel
	for _, c := range p.Guix.Channels {
		if c.Name != "guix" {
			others = append(others, c)
			continue
		}
		first.Commit, first.Branch = c.Commit, c.Branch
		if c.URL != "" {
			first.URL = c.URL
		}
		if c.Introduction != nil {
			first.Introduction = c.Introduction
		}
	}
	return append([]profile.Channel{first}, others...)
}

// guestDir is where a guest finds what the runner asks of it: the share guestTag.
const (
	guestDir = "/run/vmloom"
	guestTag = "vmloom"
)

// guestShares are the 9p mounts of the guest, the runner's own first.
func guestShares(p *profile.Profile) []share {
	shares := []share{{Tag: guestTag, Guest: guestDir, Options: lima.NineP{}.Transport(), ReadOnly: true}}
	for i, m := range p.Mounts {
		own := newNineP(m.NineP)
		options := own.Transport()
		if own.Cache != "" {
			options = append(options, "cache="+own.Cache)
		}
		shares = append(shares, share{
			Tag: "mount" + strconv.Itoa(i), Guest: p.GuestPath(m), Options: options, ReadOnly: !m.Writable,
			hostPath: newHostPath(m.Host), Closed: !strings.HasPrefix(p.GuestPath(m), p.HomeMount()+"/"), SecurityModel: m.NineP.SecurityModel,
		})
	}
	return shares
}
