package generate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// nixProfile generates the tree of a profile for NixOS on a Mac: lines are added to it.
func nixProfile(t *testing.T, lines string) nixTree {
	t.Helper()
	return newNixTreeOf(t, []byte("version: 1\nname: kinds\nhost: {os: macos, user: me, home: /Users/me}\n"+lines))
}

// TestNixParity: what nixpkgs has not for the host's system, or refuses, is left out and named.
func TestNixParity(t *testing.T) {
	n := needNix(t)
	tree := nixProfile(t, `guest: {system: nixos, user: {name: me}, packages: [locales, valgrind, netcat, strace, jq, terraform, pip, erlang, {nix: pythonPackages.gone}, {nix: frobnicate}]}
nix: {parity: true}
`)
	for _, c := range []struct{ config, system, has, warns string }{
		{"", "aarch64-darwin", `["erlang", "jq", "pip"]`, "frobnicate, glibcLocales, netcat-openbsd, pythonPackages.gone, strace, terraform, valgrind"},
		{"config.allowUnfree = true;", "aarch64-darwin", `["erlang", "jq", "pip", "terraform"]`, "frobnicate, glibcLocales, netcat-openbsd, pythonPackages.gone, strace, valgrind"},
		{"config.allowUnfree = true;", "x86_64-linux", `["erlang", "glibcLocales", "jq", "netcat-openbsd", "pip", "strace", "terraform", "valgrind"]`, "frobnicate, pythonPackages.gone"},
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "flake.nix"), `{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    home-manager = { url = "github:nix-community/home-manager"; inputs.nixpkgs.follows = "nixpkgs"; };
    nixos-lima = { url = "github:nixos-lima/nixos-lima"; inputs.nixpkgs.follows = "nixpkgs"; };
    vm = { url = "github:example/vm"; inputs.nixpkgs.follows = "nixpkgs"; inputs.nixos-lima.follows = "nixos-lima"; };
  };
  outputs = inputs: {
    home = inputs.home-manager.lib.homeManagerConfiguration {
      pkgs = import inputs.nixpkgs { system = "`+c.system+`"; `+c.config+` };
      modules = [ inputs.vm.homeModules.default { home = { username = "me"; homeDirectory = "/home/me"; stateVersion = "26.05"; }; } ];
    };
  };
}`)
		out, errs, err := n.Run(dir, "eval", "--json", "path:.#home", "--apply",
			`h: builtins.seq h.activationPackage.drvPath { has = map (p: p.pname) h.config.home.packages; inherit (h.config) warnings; }`,
			"--override-input", "vm", "path:"+link(t, tree.flake))
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.system, err, errs)
		}
		var got struct{ Has, Warnings []string }
		must(t, json.Unmarshal([]byte(out), &got))
		if !reflect.DeepEqual(any(toAny(got.Has)), fromJSON(t, c.has)) {
			t.Errorf("%s: has %q, want %s", c.system, got.Has, c.has)
		}
		if len(got.Warnings) != 1 || !strings.HasSuffix(got.Warnings[0], "(unfree, broken): "+c.warns) || !strings.Contains(errs, got.Warnings[0]) {
			t.Errorf("%s: warns %q, want %s, and nix says\n%s", c.system, got.Warnings, c.warns, errs)
		}
	}
}

