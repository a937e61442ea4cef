package profile

import (
	"errors"
	"strings"
	"testing"
)

// TestMeant: what users of other programs write is told how a profile says it, and a profile that follows the hint loads.
func TestMeant(t *testing.T) {
	const guest = `guest: {system: debian, release: "13", user: {name: u}, `
	for _, c := range []struct{ text, hint, followed string }{
		{"mounts: ['~/src:w']", "write {host: ~/src, writable: true}", "mounts: [{host: ~/src, writable: true, guest: /src}]"},
		{"mounts: ['/srv:ro']", "write {host: /srv}", "mounts: [{host: /srv, guest: /mnt/srv}]"},
		{"mounts: ['/a:/b:ro,z']", "write {host: /a, guest: /b}", "mounts: [{host: /a, guest: /b}]"},
		{"mounts: ['source=/a,target=/b,type=bind,consistency=cached']", "write {host: /a, guest: /b, writable: true}", "mounts: [{host: /a, guest: /b, writable: true}]"},
		{"mounts: ['type=bind,src=${localEnv:HOME}/x,dst=/x,readonly']", "write {host: ~/x, guest: /x}", "mounts: [{host: ~/x, guest: /x}]"},
		{"mounts: ['source=${localWorkspaceFolder},target=/w']", "write {host: ., guest: /w, writable: true}", "mounts: [{host: ., guest: /w, writable: true}]"},
		{"mounts:\n-host: ~/src", "put a blank after the dash: - host:", "mounts:\n- host: ~/src\n  guest: /src"},
		{"ports:\n-guest: 80", "put a blank after the dash: - guest:", "ports:\n- guest: 8080"},
		{"ports: [{from: 80, to: 8080}]", "write guest: for the VM's, host: for this machine's", "ports: [{guest: 80, host: 8080}]"},
		{guest + "envFile: .env}", "write ./.env", guest + "envFile: ./.env}"},
		{"mounts: [{host: .cache, guest: /c}]", "write ./.cache", "mounts: [{host: ./.cache, guest: /c}]"},
		{"mounts: [{host: ./.cache/, guest: /c}]", "", "mounts: [{host: ./.cache, guest: /c}]"},
		{guest + "image: '24.04'}", `guest.image is a file: write system: ubuntu, release: "24.04", which choose Lima's`, `guest: {system: ubuntu, release: "24.04", user: {name: u}}`},
		{guest + "image: debian:12}", `guest.image is a file: write system: debian, release: "12", which choose Lima's`, `guest: {system: debian, release: "12", user: {name: u}}`},
		{guest + "image: ~/x.qcow2}", "write {location: ~/x.qcow2}", guest + "image: {location: ~/x.qcow2}}"},
		{guest + "image: alpine}", "guest.image is a file: {location: /path}; guest.system and guest.release choose Lima's", guest + "}"},
		{guest + "timezone: '+02:00'}", "write the place, or Etc/GMT-2, which is that far from UTC: its sign is the other way round", guest + "timezone: Etc/GMT-2}"},
		{guest + "timezone: America/New York}", "write America/New_York", guest + "timezone: America/New_York}"},
		{guest + "locale: en_US}", "write en_US.UTF-8", guest + "locale: en_US.UTF-8}"},
		{guest + "locale: de}", "write de_DE.UTF-8", guest + "locale: de_DE.UTF-8}"},
		{guest + "locale: pt-br}", "write pt_BR.UTF-8", guest + "locale: pt_BR.UTF-8}"},
		{guest + "locale: de_DE.utf8}", "write de_DE.UTF-8", guest + "locale: de_DE.UTF-8}"},
		{guest + "locale: POSIX}", "write C.UTF-8", guest + "locale: C.UTF-8}"},
		{guest + "locale: qq}", "", guest + "}"},
		{guest + "containers: true}", "write docker, podman or containerd", guest + "containers: docker}"},
		{guest + "ssh_authorized_keys: [x]}", "write user: {authorizedKeys: …}", guest + "groups: [kvm]}"},
		{guest + "vcpus: 2}", "write resources: {cpus: …}", "resources: {cpus: 2}"},
		{"tz: Europe/Berlin", "write guest: {timezone: …}", guest + "timezone: Europe/Berlin}"},
		{"sshKeys: [x]", "write guest: {user: {authorizedKeys: …}}", `guest: {system: debian, release: "13", user: {name: u, authorizedKeys: [host]}}`},
		{"hostname: web", "write guest: {hostname: NAME}; without it the guest is called as the VM is", guest + "hostname: web}"},
		{"environment: [A=b]", "write guest: {env: {NAME: value}}", guest + "env: {A: b}}"},
		{"forwardPorts: [3000]", "write ports: [{guest: 3000}]", "ports: [{guest: 3000}]"},
		{"restart: always", "write autostart: login", "autostart: login"},
		{"resources: {memory: 4Gi}", "write 4GiB", "resources: {memory: 4GiB}"},
		{"resources: {cpus: all}", "write 100%, of the host's", "resources: {cpus: 100%}"},
		{"guest: {system: nixos, user: {name: u}}\nnix: {experimental-features: x}", "write settings: {experimental-features: nix-command flakes}", "guest: {system: nixos, user: {name: u}}\nnix: {settings: {experimental-features: nix-command flakes}}"},
		{"guest: {system: nixos, user: {name: u}}\nnix: {homeManager: ./home.nix}", "write true, and homeModules: [./home.nix]", "guest: {system: nixos, user: {name: u}}\nnix: {homeManager: true, homeModules: [./home.nix]}"},
	} {
		_, err := Load("vmloom.yaml", []byte(with("host: {os: linux, user: me, home: /home/me}\n"+c.text+"\n")))
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s\nloads", c.text)
			continue
		}
		var hints []string
		for _, p := range problems {
			hints = append(hints, p.Hint)
		}
		if said := strings.Join(hints, "\n"); c.hint != "" && !strings.Contains("\n"+said+"\n", "\n"+c.hint+"\n") || c.hint == "" && len(problems) != 1 {
			t.Errorf("%s\nsays %q\nnot %q", c.text, said, c.hint)
		}
		if _, err := Load("vmloom.yaml", []byte(with("host: {os: linux, user: me, home: /home/me}\n"+c.followed+"\n"))); err != nil {
			t.Errorf("%s\n%v", c.followed, err)
		}
	}
}
