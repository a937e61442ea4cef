package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var wholeNixpkgs = flag.String("nixpkgs", "", "a directory of a whole nixpkgs: its packages are those that TestBuildImageNixRefused asks for, and its words are worth -record-nix")

// refused are packages that a nixpkgs of 26.11 refuses, in its words: a guest of aarch64-linux asks for each.
var refused = []struct{ name, attr, says, cause, hint, place string }{
	{"unfree", "ngrok", "Refusing to evaluate package 'ngrok-3.39.5' in pkgs/by-name/ng/ngrok/package.nix:68 because it has an unfree license (‘unfree’)",
		"package ngrok-3.39.5: has an unfree license", "in the profile, nix: {allowUnfree: [ngrok]}", "vmloom.yaml:26:"},
	{"broken", "gomacro", "Refusing to evaluate package 'gomacro-2.7-unstable-2024-01-07' in pkgs/by-name/go/gomacro/package.nix:23 because it has problems:\n- broken: This package is broken.\n",
		"package gomacro-2.7-unstable-2024-01-07: is marked as broken", "take it out of guest.packages", "vmloom.yaml:26:"},
	{"elsewhere", "mas", "Refusing to evaluate package 'mas-6.0.1' in pkgs/by-name/ma/mas/package.nix:73 because it is not available on the requested hostPlatform:\n  hostPlatform.system = ''aarch64-linux''\n",
		"package mas-6.0.1: is not available on the requested hostPlatform", "or change guest.arch", "vmloom.yaml:26:"},
	{"nix too old", "hello", "\n  This version of Nixpkgs requires an implementation of Nix with the following features:\n  - `builtins.nixVersion` reports at least 2.18\n\n  You are evaluating with Nix 2.8.0, please upgrade:\n",
		"nix: 2.8.0 here is too old for this nixpkgs: `builtins.nixVersion` reports at least 2.18", "install a newer nix there", "vmloom.yaml:62:"},
}

// TestBuildImageNixRefused: what nixpkgs refuses is told with its name, the line of the profile and the cure.
func TestBuildImageNixRefused(t *testing.T) {
	s := newNixSeam(t, "aarch64-linux")
	s.image(t, nixDeterministic)
	s.options += " --option pure-eval false" // a whole nixpkgs lies elsewhere
	s.wrap(t)
	pkgs := filepath.Join(s.Stubs, "nixpkgs/pkgs/default.nix")
	text, err := os.ReadFile(pkgs)
	must(t, err)
	before, after, found := strings.Cut(string(text), "      _type = \"pkgs\";\n")
	if !found {
		t.Fatalf("%s is written in another way", pkgs)
	}
	for _, r := range refused {
		if *wholeNixpkgs == "" {
			before += fmt.Sprintf("%s = throw %q;\n", r.attr, r.says)
		}
	}
	if *wholeNixpkgs != "" {
		before += "inherit (import " + *wholeNixpkgs + "/pkgs/top-level { localSystem.system = system; inherit config; overlays = [ ]; }) ngrok gomacro mas;\n" +
			"inherit (import " + *wholeNixpkgs + " { }) hello;\n"
	}
	writeFile(t, pkgs, before+"_type = \"pkgs\";\n"+after)
	profile := s.read(t, "vmloom.yaml")
	for _, r := range refused {
		t.Run(r.name, func(t *testing.T) {
			if version, _ := exec.Command(s.Path, "--version").Output(); *wholeNixpkgs != "" && r.attr == "hello" && !strings.Contains(string(version), " 2.8.") {
				t.Skipf("SKIPPED: %s is new enough", version)
			}
			writeFile(t, filepath.Join(s.dir, "vmloom.yaml"), swapped(t, profile, "    - git\n", "    - {nix: "+r.attr+"}\n    - git\n"))
			s.want(t, false, []string{"build-image"}, r.cause, r.hint, r.place)
			s.clean(t, "")
		})
	}
}

// swapped replaces a part that a text must have.
func swapped(t *testing.T, text, part, by string) string {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Fatalf("no %q in\n%s", part, text)
	}
	return strings.Replace(text, part, by, 1)
}
