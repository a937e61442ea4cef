package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// maxUpkeep is how many lines a VM may cost the flake of its user.
const maxUpkeep = 5

var ofVM = regexp.MustCompile(`(?m)^.*# vm\n`)

// TestNixUpkeep counts what a VM costs somebody's own flake, has nix evaluate that flake with it, and without: the
// lines deleted, it is as it was.
func TestNixUpkeep(t *testing.T) {
	n := needNix(t)
	text, err := os.ReadFile("../testdata/upkeep/flake.nix")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range ofVM.FindAllString(string(text), -1) {
		lines = append(lines, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "# vm")))
	}
	guide, err := os.ReadFile("../docs/nix.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(string(guide), "\n"+line+"\n") {
			t.Errorf("docs/nix.md does not show %s", line)
		}
	}
	if len(lines) == 0 || len(lines) > maxUpkeep || !strings.Contains(string(guide), "five lines of your flake") {
		t.Errorf("%d lines, %d may be", len(lines), maxUpkeep)
	}

	dir, tree := t.TempDir(), newNixTree(t, "examples/ascalon-nixos")
	if err := os.CopyFS(dir, os.DirFS("../testdata/upkeep")); err != nil {
		t.Fatal(err)
	}
	for _, a := range artefactsBelow(t, tree.profile) {
		writeFile(t, filepath.Join(dir, "vms", a.path), a.data)
	}
	for _, args := range [][]string{{"init", "-q", "."}, {"add", "-A"}} {
		git := exec.Command(tooltest.Need(t, "git"), args...)
		git.Dir = dir
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	eval := func(attr, apply string) any {
		t.Helper()
		out, errs, err := n.Run(dir, "eval", "--json", ".#"+attr, "--apply", apply, "--override-input", "vm/nixos-lima", "path:"+filepath.Join(n.Stubs, "nixos-lima"))
		if err != nil || strings.Contains(errs, "trace:") {
			t.Fatalf("%s: %v\n%s", attr, err, errs)
		}
		return fromJSON(t, out)
	}
	want := func(attr, apply, want string) {
		t.Helper()
		if got := eval(attr, apply); !reflect.DeepEqual(got, fromJSON(t, want)) {
			t.Errorf("%s: got %v, want %s", attr, got, want)
		}
	}
	const mac = "darwinConfigurations.lv426"
	want(mac, `m: builtins.seq m.system.drvPath [ (builtins.attrNames m.config.launchd.user.agents) (builtins.attrNames m.config.home-manager.users.rbha18.xdg.configFile) ]`,
		`[["io.lima.default", "io.vmloom.ascalon.repair"], ["vmloom/ascalon/ssh_config", "wezterm/ascalon.lua"]]`)
	want("nixosConfigurations", `c: [ (builtins.attrNames c) (builtins.seq c.ascalon.config.system.build.toplevel.drvPath c.ascalon.config.networking.hostName) ]`, `[["ascalon", "server"], "ascalon"]`)
	server := eval("nixosConfigurations.server.config.system.build.toplevel.drvPath", "d: d")

	writeFile(t, filepath.Join(dir, "flake.nix"), ofVM.ReplaceAllString(string(text), ""))
	if err := os.RemoveAll(filepath.Join(dir, "vms")); err != nil {
		t.Fatal(err)
	}
	want(mac, `m: builtins.seq m.system.drvPath [ (builtins.attrNames m.config.launchd.user.agents) (builtins.attrNames m.config.home-manager.users.rbha18.xdg.configFile) ]`, `[[], []]`)
	want("nixosConfigurations", `c: builtins.attrNames c`, `["server"]`)
	if got := eval("nixosConfigurations.server.config.system.build.toplevel.drvPath", "d: d"); got != server {
		t.Errorf("without the VM the server is another: %v, %v", got, server)
	}
}
