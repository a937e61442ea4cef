package generate

import (
	"fmt"

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
func Presets() []string { return []string{"ascalon"} }

// Preset writes a commented profile to start from.
func Preset(name string, h PresetHost) ([]byte, error) {
	switch name {
	case "ascalon":
		return templates.Render("presets/ascalon.yaml.tmpl", struct {
			PresetHost
			Name, GuestHome string
		}{h, "ascalon", "/home/" + h.GuestUser + ".linux"})
	}
	return nil, fmt.Errorf("preset %s: unknown", name)
}
