package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// address is where the host's sshd listens.
func (h *nixHost) address(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, "sshd_config"))
	must(t, err)
	_, rest, _ := strings.Cut(string(text), "ListenAddress ")
	address, _, _ := strings.Cut(rest, "\n")
	return address
}

// builder is the host as vmloom.fleet.yaml has it, with a public key of one of its files.
func (h *nixHost) builder(t *testing.T, hostKey string) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(h.dir, hostKey+".pub"))
	must(t, err)
	return fmt.Sprintf("  - {hostKey: %q, host: %s, port: 22022, user: root, systems: [aarch64-linux], features: [kvm], key: %s/key}\n", strings.TrimSpace(string(key)), h.address(t), h.dir)
}

// TestBuildImageNixFleet hands a build to another machine by the files of the fleet alone, and to none whose
// host key is another's.
func TestBuildImageNixFleet(t *testing.T) {
	t.Parallel()
	s := newNixSeam(t, "") // here nobody builds for aarch64
	h := newNixHost(t, s)
	must(t, os.Remove(filepath.Join(s.bin, "ssh"))) // what was written for it by hand
	const file = "vmloom.fleet.yaml"
	fleet := "version: 1\nmachines: [vmloom.yaml]\n"
	writeFile(t, filepath.Join(s.dir, file), fleet)
	s.want(t, false, []string{"build-image", "--builders"}, "vmloom.fleet.yaml has none that builds for nix")
	writeFile(t, filepath.Join(s.dir, file), fleet+"builders:\n"+h.builder(t, "key"))
	s.want(t, true, []string{"gen", file})
	_, said := s.want(t, false, []string{"build-image", "--builders"},
		"vmloom.fleet.yaml:4:15: builders[0].hostKey: "+h.address(t)+": its host key is another", "ssh-keyscan -t ed25519 -p 22022 "+h.address(t))
	if strings.Contains(said, "2 available machines") {
		t.Errorf("nix takes more of the file for builders:\n%s", said)
	}

	writeFile(t, filepath.Join(s.dir, file), fleet+"builders:\n"+h.builder(t, "hostkey"))
	s.want(t, true, []string{"build-image", "--builders"}, "generated/fleet was not up to date",
		"nix builds at local: nix here hands aarch64-linux to its builder ssh-ng://root@"+h.address(t), "is built:")
	if h.has("*-ascalon") != 1 || !strings.Contains(s.read(t, "images/ascalon-aarch64.qcow2"), "/mnt/lima-cidata") {
		t.Error("it was built elsewhere, or not at all")
	}
	s.clean(t, "")
	s.paste(t, "--builders")

	// root's ssh goes there by the other two files.
	made := filepath.Join(s.dir, "generated/fleet/ssh")
	ssh := exec.Command(tooltest.Need(t, "ssh"), "-F", filepath.Join(made, "builders.conf"), "-oStrictHostKeyChecking=yes",
		"-oUserKnownHostsFile=none", "-oGlobalKnownHostsFile=\""+filepath.Join(made, "known_hosts")+"\"", h.address(t), "true")
	if out, err := ssh.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestBuildImageNixConf: all that the generated nix.conf says is what nix has for its settings.
func TestBuildImageNixConf(t *testing.T) {
	t.Parallel()
	s := newNixSeam(t, "")
	const url, public = "https://cache.example.org", "fleet-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="
	writeFile(t, filepath.Join(s.dir, "vmloom.fleet.yaml"), "version: 1\nmachines: [vmloom.yaml]\ncaches:\n"+
		fmt.Sprintf("  - {url: %q, key: %q, netrc: /etc/nix/netrc, push: \"s3://cache\"}\n", url, public))
	s.want(t, true, []string{"gen", "vmloom.fleet.yaml"})
	conf := filepath.Join(filepath.Dir(s.bin), "conf")
	writeFile(t, filepath.Join(conf, "nix.conf"), "include fleet.conf\n")
	writeFile(t, filepath.Join(conf, "fleet.conf"), s.read(t, "generated/fleet/nix/nix.conf"))
	ask := func(words ...string) ([]byte, error) {
		cmd := exec.Command(s.Path, append([]string{"--extra-experimental-features", "nix-command"}, words...)...)
		cmd.Env = append(s.env, "NIX_CONF_DIR="+conf)
		return cmd.Output()
	}
	text, err := ask("show-config", "--json")
	if err != nil {
		text, err = ask("config", "show", "--json")
	}
	must(t, err)
	var settings map[string]struct{ Value any }
	must(t, json.Unmarshal(text, &settings))
	for name, want := range map[string]string{
		"substituters": url, "trusted-public-keys": public, "netrc-file": "/etc/nix/netrc", "post-build-hook": "/etc/nix/vmloom-push.sh",
	} {
		if got := fmt.Sprint(settings[name].Value); !strings.Contains(got, want) {
			t.Errorf("%s: is %s, not %s", name, got, want)
		}
	}
}
