package generate

import (
	"vmloom/engine"
	"vmloom/profile"
)

// elsewhereView is where the system is built that a NixOS guest switches to; one of its three is set.
type elsewhereView struct {
	Place    string // as build.on has it
	Here     bool
	SSH      []string // what reaches another machine
	Instance string
	System   string // as Nix calls it; empty: that of the host's processor
}

// newElsewhere is nil where the guest builds.
func newElsewhere(p *profile.Profile) (*elsewhereView, error) {
	if !p.Build.Switch {
		return nil, nil
	}
	place, err := engine.ParsePlace(p.Build.On)
	v := &elsewhereView{Place: place.String()}
	switch place.Kind {
	case engine.SSH:
		v.SSH = place.Words()
	case engine.Lima:
		v.Instance = place.Instance
	default:
		v.Place, v.Here = "this machine", true
	}
	if !p.Guest.ArchOfHost() {
		v.System = p.Guest.Arch + "-linux"
	}
	return v, err
}
