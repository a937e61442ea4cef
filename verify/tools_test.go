package verify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/profile"
)

func parse(t *testing.T, text string) *profile.Profile {
	t.Helper()
	p, err := profile.Load("vmloom.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLimaStartsIt: whatever limactl autostart has installed, at login or at boot,
// counts as the start that the profile asks for.
func TestLimaStartsIt(t *testing.T) {
	for _, c := range []struct{ os, when, file string }{
		{"macos", "login", "Library/LaunchAgents/io.lima-vm.autostart.x.plist"},
		{"macos", "boot", "Daemons/io.lima-vm.daemon.x.plist"},
		{"linux", "login", ".config/systemd/user/default.target.wants/lima-vm@x.service"},
	} {
		p := parse(t, "version: 1\nname: x\nhost: {os: "+c.os+", user: ada}\nguest: {system: debian, release: \"13\"}\nautostart: "+c.when+"\n")
		s := site(t)
		s.Config, s.Daemons = filepath.Join(s.Home, ".config"), filepath.Join(s.Home, "Daemons")
		file := filepath.Join(s.Home, c.file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
		var table []Check
		for _, row := range Checks(p) {
			if strings.HasPrefix(row.ID, "autostart/") {
				table = append(table, row)
			}
		}
		results := Run(context.Background(), s, table, "")
		if len(results) < 2 {
			t.Fatalf("%s: %d rows", c.file, len(results))
		}
		for _, r := range results {
			if r.Status != OK || r.Seen != "limactl autostart does it: ~/"+c.file {
				t.Errorf("%s: %s: %v %s", c.file, r.ID, r.Status, r.Seen)
			}
		}
	}
}

// TestKnownBad: versions of Lima, and pairs with the nixos-lima that flake.lock pins.
func TestKnownBad(t *testing.T) {
	nixos := parse(t, "version: 1\nname: x\nhost: {os: macos, user: ada}\nguest: {system: nixos}\n")
	debian := parse(t, "version: 1\nname: x\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\"}\n")
	for _, c := range []struct {
		p          *profile.Profile
		lima, lock string
		want       string // in the reason; empty: good
	}{
		{debian, "2.0.0", "", ""}, {debian, "2.2.0-153-g183a60d7.m", "", ""}, {debian, "1.2.1", "", "needs Lima 2.0 or later"}, {nil, "1.2.1", "", "needs Lima 2.0"},
		{debian, "2.1.3", "v0.0.4", ""}, // no NixOS, no pair
		{nixos, "2.0.3", "v0.2.1", "before 2.1 names its mounts"}, {nixos, "2.1.0", "v0.2.1", ""}, {nixos, "2.2.0", "", ""},
		{nixos, "2.1.0", "v0.0.4", "the start hangs"}, {nixos, "2.1.0", "v0.0.5", ""}, {nixos, "2.1.3", "v0.0.5", "guest agent of Lima 2.1.3"}, {nixos, "2.1.3", "v0.1.0", ""},
		{debian, "soon", "", "limactl --version"},
	} {
		s := site(t)
		s.Generated = t.TempDir()
		if c.lock != "" {
			text := `{"version": 7, "root": "root", "nodes": {"root": {"inputs": {"nixos-lima": "nixos-lima"}}, "nixos-lima": {"locked": {"type": "github"}, "original": {"owner": "nixos-lima", "ref": "` + c.lock + `"}}}}`
			if err := os.WriteFile(filepath.Join(s.Generated, "flake.lock"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		v := limaVersion(c.p)(s, []answer{{out: "limactl version " + c.lima + "\n"}})
		if said := v.seen + ": " + v.because.String(); (v.status == OK) != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("Lima %s, nixos-lima %q: %s %s", c.lima, c.lock, v.status, said)
		}
	}
}
