package generate

import "vmloom/profile"

// setUp is what follows from the way in which a guest is made the profile's: a
// row of the table below, every attribute of which is set.
type setUp struct {
	// lima fills in what the template leaves to the guest, or does for it.
	lima func(*limaView, *profile.Profile) error
	// switches says how a running guest takes its definition on; update, move and
	// apply are the guide's chapters of these names.
	switches     func(*profile.Profile) (chapter, error)
	update, move func(*profile.Profile) []part
	apply        func(*profile.Profile) []prose
}

// setUps of the guests that Lima starts. A Guix guest has its own guide
// (qemudocs.go), which asks for none of this.
func setUps() map[profile.SetUp]setUp {
	return map[profile.SetUp]setUp{
		profile.ByCloudInit: {
			lima:     (*limaView).addCloud,
			switches: func(*profile.Profile) (chapter, error) { return chapter{}, nil },
			update:   updateCloud, move: moveCloud, apply: applyCloud,
		},
		profile.ByFlake: {
			lima:     (*limaView).addNixOS,
			switches: switchChapter, update: updateNixOS, move: moveNixOS, apply: applyNixOS,
		},
	}
}

// setUpOf is the row of the profile's guest.
func setUpOf(p *profile.Profile) setUp { return setUps()[p.System().SetUp] }
