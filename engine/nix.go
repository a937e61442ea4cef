package engine

import (
	"path"
	"strings"

	"vmloom/profile"
)

// nixEngine builds NixOS images with nix build.
func nixEngine() Engine {
	return Engine{
		Name: "nix", features: []string{"kvm"}, inputs: nixInputs, found: nixFound,
		choose: nixChoose, preflight: nixPreflight, plan: nixPlan, names: nixNames, tool: "nix",
		parse:   func() parser { return newNixParser() },
		explain: nixExplain,
	}
}

// nixGenerated are the generated files that the image follows from, below generated/NAME.
func nixGenerated(p *profile.Profile) []string {
	files := []string{"flake.nix", "nix/nixos.nix", "nix/nixpkgs.nix"}
	if p.TakesOwn() {
		files = append(files, "nix/own.nix")
	}
	if p.Nix.HomeManager {
		files = append(files, "nix/home-manager.nix")
	}
	return files
}

func nixInputs(p *profile.Profile) []string {
	dir := p.FilesDir() + "/"
	files := []string{nixLock(p)}
	for _, name := range nixGenerated(p) {
		files = append(files, dir+name)
	}
	return files
}

// nixSystem is the guest's system as Nix calls it.
func nixSystem(p *profile.Profile) string { return p.Guest.Arch + "-linux" }

// nixAttr is the image in the flake of the working directory. path: ignores Git,
// whose untracked files a flake would not see, and takes a directory of any name.
func nixAttr(p *profile.Profile) string {
	return "path:.#packages." + nixSystem(p) + "." + p.Name + "-image"
}

// nixArgs is a call of nix, with what it calls experimental; the user's own settings stay.
func nixArgs(args ...string) []string {
	return append([]string{"nix", "--extra-experimental-features", "nix-command flakes"}, args...)
}

// drvName is a store path without its hash, and without .drv.
func drvName(storePath string) string {
	if storePath == "" {
		return ""
	}
	name := path.Base(storePath)
	if i := strings.IndexByte(name, '-'); i == 32 {
		name = name[i+1:]
	}
	return strings.TrimSuffix(name, ".drv")
}
