package generate_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// tag is the name of a mount in Lima 2.1 and later: limayaml.MountTag.
func tag(host, guest string) string {
	sum := sha256.Sum256([]byte(host + ":" + guest))
	return fmt.Sprintf("lima-%x", sum[:8])
}

const keyText = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmS9b0x7sJ1 it's me <me@example.org> ${HOME} `id` ''x'' \\\"q\\\" \\\\n"

// What the guests are after nix has evaluated them; apply is a function of config.
var nixValues = []struct{ golden, apply, want string }{
	{"own", `c: [ c.networking.hostName c.time.timeZone c.i18n.defaultLocale c.system.stateVersion c.nixpkgs.hostPlatform.system ]`,
		`["other", "America/Argentina/Buenos_Aires", "de_DE.UTF-8", "26.05", "aarch64-linux"]`}, // a module of the user's own has named it
	{"own", `c: { inherit (c.users.users."or") uid home isNormalUser linger extraGroups; shell = c.users.users."or".shell.pname; }`,
		`{"uid": 1234, "home": "/srv/home-1/or.linux", "isNormalUser": true, "linger": true, "extraGroups": ["wheel"], "shell": "fish"}`},
	{"own", `c: [ c.users.mutableUsers c.programs.fish.enable c.programs.nix-ld.enable c.security.sudo.wheelNeedsPassword c.services.lima.enable c.services.fstrim.enable ]`,
		`[true, true, true, false, true, true]`},
	{"own", `c: c.users.users."or".openssh.authorizedKeys.keys`, `["` + keyText + `", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmS9b0x7sJ2 second"]`},
	{"own", `c: let f = c.environment.etc."ssh/vmloom_keys.d/or"; in [ f.text f.mode (builtins.elem "/etc/ssh/vmloom_keys.d/%u" c.services.openssh.authorizedKeysFiles) ]`,
		`["` + keyText + `\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmS9b0x7sJ2 second\n", "0444", true]`},
	{"own", `c: { inherit (c.services.openssh.settings) PasswordAuthentication KbdInteractiveAuthentication PermitRootLogin StreamLocalBindUnlink ClientAliveInterval ClientAliveCountMax; }`,
		`{"PasswordAuthentication": false, "KbdInteractiveAuthentication": false, "PermitRootLogin": "no", "StreamLocalBindUnlink": true, "ClientAliveInterval": 15, "ClientAliveCountMax": 4}`},
	{"own", `c: builtins.mapAttrs (n: _: c.environment.variables.${n}) { DOCKER_HOST = 0; EDITOR = 0; EMPTY = 0; ODD_SOCK = 0; SSH_AUTH_SOCK = 0; "with" = 0; }`,
		`{"DOCKER_HOST": "unix:///run/host-services/docker.sock", "EDITOR": "vim", "EMPTY": "", "ODD_SOCK": "/run/host-services/odd.sock", "SSH_AUTH_SOCK": "/run/vmloom-agents/op.sock", "with": "a keyword"}`},
	{"own", `c: builtins.filter (n: builtins.elem n [ "docker-client" "fd" "git" "pip" "ripgrep" "strace" "terraform" ]) (map (p: p.pname) c.environment.systemPackages)`,
		`["docker-client", "fd", "git", "pip", "ripgrep", "strace", "terraform"]`},
	{"own", `c: builtins.mapAttrs (_: f: [ f.device f.fsType ]) c.fileSystems`, `{
		"/": ["/dev/disk/by-label/nixos", "ext4"], "/boot": ["/dev/disk/by-label/ESP", "vfat"], "/mnt/lima-cidata": ["/dev/disk/by-label/cidata", "auto"],
		"/srv/data": ["` + tag("/srv/data", "/srv/data") + `", "virtiofs"], "/mnt/host-nix": ["` + tag("/nix", "/mnt/host-nix") + `", "virtiofs"],
		"/mnt/src": ["` + tag("/Users/rosh.b/src/it's here", "/mnt/src") + `", "virtiofs"], "/mnt/odd": ["` + tag("/Volumes/{{.Home}} ${x}", "/mnt/odd") + `", "virtiofs"]}`},
	{"own", `c: map (p: c.fileSystems.${p}.options) [ "/mnt/src" "/mnt/odd" ]`,
		`[["rw", "nofail"], ["ro", "nofail"]]`},
	{"own", `c: [ c.boot.loader.systemd-boot.enable c.boot.loader.grub.enable c.boot.growPartition c.boot.initrd.availableKernelModules.virtio_blk ]`, `[true, false, true, true]`},
	{"own", `c: with c.systemd.services; [ lima-init.after lima-init.wants vmloom-home.after vmloom-home.wants vmloom-home.before vmloom-home.serviceConfig.Type ]`,
		`[["vmloom-home.service", "network-pre.target"], ["vmloom-home.service"], ["vmloom-home-disk.service"], ["vmloom-home-disk.service"], ["lima-init.service", "systemd-user-sessions.service"], "oneshot"]`},
	{"own", `c: with c.systemd.services.vmloom-home-disk; [ before wantedBy wants after restartIfChanged unitConfig.DefaultDependencies ]`,
		`[["local-fs-pre.target", "shutdown.target"], ["local-fs.target"], ["local-fs-pre.target"], ["systemd-remount-fs.service", "systemd-udev-trigger.service"], false, false]`},
	{"own", `c: c.systemd.tmpfiles.settings."10-vmloom"."/run/vmloom-agents".d`, `{"type": "d", "mode": "0700", "user": "or", "group": "users", "age": "-", "argument": ""}`},
	{"own", `c: builtins.attrNames c.systemd.tmpfiles.settings."10-vmloom"`, `["/run/host-services", "/run/vmloom-agents"]`},
	{"own", `c: [ c.nix.settings.experimental-features c.nix.settings.trusted-users ]`, `[["nix-command", "flakes"], ["root", "@wheel"]]`},
	{"own", `c: let i = c.system.build.images.qemu-efi.passthru; in [ i.filePath (i.config.fileSystems ? "/mnt/lima-cidata") (i.config.systemd.services ? vmloom-home-disk) ]`, `["atelier.qcow2", true, true]`},
	{"own", `c: with c.home-manager; [ useGlobalPkgs useUserPackages users."or".home.homeDirectory users."or".home.stateVersion ]`, `[true, true, "/srv/home-1/or.linux", "26.05"]`},
	{"own", `c: [ c.environment.etc."own/local".text c.environment.etc.vmloom-profile.text ]`, `["local", "atelier\n"]`},

	{"released", `c: with c.boot.loader; [ systemd-boot.enable grub.enable grub.device grub.efiSupport grub.efiInstallAsRemovable c.fileSystems."/boot".device ]`,
		`[false, true, "nodev", true, true, "/dev/vda1"]`},
	{"released", `c: with c.system.build.images.qemu-efi.passthru.config; [ boot.loader.systemd-boot.enable boot.loader.grub.enable fileSystems."/boot".device ]`, `[true, false, "/dev/disk/by-label/ESP"]`},
	{"released", `c: [ c.networking.hostName c.users.users.rbha18.uid c.users.users.rbha18.home c.users.users.rbha18.shell.pname c.programs.zsh.enable ]`, `["ascalon", 1000, "/home/rbha18.guest", "zsh", true]`},
	{"released", `c: with c.fileSystems."/Users/rbha18/src"; [ device fsType options ]`, `["` + tag("/Users/rbha18/src", "/Users/rbha18/src") + `", "virtiofs", ["rw", "nofail"]]`},
	{"released", `c: builtins.filter (n: builtins.match "vmloom.*" n != null) (builtins.attrNames c.systemd.services)`, `["vmloom-mounts"]`}, // no disk of its own
}

