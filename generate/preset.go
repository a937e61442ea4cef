package generate

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"

	"vmloom/profile"
	"vmloom/templates"
)

// PresetHost is what a preset takes from the machine it is written on, and from
// what its user answered.
type PresetHost struct {
	// OS is macos or linux, Arch aarch64 or x86_64.
	OS, Arch string
	// User and Home are those of the host.
	User, Home string
	// Name of the VM; a profile accepts it.
	Name string
	// Instance is Lima's name of it.
	Instance string
	// GuestUser is a name that every guest accepts, UID its number, Shell bash, zsh or fish.
	GuestUser string
	UID       int
	Shell     string
	// CPUs and Memory are the most that the VM should take of the host.
	CPUs   int
	Memory profile.Size
	// Mount is the directory to share, absolute or starting with ~/.
	Mount string
	// Timezone may be empty.
	Timezone string
	// Manifest is the project's own manifest.scm, relative to the profile; empty: it has none.
	Manifest string
	// Project is its own guix.scm, in the same way.
	Project string
	// LimaHome is where Lima keeps its instances, as host.limaHome has it; empty: at the usual place.
	LimaHome string
	// NewTab are WezTerm's keys that open a tab in the VM; may be empty.
	NewTab []string
}

// HostArch is the host's processor where a profile has to name it; empty: such hosts have it anyway.
func (h PresetHost) HostArch() string {
	if h.Arch == profile.HostNamed(h.OS).Arch {
		return ""
	}
	return h.Arch
}

// PresetKind is a profile to start from.
type PresetKind struct {
	Name, About string
	// OS of the hosts that it is for; empty: any.
	OS string
	// Tools that the host needs for it, by the names of their programs.
	Tools []string
	// Default reports whether Lima's instance is called default, so that the plain command lima reaches it.
	Default bool
	// Shared reports whether the profile is everyone's: what is one machine's own stays out of it.
	Shared bool
	// CPUs and Memory that it asks for, where the host can spare them.
	CPUs   int
	Memory profile.Size

	template, system string
}

// PresetKinds are the profiles to start from; of those that fit a host the first is proposed.
func PresetKinds() []PresetKind {
	return []PresetKind{
		{Name: "ascalon", About: "Mac, Lima, Ubuntu: with Docker's and 1Password's sockets and WezTerm", OS: "macos", Tools: []string{"limactl"}, Default: true,
			CPUs: 6, Memory: 12 << 30, template: "presets/ascalon.yaml.tmpl", system: "ubuntu"},
		{Name: "ascalon-nixos", About: "the same with NixOS", OS: "macos", Tools: []string{"limactl"}, Default: true,
			CPUs: 6, Memory: 12 << 30, template: "presets/ascalon.yaml.tmpl", system: "nixos"},
		{Name: "linux", About: "Linux, Lima, Ubuntu: the directory shared", OS: "linux", Tools: []string{"limactl"},
			CPUs: 4, Memory: 8 << 30, template: "presets/linux.yaml.tmpl", system: "ubuntu"},
		{Name: "dev-vm", About: "Linux, QEMU, Guix System: one VM for everyone who works on a project", OS: "linux", Tools: []string{"qemu-system-x86_64", "qemu-system-aarch64"}, Shared: true,
			CPUs: 4, Memory: 4 << 30, template: "presets/dev-vm.yaml.tmpl", system: "guix"},
		{Name: "team", About: "a profile of a team, whose CI runs vmloom gen --check", Tools: []string{"limactl"}, Shared: true,
			CPUs: 4, Memory: 4 << 30, template: "presets/team.yaml.tmpl", system: "ubuntu"},
	}
}

// Presets names the profiles that Preset writes.
func Presets() (names []string) {
	for _, k := range PresetKinds() {
		names = append(names, k.Name)
	}
	return names
}

// Preset writes a commented profile to start from.
func Preset(name string, h PresetHost) ([]byte, error) {
	kinds := PresetKinds()
	i := slices.IndexFunc(kinds, func(k PresetKind) bool { return k.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("preset %s: unknown", name)
	}
	k := kinds[i]
	tree := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).FindString(path.Base(h.Mount))
	return templates.Render(k.template, struct {
		PresetHost
		Memory                profile.Size
		System, Release       string
		GuestHome, GuestMount string
	}{h, min(h.Memory, k.Memory), k.system, profile.SystemNamed(k.system).NewestLong(), "/home/" + h.GuestUser + ".linux", "/mnt/" + cmp.Or(tree, "work")})
}
