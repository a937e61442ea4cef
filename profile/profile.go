// Package profile reads one vmloom profile: YAML text goes in, a complete
// Profile comes out, or every problem of the file with its position. It fills
// defaults, checks what can be checked without a machine, and knows the
// package map. It never reads a file, the environment or a clock, and it knows
// no output target: a profile means the same on every machine.
package profile

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

//go:generate go test -run TestSchema -update

// Profile is one development VM as its user describes it.
type Profile struct {
	// Version of this format: 1.
	Version int `yaml:"version" jsonschema:"required,enum=1" hint:"a higher one is for a newer vmloom; vmloom version says what this is" change:"nothing"`
	// Name of the machine: flake attribute and prefix of the generated files; guest host name, Lima instance, WezTerm domain and name of the home's disk unless those are set. vmloom rename changes it.
	Name string `yaml:"name" jsonschema:"required,maxLength=40" form:"label" hint:"it becomes a host name, a flake attribute and a prefix of file names" change:"other"`
	// Extends names files that this one is merged over, in their order, relative to this file: ../base.yaml. Mappings are merged by key, lists by name where their elements have one, and else replaced.
	Extends []string `yaml:"extends" form:"part" change:"nothing"`
	// Host is the machine the VM runs on.
	Host Host `yaml:"host" jsonschema:"required"`
	// Runner that starts the VM. Default: qemu for guest.system guix, else lima.
	Runner string `yaml:"runner" jsonschema:"enum=@runners" change:"made"`
	// Lima holds what only the runner lima needs.
	Lima Lima `yaml:"lima"`
	// QEMU holds what only the runner qemu needs.
	QEMU QEMU `yaml:"qemu"`
	// Guest is the system inside the VM.
	Guest Guest `yaml:"guest" jsonschema:"required"`
	// Resources of the VM.
	Resources Resources `yaml:"resources"`
	// Rosetta runs programs for x86_64 in a guest of aarch64, by Apple's translator: with lima.vmType vz, on Apple silicon. Default: false.
	Rosetta bool `yaml:"rosetta" change:"machine,inflake"`
	// Home is the disk that the home directory lives on.
	Home Home `yaml:"home"`
	// Disks are further disks of the VM's own, each with a directory: they outlive a rebuild, and no script deletes them.
	Disks []Disk `yaml:"disks" merge:"name"`
	// Mounts are host directories seen in the guest.
	Mounts []Mount `yaml:"mounts" merge:"guest,host"`
	// Sockets are Unix sockets of the host usable in the guest, or the guest's on the host.
	Sockets []Socket `yaml:"sockets" merge:"name"`
	// OnePassword gives the op program in the guest a 1Password service account.
	OnePassword OnePassword `yaml:"onepassword"`
	// Ports of the guest reachable on the host.
	Ports []Port `yaml:"ports" merge:"guest/protocol"`
	// Network says what of the guest's network the host has, and the other way round.
	Network Network `yaml:"network"`
	// Autostart says when the host starts the VM: off, login or boot. Default: off.
	Autostart string `yaml:"autostart" jsonschema:"enum=off,enum=login,enum=boot" change:"host"`
	// WezTerm adds a WezTerm domain for the VM; without it no WezTerm file is made.
	WezTerm *WezTerm `yaml:"wezterm"`
	// Nix configures the flake, which every profile with this section gets, and every NixOS guest.
	Nix Nix `yaml:"nix"`
	// Guix configures the Guix System definition.
	Guix Guix `yaml:"guix"`
	// Build says where images are built.
	Build Build `yaml:"build"`
	// Targets limits what is generated. Empty: all that apply to this host, runner and guest.
	Targets []string `yaml:"targets" jsonschema:"enum=nix,enum=guix,enum=lima,enum=launchd,enum=systemd,enum=ssh,enum=wezterm,enum=scripts,enum=docs" change:"nothing"`

	file    string
	brought map[string]string // texts of files that go into the VM
	pos     map[string]Pos
	sources []Source
	// forEveryArch: the processor is the host's, of which this form is.
	forEveryArch bool
	from         origins        // where there are several
	removed      map[string]Pos // what one of them took out
	root         *yaml.Node     // of all together
}

