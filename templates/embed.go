package templates

import "embed"

// all: keeps the partials, whose names start with an underscore.
//
//go:embed all:lima all:launchd all:systemd all:ssh all:wezterm all:scripts all:docs all:presets all:guix all:shared all:qemu all:nix all:fleet
var shipped embed.FS
