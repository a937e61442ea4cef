package generate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"vmloom/engine"
	"vmloom/flake"
	"vmloom/lima"
	"vmloom/profile"
)

// scriptView is what the templates in scripts/ print.
type scriptView struct {
	localView
	Profile, Name   string
	Instance, Alias string
	LimaHome        *hostPath // nil: as the environment says
	Template        string    // path below generated/<name>/
	Marker          string    // line of the instance's lima.yaml: a vmloom made it, for a profile of this name
	NameLine        string    // line of the mark
	OtherName       string    // what to do where another project has the VM
	LockTries       int       // seconds to wait for another script
	HomeDisk        string    // empty: the home is on the system disk
	AllDisks        []scriptDisk
	DataDisks       []scriptDisk // of these, those without the home's
	Disks           string       // yq's words that give an instance the template's disks; empty: it has none
	OwnDisks        []string     // of lima.extra, which nobody makes
	Home, HomeLabel string
	OldHomeLabel    string
	Sockets         []hostSocket // of the host
	ToHost          []hostSocket // of the guest
	Heard           string       // script of the guest that says where somebody listens, and what gave its place free
	OfferedIn       string       // directory of the latter below the host's home, which is vmloom's own; empty: none
	SocketDirs      []string     // of the guest
	User            string       // to whom they belong
	SELinux         bool         // guards them
	Ports, Forwards bool         // some are forwarded; or sockets are
	Mounts          []mountView
	OverSSH         bool     // mounts come over ssh, by a server of the host
	SSHFSOptions    bool     // one of them has its own
	MountsLive      bool     // they would, and come and go while the VM runs
	SFTPServers     []string // where it may be
	MountTool       string   // of the guest, which opens and closes their directories
	secretsView
	InstallHint, Reach string
	CreateScript       string
	SnapshotScript     string
	Image, BuildImage  string      // of our own: from the template's directory; how it is made
	Images             []limaImage // or by the processor of the host
	ImageURL           string      // where Image may be downloaded
	ImageSHA256        string
	Downloads          bool   // some image may be
	FirstSwitch        string // what to say before a guest becomes the profile's; empty: its image is that already
	OwnUnit, OwnAgent  string // what limactl autostart would have installed: on Linux, on macOS
	OwnDaemon          string
	Probes             []limaProbe // what must hold before a VM that runs is called ready
	// Of a guest that a flake sets up:
	Own                 []string       // the user's files that the flake reads, from the profile's directory on
	Counted             []string       // files that the guest's system is made of and no field tells of
	FlakeRoot, FlakeDir string         // the flake's root from there; where it is in the guest
	Caches              []string       // words of nix that name the profile's binary caches
	Kept                *keptView      // nil: a rebuild keeps no store
	Elsewhere           *elsewhereView // nil: the guest builds its system
	Here                limaHere       // what the scripts fill into the template
	// Of a change in place:
	Fields      string // the file of what the VM has, in scripts/
	DiskSize    profile.Size
	DiskBytes   int64
	Live        string // the file that a guest that runs is told by sh, as root; empty: nothing changes live
	TemplateRow string // of the plan, where the template differs and no field does
	Asks        guestAsks
	Upgrade     *upgradeView // nil: no older release can become the profile's in place
}

// limaHere is what differs from machine to machine, and is not in the template.
type limaHere struct {
	Any      bool   // something is checked before anything is made
	Arch     bool   // the processor is the host's
	OfHost   bool   // the uid is that of the host's account
	LeastUID int    // which it must have at least; 0: any but root's
	Project  string // the parameter that holds the profile's directory; empty: nothing is relative to it
	NoCommas bool   // of that directory
	NoMarks  bool   // of ssh's forwards in it
	Unit     bool   // what repairs every minute has to know it
	Shares   shares
	Sets     bool // here_set has something to say
}

func newLimaHere(p *profile.Profile) limaHere {
	var h limaHere
	if p.SharesBeside() {
		h.Project = profile.ProjectParam
	}
	h.NoCommas = p.CommaEndsMounts() && slices.ContainsFunc(p.Mounts, func(m profile.Mount) bool { return profile.Beside(m.Host) })
	h.NoMarks = p.SocketsBeside()
	h.Unit = h.NoMarks || slices.ContainsFunc(p.SecretFiles(), profile.Beside)
	h.OfHost = p.Guest.User.UID.OfHost()
	if h.OfHost && p.HasFlake() {
		h.LeastUID = 1000
	}
	h.Shares = newShares(p)
	for key, share := range map[string]**hostShare{"cpus": &h.Shares.CPUs, "memory": &h.Shares.Memory} {
		if lookup(p.Lima.Extra.Node, key) != nil { // goes over what the profile says
			*share = nil
		}
	}
	h.Sets = h.Project != "" || h.Shares.Any()
	h.Arch = p.Guest.ArchOfHost()
	h.Any = h.Sets || h.OfHost || h.Arch
	return h
}