// Host is the machine the VM runs on.
type Host struct {
	// OS of the host: macos or linux.
	OS string `yaml:"os" jsonschema:"required,enum=@hosts" change:"host"`
	// User is the login name on the host. Only autostart boot on macOS, and a mount of a path below ~ without guest, need it or home; without both the profile is everyone's.
	User string `yaml:"user" form:"login" change:"host"`
	// Home is the absolute home directory on the host. Default: /Users/USER on macOS, /home/USER on Linux.
	Home string `yaml:"home" form:"absolute" change:"host"`
	// Arch is the host's processor: an Intel Mac's is x86_64. A guest that names none has the same. Default: aarch64 on macOS, x86_64 on Linux.
	Arch string `yaml:"arch" jsonschema:"enum=aarch64,enum=x86_64" change:"nothing"`
	// LimaHome is where Lima keeps its instances, as LIMA_HOME says it to limactl: absolute, or starting with ~/. Scripts, jobs, ssh and WezTerm follow it, whatever their environment says. Default: ~/.lima.
	LimaHome string `yaml:"limaHome" form:"lima home" change:"other"`
}

// Lima holds what only the runner lima needs.
type Lima struct {
	// Instance is Lima's name of the VM; "default" makes the plain lima command reach it. Default: the profile's name.
	Instance string `yaml:"instance" jsonschema:"maxLength=63" form:"instance" change:"other"`
	// SSHPort on the host's 127.0.0.1; 0 lets Lima choose a free one at each start. Default: 0.
	SSHPort int `yaml:"sshPort" jsonschema:"minimum=0,maximum=65535" change:"machine"`
	// VMType is Lima's driver: vz or qemu. Default: vz on macOS, qemu on Linux.
	VMType string `yaml:"vmType" jsonschema:"enum=vz,enum=qemu" change:"made"`
	// MountType is how Lima mounts, all of mounts alike: reverse-sshfs, 9p or virtiofs. Default: virtiofs with vz, else what works with the guest's image.
	MountType string `yaml:"mountType" jsonschema:"enum=reverse-sshfs,enum=9p,enum=virtiofs" change:"machine,inflake"`
	// MountInotify has programs of the guest that watch files hear of changes on the host, in writable mounts. An experiment of Lima's. Default: false.
	MountInotify bool `yaml:"mountInotify" change:"machine"`
	// Networks of Lima's in which the VM is, beside its own way out. What it has there is an address that the host, and with some other machines, reach.
	Networks []LimaNetwork `yaml:"networks" merge:"name"`
	// Extra is merged into the Lima YAML as it stands: mappings by key, lists by appending, the rest replaced. It is held to Lima's own keys, types and values.
	Extra Extra `yaml:"extra" change:"machine"`
}

// QEMU holds what only the runner qemu needs.
type QEMU struct {
	// SSHPort on the host's 127.0.0.1; 0 takes a free one at the first start and keeps it while it is free. Default: 0.
	SSHPort int `yaml:"sshPort" jsonschema:"minimum=0,maximum=65535" change:"machine"`
}

