package engine

import (
	"context"
	"strconv"

	"vmloom/profile"
)

// limaEngine builds Ubuntu and Debian images in a throw-away instance of Lima:
// it is created, provisioned as the VM itself would be, cleaned of its identity,
// stopped, and its disk is the image.
func limaEngine() Engine {
	return Engine{
		Name:      "limactl",
		features:  []string{"kvm"},
		tool:      "limactl",
		inputs:    func(*profile.Profile) []string { return nil }, // the template is all there is
		choose:    limaChoose,
		preflight: limaPreflight,
		plan:      limaPlan,
		parse:     func() parser { return &limaParser{} },
		explain:   byTable(limaKnown),
	}
}

// limaInstance is the throw-away instance of a job.
func limaInstance(j *Job) string { return "vmloom-image-" + j.Profile.Name }

// limaMarker is the line in that instance's lima.yaml which shows whose it is: one
// of another directory may be at work there.
func limaMarker(j *Job) string {
	return "# vmloom-image: " + j.Profile.Name + " of " + strconv.QuoteToASCII(j.Base)
}

func limaChoose(_ context.Context, j *Job) (Place, string, error) {
	return Place{Kind: Local}, "Lima makes a throw-away instance of " + j.Profile.Guest.System + " on this machine", nil
}

// limaPlace says why a job cannot be done where it is to be, or by limactl at all.
func limaPlace(j *Job) *Failure {
	switch {
	case j.Place.Kind != Local:
		return &Failure{
			Cause: "limactl: builds on this machine only, not at " + j.Place.String(),
			Hint:  "vmloom build-image --on local; or run vmloom on the machine that has Lima, and copy " + ImagesDir + "/ here",
			Field: "build.on",
		}
	case j.Check:
		return &Failure{
			Cause: "limactl: the image holds what " + j.Profile.System().Manager.Title + " installs on the day, so that no two builds are the same",
			Hint:  "guest.system: nixos or guix makes images that can be built again bit by bit",
			Field: "guest.system",
		}
	}
	return nil
}
