package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNixWrong puts one mistake into a rendered module: nix must refuse it, so that
// a mistake in a template cannot pass. Nothing but the words of nix's own are expected.
func TestNixWrong(t *testing.T) {
	n := needNix(t)
	for _, c := range []struct{ file, from, to, want string }{
		{"nix/nixos.nix", "linger = lib.mkDefault true;", "lingers = true;", "The option `users.users.\"or\".lingers' does not exist."},
		{"nix/nixos.nix", "uid = lib.mkDefault 1234;", "uid = \"1234\";", "A definition for option `users.users.\"or\".uid' is not of type"},
		{"nix/nixos.nix", "uid = lib.mkDefault 1234;", "uid = 999;", "cannot have a users.users.or.uid set below 1000"},
		{"nix/nixos.nix", "sessionVariables = {", "sessionVariables = { BAD = true;", "A definition for option `environment.sessionVariables.BAD' is not of type"},
		{"nix/nixos.nix", "sessionVariables = {", "sessionVariables = { LANG = \"C\";", "The option `environment.sessionVariables.LANG' has conflicting definition values:"},
		{"nix/nixos.nix", `fsType = "virtiofs";`, "", "fsType' was accessed but has no value defined."},
		{"nix/nixos.nix", "programs.fish.enable = lib.mkDefault true;", "", "users.users.or.shell is set to fish, but"},
		{"nix/nixos.nix", "loader.systemd-boot.enable = lib.mkDefault true;", "", "You must set the option ‘boot.loader.grub.devices’"},
		{"nix/nixpkgs.nix", "nixpkgs.config.allowUnfreePredicate", "_module.args.unused", "has an unfree license"},
		{"nix/nixos.nix", "pkgs.ripgrep", "pkgs.rg", "attribute 'rg' missing"},
		{"nix/nixos.nix", `wantedBy = [ "multi-user.target" ];`, `wantedBy = [ "multi-user" ];`, "A definition for option `systemd.services.vmloom-home.wantedBy"},
		{"nix/nixos.nix", "  image.modules.qemu-efi.image.baseName", "  image.baseName", "The option `image.baseName' does not exist."},
		{"nix/nixos.nix", "lima.enable = true;", "lima.user = \"me\";", "The option `services.lima.user' does not exist."},
		{"nix/nixos.nix", "nix.extraOptions", "nix.package = pkgs.nix // { version = \"2.16.9\"; };\n  nix.extraOptions", "nix.hostStore: the guest's nix reads no store that it cannot write to"},
		{"nix/home-manager.nix", "useGlobalPkgs", "useGlobalPackages", "The option `home-manager.useGlobalPackages' does not exist."},
		{"flake.nix", "nixos-lima.nixosModules.lima\n", "\n", "The option `services.lima' does not exist."},
		{"flake.nix", "inputs.nixpkgs.follows = \"nixpkgs\";", "", "unable to download"},
	} {
		t.Run(c.from, func(t *testing.T) {
			t.Parallel()
			tree := newNixTree(t, "testdata/golden/nixos-own")
			file := filepath.Join(tree.flake, c.file)
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), c.from) {
				t.Fatalf("no %q in %s: %v", c.from, c.file, err)
			}
			writeFile(t, file, strings.Replace(string(text), c.from, c.to, 1))
			out, errs, err := n.Run(tree.root, "eval", "path:.#nixosConfigurations.atelier.config.system.build.toplevel.drvPath")
			// nix indents the lines of a message by the width of "error: ".
			if said := strings.ReplaceAll(errs, "\n       ", "\n"); err == nil || !strings.Contains(said, c.want) {
				t.Errorf("%v: %s: no %q in:\n%s", err, out, c.want, errs)
			}
		})
	}
}

// TestNixWrongHost does so with the modules for the host.
func TestNixWrongHost(t *testing.T) {
	n := needNix(t)
	for _, c := range []struct{ file, from, to, attr, want string }{
		{"nix/darwin.nix", "RunAtLoad", "RunAtLaod", "mac", "serviceConfig.RunAtLaod' does not exist."},
		{"nix/darwin.nix", `StandardOutPath = "/Users/rosh.b/`, `StandardOutPath = "~/`, "mac", "StandardOutPath' is not of type `null or absolute path'."},
		{"nix/darwin.nix", "system.primaryUser = lib.mkDefault", "_module.args.unused = lib.mkDefault", "mac", "* `launchd.user.agents"},
		{"nix/home.nix", "programs.ssh.includes", "programs.ssh.include", "home", "The option `programs.ssh.include' does not exist."},
		{"nix/home.nix", `wezterm/atelier.lua".text`, `wezterm/atelier.lua".txt`, "home", "does not exist."},
		{"nix/home.nix", "lib.filter usable (lib.attrValues tools)", "lib.attrValues tools", "home", "is not available on the requested hostPlatform"},
	} {
		t.Run(c.from, func(t *testing.T) {
			t.Parallel()
			run, tree := newConsumer(t, n, "testdata/golden/nixos-own")
			file := filepath.Join(tree.flake, c.file)
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), c.from) {
				t.Fatalf("no %q in %s: %v", c.from, c.file, err)
			}
			writeFile(t, file, strings.Replace(string(text), c.from, c.to, 1))
			apply := `f: (f { }).system.drvPath`
			if c.attr == "home" {
				apply = `f: (f "aarch64-darwin" { }).activationPackage.drvPath`
			}
			out, errs, err := run(c.attr, apply)
			if said := strings.ReplaceAll(errs, "\n       ", "\n"); err == nil || !strings.Contains(said, c.want) {
				t.Errorf("%v: %s: no %q in:\n%s", err, out, c.want, errs)
			}
		})
	}
}