// Guest is the system inside the VM.
type Guest struct {
	// System is the guest's distribution.
	System string `yaml:"system" jsonschema:"required,enum=@systems" change:"made"`
	// Release of the distribution, as text: "25.10", "13". Required for ubuntu, debian and fedora, not allowed for nixos and guix, whose release follows from nix.nixpkgs and guix.channels.
	Release string `yaml:"release" jsonschema:"minLength=1" change:"made"`
	// Arch is the guest's processor; host: that of the host that runs the VM, known when it is made. Default: host.arch.
	Arch string `yaml:"arch" jsonschema:"enum=@arches" change:"made"`
	// Image is the file that a new VM's system starts from, in place of the one of its release.
	Image Image `yaml:"image"`
	// Hostname inside the guest. Default: the profile's name.
	Hostname string `yaml:"hostname" jsonschema:"maxLength=40" form:"label" change:"system"`
	// User is the account that works in the guest.
	User User `yaml:"user"`
	// Timezone in the tz database's spelling. Default: Lima takes the host's, other runners Etc/UTC.
	Timezone string `yaml:"timezone" form:"zone" change:"system"`
	// Locale of the guest's sessions, in UTF-8: "en_US.UTF-8", "C.UTF-8". Default: that of its image.
	Locale string `yaml:"locale" form:"locale" change:"system"`
	// Packages installed in the guest: names of vmloom's package map, or a mapping that says each system's name by hand.
	Packages []Package `yaml:"packages" merge:"nix,guix,apt,dnf"`
	// Containers is the engine of containers in the guest, ready for its user: docker by its group, podman without root, containerd with nerdctl. Default: none.
	Containers string `yaml:"containers" jsonschema:"enum=@containers" change:"engine"`
	// Groups that the user is in beside those of the system's own; one that is not there is made.
	Groups []string `yaml:"groups" jsonschema:"maxLength=31" form:"account" change:"system"`
	// Setup are your own scripts, beside the profile, each with #! and its interpreter; for NixOS and Guix nix.modules and guix.modules say what they would.
	Setup Setup `yaml:"setup"`
	// CACerts are files beside the profile, in PEM, of certificate authorities that the guest trusts beside its own: ./certs/corp.pem, say.
	CACerts Files `yaml:"caCerts" form:"beside" merge:"file" change:"system"`
	// Env are environment variables of every session in the guest.
	Env map[string]string `yaml:"env" change:"system"`
	// EnvFile on the host has further variables, secrets too, as lines NAME=VALUE: absolute, starting with ~/, or relative to the profile. The scripts bring them into the guest's memory at each start, where login shells read them. Make it readable for yourself alone.
	EnvFile string `yaml:"envFile" form:"host path" change:"system"`
	// Proxy is what the guest goes out by: shells, the package manager, the daemons of Nix, Guix and Docker. Default: Lima passes on the host's, under QEMU there is none.
	Proxy Proxy `yaml:"proxy"`
}

// User is the account that works in the guest.
type User struct {
	// Name of the account. Default: host.user.
	Name string `yaml:"name" jsonschema:"maxLength=31" form:"account" change:"made"`
	// UID of the account, 500 to 60000; the same before and after a change of system, since the files of the home carry it. Or host: that of whoever runs the VM, so that files of shares belong to both alike. Default: 1000.
	UID UID `yaml:"uid" change:"made"`
	// Home directory in the guest. Default: /home/NAME.guest under Lima (Lima's own default), else /home/NAME.
	Home string `yaml:"home" form:"absolute" change:"made"`
	// Shell of the account: bash, zsh or fish. Default: bash.
	Shell string `yaml:"shell" jsonschema:"enum=@shells" change:"system"`
	// AuthorizedKeys are further public SSH keys that may log in, one line each; host stands for those in ~/.ssh of whoever runs the VM, read at each start. Lima adds its own.
	AuthorizedKeys []string `yaml:"authorizedKeys" jsonschema:"minLength=1" change:"system"`
}

// Package is a tool wanted in the guest: a name of the package map, or each
// system's own name.
type Package struct {
	// Name in vmloom's package map; empty where the names are given by hand.
	Name string `yaml:"-"`
	// Nix is the attribute path in nixpkgs.
	Nix string `yaml:"nix" form:"nix package" change:"system"`
	// Guix is the package specification, with its output after a colon.
	Guix string `yaml:"guix" form:"guix package" change:"system"`
	// Apt is the Debian or Ubuntu package; alternatives separated by "|", the first that the release has is taken.
	Apt string `yaml:"apt" form:"apt package" change:"system"`
	// Dnf is the Fedora package; alternatives separated by "|", the first that the release has is taken.
	Dnf string `yaml:"dnf" form:"dnf package" change:"system"`
}

