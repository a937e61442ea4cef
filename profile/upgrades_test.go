package profile

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestUpgrades: a release is reached from where its makers support it, and from farther away step by step.
func TestUpgrades(t *testing.T) {
	for _, c := range []struct{ system, to, from string }{
		{"debian", "12", "11"}, {"debian", "13", "12"}, {"debian", "11", ""},
		{"ubuntu", "22.04", "20.04"}, {"ubuntu", "24.04", "22.04"}, {"ubuntu", "26.04", "25.10 24.04"}, {"ubuntu", "25.10", ""},
		{"fedora", "43", "42 41"}, {"fedora", "44", "43 42"}, {"nixos", "", ""},
	} {
		if got := strings.Join(SystemNamed(c.system).UpgradesFrom(c.to), " "); got != c.from {
			t.Errorf("%s %s: from %q, want %q", c.system, c.to, got, c.from)
		}
	}
	for _, c := range []struct{ system, from, to, via string }{
		{"debian", "11", "13", "12"}, {"debian", "12", "13", "13"}, {"debian", "13", "12", ""}, {"debian", "13", "13", ""},
		{"ubuntu", "20.04", "26.04", "22.04"}, {"ubuntu", "22.04", "26.04", "24.04"}, {"ubuntu", "24.04", "26.04", "26.04"}, {"ubuntu", "25.04", "26.04", ""},
		{"fedora", "41", "44", "43"}, {"fedora", "40", "44", ""},
	} {
		if got := SystemNamed(c.system).UpgradeVia(c.from, c.to); got != c.via {
			t.Errorf("%s from %s to %s: via %q, want %q", c.system, c.from, c.to, got, c.via)
		}
	}
	for _, s := range Systems() {
		set := []bool{s.Upgrade.By != "", s.Upgrade.Run != "", s.Upgrade.Steps > 0, len(s.Releases) > 0}
		if slices.Contains(set, true) && slices.Contains(set, false) {
			t.Errorf("%s: half of an upgrade: %v", s.Name, set)
		}
		cmd := exec.Command("sh", "-n")
		cmd.Stdin = strings.NewReader(s.Upgrade.Run)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", s.Name, err, out)
		}
	}
}
