package generate

import (
	"path"
	"slices"
	"strings"

	"vmloom/profile"
	"vmloom/templates/quote"
)

// homeLabel names the file system of the home disk inside the guest. Lima's own
// label, lima-NAME, would pass ext4's 16 characters for a name of more than 11:
// cut short, it is never found again, and Lima would format the disk anew.
const homeLabel = "vmloom-home"

// limaView is what lima/instance.yaml.tmpl and the fragments beside it print.
type limaView struct {
	Profile, Name string
	MinimumLima   string
	Base          string
	VMType, Arch  string
	CPUs          int
	Memory, Disk  string
	SSHPort       int
	User          limaUser
	Timezone      string
	MountType     string
	Mounts        []limaMount
	HomeDisk      string
	HomeLabel     string
	HomeMount     string
	SocketDirs    []string
	Sockets       []limaSocket
	HasForwards   bool
	OwnShell      bool
	Ports         []profile.Port
	Env           []envVar // reaches every session through /etc/environment
	LoginEnv      []envVar // all of them, for login shells
	Keys          []string // further authorized keys
	Packages      []string // each an apt name or alternatives "a|b"
	Provision     []limaScript
	Probes        []limaProbe
	Message       string
}

type limaUser struct {
	Name, Home, Shell string
	UID               int
}

// limaMount is a mounts: entry. Both paths are Lima templates already.
type limaMount struct {
	Location, MountPoint string
	Writable             bool
}

// limaSocket is a reverse forward. Host is a Lima template; the guest path is plain.
type limaSocket struct{ Name, Guest, Host string }

type envVar struct{ Name, Value string }

type limaScript struct{ Mode, Script string }

type limaProbe struct{ Description, Script, Hint string }

func limaFiles(p *profile.Profile) ([]File, error) {
	v, err := newLimaView(p)
	if err != nil {
		return nil, err
	}
	f, err := render("lima/"+p.Lima.Instance+".yaml", "lima/instance.yaml.tmpl", v)
	if err != nil {
		return nil, err
	}
	f.Data, err = mergeExtra(f.Data, p.Lima.Extra.Node)
	return []File{f}, err
}

func newLimaView(p *profile.Profile) (*limaView, error) {
	g := p.Guest
	v := &limaView{
		Profile: p.File(), Name: p.Name,
		MinimumLima: "2.0.0",
		Base:        "template:_images/" + g.System + "-" + g.Release,
		VMType:      p.Lima.VMType, Arch: g.Arch,
		CPUs: p.Resources.CPUs, Memory: p.Resources.Memory.String(), Disk: p.Resources.Disk.String(),
		SSHPort:   p.Lima.SSHPort,
		User:      limaUser{g.User.Name, g.User.Home, "/bin/" + g.User.Shell, g.User.UID},
		Timezone:  g.Timezone,
		MountType: mountType(p),
		HomeLabel: homeLabel, HomeMount: p.HomeMount(),
		Ports: p.Ports,
		Keys:  g.User.AuthorizedKeys,
	}
	if p.Home.Disk > 0 {
		v.HomeDisk = homeDisk(p)
	}
	v.addEnv(p)
	v.addPackages(p)
	v.OwnShell = g.User.Shell != "bash"
	v.HasForwards = len(p.Sockets)+len(p.Ports) > 0
	if err := v.addPaths(p); err != nil {
		return nil, err
	}
	if err := v.addScripts(); err != nil {
		return nil, err
	}
	v.Message = "To work in " + p.Name + ": " + limaShell(p) + ", or ssh " + p.SSHAlias() + "\n"
	return v, nil
}

// homeDisk is the name of the home's disk among all disks of Lima on the host.
func homeDisk(p *profile.Profile) string { return p.Name + "-home" }

// mountType is the one that works: virtiofs is vz's own; on Linux hosts Lima's
// virtiofs cannot create files (lima#2152), and Debian's cloud kernel has no 9p.
func mountType(p *profile.Profile) string {
	switch {
	case p.Lima.VMType == "vz":
		return "virtiofs"
	case p.Guest.System == "debian":
		return "reverse-sshfs"
	}
	return "9p"
}

// addPaths fills mounts and sockets; Lima expands both as Go templates, and a
// leading ~ only in a mount's location.
func (v *limaView) addPaths(p *profile.Profile) error {
	for _, m := range p.Mounts {
		location, err := quote.LimaTemplate(m.Host)
		if err != nil {
			return err
		}
		point, err := quote.LimaTemplate(p.GuestPath(m))
		if err != nil {
			return err
		}
		v.Mounts = append(v.Mounts, limaMount{location, point, m.Writable})
	}
	for _, s := range p.Sockets {
		rest, tilde := strings.CutPrefix(s.Host, "~/")
		host, err := quote.LimaTemplate(rest)
		if err != nil {
			return err
		}
		if tilde {
			host = "{{.Home}}/" + host
		}
		v.Sockets = append(v.Sockets, limaSocket{s.Name, s.Guest, host})
		if dir := path.Dir(s.Guest); !strings.HasPrefix(dir, "/run/user/") && !slices.Contains(v.SocketDirs, dir) {
			v.SocketDirs = append(v.SocketDirs, dir)
		}
	}
	return nil
}

// addEnv sorts the profile's variables and those of the sockets by name.
func (v *limaView) addEnv(p *profile.Profile) {
	for name, value := range p.Guest.Env {
		v.LoginEnv = append(v.LoginEnv, envVar{name, value})
	}
	for _, s := range p.Sockets {
		if s.Env != "" {
			v.LoginEnv = append(v.LoginEnv, envVar{s.Env, s.EnvValue()})
		}
	}
	slices.SortFunc(v.LoginEnv, func(a, b envVar) int { return cmpPath(a.Name, b.Name) })
	for _, e := range v.LoginEnv {
		if profile.PAMCarries(e.Value) {
			v.Env = append(v.Env, e)
		}
	}
}

func (v *limaView) addPackages(p *profile.Profile) {
	for _, pkg := range p.Guest.Packages {
		v.Packages = append(v.Packages, pkg.Apt)
	}
	if p.Guest.User.Shell != "bash" {
		v.Packages = append(v.Packages, p.Guest.User.Shell)
	}
	slices.Sort(v.Packages)
	v.Packages = slices.Compact(v.Packages)
}

// addScripts renders what runs in the guest.
func (v *limaView) addScripts() error {
	for _, mode := range []string{"boot", "system"} {
		script, err := limaText("lima/"+mode+".sh.tmpl", v)
		if err != nil {
			return err
		}
		v.Provision = append(v.Provision, limaScript{mode, script})
	}
	const log = "see /var/log/cloud-init-output.log in the guest"
	if v.HomeDisk != "" {
		if err := v.addProbe("the home is on its own disk", "home", log, v); err != nil {
			return err
		}
	}
	for _, s := range v.Sockets {
		if err := v.addProbe("the socket "+s.Name+" is forwarded", "socket", "scripts/"+v.Name+"-repair.sh forwards it anew", s); err != nil {
			return err
		}
	}
	if len(v.Packages) > 0 {
		return v.addProbe("the packages are installed", "packages", log, v)
	}
	return nil
}

func (v *limaView) addProbe(description, kind, hint string, view any) error {
	script, err := limaText("lima/probe-"+kind+".sh.tmpl", view)
	v.Probes = append(v.Probes, limaProbe{description, script, hint})
	return err
}

// limaShell is the shortest command that opens a shell in the instance.
func limaShell(p *profile.Profile) string {
	if p.Lima.Instance == "default" {
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