// Resources of the VM.
type Resources struct {
	// CPUs of the guest: a number, or a share of the host's, "50%" or half, maybe with bounds: {share: 50%, min: 2, max: 8}. Default: 4.
	CPUs CPUs `yaml:"cpus" change:"machine"`
	// Memory with its unit, "12GiB", or a share of the host's, "50%" or half, maybe with bounds: {share: 50%, min: 4GiB, max: 16GiB}. Default: 4GiB.
	Memory Memory `yaml:"memory" change:"machine"`
	// Disk is the size of the system's disk; it can grow later, never shrink. Default: 50GiB.
	Disk Size `yaml:"disk" change:"disk"`
	// Nested lets the guest run VMs of its own, by its /dev/kvm, for which its user is in the group kvm. It takes an M3 or newer with macOS 15 and lima.vmType vz, or a Linux host of x86_64. Default: false.
	Nested bool `yaml:"nested" change:"machine,system"`
}

// Home is the disk that the home directory lives on.
type Home struct {
	// Disk is the size of a disk of its own for the home, which outlives a rebuild of the VM. Without it the home is lost with the system's disk.
	Disk Size `yaml:"disk" change:"machine"`
	// Name that the disk has been made under, which it keeps for life: Lima calls it NAME-home. vmloom rename writes it. Default: the profile's name.
	Name string `yaml:"name" jsonschema:"maxLength=40" form:"label" change:"made"`
}

// Socket is a Unix socket of one side usable on the other.
type Socket struct {
	// Name of the socket in messages, scripts and checks.
	Name string `yaml:"name" jsonschema:"required,maxLength=40" form:"label" change:"nothing"`
	// From takes host path, guest path and variable from a known program, of the host's or, for toHost, of the guest's.
	From string `yaml:"from" jsonschema:"enum=@sockets" change:"nothing"`
	// Host path of the socket: absolute, starting with ~/, or relative to the profile: ./run/x.sock. Default for toHost: ~/.local/state/vmloom/sockets.d/PROFILE/NAME.sock.
	Host string `yaml:"host" form:"host path" change:"forward"`
	// Guest path of the socket, in a directory of its own below /run; for toHost where the guest's program listens. Default for toGuest: /run/host-services/NAME.sock.
	Guest string `yaml:"guest" form:"absolute" hint:"/run/host-services/NAME.sock is the usual place" change:"forward,inflake"`
	// Direction says whose socket it is: toGuest brings the host's into the guest, toHost the guest's onto the host. Default: toGuest.
	Direction string `yaml:"direction" jsonschema:"enum=toGuest,enum=toHost" change:"forward"`
	// Env is the variable that points the guest's programs to the socket.
	Env string `yaml:"env" form:"variable" change:"forward,system"`
	// Check is a command that succeeds when the socket works: in the guest, for toHost on the host.
	Check string `yaml:"check" jsonschema:"minLength=1" change:"nothing"`
	// Start says when a job of the host starts the socket's program: off or login. Default: off.
	Start string `yaml:"start" jsonschema:"enum=off,enum=login" change:"host"`
}

// OnePassword says where the token of a 1Password service account comes from.
// The scripts bring it into the guest's memory at each start, and login shells
// there have it as OP_SERVICE_ACCOUNT_TOKEN. It is in no file that is made,
// in none of the VM, in no argument and no log.
type OnePassword struct {
	// TokenFile on the host holds the token: absolute, starting with ~/, or relative to the profile. Make it readable for yourself alone.
	TokenFile string `yaml:"tokenFile" form:"host path" change:"system"`
	// TokenCommand prints the token on the host, by sh: op read op://VAULT/ITEM/credential. It runs at create, rebuild and repair, not by itself.
	TokenCommand string `yaml:"tokenCommand" jsonschema:"minLength=1" change:"system"`
}

