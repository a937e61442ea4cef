package engine

import (
	"cmp"
	"context"
	"fmt"
	"runtime"

	"vmloom/lima"
)

// nixChoose takes this machine where nix can have the guest's system built from
// here, else a running Lima instance that has nix.
func nixChoose(ctx context.Context, j *Job) (Place, string, error) {
	system := nixSystem(j.Profile)
	s, err := j.settings(ctx, Place{Kind: Local})
	if cut := context.Cause(ctx); cut != nil {
		return Place{}, "", cut
	}
	here := fmt.Sprintf("this is no Linux of %s, and there is no nix here", j.Profile.Guest.Arch)
	switch {
	case err == nil:
		if how := s.builds(system); how != "" {
			return Place{Kind: Local}, how, nil
		}
		here = "nix here (" + s.System + ") has no builder for it"
	case !notFound(err):
		here = "nix here does not answer: " + lastSaid(err)
	case runtime.GOOS == "linux" && ArchOf(runtime.GOARCH) == j.Profile.Guest.Arch:
		here = "nix is not installed here"
	}
	candidates, unknown := limaCandidates(ctx, j)
	for _, in := range candidates {
		place := Place{Kind: Lima, Instance: in.Name}
		if _, err := askAt(ctx, place, "nix", "--version"); err != nil {
			continue
		}
		why := here + "; the Lima instance " + in.Name + " runs and has nix"
		if in.Name == j.Profile.Lima.Instance {
			why = here + "; this profile's own VM, the Lima instance " + in.Name + ", runs and has nix"
		}
		return place, why, nil
	}
	return Place{}, "", &Failure{
		Cause: "place: nobody builds " + system + ": " + here + ", and no Lima instance of that processor runs and has nix" + unknown,
		Hint:  nixRoutes + "; with a binary cache that has the image: --on local", Field: "build.on",
	}
}

// ArchOf is a processor by Go's name of it, as guest.arch has it; one that no guest has keeps that name.
func ArchOf(goarch string) string {
	return cmp.Or(map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[goarch], goarch)
}

func limaInstances(ctx context.Context) ([]lima.Instance, error) {
	text, err := ask(ctx, "limactl", "list", "--json")
	if err != nil {
		return nil, err
	}
	return lima.Instances(text)
}

// limaCandidates are running instances of the guest's processor; the profile's
// own VM, which is there to be worked in, comes last. Unknown is what a sentence about them is to add where limactl,
// which is there, does not tell of them.
func limaCandidates(ctx context.Context, j *Job) (out []lima.Instance, unknown string) {
	instances, err := limaInstances(ctx)
	switch {
	case notFound(err):
		return nil, ""
	case err != nil:
		return nil, " that limactl list tells of: " + lastSaid(err)
	}
	var own []lima.Instance
	for _, in := range instances {
		switch {
		case in.Status != lima.Running || in.Arch != j.Profile.Guest.Arch:
		case in.Name == j.Profile.Lima.Instance:
			own = append(own, in)
		default:
			out = append(out, in)
		}
	}
	return append(out, own...), ""
}