func toAny(list []string) (out []any) {
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// TestNixVariables: the profile's value of a variable that NixOS sets itself is the one that a session has.
func TestNixVariables(t *testing.T) {
	n := needNix(t)
	const own = "GTK_A11Y LESSKEYIN_SYSTEM LOCALE_ARCHIVE NIXPKGS_CONFIG NIX_LD NIX_LD_LIBRARY_PATH NIX_PATH NO_AT_BRIDGE SSH_ASKPASS SYSTEMD_XKB_DIRECTORY TZDIR"
	const lists = "GTK_PATH INFOPATH LIBEXEC_PATH QTWEBKIT_PLUGIN_PATH TERMINFO_DIRS XCURSOR_PATH XDG_CONFIG_DIRS XDG_DATA_DIRS"
	var env strings.Builder
	for name := range strings.FieldsSeq(own + " " + lists + " EDITOR PAGER LD_LIBRARY_PATH") {
		env.WriteString(name + ": /x/" + name + ", ")
	}
	for _, ld := range []string{"", "nix: {ld: true}\n"} {
		tree := nixProfile(t, "guest: {system: nixos, user: {name: me}, env: {"+env.String()+"}}\n"+ld)
		config := "path:.#nixosConfigurations.kinds.config"
		got := n.eval(t, tree.root, config, `c: builtins.seq c.system.build.toplevel.drvPath { init = c.environment.extraInit; has = c.environment.variables; }`).(map[string]any)
		has := got["has"].(map[string]any)
		for name := range strings.FieldsSeq(own) {
			if !strings.Contains(got["init"].(string), "export "+name+"=/x/"+name+"\n") {
				t.Errorf("%s is not exported:\n%s", name, got["init"])
			}
		}
		for name := range strings.FieldsSeq(lists) {
			if list, ok := has[name].([]any); !ok || list[0] != "/x/"+name {
				t.Errorf("%s is %v", name, has[name])
			}
		}
		if list := has["XDG_CONFIG_DIRS"].([]any); len(list) != 2 || list[1] != "/etc/xdg" {
			t.Errorf("XDG_CONFIG_DIRS is %v", list)
		}
		for name := range strings.FieldsSeq("EDITOR PAGER LD_LIBRARY_PATH") {
			if has[name] != "/x/"+name {
				t.Errorf("%s is %v", name, has[name])
			}
		}
	}
}

// TestNixLocale: NixOS builds the locales that glibc's list has, in its spelling.
func TestNixLocale(t *testing.T) {
	n := needNix(t)
	for line, want := range map[string]string{
		"locale: en_IN.UTF-8": "en_IN", "locale: de_DE.UTF-8": "de_DE.UTF-8", "env: {LANG: vi_VN.UTF-8}": "vi_VN", "locale: C.UTF-8": "C.UTF-8",
	} {
		tree := nixProfile(t, "guest: {system: nixos, user: {name: me}, "+line+"}\n")
		n.wantAt(t, tree.root, "path:.#nixosConfigurations.kinds.config", `c: builtins.seq c.system.build.toplevel.drvPath c.environment.sessionVariables.LANG`, `"`+want+`"`)
	}
}

// TestNixEngines: NixOS takes each engine of containers, and the groups of its user.
func TestNixEngines(t *testing.T) {
	n := needNix(t)
	for engine, want := range map[string]string{
		"docker":     `[true, ["docker", "it-s_odd", "video", "wheel"], true, false]`,
		"podman":     `[true, ["it-s_odd", "video", "wheel"], true, false]`,
		"containerd": `[true, ["it-s_odd", "video", "wheel"], true, true]`,
	} {
		tree := nixProfile(t, "guest: {system: nixos, user: {name: me}, containers: "+engine+", groups: [video, it-s_odd]}\n")
		n.wantAt(t, tree.root, "path:.#nixosConfigurations.kinds.config", `c: builtins.seq c.system.build.toplevel.drvPath
			[ c.virtualisation.`+engine+`.enable (builtins.sort builtins.lessThan c.users.users.me.extraGroups) (c.users.groups ? it-s_odd) (builtins.elem "nerdctl" (map (p: p.pname) c.environment.systemPackages)) ]`, want)
	}
}

// TestNixHostUID: logins wait for Lima's data no longer than for the home's disk; data that come later are taken by
// Lima's own init.
func TestNixHostUID(t *testing.T) {
	n := needNix(t)
	tree := nixProfile(t, "guest: {system: nixos, user: {name: me, uid: host}}\nmounts: [{host: /srv, guest: /srv}]\nsockets: [{name: docker, host: /x.sock}]\n")
	got := n.eval(t, tree.root, "path:.#nixosConfigurations.kinds.config", `c: with c.systemd.services; builtins.seq c.system.build.toplevel.drvPath {
		inherit (vmloom-uid) script before unitConfig; init = lima-init.script; wait = lima-init.unitConfig.RequiresMountsFor; }`).(map[string]any)
	if text := fmt.Sprint(got["unitConfig"]); strings.Contains(text, "RequiresMountsFor") {
		t.Errorf("waits for the device: %s", text)
	}
	if want := any([]any{"lima-init.service", "systemd-logind.service", "systemd-user-sessions.service", "vmloom-home.service"}); !reflect.DeepEqual(got["before"], want) {
		t.Errorf("before %v", got["before"])
	}
	if init := got["init"].(string); !strings.Contains(init, "\nsystemctl -q is-active vmloom-uid.service || systemctl start vmloom-uid.service || true\n") || !strings.Contains(init, "echo lima-init") {
		t.Errorf("Lima's init does not call again:\n%s", init)
	}
	for _, c := range []struct {
		name, after, uid, manager string // after which try the data are there; whose manager runs
		good                      bool
		want                      string
	}{
		{"there", "0", "1234", "", true, "usermod -u 1234 me\nsystemd-tmpfiles --create 10-vmloom.conf"},
		{"a little late", "4", "1234", "", true, "usermod -u 1234 me"},
		{"late, in use", "0", "1234", "1000", true, "systemctl stop user@1000.service\nusermod -u 1234 me\nsystemd-tmpfiles --create 10-vmloom.conf\nsystemctl --no-block start user@"},
		{"never", "99", "1234", "", false, "Lima's data are missing"},
		{"without a number", "0", "", "", false, "do not say the host's number of me"},
		{"the same", "0", "1000", "1000", true, "umount"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"mount":   `echo x >>$T/tries; [ "$(wc -l <$T/tries)" -gt ` + c.after + ` ] || exit 32; echo 'LIMA_CIDATA_UID="` + c.uid + `"' >"$3/lima.env"`,
				"umount":  `echo umount "$@"; rm "$1/lima.env"`,
				"id":      "echo 1000",
				"usermod": `echo usermod "$@"`,

				"systemd-tmpfiles": `echo systemd-tmpfiles "$@"`,
				"stat":             "exit 1",
				"sleep":            `echo x >>$T/slept`,
				"systemctl":        `echo systemctl "$@"; [ "$2" != is-active ] || [ "$3" = user@` + c.manager + `.service ]`,
			} {
				writeFile(t, filepath.Join(dir, "bin", name), "#!/bin/sh\n"+text+"\n")
				must(t, os.Chmod(filepath.Join(dir, "bin", name), 0o755))
			}
			script := strings.ReplaceAll(got["script"].(string), "/run/", dir+"/")
			cmd := exec.Command(tooltest.Need(t, "bash"), "-ec", script)
			cmd.Env = append(os.Environ(), "T="+dir, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if c.good != (err == nil) || !strings.Contains(string(out), c.want) || c.uid == "1000" && (strings.Contains(string(out), "usermod") || strings.Contains(string(out), "tmpfiles")) || c.manager != "1000" && strings.Contains(string(out), "systemctl stop") {
				t.Errorf("%v: no %q in:\n%s", err, c.want, out)
			}
			if slept, _ := os.ReadFile(filepath.Join(dir, "slept")); len(slept)/2 > 10 {
				t.Errorf("slept %d seconds", len(slept)/2)
			}
		})
	}
}

// TestNixNames: the stub of nixpkgs has what the package map names, so that no profile fails on the stub alone.
func TestNixNames(t *testing.T) {
	names, err := os.ReadFile("../testdata/flakes/nixpkgs/pkgs/names.nix")
	must(t, err)
	for _, e := range profile.Packages() {
		for _, o := range e.Offers["nix"] {
			if !strings.Contains(string(names), `"`+o.Name+`"`) {
				t.Errorf("%s of the package map", o.Name)
			}
		}
	}
}