// Port is a port of the guest, or a range of them, reachable on the host.
type Port struct {
	// Guest port, or a range of them: 8000-8010.
	Guest PortRange `yaml:"guest" jsonschema:"required" change:"port"`
	// Host port, or a range of as many. Default: the guest's.
	Host PortRange `yaml:"host" change:"port"`
	// Protocol that is forwarded: tcp or udp. Default: tcp; where nothing is said, Lima forwards datagrams to the port as well.
	Protocol string `yaml:"protocol" jsonschema:"enum=tcp,enum=udp" change:"port"`
	// Address of the host that it is open at, in IPv4: 127.0.0.1 is the host alone, 0.0.0.0 whoever reaches the host. Default: 127.0.0.1.
	Address string `yaml:"address" form:"address" change:"port"`
}

// WezTerm adds a WezTerm domain for the VM.
type WezTerm struct {
	// Domain is its name in WezTerm. Default: the profile's name.
	Domain string `yaml:"domain" jsonschema:"maxLength=63" form:"domain" change:"host"`
	// Via says how WezTerm reaches the guest: exec runs OpenSSH, ssh uses WezTerm's own client, mux talks to a wezterm in the guest. Default: exec.
	Via string `yaml:"via" jsonschema:"enum=exec,enum=ssh,enum=mux" change:"host"`
	// Keys bound in WezTerm; none unless given.
	Keys WezTermKeys `yaml:"keys"`
}

// WezTermKeys are key bindings such as CMD+SHIFT+T.
type WezTermKeys struct {
	// Domains opens the list of domains.
	Domains string `yaml:"domains" jsonschema:"minLength=1" change:"host"`
	// NewTab opens a tab in the guest; each entry is one binding.
	NewTab []string `yaml:"newTab" jsonschema:"minLength=1" change:"host"`
}

// Nix configures the flake.
type Nix struct {
	// Nixpkgs is the flake reference of nixpkgs. Default: github:NixOS/nixpkgs/nixos-26.05.
	Nixpkgs string `yaml:"nixpkgs" form:"flake" change:"flake"`
	// StateVersion of NixOS and home-manager, as text: "26.05". Default: 26.05.
	StateVersion string `yaml:"stateVersion" form:"release" change:"flake"`
	// Base of a NixOS guest: released is the image that the project nixos-lima publishes, own is the one built from this very flake. They differ in boot loader and partitions. Default: released.
	Base string `yaml:"base" jsonschema:"enum=released,enum=own" change:"flake,made"`
	// Inputs are further flakes by their names, which your modules have as inputs.NAME; home-manager and nixos-lima replace vmloom's own of that name.
	Inputs map[string]NixInput `yaml:"inputs" form:"input"`
	// Root is the directory that the flake's own files lie in, where modules lie above the profile: "..". What the modules import travels with them, and nothing else does. Default: the lowest that has all of them.
	Root string `yaml:"root" form:"root" change:"flake"`
	// Modules are your own NixOS modules: files relative to the profile, ./local.nix or ../common.nix, and modules of nix.inputs, as sops-nix#nixosModules.sops.
	Modules []string `yaml:"modules" form:"nix module" merge:"file" change:"flake"`
	// HomeModules are modules for home-manager in the guest, files or attributes of nix.inputs as in modules. They need homeManager.
	HomeModules []string `yaml:"homeModules" form:"nix module" merge:"file" change:"flake"`
	// Overlays of nixpkgs for the guest: files, each a function of final and prev, or attributes of nix.inputs, as NAME#overlays.default.
	Overlays []string `yaml:"overlays" form:"nix module" merge:"file" change:"flake"`
	// AllowUnfree names packages whose license is not free and that the guest may have all the same; "all" stands for every one.
	AllowUnfree []string `yaml:"allowUnfree" form:"package name" change:"flake"`
	// Substituters are binary caches for the guest and for the image, beside cache.nixos.org.
	Substituters []string `yaml:"substituters" form:"substituter" change:"flake"`
	// TrustedPublicKeys are those that the substituters sign with: NAME:KEY.
	TrustedPublicKeys []string `yaml:"trustedPublicKeys" form:"nix key" change:"flake"`
	// Settings of nix.conf in the guest, by their names there: a text, a number, true or false, or a list.
	Settings map[string]NixSetting `yaml:"settings" change:"flake"`
	// LD runs programs that were not made for NixOS, such as the servers that remote editors bring along. Default: false.
	LD bool `yaml:"ld" change:"flake"`
	// HostStore lets a NixOS guest copy what the host's /nix has, which is mounted read-only at /mnt/host-nix, instead of downloading it. Default: false.
	HostStore bool `yaml:"hostStore" change:"machine,flake"`
	// KeepStore has a rebuild copy what the store of a NixOS guest holds onto the home's disk first, where the next system finds it instead of downloading it. It needs home.disk. Default: false.
	KeepStore bool `yaml:"keepStore" change:"flake"`
	// HomeManager wires home-manager into the guest. Default: false.
	HomeManager bool `yaml:"homeManager" change:"flake"`
	// Parity gives the host's home module the profile's packages too. Default: false.
	Parity bool `yaml:"parity" change:"host"`
}

