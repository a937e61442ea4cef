package generate_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// public are set-ups that people have published, said in a profile: what their guest must be once nix has evaluated it.
var public = []struct {
	name, profile string
	files         map[string]string // beside the profile
	apply, want   string            // a function of config
}{
	{"Docker for the host", `
resources: {cpus: 4, memory: 8GiB}
nix: {base: own, stateVersion: "25.11", modules: [./docker.nix]}
lima:
  extra:
    portForwards:
      - {guestSocket: /run/docker.sock, hostSocket: "{{.Dir}}/sock/docker.sock"}
      - {guestIP: 0.0.0.0, ignore: true}`, map[string]string{"docker.nix": `{ lib, pkgs, ... }:
{
  virtualisation.docker.enable = true;
  systemd.sockets.docker.socketConfig.SocketGroup = lib.mkForce "users";
  boot.kernel.sysctl."fs.inotify.max_user_instances" = 1024;
}`}, `c: [ c.virtualisation.docker.enable c.systemd.sockets.docker.socketConfig.SocketGroup c.boot.kernel.sysctl."fs.inotify.max_user_instances" c.system.stateVersion ]`,
		`[true, "users", 1024, "25.11"]`},
	{"the latest kernel", `
nix: {stateVersion: "25.11", modules: [./kernel.nix]}`, map[string]string{"kernel.nix": `{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_latest; boot.kernelParams = [ "console=tty0" ]; }`},
		`c: builtins.elem "console=tty0" c.boot.kernelParams`, `true`},
	{"a program of an input", `
nix:
  inputs: {home-manager: {url: "github:nix-community/home-manager", follows: {nixpkgs: nixpkgs}}}
  modules: [./cli.nix]`, map[string]string{"cli.nix": `{ inputs, pkgs, ... }: {
  environment.systemPackages = [ inputs.home-manager.packages.${pkgs.stdenv.hostPlatform.system}.home-manager ];
  programs.gnupg.agent.enable = true;
  i18n.defaultLocale = "en_US.UTF-8";
}`}, `c: [ (builtins.elem "home-manager" (map (p: p.pname) c.environment.systemPackages)) c.programs.gnupg.agent.enable c.i18n.defaultLocale ]`,
		`[true, true, "en_US.UTF-8"]`},
	{"modules above the profile", `
nix: {base: own, stateVersion: "25.11", modules: [../common.nix]}`, map[string]string{
		"../common.nix": "{ imports = [ ./parts/more.nix ]; }", "../parts/more.nix": `{ environment.etc.more.text = builtins.readFile ../note; }`, "../note": "read",
	}, `c: c.environment.etc.more.text`, `"read"`},
	{"root's password, and what is not free", `
nix: {allowUnfree: [all], modules: [./x.nix]}`, map[string]string{"x.nix": `{ users.users.root.password = "nixos"; nixpkgs.config.allowUnfree = true; services.openssh.settings.PermitRootLogin = "yes"; }`},
		`c: [ c.services.openssh.settings.PermitRootLogin c.users.users.root.password c.nixpkgs.config.allowUnfree ]`, `["yes", "nixos", true]`},
	{"caches, keys, garbage", `
nix:
  substituters: [https://nix-community.cachix.org]
  trustedPublicKeys: ["nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="]
  settings: {auto-optimise-store: true, keep-outputs: true, max-jobs: 4}
  modules: [./gc.nix]`, map[string]string{"gc.nix": `{ nix.gc = { automatic = true; dates = "weekly"; options = "--delete-older-than 30d"; }; }`},
		`c: [ c.nix.settings.substituters c.nix.settings.trusted-public-keys c.nix.settings.auto-optimise-store c.nix.settings.keep-outputs c.nix.settings.max-jobs c.nix.gc.automatic ]`,
		`[["https://nix-community.cachix.org", "https://cache.nixos.org/"], ["nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="], true, true, 4, true]`},
	{"a company's CA", `
nix: {homeManager: true, modules: [./ca.nix]}`, map[string]string{"ca.nix": `{ security.pki.certificateFiles = [ ./corp-ca.pem ]; }`, "corp-ca.pem": "-----BEGIN CERTIFICATE-----\n"},
		`c: map (f: builtins.readFile f) c.security.pki.certificateFiles`, `["-----BEGIN CERTIFICATE-----\n"]`},
	{"Rosetta", `
nix: {modules: [./rosetta.nix]}
lima: {extra: {vmOpts: {vz: {rosetta: {enabled: true, binfmt: true}}}}}`, map[string]string{"rosetta.nix": `{ virtualisation.rosetta.enable = true; }`},
		`c: c.virtualisation.rosetta.enable`, `true`},
	{"a builder", `
nix: {base: own, modules: [./builder.nix]}
build: {on: auto}`, map[string]string{"builder.nix": `{ nix.settings.trusted-users = [ "builder" ]; boot.binfmt.emulatedSystems = [ "x86_64-linux" ]; }`},
		`c: [ c.nix.settings.trusted-users c.boot.binfmt.emulatedSystems ]`, `[["root", "@wheel", "builder"], ["x86_64-linux"]]`},
	{"secrets of sops, a home, an overlay", `
nix:
  inputs: {sops-nix: {url: "github:Mic92/sops-nix", follows: {nixpkgs: nixpkgs}}, dotfiles: {url: "github:me/dotfiles", flake: false}}
  homeManager: true
  modules: [sops-nix#nixosModules.sops, ./sops.nix]
  homeModules: [./home.nix, sops-nix#homeManagerModules.sops]
  overlays: [./overlay.nix, sops-nix#overlays.default]`, map[string]string{
		"sops.nix": `{ sops.defaultSopsFile = "mine"; }`, "home.nix": `{ inputs, ... }: { home.file.".gitconfig".source = inputs.dotfiles + "/gitconfig"; }`, "overlay.nix": `final: prev: { tool-of-mine = prev.git; }`,
	}, `c: [ c.sops.defaultSopsFile (builtins.attrNames c.home-manager.users.dev.home.file) ]`, `["mine", [".gitconfig"]]`},
}

// TestNixPublic says public set-ups in a profile, and has nix evaluate them to a system and an image.
func TestNixPublic(t *testing.T) {
	n := needNix(t)
	for _, c := range public {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := "version: 1\nname: vm\nhost: {os: macos, user: dev, home: /Users/dev}\nguest: {system: nixos, user: {name: dev}}\nhome: {disk: 20GiB}" + c.profile + "\n"
			tree := newNixTreeOf(t, []byte(text))
			for file, data := range c.files {
				writeFile(t, filepath.Join(tree.profile, file), data)
			}
			out, errs, err := n.Run(tree.root, "eval", "--json", "path:.#nixosConfigurations.vm.config", "--apply",
				"c: builtins.seq c.system.build.toplevel.drvPath (builtins.seq c.system.build.images.qemu-efi.drvPath (("+c.apply+") c))")
			if err != nil || strings.Contains(errs, "trace:") {
				t.Fatalf("%v\n%s", err, errs)
			}
			differ(t, c.name, fromJSON(t, out), fromJSON(t, c.want))
		})
	}
}