func TestNixValues(t *testing.T) {
	n := needNix(t)
	trees := map[string]nixTree{}
	for _, golden := range []string{"own", "released"} {
		trees[golden] = newNixTree(t, "testdata/golden/nixos-"+golden)
	}
	for _, c := range nixValues {
		t.Run(c.golden+" "+c.apply, func(t *testing.T) {
			t.Parallel()
			tree := trees[c.golden]
			n.wantAt(t, tree.root, "path:.#nixosConfigurations."+tree.name+".config", c.apply, c.want)
		})
	}
}

// TestNixLinux holds what differs on a Linux host: 9p with all of Lima's options,
// no module for a Mac, home-manager's main branch for nixos-unstable.
func TestNixLinux(t *testing.T) {
	n := needNix(t)
	tree := newNixTree(t, "testdata/golden/nixos-linux")
	root := tree.root
	n.wantAt(t, root, "path:.#nixosConfigurations.lab.config", `c: builtins.seq c.system.build.toplevel.drvPath (map (p: [ c.fileSystems.${p}.device c.fileSystems.${p}.fsType c.fileSystems.${p}.options ]) [ "/home/dev/src" "/mnt/data" ])`,
		`[["`+tag("/home/dev/src", "/home/dev/src")+`", "9p", ["rw", "trans=virtio", "version=9p2000.L", "msize=131072", "cache=mmap", "nofail"]],
		["`+tag("/data", "/mnt/data")+`", "9p", ["ro", "trans=virtio", "version=9p2000.L", "msize=131072", "cache=fscache", "nofail"]]]`)
	n.wantAt(t, root, "path:.#nixosConfigurations.lab.config", `c: [ c.nixpkgs.hostPlatform.system c.users.users.dev.shell.pname c.environment.etc."own/shared".text c.environment.extraInit ]`,
		`["x86_64-linux", "bashInteractive", "shared plain [user]\n", "export LANG=C\n[ ! -r /run/vmloom-1password/token ] || export OP_SERVICE_ACCOUNT_TOKEN=\"$(cat /run/vmloom-1password/token)\"\n"]`)
	n.wantAt(t, root, "path:.#nixosConfigurations.lab", `l: let c = l.config; h = c.home-manager.users.dev; in [ c.sops.defaultSopsFile h.sops.age.keyFile h.home.sessionVariables.PLAIN l.pkgs.sops-install-secrets.pname l.pkgs.own-tool.pname c.nix.settings.max-jobs c.nix.settings.substituters c.nix.settings.trusted-users ]`,
		`["none", "none", "plain", "git", "git", 2, ["https://nix-community.cachix.org", "https://cache.nixos.org/"], ["root", "@wheel", "dev"]]`)
	if _, err := os.Stat(filepath.Join(tree.flake, "nix/darwin.nix")); err == nil {
		t.Error("a module for a Mac is made on Linux")
	}
	flake, err := os.ReadFile(filepath.Join(tree.flake, "flake.nix"))
	if err != nil || strings.Contains(string(flake), "darwin") || !strings.Contains(string(flake), `url = "github:nix-community/home-manager";`) {
		t.Errorf("%v\n%s", err, flake)
	}
}