// NixInput is a further input of the flake.
type NixInput struct {
	// URL is its flake reference: github:Mic92/sops-nix.
	URL string `yaml:"url" jsonschema:"required" form:"flake" hint:"github:OWNER/REPO, git+ssh://git@HOST/PATH, or flake:NAME of nix's registry; nix flake metadata URL tells whether nix knows it" change:"flake"`
	// Follows takes inputs of its own from elsewhere: {nixpkgs: nixpkgs} has it use this flake's nixpkgs; INPUT/NAME is an input of another one, "" leaves it out.
	Follows Follows `yaml:"follows" change:"flake"`
	// Flake says whether it is a flake at all, or plain files. Default: true.
	Flake *bool `yaml:"flake" change:"flake"`
}

// Follows are inputs of an input, by its own names for them, and what stands for each.
type Follows map[string]string

// Guix configures the Guix System definition.
type Guix struct {
	// Version of Guix that the definition is written for: "1.5" or "1.4", whose services differ. Default: 1.5.
	Version string `yaml:"version" jsonschema:"enum=1.5,enum=1.4" change:"guix"`
	// Channels, each pinned to a full commit; or the project's own file of them, relative to the profile: ./channels.scm. Default for the channel guix: the commit of the version's release.
	Channels Channels `yaml:"channels" form:"scm file" merge:"name,file" change:"guix"`
	// Manifest is the project's own manifest.scm, relative to the profile.
	Manifest string `yaml:"manifest" form:"scm file" merge:"file" change:"guix"`
	// Project is the project's own guix.scm, relative to the profile: the inputs of its package are in guix/manifest.scm, and the guide builds the project with it.
	Project string `yaml:"project" form:"scm file" merge:"file" change:"guix"`
	// Check builds and tests the project, in the environment of its package: cmake -B build && cmake --build build. The guide says it.
	Check string `yaml:"check" jsonschema:"minLength=1" change:"nothing"`
	// Modules are your own Scheme files, beside the profile: ./local.scm.
	Modules []string `yaml:"modules" form:"scm file" merge:"file" change:"guix"`
	// LoadPath are directories of Guile modules, relative to the profile, that the channels do not have: packages and services of the project, as guix -L takes them.
	LoadPath []string `yaml:"loadPath" form:"directory" merge:"file" change:"guix"`
	// Substitutes are servers of ready-made packages beside Guix' own, for the guest and for the image.
	Substitutes []Substitute `yaml:"substitutes" merge:"url"`
}

