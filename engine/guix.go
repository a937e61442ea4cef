package engine

import (
	"context"
	"path"

	"vmloom/profile"
)

// guixEngine builds Guix System images with guix system image, by the guix of
// the profile's channels.
func guixEngine() Engine {
	return Engine{
		Name:      "guix",
		inputs:    guixInputs,
		found:     guixFound,
		sized:     true,
		choose:    guixChoose,
		preflight: guixPreflight,
		plan:      guixPlan,
		names:     guixNames,
		tool:      "guix",
		parse:     func() parser { return &guixParser{} },
		explain:   guixExplain,
	}
}

// guixInputs are what reaches the image. The project's manifest does not: it is
// for guix shell inside the VM.
func guixInputs(p *profile.Profile) []string {
	dir := guixDir(p)
	files := []string{dir + "/channels.scm", dir + "/system.scm"}
	if p.ForEveryArch() {
		files = append(files, dir+"/"+guixFile(p))
	}
	for _, own := range p.Guix.OwnFiles() {
		files = append(files, path.Clean(own.File))
	}
	return files
}

// guixDir is where the definition is, relative to Base, with slashes.
func guixDir(p *profile.Profile) string { return p.FilesDir() + "/guix" }

// guixFile is the definition that an image is made of: one of its processor where there are several.
func guixFile(p *profile.Profile) string {
	if p.ForEveryArch() {
		return p.Guest.Arch + ".scm"
	}
	return "system.scm"
}

// guixSystem is the guest's system as Guix calls it.
func guixSystem(p *profile.Profile) string { return p.Guest.Arch + "-linux" }

// GuixImageType is the image type, as guix system --list-image-types has it, that
// boots on what the runner offers: BIOS on x86_64, UEFI on aarch64.
func GuixImageType(p *profile.Profile) string {
	if p.Guest.Arch == "aarch64" && p.Guix.Version != "1.4" {
		return "qcow2-gpt" // 1.4 has none
	}
	return "qcow2"
}

// guixChoose takes the guix of this machine, or that of a running Lima instance.
func guixChoose(ctx context.Context, j *Job) (Place, string, error) {
	_, err := ask(ctx, "guix", "--version")
	if err == nil {
		return Place{Kind: Local}, "guix is on this machine", nil
	}
	here, cause := "guix is not on this machine", "guix: neither on this machine nor in a running Lima instance for "+j.Profile.Guest.Arch
	if !notFound(err) {
		here = "guix here does not answer: " + lastSaid(err)
		cause = here + ", and no running Lima instance for " + j.Profile.Guest.Arch + " has it"
	}
	candidates, unknown := limaCandidates(ctx, j)
	for _, in := range candidates {
		place := Place{Kind: Lima, Instance: in.Name}
		if _, err := askAt(ctx, place, "guix", "--version"); err == nil {
			return place, here + ", but in the running Lima instance " + in.Name, nil
		}
	}
	return Place{}, "", &Failure{
		Cause: cause + unknown,
		Hint:  guixInstall(j.Profile) + "; or --on ssh://user@host, --on lima:INSTANCE",
		Field: "build.on",
	}
}

// GuixInstaller is the page of Guix's own installer, for systems whose packages have no guix.
const GuixInstaller = "https://guix.gnu.org/manual/en/html_node/Binary-Installation.html"

// guixInstall says how guix comes to where it runs.
func guixInstall(p *profile.Profile) string {
	if p.MacOS() {
		return "guix runs on Linux only: limactl start --name=guix template:debian, and in it the installer of " + GuixInstaller
	}
	return "install it: " + GuixInstaller
}
