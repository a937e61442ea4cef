package generate_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// consumerFlake is a user's own flake that has a profile's directory in vms/ and,
// as the input vm, the generated flake. For --apply: a test adds a module.
const consumerFlake = `{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    flake-parts = { url = "github:hercules-ci/flake-parts"; inputs.nixpkgs-lib.follows = "nixpkgs"; };
    home-manager = { url = "github:nix-community/home-manager/release-26.05"; inputs.nixpkgs.follows = "nixpkgs"; };
    nix-darwin = { url = "github:nix-darwin/nix-darwin/nix-darwin-26.05"; inputs.nixpkgs.follows = "nixpkgs"; };
    nixos-lima = { url = "github:nixos-lima/nixos-lima/v0.2.1"; inputs.nixpkgs.follows = "nixpkgs"; };
    vm = { url = "github:example/vm"; inputs.nixpkgs.follows = "nixpkgs"; inputs.nixos-lima.follows = "nixos-lima"; FOLLOWS };
  };
  outputs = inputs@{ nixpkgs, ... }: {
    asInput = module: nixpkgs.lib.nixosSystem { modules = [ inputs.vm.nixosModules.default inputs.vm.nixosModules.nixpkgs module ]; };
    keyed = user: nixpkgs.lib.nixosSystem {
      modules = [
        inputs.vm.nixosModules.default
        inputs.vm.nixosModules.nixpkgs
        { users.users.${user}.openssh.authorizedKeys.keyFiles = [ ./k.pub ]; }
      ];
    };
    readOnly = extra: nixpkgs.lib.nixosSystem {
      modules = [
        nixpkgs.nixosModules.readOnlyPkgs
        { nixpkgs.pkgs = nixpkgs.legacyPackages.aarch64-linux; }
        inputs.vm.nixosModules.default
      ] ++ extra inputs.vm;
    };
    byPath = module: nixpkgs.lib.nixosSystem {
      modules = [ inputs.nixos-lima.nixosModules.lima ./vms/generated/NAME/nix/nixos.nix ./vms/generated/NAME/nix/nixpkgs.nix HOME_MANAGER module ];
    };
    parts = inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "aarch64-linux" ];
      imports = [ ./vms/generated/NAME/nix/flake-module.nix ];
    };
    home = system: module: inputs.home-manager.lib.homeManagerConfiguration {
      pkgs = import nixpkgs { inherit system; config.allowUnfree = true; };
      modules = [ inputs.vm.homeModules.default { home = { username = "me"; homeDirectory = "/home/me"; stateVersion = "26.05"; }; } module ];
    };
    mac = module: inputs.nix-darwin.lib.darwinSystem {
      modules = [ inputs.vm.darwinModules.default { nixpkgs.hostPlatform = "aarch64-darwin"; system.stateVersion = 6; } module ];
    };
  };
}
`

// newConsumer writes the consumer of a golden profile's tree.
func newConsumer(t *testing.T, n realNix, golden string) (run func(attr, apply string) (stdout, stderr string, err error), tree nixTree) {
	t.Helper()
	tree = newNixTree(t, golden)
	dir := t.TempDir()
	follows, module := "", ""
	if golden == "testdata/golden/nixos-own" {
		follows = `inputs.home-manager.follows = "home-manager";`
		module = "inputs.home-manager.nixosModules.home-manager ./vms/generated/NAME/nix/home-manager.nix"
	}
	text := strings.NewReplacer("FOLLOWS", follows, "HOME_MANAGER", module).Replace(consumerFlake)
	writeFile(t, filepath.Join(dir, "flake.nix"), strings.ReplaceAll(text, "NAME", tree.name))
	writeFile(t, filepath.Join(dir, "k.pub"), "ssh-ed25519 AAAAKEYFILE y\n")
	for _, a := range artefactsBelow(t, tree.profile) {
		writeFile(t, filepath.Join(dir, "vms", a.path), a.data)
	}
	return func(attr, apply string) (string, string, error) {
		return n.Run(dir, "eval", "--json", "path:.#"+attr, "--apply", apply, "--override-input", "vm", "path:"+link(t, tree.flake))
	}, tree
}