// Substitute is a server of ready-made packages of Guix.
type Substitute struct {
	// URL of the server.
	URL string `yaml:"url" jsonschema:"required" form:"web" change:"guix"`
	// Key that it signs with: the text of its signing-key.pub, or such a file, relative to the profile.
	Key string `yaml:"key" jsonschema:"required" form:"guix key or file" hint:"the server's page names it: (public-key (ecc (curve Ed25519) (q #...#))), or ./keys/NAME.pub" merge:"file" change:"guix"`
}

// Channel is a Guix channel pinned to a commit.
type Channel struct {
	// File has all channels, where the profile names one in their place; it is the only element then.
	File string `yaml:"-"`
	// Name of the channel; guix needs no URL.
	Name string `yaml:"name" jsonschema:"required" form:"channel" change:"guix"`
	// URL of its Git repository. Required unless the name is guix.
	URL string `yaml:"url" form:"git" change:"guix"`
	// Branch to follow. Default: master.
	Branch string `yaml:"branch" form:"branch" change:"guix"`
	// Commit: 40 hexadecimal digits.
	Commit string `yaml:"commit" jsonschema:"required" form:"commit" hint:"git rev-parse, or guix describe -f channels, prints it" change:"guix"`
	// Introduction authenticates the channel; guix needs none.
	Introduction *Introduction `yaml:"introduction"`
}

// Introduction authenticates a Guix channel.
type Introduction struct {
	// Commit that introduces the channel: 40 hexadecimal digits.
	Commit string `yaml:"commit" jsonschema:"required" form:"commit" change:"guix"`
	// Fingerprint of the OpenPGP key that signed it.
	Fingerprint string `yaml:"fingerprint" jsonschema:"required" form:"fingerprint" change:"guix"`
}

// Build says where images are built, and how many at once.
type Build struct {
	// On is the place: auto, local, ssh://user@host or lima:INSTANCE. Default: auto.
	On string `yaml:"on" form:"place" change:"nothing"`
	// Switch has a NixOS guest's next system built there as well, and copied into the guest; with auto by this machine's nix. Default: the guest builds it.
	Switch bool `yaml:"switch" change:"nothing"`
	// Jobs bounds how many images are under way at once. Default: as many as the machine's processors and 3 GiB of memory for each allow.
	Jobs int `yaml:"jobs" jsonschema:"minimum=1,maximum=1000" change:"nothing"`
	// Evaluations bounds how many of nix and guix read a system at once, which takes 2 to 3 GiB each. Default: as for jobs.
	Evaluations int `yaml:"evaluations" jsonschema:"minimum=1,maximum=1000" change:"nothing"`
}

// File is the name of the file the profile was read from, for messages and headers.
func (p *Profile) File() string { return p.file }

// HasFlake reports whether the profile describes a NixOS system under Lima: that of its guest,
// or, by a nix section, the one the guest may move to. Targets that leave nix out say no.
func (p *Profile) HasFlake() bool {
	return p.MayBeNixOS() && p.Wants("nix")
}

// MayBeNixOS reports whether the guest is NixOS, or the profile has a nix section for the move to it.
func (p *Profile) MayBeNixOS() bool {
	nixos := NixOS()
	return p.Runner == nixos.Runner && (p.Guest.System == nixos.Name || p.HasSection("nix"))
}

// Wants reports whether the profile's targets leave the target in.
func (p *Profile) Wants(target string) bool {
	return len(p.Targets) == 0 || slices.Contains(p.Targets, target)
}

// HasSection reports whether the file itself has the section, such as nix.
func (p *Profile) HasSection(name string) bool {
	_, ok := p.pos[name]
	return ok
}
