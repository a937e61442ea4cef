// Package stubflakes_test asks the stub flakes of testdata/flakes, through the real nix and without
// a network, for what nixpkgs, nixos-lima, home-manager, nix-darwin and flake-parts
// would say: values that must come out, and mistakes that must be refused in their words.
package stubflakes_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vmloom/internal/stubflakes"
)

// eval asks the consumer flake.
func eval(n stubflakes.Nix, attr, apply string) (stdout, stderr string, err error) {
	return n.Eval(filepath.Join(n.Stubs, "consumer"), "path:.#"+attr, apply)
}

func decode(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return v
}

const guest = "nixosConfigurations.ascalon.config"

// What the stubs must answer; apply is a Nix function of the attribute.
var values = []struct{ name, attr, apply, want string }{
	{"host", guest, `c: [ c.networking.hostName c.time.timeZone c.system.stateVersion ]`, `["ascalon","Europe/Berlin","26.05"]`},
	{"user", guest, `c: { inherit (c.users.users.me) uid home group createHome linger extraGroups; shell = c.users.users.me.shell.pname; }`,
		`{"uid":1000,"home":"/home/me.guest","group":"users","createHome":true,"linger":true,"extraGroups":["wheel"],"shell":"zsh"}`},
	{"mounts", guest, `c: builtins.mapAttrs (_: f: [ f.device f.fsType ]) c.fileSystems`,
		`{"/":["/dev/disk/by-label/nixos","ext4"],"/boot":["/dev/disk/by-label/ESP","vfat"],"/home":["/dev/disk/by-label/lima-data","ext4"],
		"/mnt/lima-cidata":["/dev/disk/by-label/cidata","auto"],"/run/rosetta":["vz-rosetta","virtiofs"],"/src":["lima-0123456789abcdef","virtiofs"]}`},
	{"mount options", guest, `c: [ c.fileSystems."/src".options c.fileSystems."/".options c.fileSystems."/boot".options ]`,
		`[["rw","nofail"],["x-systemd.growfs","x-initrd.mount"],["defaults"]]`},
	{"sshd", guest, `c: { inherit (c.services.openssh.settings) PasswordAuthentication PermitRootLogin StreamLocalBindUnlink; inherit (c.services.openssh) ports; }`,
		`{"PasswordAuthentication":false,"PermitRootLogin":"prohibit-password","StreamLocalBindUnlink":true,"ports":[22]}`},
	{"nix settings", guest, `c: [ c.nix.settings.experimental-features c.nix.settings.trusted-users ]`, `[["nix-command","flakes"],["root","@wheel"]]`},
	{"variables", guest, `c: { inherit (c.environment.variables) DOCKER_HOST EDITOR NIX_PATH XDG_CONFIG_DIRS; }`,
		`{"DOCKER_HOST":"unix:///run/host-docker.sock","EDITOR":"nano","NIX_PATH":["nixpkgs=flake:nixpkgs"],"XDG_CONFIG_DIRS":["/etc/xdg"]}`},
	{"packages", guest, `c: map (p: p.pname) c.environment.systemPackages`, `["bash","fuse3","sshfs","docker-client","git","pip"]`},
	{"loader", guest, `c: [ c.boot.loader.systemd-boot.enable c.boot.loader.grub.enable ]`, `[true,false]`},
	{"profile", guest, `c: c.boot.initrd.availableKernelModules.virtio_blk`, `true`},
	{"lima", guest, `c: [ c.networking.nat.enable c.environment.etc.environment.source c.systemd.services.lima-init.wantedBy c.systemd.services.lima-guestagent.requires ]`,
		`[true,"/mnt/lima-cidata/etc_environment",[],["lima-init.service"]]`},
	{"no lima by itself", "lib.bare", `f: (f [ { nixpkgs.hostPlatform = "x86_64-linux"; } ]).config.services ? lima`, `false`},
	{"base has no image name", guest, `c: builtins.attrNames c.image`, `["modules"]`},
	{"image", "packages.aarch64-linux.ascalon-image", `i: [ i.passthru.filePath i.system i.passthru.config.image.format (i.passthru.config.fileSystems ? "/mnt/lima-cidata") ]`,
		`["ascalon.qcow2","aarch64-linux","qcow2",true]`},
	{"image variants", guest, `c: builtins.attrNames c.system.build.images`, `["qemu","qemu-efi","raw","raw-efi"]`},
	{"raw image", guest, `c: c.system.build.images.raw-efi.passthru.filePath`, `"nixos-image-26.05.stub-aarch64-linux.img"`},
	{"toplevel", "lib.guestX86", `f: let t = (f { }).config.system.build.toplevel; in [ t.type t.system ]`, `["derivation","x86_64-linux"]`},
	{"override a default", "lib.guest", `f: (f { networking.hostName = "mine"; }).config.networking.hostName`, `"mine"`},
	{"force", "lib.guest", `f: (f ({ lib, ... }: { users.users.me.uid = lib.mkForce 1001; })).config.users.users.me.uid`, `1001`},
	{"lists join in order", "lib.guest", `f: (f ({ lib, ... }: { imports = [ { systemd.tmpfiles.rules = lib.mkAfter [ "z" ]; } ]; systemd.tmpfiles.rules = lib.mkBefore [ "a" ]; })).config.systemd.tmpfiles.rules`,
		`["a","d /run/sockets 0755 root root -","z"]`},
	{"released image", "lib.bare", `f: (f [ { nixpkgs.hostPlatform = "x86_64-linux"; fileSystems."/" = { label = "nixos"; fsType = "ext4"; }; boot.loader.grub = { device = "nodev"; efiSupport = true; efiInstallAsRemovable = true; }; } ]).config.system.build.toplevel.type`, `"derivation"`},
	{"allowed unfree", "lib.guest", `f: builtins.isString (f ({ pkgs, ... }: { nixpkgs.config.allowUnfree = true; environment.systemPackages = [ pkgs.terraform ]; })).config.system.build.toplevel.drvPath`, `true`},

	{"home in the guest", "lib.guest", `f: let g = (f { home-manager.users.me.home.stateVersion = "26.05"; }).config; in builtins.seq g.system.build.toplevel.drvPath [ g.home-manager.users.me.home.username g.home-manager.users.me.home.homeDirectory ]`,
		`["me","/home/me.guest"]`},
	{"home", "lib.home", `f: let h = (f { }).config; in [ h.home.homeDirectory (map (x: x.target) (builtins.attrValues h.home.file)) h.programs.ssh.includes ]`,
		`["/home/me.guest",[".config/wezterm/ascalon.lua"],["~/.lima/default/ssh.config"]]`},
	{"home's launchd is free", "lib.macHome", `f: let a = (f { launchd.agents.x = { enable = true; config.RunAtLaod = true; }; }); in builtins.seq a.activationPackage.drvPath [ a.config.launchd.agents.x.config.RunAtLaod a.config.launchd.agents.x.config.Label ]`,
		`[true,"org.nix-community.home.x"]`},
	{"activation", "lib.home", `f: (f ({ lib, ... }: { home.activation.x = lib.hm.dag.entryAfter [ "writeBoundary" ] "true"; })).config.home.activation.x`,
		`{"after":["writeBoundary"],"before":[],"data":"true"}`},

	{"mac", "darwinConfigurations.mac", `m: { inherit (m.config.launchd.user.agents.lima-default.serviceConfig) Label ProcessType StandardOutPath; type = m.system.type; }`,
		`{"Label":"io.lima.default","ProcessType":"Interactive","StandardOutPath":"/Users/me/Library/Logs/lima.log","type":"derivation"}`},
	{"mac script", "darwinConfigurations.mac.config.launchd.user.agents.repair.serviceConfig", `s: [ s.Label (builtins.head s.ProgramArguments) (builtins.match "/bin/wait4path /nix/store && exec .*" (builtins.elemAt s.ProgramArguments 2) != null) ]`,
		`["org.nixos.repair","/bin/sh",true]`},
	{"home on the mac", "lib.mac", `f: let m = f { home-manager.users.me = { imports = [ ]; home.stateVersion = "26.05"; }; }; in builtins.seq m.system.drvPath m.config.home-manager.users.me.home.homeDirectory`, `"/Users/me"`},

	{"flake-parts", "lib.parts", `p: [ (builtins.attrNames p.packages.x86_64-linux) (builtins.attrNames p.flakeModules) p.nixosConfigurations.ascalon.config.networking.hostName p.checks.aarch64-linux.image.type ]`,
		`[["tool"],["default"],"ascalon","derivation"]`},
}