// link gives a path that a URL can hold: newNixTree's has a blank.
func link(t *testing.T, dir string) string {
	t.Helper()
	plain := filepath.Join(t.TempDir(), "vm")
	for _, a := range artefactsBelow(t, dir) {
		writeFile(t, filepath.Join(plain, a.path), a.data)
	}
	return plain
}

// TestNixImports takes the modules into a flake in all three ways: each gives the
// very system that the generated flake gives.
func TestNixImports(t *testing.T) {
	n := needNix(t)
	run, tree := newConsumer(t, n, "testdata/golden/nixos-released")
	want := n.eval(t, tree.root, "path:.#nixosConfigurations.ascalon.config.system.build.toplevel.drvPath", "d: d")
	for attr, apply := range map[string]string{
		"asInput": "f: (f { }).config.system.build.toplevel.drvPath",
		"byPath":  "f: (f { }).config.system.build.toplevel.drvPath",
		"parts":   "p: p.nixosConfigurations.ascalon.config.system.build.toplevel.drvPath",
	} {
		out, errs, err := run(attr, apply)
		if err != nil {
			t.Fatalf("%s: %v\n%s", attr, err, errs)
		}
		if got := fromJSON(t, out); got != want {
			t.Errorf("%s: got %v, want %v", attr, got, want)
		}
	}
	out, errs, err := run("parts", `p: [ (builtins.attrNames p.nixosModules) (builtins.attrNames p.homeModules) (builtins.attrNames p.darwinModules) p.packages.aarch64-linux.ascalon-image.passthru.filePath ]`)
	if err != nil || strings.TrimSpace(out) != `[["ascalon"],["ascalon"],["ascalon"],"ascalon.qcow2"]` {
		t.Errorf("%v: %s\n%s", err, out, errs)
	}
}

// TestNixReadOnlyPkgs: the module goes into a flake whose systems take a pkgs of its own; with nixosModules.nixpkgs
// the platform is said twice.
func TestNixReadOnlyPkgs(t *testing.T) {
	n := needNix(t)
	run, _ := newConsumer(t, n, "testdata/golden/nixos-released")
	out, errs, err := run("readOnly", `f: let s = (f (vm: [ ])).config; in builtins.seq s.system.build.toplevel.drvPath s.networking.hostName`)
	if err != nil || strings.TrimSpace(out) != `"ascalon"` {
		t.Errorf("%v: %s\n%s", err, out, errs)
	}
	_, errs, err = run("readOnly", `f: (f (vm: [ vm.nixosModules.nixpkgs ])).config.system.build.toplevel.drvPath`)
	if want := "The option `nixpkgs.hostPlatform' is read-only, but it's set multiple times."; err == nil || !strings.Contains(errs, want) {
		t.Errorf("%v: no %q in:\n%s", err, want, errs)
	}
}

// TestNixImportsOwn does so with modules of the user's own, and with home-manager.
func TestNixImportsOwn(t *testing.T) {
	n := needNix(t)
	run, _ := newConsumer(t, n, "testdata/golden/nixos-own")
	for attr, apply := range map[string]string{
		"asInput": `f: let c = (f { networking.hostName = "mine"; }).config; in builtins.seq c.system.build.toplevel.drvPath [ c.networking.hostName c.home-manager.users."or".home.homeDirectory ]`,
		"byPath":  `f: let c = (f { networking.hostName = "mine"; }).config; in builtins.seq c.system.build.toplevel.drvPath [ c.networking.hostName c.home-manager.users."or".home.homeDirectory ]`,
		"parts":   `p: let c = p.nixosConfigurations.atelier.config; in builtins.seq c.system.build.toplevel.drvPath [ c.networking.hostName c.home-manager.users."or".home.homeDirectory ]`,
	} {
		name := "mine" // over the default
		if attr == "parts" {
			name = "other" // the user's module
		}
		out, errs, err := run(attr, apply)
		if err != nil || strings.TrimSpace(out) != `["`+name+`","/srv/home-1/or.linux"]` {
			t.Errorf("%s: %v: %s\n%s", attr, err, out, errs)
		}
	}
}