// KeepsDisks reports whether disks stay beside the home's.
func (v scriptView) KeepsDisks() bool { return len(v.DataDisks) > 0 }

// hostSocket is a socket with its host path as the scripts write it.
type hostSocket struct {
	Name, Guest string
	Freed       string // script of the guest that removes what a program there has put in its place; empty: none does
	hostPath
}

func newScriptView(from source) (scriptView, error) {
	p := from.Profile
	v := scriptView{
		localView: newLocalView(p),
		Profile:   p.File(), Name: p.Name,
		Instance: p.Lima.Instance, Alias: p.SSHAlias(),
		Template: "lima/" + p.Lima.Instance + ".yaml",
		Marker:   p.Marker(), NameLine: "name=" + p.Name,
		OtherName: otherProject("name and another lima.instance"), LockTries: lockTries,
		Home: p.Guest.User.Home, HomeLabel: p.HomeLabel(), OldHomeLabel: profile.OldHomeLabel,
		InstallHint:  "install Lima: https://lima-vm.io/docs/installation/",
		Reach:        "ready: " + limaShell(p) + ", or scripts/" + p.Name + "-ssh.sh",
		CreateScript: p.Name + "-create.sh", SnapshotScript: p.Name + "-snapshot.sh",
		Fields: p.Name + ".fields", DiskSize: p.Resources.Disk, DiskBytes: int64(p.Resources.Disk),
	}
	if p.Host.LimaHome != "" {
		at := newHostPath(p.Host.LimaHome)
		v.LimaHome = &at
	}
	if lookup(p.Lima.Extra.Node, "disk") != nil {
		v.DiskBytes = math.MaxInt64 // Lima's to judge
	}
	v.TemplateRow = strings.Join([]string{string(profile.Restart), v.Template, "as the VM has it", "as vmloom makes it"}, "\t")
	v.OwnUnit = "systemd/user/" + lima.AutostartUnit(p.Lima.Instance)
	if p.MacOS() {
		v.InstallHint = "install Lima: brew install lima"
		v.OwnUnit, v.OwnAgent = "", "Library/LaunchAgents/"+lima.AutostartAgent(p.Lima.Instance)
		v.OwnDaemon = "/Library/LaunchDaemons/" + lima.AutostartDaemon(p.Lima.Instance)
	}
	if p.Home.Disk > 0 {
		v.HomeDisk = p.HomeDisk()
	}
	home, data := scriptDisks(p)
	v.AllDisks, v.DataDisks = append(home, data...), data
	v.BuildImage = "vmloom build-image makes it"
	if start := StartsFrom(p, from.images.Of(p.Guest.Arch)); start.Origin == FromOwn && !p.Guest.ArchOfHost() {
		v.Image = aboveLima + start.Image
		if start.Record != nil {
			v.ImageURL, v.ImageSHA256 = start.Record.URL, start.Record.SHA256
		}
	}
	if first := FirstSwitch(p); first != "" {
		v.FirstSwitch = "the guest is " + first + " still: it goes on to the profile's own system, which takes a while, and restarts once"
	}
	v.Sockets, v.ToHost = hostSockets(p.ToGuest()), hostSockets(p.ToHost())
	heard, err := text("scripts/heard.sh.tmpl", v)
	if err != nil {
		return v, err
	}
	v.Heard = heard
	v.OfferedIn, v.Mounts, v.Here = offeredIn(p), mountViews(p), newLimaHere(p)
	v.SocketDirs, v.User, v.SELinux, v.Ports = socketDirs(p), p.Guest.User.Name, p.System().SELinux, len(p.Ports) > 0
	v.Forwards = v.Ports || len(p.Sockets) > 0
	v.OverSSH, v.SFTPServers, v.MountTool = mountsOverSSH(p), sftpServers(), mountTool
	v.MountsLive = p.MountsLive()
	v.SSHFSOptions = slices.ContainsFunc(v.Mounts, func(m mountView) bool { return m.SSHFS != "" })
	vm, err := from.lima()
	if err != nil {
		return v, err
	}
	if p.Guest.ArchOfHost() && engine.Builds(p) {
		v.Images = vm.Images
	}
	v.Downloads = v.ImageURL != "" || slices.ContainsFunc(v.Images, func(i limaImage) bool { return i.URL != "" })
	for _, probe := range vm.Probes {
		if probe.Description != packagesProbe { // a package that came since arrives with a rebuild
			v.Probes = append(v.Probes, probe)
		}
	}
	v.OwnDisks = ownDisks(p)
	if v.Disks, err = disksSet(p); err != nil {
		return v, err
	}
	if v.Kept, err = newKept(p); err != nil {
		return v, err
	}
	if v.Elsewhere, err = newElsewhere(p); err != nil {
		return v, err
	}
	if len(vm.Live) > 0 {
		v.Live = liveScript
	}
	v.Upgrade = newUpgrade(p)
	v.Asks = newGuestAsks(from, v.Live != "")
	v.secretsView, err = newSecrets(p)
	return v, err
}

