package adopt

import (
	"strings"
	"testing"

	"vmloom/flake"
)

// TestWorld are things that people's templates have, and what becomes of them.
func TestWorld(t *testing.T) {
	linux := Host{OS: "linux", Arch: "x86_64", User: "ada", Home: "/home/ada", UID: 1000}
	for _, c := range []struct{ template, made, want string }{
		{"vmType: vz\nrosetta: {enabled: true, binfmt: true}\n", "", "rosetta"},
		{"networks: [{lima: shared}]\n", "", "os: macos"},
		{"networks: [{vzNAT: true}]\n", "", "os: macos"},
		{"networks: [{lima: user-v2}]\n", "", "os: linux"},
		{"mounts: [{location: ~/src, sshfs: {followSymlinks: true}, virtiofs: {queueSize: null}}]\nmountType: 9p\nbase: template:_images/ubuntu-26.04\n", "", "host: ~/src"},
		{"mounts: [{location: ~/src, sshfs: {followSymlinks: true}}]\n", "", "followSymlinks: true"}, // Debian's are mounted so
		{"mounts: [{location: ~/src}]\nbase: template:_images/ubuntu-26.04\nmountTypesUnsupported: [9p]\n", "", "mountType: reverse-sshfs"},
		{"mounts: [{location: ~/src}]\nbase: template:_images/ubuntu-26.04\n", "0.23.2", "mountType: reverse-sshfs"},
		{"mounts: [{location: ~/src}]\nbase: template:_images/ubuntu-26.04\n", "2.0.0", "!mountType"},
		{"mounts: [{location: ., mountPoint: /mnt/here}, {location: src/a/, mountPoint: /mnt/a}]\n", "", "host: ./src/a, guest: /mnt/a"},
		{"plain: true\n", "", "!containers"}, {"arch: riscv64\n", "", "!containers"}, {"arch: default\n", "", "containers: containerd"},
		{"arch: null\nplain: null\n", "", "containers: containerd"}, {"mounts: [{location: ~/src, mountPoint: null}]\n", "", "host: ~/src}"},
		{"images: [{location: 'https://github.com/nixos-lima/nixos-lima/releases/download/" + flake.NixosLima + "/nixos-lima.qcow2', arch: x86_64, digest: 'sha256:1'}]\nbase: []\n", "", "!image:"},
		{"images: [{location: 'file:///srv/x.img', arch: x86_64}]\nbase: []\n", "", "location: /srv/x.img"},
	} {
		if !strings.Contains(c.template, "base:") {
			c.template += some
		}
		a, err := Read(Input{Lima: File{Name: "lima.yaml", Data: []byte(c.template)}, Host: linux, LimaVersion: c.made, Guest: map[bool]string{true: "debian:13"}[strings.Contains(c.template, "file:")]})
		if err != nil {
			t.Fatalf("%s: %v", c.template, err)
		}
		text, _, err := a.Profile("vmloom.yaml")
		want, no := strings.CutPrefix(c.want, "!")
		if err != nil || strings.Contains(string(text), want) == no {
			t.Errorf("%s: no %s: %v\n%s", c.template, c.want, err, text)
		}
	}
}

// TestKeepOrder: what goes into lima.extra stands there as it stood, wherever it came from.
func TestKeepOrder(t *testing.T) {
	const scripts = "provision: [{script: b}, {mode: user, script: z}, {script: a}, {mode: data, path: /x, content: y}]\n"
	for _, lima := range []string{some + scripts, "base: [template:_images/debian-13, ./own.yaml]\n"} {
		a := read(t, Input{Lima: File{Data: []byte(lima)}, Read: func(string) ([]byte, error) { return []byte(scripts), nil }})
		ds, err := a.Compare([]byte(some + "message: x\nparam: {a: b}\n"))
		if err != nil || !a.Keep(ds) {
			t.Fatal(err)
		}
		got := ""
		for _, n := range items(child(a.extra, "provision")) {
			got += scalar(n, "script") + scalar(n, "content")
		}
		if got != "bzay" {
			t.Errorf("%s: %s", lima, got)
		}
	}
}

// TestUnsayable: what Lima refuses is told at its place in the template.
func TestUnsayable(t *testing.T) {
	a := read(t, Input{Lima: File{Data: []byte(some + "mounts:\n- location: ~/src\n- location: ./work\n")}})
	ds, err := a.Compare([]byte(some))
	if err != nil {
		t.Fatal(err)
	}
	a.Keep(ds)
	_, _, err = a.Profile("vmloom.yaml")
	if want := "lima.yaml:4:13: cannot become a profile: mounts.location: Lima refuses it: must be an absolute path"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