func TestValues(t *testing.T) {
	n := stubflakes.Need(t)
	for _, c := range values {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := eval(n, c.attr, c.apply)
			if err != nil {
				t.Fatalf("%v\n%s", err, errs)
			}
			if got, want := decode(t, out), decode(t, c.want); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", out, c.want)
			}
			if strings.Contains(errs, "trace:") {
				t.Errorf("unexpected warning:\n%s", errs)
			}
		})
	}
}

// The guest's module that each mistake is added to, and what forces it.
func wrong(module string) string {
	return "f: (f (" + module + ")).config.system.build.toplevel.drvPath"
}

func wrongHome(module string) string {
	return "f: (f (" + module + ")).activationPackage.drvPath"
}

func wrongMac(module string) string { return "f: (f (" + module + ")).system.drvPath" }

const bareGuest = `nixpkgs.hostPlatform = "x86_64-linux";`

// Mistakes and the words that nixpkgs and the others have for them.
var mistakes = []struct{ name, attr, apply, want string }{
	{"unknown option", "lib.guest", wrong(`{ services.nope.enable = true; }`), "The option `services.nope' does not exist. Definition values:"},
	{"unknown in a submodule", "lib.guest", wrong(`{ users.users.me.hme = "/x"; }`), "The option `users.users.me.hme' does not exist. Definition values:"},
	{"unknown key of a mount", "lib.guest", wrong(`{ fileSystems."/src".opts = [ ]; }`), "The option `fileSystems.\"/src\".opts' does not exist."},
	{"bool", "lib.guest", wrong(`{ services.openssh.enable = "yes"; }`), "A definition for option `services.openssh.enable' is not of type `boolean'. Definition values:"},
	{"element of a list", "lib.guest", wrong(`{ users.users.me.extraGroups = [ 1 ]; }`), "A definition for option `users.users.me.extraGroups.\"[definition 1-entry 1]\"' is not of type `string'."},
	{"host name with a dot", "lib.guest", wrong(`{ networking.hostName = "a.b"; }`), "A definition for option `networking.hostName' is not of type `string matching the pattern"},
	{"unquoted state version", "lib.guest", wrong(`{ system.stateVersion = 26.05; }`), "A definition for option `system.stateVersion' is not of type `string'."},
	{"bool as variable", "lib.guest", wrong(`{ environment.sessionVariables.X = true; }`), "A definition for option `environment.sessionVariables.X' is not of type `null or"},
	{"key with a newline", "lib.guest", wrong(`{ users.users.me.openssh.authorizedKeys.keys = [ "a\nb" ]; }`), "is not of type `(optionally newline-terminated) single-line string'."},
	{"root login", "lib.guest", wrong(`{ services.openssh.settings.PermitRootLogin = false; }`), "A definition for option `services.openssh.settings.PermitRootLogin' is not of type `null or one of \"yes\","},
	{"disk size with a unit", "lib.guest", wrong(`{ virtualisation.diskSize = "20G"; }`), "A definition for option `virtualisation.diskSize' is not of type"},
	{"no mount options", "lib.guest", wrong(`{ fileSystems."/x" = { device = "x"; fsType = "virtiofs"; options = [ ]; }; }`), "A definition for option `fileSystems.\"/x\".options' is not of type `non-empty (list of"},
	{"set for an option", "lib.guest", wrong(`{ services.openssh = true; }`), "rather than an attribute set for the option"},
	{"unit name", "lib.guest", wrong(`{ systemd.services.x = { wantedBy = [ "multi-user" ]; }; }`), "A definition for option `systemd.services.x.wantedBy"},
	{"unit type", "lib.guest", wrong(`{ systemd.services.x.serviceConfig.Type = "onshot"; }`), "Systemd Service field `Type' cannot have value `onshot'."},
	{"script and ExecStart", "lib.guest", wrong(`{ systemd.services.x = { script = "a"; serviceConfig.ExecStart = "b"; }; }`), "The option `systemd.services.x.serviceConfig.ExecStart' has conflicting definition values:"},
	{"conflict", "lib.guest", wrong(`{ users.users.me.uid = 1001; }`), "The option `users.users.me.uid' has conflicting definition values:"},
	{"NixOS's own variable", "lib.guest", wrong(`{ environment.sessionVariables.GTK_A11Y = "atspi"; }`), "The option `environment.sessionVariables.GTK_A11Y' has conflicting definition values:"},
	{"a variable of shells", "lib.guest", wrong(`{ environment.sessionVariables.SSH_ASKPASS = "/x"; }`), "The option `environment.variables.SSH_ASKPASS' has conflicting definition values:"},
	{"two defaults", "lib.guest", wrong(`({ lib, ... }: { networking.hostName = lib.mkDefault "b"; })`), "The option `networking.hostName' has conflicting definition values:"},
	{"two loaders", "lib.guest", wrong(`{ boot.loader.grub = { enable = true; device = "nodev"; efiSupport = true; }; }`), "The option `system.build.installBootLoader' is defined multiple times while it's expected to be unique."},
	{"uid of a Mac", "lib.guest", wrong(`({ lib, ... }: { users.users.me.uid = lib.mkForce 501; })`), "A user cannot have a users.users.me.uid set below 1000 and set users.users.me.isNormalUser."},
	{"shell not enabled", "lib.guest", wrong(`({ lib, ... }: { programs.zsh.enable = lib.mkForce false; })`), "users.users.me.shell is set to zsh, but\n"},
	{"user of no kind", "lib.guest", wrong(`{ users.users.you.group = "users"; }`), "Exactly one of users.users.you.isSystemUser and users.users.you.isNormalUser must be set."},
	{"locked out", "lib.bare", `f: (f [ { ` + bareGuest + ` users.mutableUsers = false; } ]).config.system.build.toplevel.drvPath`, "Neither the root account nor any wheel user has a password or SSH authorized key."},
	{"no root file system", "lib.bare", `f: (f [ { ` + bareGuest + ` boot.loader.systemd-boot.enable = true; } ]).config.system.build.toplevel.drvPath`, "The ‘fileSystems’ option does not specify your root file system."},
	{"no loader", "lib.bare", `f: (f [ { ` + bareGuest + ` fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; }; } ]).config.system.build.toplevel.drvPath`, "You must set the option ‘boot.loader.grub.devices’"},
	{"no platform", "lib.bare", `f: (f [ { } ]).config.system.build.toplevel.drvPath`, "Neither nixpkgs.hostPlatform nor the legacy option nixpkgs.system have been set."},
	{"no fsType", "lib.guest", wrong(`{ fileSystems."/x".device = "x"; }`), "The option `fileSystems.\"/x\".fsType' was accessed but has no value defined. Try setting the option."},
	{"no device", "lib.guest", wrong(`{ fileSystems."/x".fsType = "ext4"; }`), "No device specified for mount point ‘/x’."},
	{"image on another device", "lib.bare", `f: (f [ { ` + bareGuest + ` fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; } ]).config.system.build.images.qemu-efi.drvPath`, "The option `fileSystems.\"/\".device' has conflicting definition values:"},
	{"image name in the base", "lib.guest", wrong(`{ image.baseName = "x"; }`), "The option `image.baseName' does not exist."},
	{"no such variant", "lib.guest", `f: (f { }).config.system.build.images.qcow-efi.drvPath`, "attribute 'qcow-efi' missing"},
	{"missing package", "lib.guest", wrong(`({ pkgs, ... }: { environment.systemPackages = [ pkgs.frobnicate ]; })`), "attribute 'frobnicate' missing"},
	{"unfree package", "lib.guest", wrong(`({ pkgs, ... }: { environment.systemPackages = [ pkgs.terraform ]; })`), "has an unfree license (‘unfree’), refusing to evaluate."},
	{"module argument", "lib.guest", wrong(`({ inputs, ... }: { networking.domain = inputs.x; })`), "attribute 'inputs' missing"},
	{"config beside options", "lib.guest", wrong(`{ config = { }; services.openssh.enable = true; }`), "has an unsupported attribute `services'."},
	{"module of another class", "lib.guest", wrong(`{ imports = [ { _class = "darwin"; } ]; }`), "cannot be imported into a module evaluation that expects class \"nixos\"."},
	{"Rosetta on x86", "lib.guestX86", wrong(`{ virtualisation.rosetta.enable = true; }`), "Rosetta is only supported on aarch64 systems"},
	{"removed option", "lib.guest", wrong(`{ sound.enable = true; }`), "The option definition `sound.enable' in"},
	{"lima's only option", "lib.guest", wrong(`{ services.lima.user = "me"; }`), "The option `services.lima.user' does not exist."},

	{"home of nobody", "lib.guest", wrong(`{ home-manager.users.ghost.home.stateVersion = "26.05"; }`), "attribute 'ghost' missing"},
	{"home without a version", "lib.guest", wrong(`{ home-manager.users.me = { }; }`), "The option `home-manager.users.me.home.stateVersion' was accessed but has no value defined."},
	{"home's option", "lib.home", wrongHome(`{ programs.wezterm.extra = ""; }`), "The option `programs.wezterm.extra' does not exist."},
	{"home's future option", "lib.macHome", wrongHome(`{ launchd.agents.x.domain = "gui"; }`), "The option `launchd.agents.x.domain' does not exist."},
	{"launchd on Linux", "lib.home", wrongHome(`{ launchd.agents.x = { enable = true; }; launchd.enable = true; }`), "Must use Darwin for modules that require Launchd: x"},
	{"home's file", "lib.home", wrongHome(`{ xdg.configFile."a/b" = { }; }`), "was accessed but has no value defined. Try setting the option."},

	{"log below ~", "lib.mac", wrongMac(`{ launchd.user.agents.x.serviceConfig.StandardOutPath = "~/x"; }`), "A definition for option `launchd.user.agents.x.serviceConfig.StandardOutPath' is not of type `null or absolute path'."},
	{"launchd key", "lib.mac", wrongMac(`{ launchd.user.agents.x.serviceConfig.RunAtLaod = true; }`), "The option `launchd.user.agents.x.serviceConfig.RunAtLaod' does not exist."},
	{"nobody's agents", "lib.mac", wrongMac(`{ system.primaryUser = null; }`), "* `launchd.user.agents.lima-default`"},
	{"darwin's state version", "lib.mac", wrongMac(`{ system.stateVersion = "26.05"; }`), "A definition for option `system.stateVersion' is not of type `integer between 1 and 7 (both inclusive)'."},
	{"builder without nix", "lib.mac", wrongMac(`{ nix.enable = false; nix.linux-builder.enable = true; }`), "`nix.linux-builder.enable` requires `nix.enable`"},
}

