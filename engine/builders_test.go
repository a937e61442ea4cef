package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/profile"
)

// fleetBuilders are those of a fleet of one builder at a port of its own, with its files.
func fleetBuilders(t *testing.T) Builders {
	t.Helper()
	dir := t.TempDir()
	f, err := profile.LoadFleet(profile.FleetName, []byte(`version: 1
machines: [vmloom.yaml]
builders:
  - host: big.example.org
    port: 2222
    user: nix
    systems: [x86_64-linux]
    key: /k
    hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2BfhyWPFM0TJZpIy5CPXdM4uLDmCKQUKnDLVRiHzCO
`))
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"nix/machines": "# of the fleet\nssh-ng://nix@big.example.org x86_64-linux /k 1 1 - - -\n", "guix/machines.scm": "(list)\n"} {
		to := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Builders{Dir: dir, Fleet: f, GuixMachines: filepath.Join(dir, "etc-machines.scm")}
}

// TestNixBuilders: whom the daemon trusts has the builders at once; the others are told the one line for root.
func TestNixBuilders(t *testing.T) {
	b := fleetBuilders(t)
	for _, c := range []struct{ name, says, given, cause, hint string }{
		{"trusted", `{"trusted":true,"url":"daemon","version":"2.31.2"}`, "", "builder big.example.org: the daemon connects as root, whose ssh has to know its port 2222",
			"at the top of /root/.ssh/config: Include " + b.Dir + "/ssh/builders.conf"},
		{"trusted, as a number", `{"trusted":1,"url":"unix:///nix/var/nix/daemon-socket/socket"}`, "", "whose ssh has to know its port", ""},
		{"no daemon", `{"trusted":true,"url":"local"}`, "", "", ""},
		{"not trusted", `{"trusted":false,"url":"daemon"}`, "", "nix: its daemon does not trust you, and takes the fleet's builders from root alone",
			"as root: echo 'builders = @" + b.Dir + "/nix/machines' >> /etc/nix/nix.conf, and restart nix-daemon; then leave --builders out"},
		{"not trusted, root has done it", `{"trusted":false,"url":"daemon"}`, "ssh-ng://nix@big.example.org x86_64-linux", "", ""},
	} {
		bin := t.TempDir()
		script := "#!/bin/sh\ncase \"$*\" in\n*\"store info --json\") echo '" + c.says + "';;\n*show-config*) echo '{\"system\":{\"value\":\"x86_64-linux\"},\"builders\":{\"value\":\"" + c.given + "\"}}';;\nesac\n"
		if err := os.WriteFile(filepath.Join(bin, "nix"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
		j := &Job{Builders: b, Place: Place{Kind: Local}}
		s, err := j.settings(t.Context(), j.Place)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if how := s.builds("x86_64-linux"); s.Builders[0].URI != "ssh-ng://nix@big.example.org" || how == "" {
			t.Errorf("%s: %v, %s", c.name, s.Builders, how)
		}
		found := nixBuilders(t.Context(), j, s)
		switch {
		case c.cause == "" && len(found) == 0:
		case c.cause == "" || len(found) != 1 || !strings.Contains(found[0].Cause, c.cause) || !strings.Contains(found[0].Hint, c.hint) || found[0].Fatal != strings.HasPrefix(c.name, "not"):
			t.Errorf("%s: %+v", c.name, found)
		}
	}
}

// TestGuixBuilders: guix hands out by the file of root's alone.
func TestGuixBuilders(t *testing.T) {
	b := fleetBuilders(t)
	for _, c := range []struct{ has, cause string }{
		{"", " is not there, and guix offload reads no other file"},
		{"(list 1)\n", " has not the fleet's builders, and guix offload reads no other file"},
		{"(list)\n", ""},
	} {
		if c.has != "" {
			if err := os.WriteFile(b.GuixMachines, []byte(c.has), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		found := guixBuilders(&Job{Builders: b})
		if c.cause == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || !found[0].Fatal || found[0].Cause != "guix: "+b.GuixMachines+c.cause || !strings.HasPrefix(found[0].Hint, "sudo install -m 644 '"+b.Dir+"/guix/machines.scm' "+b.GuixMachines) {
			t.Errorf("%q: %+v", c.has, found)
		}
	}
}

// TestBuildersBlame: what one of the builders fails with is told with its line of the fleet's file.
func TestBuildersBlame(t *testing.T) {
	b := fleetBuilders(t)
	for why, want := range map[string]string{
		"root does not know its host key":                                     "vmloom.fleet.yaml:9:14: builders[0].hostKey: big.example.org: its host key is another",
		"its host key has changed":                                            "vmloom.fleet.yaml:9:14: builders[0].hostKey: big.example.org: its host key is another",
		`its key cannot be used: Load key "/k": bad permissions`:              `vmloom.fleet.yaml:8:10: builders[0].key: big.example.org: its key cannot be used: Load key "/k": bad permissions`,
		"it lets the daemon's key not log in: Permission denied (publickey).": "vmloom.fleet.yaml:8:10: builders[0].key: big.example.org: it lets the daemon's key not log in: Permission denied (publickey).",
		"the name big.example.org cannot be resolved":                         "vmloom.fleet.yaml:4:11: builders[0].host: big.example.org: the name big.example.org cannot be resolved",
	} {
		if f := b.blame(&Failure{Cause: "builder ssh-ng://nix@big.example.org: cannot be reached: " + why, Hint: "h"}); f.Cause != want || f.Hint == "" {
			t.Errorf("%s: %+v", why, f)
		}
	}
	if f := b.blame(&Failure{Cause: "builder ssh-ng://nix@other: cannot be reached: x"}); f.Cause != "builder ssh-ng://nix@other: cannot be reached: x" {
		t.Errorf("%+v", f)
	}
}