// TestNixShellEnv has a shell read the variables that no NixOS option can carry.
func TestNixShellEnv(t *testing.T) {
	n := needNix(t)
	tree := newNixTree(t, "testdata/golden/nixos-own")
	init := n.eval(t, tree.root, "path:.#nixosConfigurations.atelier.config.environment.extraInit", "t: t").(string)
	src, err := os.ReadFile("../testdata/golden/nixos-own/vmloom.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := build(src)
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"dash", "bash"} {
		for _, name := range []string{"GREETING", "PLAIN"} {
			out, err := exec.Command(tooltest.Need(t, shell), "-c", init+`printf %s "$`+name+`"`).CombinedOutput()
			if err != nil || string(out) != p.Guest.Env[name] {
				t.Errorf("%s: %s: %v\n got %s\nwant %s", shell, name, err, out, p.Guest.Env[name])
			}
		}
	}
}

// TestNixHomeDisk: the script of the unit that prepares the home's disk does as the one of Ubuntu and Debian.
func TestNixHomeDisk(t *testing.T) {
	n := needNix(t)
	tree := newNixTree(t, "testdata/golden/nixos-own")
	src, err := os.ReadFile("../testdata/golden/nixos-own/vmloom.yaml")
	must(t, err)
	p, _, err := build(src)
	must(t, err)
	script := n.eval(t, tree.root, "path:.#nixosConfigurations.atelier.config.systemd.services.vmloom-home-disk.script", "t: t").(string)
	tryHomeDisk(t, p, script, "bash", "-e")
}
