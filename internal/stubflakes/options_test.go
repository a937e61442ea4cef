package stubflakes_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vmloom/internal/stubflakes"
	"vmloom/internal/tooltest"
)

// looser are options that the stubs have in a simpler type than NixOS, since nobody here sets them in a way that
// would show, and why.
var looser = map[string]string{
	"boot.binfmt.emulatedSystems": "names of all systems", "nix.settings": "one type has a name of its own", "services.openssh.settings": "one type has a name of its own",
	"boot.initrd.luks.devices": "anything", "boot.kernelPatches": "anything", "boot.loader.grub.mirroredBoots": "anything", "boot.loader.grub.users": "anything",
	"programs.direnv.settings": "anything", "services.logind.settings.Login": "anything", "systemd.settings.Manager": "anything", "virtualisation.docker.daemon.settings": "anything",
	"security.pam.loginLimits": "sets", "security.pam.services": "sets", "networking.defaultGateway": "sets",
	"nixpkgs.buildPlatform": "old ways of nixpkgs", "nixpkgs.config": "old ways of nixpkgs", "nixpkgs.overlays": "the type has a name of its own", "nixpkgs.system": "old ways of nixpkgs",
	"boot.loader.grub.splashImage": "a default of a default", "nix.optimise.dates": "of an older release", "system.build": "raw, which is stricter",
	"system.fsPackages": "internal", "system.nixos.label": "an escape in the pattern", "users.defaultUserShell": "the type has a name of its own",
}

// joined begin types whose definitions join: there NixOS's own priority says nothing.
var joined = regexp.MustCompile(`^(list of|attribute set|lazy|strings conc|open submodule|submodule)`)

// TestOptions holds types and priorities of the stubs to what was recorded with a whole nixpkgs: a value that NixOS
// sets plainly is a conflict here too, and one that it has as a default is none.
func TestOptions(t *testing.T) {
	stubs := stubflakes.Need(t).Stubs
	data, err := os.ReadFile(filepath.Join(stubs, "options.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string]string
	if err := json.Unmarshal(data, &recorded); err != nil || len(recorded) < 300 {
		t.Fatalf("%d options: %v", len(recorded), err)
	}
	cmd := exec.Command(tooltest.Need(t, "nix-instantiate"), "--eval", "--strict", "--json", "--expr", `import ./options.nix {
  nixpkgs = ./nixpkgs;
  evalConfig = ./nixpkgs/nixos/eval-config.nix;
  nixos-lima = ./nixos-lima/lima-init.nix;
  names = builtins.attrNames (builtins.fromJSON (builtins.readFile ./options.json));
}`)
	cmd.Dir, cmd.Env = stubs, append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		is, priority := spoken(got[name])
		want, wanted := spoken(recorded[name])
		same := is == want && (priority == wanted || joined.MatchString(want))
		switch _, known := looser[name]; {
		case !same && !known:
			t.Errorf("%s:\nstub: %s, %s\nreal: %s, %s", name, is, priority, want, wanted)
		case same && known:
			t.Errorf("%s is as in NixOS: take it out of looser", name)
		}
	}
}

// spoken parts a type from its priority. Releases differ in where they have parentheses.
func spoken(said string) (words, priority string) {
	at := max(0, strings.LastIndex(said, ", "))
	return strings.NewReplacer("(", "", ")", "").Replace(said[:at]), strings.TrimPrefix(said[at:], ", ")
}