func TestMistakes(t *testing.T) {
	n := stubflakes.Need(t)
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := eval(n, c.attr, c.apply)
			if err == nil {
				t.Fatalf("accepted: %s", out)
			}
			// nix indents the lines of a message by the width of "error: ".
			if text := strings.ReplaceAll(errs, "\n       ", "\n"); !strings.Contains(text, c.want) {
				t.Errorf("no %q in:\n%s", c.want, errs)
			}
		})
	}
}

// An option of the past still works, and says its new name.
func TestWarning(t *testing.T) {
	n := stubflakes.Need(t)
	_, errs, err := eval(n, "lib.guest", wrong(`{ services.openssh.passwordAuthentication = false; }`))
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	want := "has been renamed to `services.openssh.settings.PasswordAuthentication'."
	if !strings.Contains(errs, want) {
		t.Errorf("no %q in:\n%s", want, errs)
	}
}

func TestCheckAndShow(t *testing.T) {
	n := stubflakes.Need(t)
	if _, errs, err := n.Run(filepath.Join(n.Stubs, "consumer"), "flake", "check", "--no-build", "path:."); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	out, errs, err := n.Run(filepath.Join(n.Stubs, "consumer"), "flake", "show", "--json", "path:.")
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	shown := decode(t, out).(map[string]any)["nixosConfigurations"]
	want := map[string]any{"ascalon": map[string]any{"type": "nixos-configuration"}}
	if !reflect.DeepEqual(shown, want) {
		t.Errorf("nixosConfigurations: got %v, want %v", shown, want)
	}
}

