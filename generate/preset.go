package generate

import (
	"cmp"
	"fmt"
	"path"
	"regexp"

	"vmloom/templates"
)

// PresetHost is what a preset takes from the machine it is written on.
type PresetHost struct {
	// OS is macos or linux, Arch aarch64 or x86_64.
	OS, Arch string
	// User and Home are those of the host.
	User, Home string
	// GuestUser is a name that every guest accepts.
	GuestUser string
	// Mount is the directory to share, absolute or starting with ~/.
	Mount string
	// Timezone may be empty.
	Timezone string
}

// Presets names the profiles that Preset writes.
func Presets() []string { return []string{"ascalon", "ascalon-nixos", "dev-vm"} }

// Preset writes a commented profile to start from.
func Preset(name string, h PresetHost) ([]byte, error) {
	guests := map[string][2]string{"ascalon": {"ubuntu", "25.10"}, "ascalon-nixos": {"nixos", ""}}
	if guest, ok := guests[name]; ok {
		return templates.Render("presets/ascalon.yaml.tmpl", struct {
			PresetHost
			Name, GuestHome, System, Release string
		}{h, "ascalon", "/home/" + h.GuestUser + ".linux", guest[0], guest[1]})
	}
	if name == "dev-vm" {
		tree := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).FindString(path.Base(h.Mount))
		return templates.Render("presets/dev-vm.yaml.tmpl", struct {
			PresetHost
			Name, GuestMount string
		}{h, name, "/mnt/" + cmp.Or(tree, "work")})
	}
	return nil, fmt.Errorf("preset %s: unknown", name)
}
