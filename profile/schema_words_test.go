package profile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// choiceWords say what a choice of a field means, for editors: a row's own words where it is a row's.
func choiceWords(field, value string) string {
	switch field {
	case "Guest.System":
		return SystemNamed(value).Title
	case "Profile.Runner":
		return RunnerNamed(value).Title
	case "Host.OS":
		return HostNamed(value).Title
	case "Guest.Containers":
		all := ContainerEngines()
		e := all[slices.IndexFunc(all, func(e ContainerEngine) bool { return e.Name == value })]
		if e.Group == "" {
			return e.Title + ", without root"
		}
		return e.Title + ", by the group " + e.Group
	case "Socket.From":
		s, _ := SocketPresetNamed(value)
		return "the socket " + s.Usual + ": " + cmp.Or(s.MacOS, "no fixed path") + " on macOS, " + cmp.Or(s.Linux, "no fixed path") + " on Linux"
	}
	return meanings[field][value]
}

// meanings of the choices of fields that are no rows.
var meanings = map[string]map[string]string{
	"Guest.Arch":            {"aarch64": "64-bit ARM: Apple silicon, Graviton", "x86_64": "64-bit Intel and AMD", "host": "that of whoever runs the VM"},
	"Guix.Version":          {"1.5": "the definitions are written for Guix 1.5", "1.4": "the definitions are written for Guix 1.4"},
	"Host.Arch":             {"aarch64": "64-bit ARM: Apple silicon", "x86_64": "64-bit Intel and AMD"},
	"Lima.VMType":           {"vz": "Apple's Virtualization framework", "qemu": "QEMU, also for a foreign processor"},
	"Lima.MountType":        {"reverse-sshfs": "over ssh, with sshfs in the guest", "9p": "QEMU's, by the guest's kernel", "virtiofs": "vz's, and QEMU's on Linux"},
	"NineP.SecurityModel":   {"none": "files belong to whoever runs the VM", "passthrough": "owners and modes as the guest sets them", "mapped-xattr": "owners and modes in attributes beside each file", "mapped-file": "owners and modes in hidden files"},
	"NineP.ProtocolVersion": {"9p2000": "the plain protocol", "9p2000.u": "with Unix' extensions", "9p2000.L": "with Linux' extensions"},
	"NineP.Cache":           {"none": "nothing is kept", "loose": "all is kept, and no change of the host is looked for", "mmap": "what is mapped into memory is kept", "fscache": "all is kept, also over a new mount"},
	"SSHFS.SFTPDriver":      {"builtin": "Lima's own server", "openssh-sftp-server": "the host's sftp-server"},
	"Network.Forward":       {"none": "no port of the guest is on the host", "listed": "those in ports alone", "all": "every port at which a program of the guest listens"},
	"Nix.Base":              {"released": "the image that nixos-lima publishes, which becomes this machine by nixos-rebuild", "own": "an image that vmloom build-image makes of the flake"},
	"Port.Protocol":         {"tcp": "TCP alone", "udp": "UDP alone"},
	"Profile.Autostart":     {"off": "you start it", "login": "when you log in", "boot": "before anybody logs in"},
	"Profile.Targets": {
		"nix": "the flake and its modules", "guix": "the operating-system, channels and manifest", "lima": "Lima's template", "launchd": "jobs of a Mac",
		"systemd": "units of a Linux host", "ssh": "the file for an Include in ~/.ssh/config", "wezterm": "the module for wezterm.lua",
		"scripts": "the VM's life in plain sh", "docs": "the guide",
	},
	"Socket.Direction": {"toGuest": "a socket of the host, usable in the guest", "toHost": "a socket of the guest, usable on the host"},
	"Socket.Start":     {"off": "whoever starts the host's program today goes on", "login": "a job starts it when you log in"},
	"User.Shell":       {"bash": "GNU Bash", "zsh": "the Z shell", "fish": "the friendly interactive shell"},
	"WezTerm.Via":      {"exec": "OpenSSH in a local pane: nothing else is needed", "ssh": "WezTerm's own ssh client", "mux": "a wezterm of the same version in the guest"},
}

// examples are what an editor proposes where no list of names and no choice does.
var examples = map[string][]any{
	"Profile.Name":     {"devvm"},
	"Host.Home":        {"/Users/ada", "/home/ada"},
	"Guest.Timezone":   {"Europe/Berlin", "America/Los_Angeles", "Etc/UTC"},
	"Guest.Locale":     {"en_US.UTF-8", "C.UTF-8"},
	"Mount.Host":       {".", "~/src"},
	"Mount.Guest":      {"/mnt/src"},
	"Socket.Check":     {"docker ps", "ssh-add -l"},
	"Port.Address":     {"127.0.0.1", "0.0.0.0"},
	"Resources.CPUs":   {4, "half"},
	"Resources.Memory": {"8GiB", "50%"},
	"Resources.Disk":   {"50GiB"},
	"Home.Disk":        {"40GiB"},
}

// TestSchemaChoices: every choice of the schema has its words, and every example is one that the schema takes a field for.
func TestSchemaChoices(t *testing.T) {
	type property struct {
		Enum             []any
		EnumDescriptions []string
		Examples         []any
		Items            *property
	}
	var s struct {
		Defs map[string]struct{ Properties map[string]property } `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema), &s); err != nil {
		t.Fatal(err)
	}
	described, shown := 0, 0
	for name, def := range s.Defs {
		for field, p := range def.Properties {
			if len(p.Examples) > 0 {
				shown++
			}
			if p.Items != nil {
				p = *p.Items
			}
			if len(p.Enum) < 2 {
				continue
			}
			described++
			if len(p.EnumDescriptions) != len(p.Enum) || slices.Contains(p.EnumDescriptions, "") {
				t.Errorf("%s.%s: %v has the words %q", name, field, p.Enum, p.EnumDescriptions)
			}
		}
	}
	if described < 15 || shown != len(examples) {
		t.Errorf("%d choices described, %d fields with examples, want %d", described, shown, len(examples))
	}
}

// wordsOf are the words of a field's choices, in their order.
func wordsOf(field string, enum []any) (words []string) {
	for _, value := range enum {
		words = append(words, choiceWords(field, fmt.Sprint(value)))
	}
	return words
}
