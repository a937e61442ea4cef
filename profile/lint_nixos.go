package profile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// enoughForNix is what nixos-lima asks for: evaluating a system takes gigabytes (nixos-lima#48).
const enoughForNix = 8 << 30

func (l *linter) nixos() {
	p := l.p
	if most := p.Resources.Memory.Most(); most > 0 && most < enoughForNix {
		l.warn("nixos-memory", "resources.memory", "may be too little for nixos-rebuild in the guest", "nixos-lima asks for 8GiB")
	}
	if len(p.Nix.Substituters) > len(p.Nix.TrustedPublicKeys) {
		l.warn("nix-cache-key", "nix.substituters", "nix takes nothing from a cache whose key it does not trust", "nix.trustedPublicKeys takes the key that the cache's page names")
	}
	for name, in := range p.Nix.Inputs {
		if strings.HasPrefix(in.URL, "path:") || strings.HasPrefix(in.URL, "git+file:") {
			l.warn("nix-local-input", join(join("nix.inputs", name), "url"), "lies on this machine alone: the guest cannot fetch it", "publish it, or name its files in nix.modules")
		}
	}
	if p.Lima.Extra.Node == nil {
		return
	}
	for _, idle := range []struct{ key, instead string }{
		{"caCerts", "name the file, beside the profile, in guest.caCerts"}, {"additionalDisks", disksInstead}, {"containerd", "write guest: {containers: containerd}"},
	} {
		if valueOf(p.Lima.Extra.Node, idle.key).Kind != 0 {
			l.warn("nixos-extra", join("lima.extra", idle.key), "has no effect in a NixOS guest, where nixos-lima does not look at it", idle.instead)
		}
	}
	for _, n := range []*yaml.Node{valueOf(p.Lima.Extra.Node, "rosetta"), valueOf(valueOf(valueOf(p.Lima.Extra.Node, "vmOpts"), "vz"), "rosetta")} {
		if n.Kind != 0 {
			l.warn("nixos-extra", "lima.extra", "turns Rosetta on for Lima alone: nixos-lima does not tell the guest's kernel of it", "write rosetta: true, which both sides follow")
		}
	}
	at := "lima.extra.provision"
	for i, step := range valueOf(p.Lima.Extra.Node, "provision").Content {
		if mode := valueOf(step, "mode").Value; mode != "" && !slices.Contains([]string{"system", "user"}, mode) {
			l.warn("nixos-provision", item(at, i)+".mode", "a NixOS guest runs the modes system and user only", "nix.modules holds what belongs to the system")
		}
	}
}

// valueOf is the value of a key of a mapping, or an empty node.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	}
	return &yaml.Node{}
}