// The image is built by the real nix, for another CPU, and again with equal bytes.
func TestBuild(t *testing.T) {
	n := stubflakes.Need(t)
	link := filepath.Join(t.TempDir(), "result")
	const image = "path:.#packages.aarch64-linux.ascalon-image"
	out, errs, err := n.Run(filepath.Join(n.Stubs, "consumer"), "build", image, "--json", "--out-link", link)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	var built []struct{ Outputs struct{ Out string } }
	if err := json.Unmarshal([]byte(out), &built); err != nil || len(built) != 1 {
		t.Fatalf("%v in %q", err, out)
	}
	entries, err := os.ReadDir(built[0].Outputs.Out)
	if err != nil || len(entries) != 1 || entries[0].Name() != "ascalon.qcow2" {
		t.Fatalf("image directory: %v, %v", entries, err)
	}
	file, err := os.Open(filepath.Join(link, "ascalon.qcow2"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var manifest struct {
		HostName string
		Mounts   map[string]struct{ Device string }
	}
	if err := json.NewDecoder(file).Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.HostName != "ascalon" || manifest.Mounts["/"].Device != "/dev/disk/by-label/nixos" {
		t.Errorf("manifest: %+v", manifest)
	}
	if _, errs, err := n.Run(filepath.Join(n.Stubs, "consumer"), "build", image, "--rebuild", "--no-link"); err != nil {
		t.Errorf("rebuild: %v\n%s", err, errs)
	}
}