// otherProject is what to do where another project has what this one's VM would be.
func otherProject(field string) string {
	return "give this profile another " + field + "; or destroy that VM from its own project"
}

// lockTries is how long a script waits for another: a first boot without KVM takes its time.
const lockTries = 3600

// disksSet is for limactl edit --set: the disks of the template, which an instance does not have
// while another with the same ones is there.
func disksSet(p *profile.Profile) (string, error) {
	var disks []any
	if p.Home.Disk > 0 {
		disks = append(disks, map[string]any{"name": p.HomeDisk(), "format": false, "fsType": "ext4"})
	}
	for _, d := range p.Disks {
		disks = append(disks, map[string]any{"name": p.DiskOf(d), "format": false, "fsType": "ext4"})
	}
	if own := lookup(p.Lima.Extra.Node, "additionalDisks"); own != nil {
		var more []any
		if err := own.Decode(&more); err != nil {
			return "", fmt.Errorf("lima.extra.additionalDisks: %w", err)
		}
		disks = append(disks, more...)
	}
	if len(disks) == 0 {
		return "", nil
	}
	text, err := json.Marshal(disks)
	return ".additionalDisks = " + string(text), err
}

// ownDisks are the names of those of lima.extra.
func ownDisks(p *profile.Profile) (names []string) {
	own := lookup(p.Lima.Extra.Node, "additionalDisks")
	if own == nil {
		return nil
	}
	for _, disk := range own.Content {
		if name := lookup(disk, "name"); name != nil {
			names = append(names, name.Value)
		} else if disk.Value != "" {
			names = append(names, disk.Value)
		}
	}
	return names
}

// AnySocket reports whether one is forwarded, either way.
func (v scriptView) AnySocket() bool { return len(v.Sockets)+len(v.ToHost) > 0 }

// hostSockets are sockets as the scripts write them.
func hostSockets(sockets []profile.Socket) (out []hostSocket) {
	for _, s := range sockets {
		out = append(out, hostSocket{s.Name, s.Guest, freed(s), newHostPath(s.Host)})
	}
	return out
}

// localView is how a script of the shared files gives way to that of this machine's own.
type localView struct {
	Local     string   // the profile's local file; empty in the scripts of its own tree
	LocalTree string   // the directory of those
	Sources   []string // what they are made of, from the profile's directory
}

func newLocalView(p *profile.Profile) (v localView) {
	if p.HasLocal() {
		return v
	}
	v = localView{Local: profile.LocalName(p.File()), LocalTree: profile.LocalTree}
	for _, s := range p.Sources() {
		v.Sources = append(v.Sources, cmp.Or(s.File, p.File()))
	}
	v.Sources = append(v.Sources, v.Local)
	return v
}

// scriptVerbs are those of the VM's life that have a script.
func scriptVerbs() []string {
	return []string{"create", "ssh", "stop", "apply", "snapshot", "rebuild", "repair", "destroy"}
}

func scriptFiles(from source) ([]File, error) {
	p, verbs, folder := from.Profile, scriptVerbs(), runBy(from.Profile).scripts
	v, err := from.scripts()
	if err != nil {
		return nil, err
	}
	if nixos, ok := v.(scriptView); ok && p.System().SetUp == profile.ByFlake {
		nixos.Own, nixos.FlakeRoot, nixos.FlakeDir, nixos.Caches = from.own, p.Nix.Root, inGuest(p), engine.NixCaches(p)
		nixos.Counted = append(slices.Clone(from.own), flake.LockOf(p.Name))
		v, verbs = nixos, append(verbs, "switch")
	}
	if qemu, ok := v.(*qemuView); ok {
		inPlace := *qemu
		inPlace.Guix = newGuixInPlace(p, from.own)
		inPlace.Counted = inPlace.Guix.own(p)
		v = &inPlace
	}
	fields, err := fieldsFile(from)
	out := []File{fields}
	for _, verb := range verbs {
		if err != nil {
			return nil, err
		}
		var f File
		f, err = render("scripts/"+p.Name+"-"+verb+".sh", folder+verb+".sh.tmpl", v)
		out = append(out, f)
	}
	return out, err
}

// startScript starts the instance in the foreground, for a supervisor.
func startScript(from source) (string, error) { return jobScript(from, "start.sh.tmpl") }

// socketScript forwards dead sockets again, and brings a token that is missing; it stands alone, since a unit or a
// launchd job cannot know where the scripts are.
func socketScript(from source) (string, error) { return jobScript(from, "sockets.sh.tmpl") }

func jobScript(from source, template string) (string, error) {
	v, err := from.scripts()
	if err != nil {
		return "", err
	}
	return text(runBy(from.Profile).scripts+template, v)
}