// TestNixHost evaluates the modules for the host that runs the VM, and compares
// what they install with the files beside them.
func TestNixHost(t *testing.T) {
	n := needNix(t)
	run, tree := newConsumer(t, n, "testdata/golden/nixos-own")
	files := map[string]string{}
	for _, a := range artefactsBelow(t, tree.flake) {
		files[a.path] = a.data
	}
	for _, system := range []string{"aarch64-darwin", "x86_64-linux"} {
		out, errs, err := run("home", `f: let h = f "`+system+`" { programs.ssh = { enable = true; enableDefaultConfig = false; }; }; in builtins.seq h.activationPackage.drvPath
			[ h.config.home.file.".ssh/config".text h.config.xdg.configFile."vmloom/atelier/ssh_config".text h.config.xdg.configFile."wezterm/atelier.lua".text (map (p: p.pname) h.config.home.packages) ]`)
		said := strings.ReplaceAll(errs, "refuses (unfree, broken): strace\n", "")
		warnings := strings.Count(said, "trace:") + strings.Count(said, "evaluation warning:") // which newer nix call it
		if err != nil || warnings != strings.Count(errs, ": strace\n") || (said == errs) == (system == "aarch64-darwin") {
			t.Fatalf("%v\n%s", err, errs)
		}
		got := fromJSON(t, out).([]any)
		if got[0] != "Include /home/me/.config/vmloom/atelier/ssh_config\n" || got[1] != files["ssh/config"] || got[2] != files["wezterm/atelier.lua"] {
			t.Errorf("%s: %v", system, got)
		}
		want := `["docker-client","fd","git","pip","ripgrep","strace","terraform"]`
		if system == "aarch64-darwin" {
			want = strings.Replace(want, `"strace",`, "", 1) // Linux alone has it
		}
		if _, packages, _ := strings.Cut(strings.TrimSpace(out), `,["docker-client"`); `["docker-client"`+packages != want+"]" {
			t.Errorf("%s: packages: %s, want %s", system, packages, want)
		}
	}
	out, errs, err := run("mac", `f: let m = f { }; in builtins.seq m.system.drvPath [ m.config.system.primaryUser (map (a: a.serviceConfig) (builtins.attrValues m.config.launchd.user.agents)) ]`)
	if err != nil || strings.Contains(errs, "trace:") {
		t.Fatalf("%v\n%s", err, errs)
	}
	got := fromJSON(t, out).([]any)
	jobs := got[1].([]any)
	if got[0] != "rosh.b" || len(jobs) != 2 {
		t.Errorf("got %v", got)
	}
	for _, job := range jobs {
		set := map[string]any{}
		for key, value := range job.(map[string]any) {
			if value != nil {
				set[key] = value
			}
		}
		plist, err := parsePlist(files["launchd/"+set["Label"].(string)+".plist"])
		if err != nil {
			t.Fatal(err)
		}
		compareJobs(t, set, plist)
	}
}

// compareJobs holds a job of nix-darwin to the plist of the same name.
func compareJobs(t *testing.T, got, want map[string]any) {
	t.Helper()
	g, w := leaves("job", got), leaves("job", want)
	number := regexp.MustCompile(`=(float64|int|int64|uint64) `)
	plain := func(list []string) map[string]bool {
		m := map[string]bool{}
		for _, e := range list {
			m[number.ReplaceAllString(e, "=number ")] = true
		}
		return m
	}
	for e := range plain(w) {
		if !plain(g)[e] {
			t.Errorf("missing: %.200q", e)
		}
	}
	if len(g) != len(w) {
		t.Errorf("%d values, the plist has %d", len(g), len(w))
	}
}
