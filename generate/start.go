package generate

import (
	"vmloom/engine"
	"vmloom/profile"
)

// Origin is the kind of thing that a new VM starts from.
type Origin string

// The origins.
const (
	// FromReleased is the image that nixos-lima publishes.
	FromReleased Origin = "released"
	// FromNamed is the image that the profile names.
	FromNamed Origin = "named"
	// FromLima is a base template of Lima's own.
	FromLima Origin = "lima"
	// FromOwn is an image that vmloom builds.
	FromOwn Origin = "own"
	// FromGuix is an image that the create script has guix make.
	FromGuix Origin = "guix"
)

// Start is what a new VM of a profile starts from.
type Start struct {
	Origin Origin
	// Image of FromOwn, relative to the profile's directory, with slashes.
	Image string
	// Record of that image in the lock; nil: it is not built yet.
	Record *engine.Record
}

// StartsFrom says what a new VM of the profile starts from, where the image lock
// has record for it, or nil. A record may be left over from what the profile once
// was: one that is no longer wanted, or that another engine made, counts for none.
func StartsFrom(p *profile.Profile, record *engine.Record) Start {
	if p.HasImage() {
		return Start{Origin: FromNamed}
	}
	if !engine.Builds(p) {
		return Start{Origin: FromReleased}
	}
	if record != nil && record.Engine != engine.NameFor(p) {
		record = nil
	}
	if origin := unbuilt[p.System().SetUp]; record == nil && origin != FromOwn {
		return Start{Origin: origin}
	}
	if record != nil { // maybe the shared profile's, where a local file changes nothing in it
		return Start{FromOwn, record.File, record}
	}
	return Start{FromOwn, engine.ImageFile(p), nil}
}

// unbuilt is what a VM starts from while vmloom has built it no image.
var unbuilt = map[profile.SetUp]Origin{profile.ByCloudInit: FromLima, profile.ByFlake: FromOwn, profile.ByGuix: FromGuix}
