package profile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
)

// sameProfile holds what a profile says, and not where.
var sameProfile = cmp.Options{
	cmpopts.IgnoreUnexported(Profile{}), cmpopts.IgnoreFields(Profile{}, "Extends"), cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(yaml.Node{}, "Line", "Column", "Style", "HeadComment", "LineComment", "FootComment"),
}

// checkWrite holds Write to its word: the text loads, and to the same profile; written
// again it is the same text.
func checkWrite(t *testing.T, p *Profile) string {
	t.Helper()
	text, err := Write(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load("vmloom.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if d := cmp.Diff(p, again, sameProfile); d != "" {
		t.Errorf("-profile +what was written:\n%s\n%s", d, text)
	}
	if twice, err := Write(again, nil); err != nil || string(twice) != string(text) {
		t.Errorf("%v: written again:\n%s", err, cmp.Diff(string(text), string(twice)))
	}
	return string(text)
}

// TestWrite: every golden's profile comes back from what is written of it.
func TestWrite(t *testing.T) {
	files, err := filepath.Glob("../testdata/golden/*/vmloom.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(file), name)) }
		p, err := Layers{Read: read}.Load("vmloom.yaml", src)
		if err != nil {
			t.Fatal(file, err)
		}
		checkWrite(t, p)
	}
}

// TestWriteBuilt: of a profile that no file has, what differs from its defaults is said, on few lines,
// what is remarked with its comment, and text stays text.
func TestWriteBuilt(t *testing.T) {
	extra := &yaml.Node{}
	if err := yaml.Load([]byte("hostResolver: {enabled: false}\ndns: [1.1.1.1]\nmessage: \"a\\n\\n\"\n"), extra); err != nil {
		t.Fatal(err)
	}
	p := &Profile{
		Version: 1, Name: "vm", Host: Host{OS: "linux", User: "ada", Home: "/home/ada"},
		Lima:      Lima{Instance: "default", VMType: "qemu", Extra: Extra{extra.Content[0]}},
		Guest:     Guest{System: "debian", Release: "13", Arch: "x86_64", User: User{Name: "ada", UID: 1000, Shell: "zsh"}, Env: map[string]string{"A": "yes", "B": "1:30", "C": "{{x}} # '\""}, Packages: []Package{{Name: "git"}, {Apt: "fd-find"}}},
		Resources: Resources{CPUs: CPUs{Count: 4}, Memory: Memory{Share: 50, Max: 8 << 30}, Disk: 60 << 30},
		Sockets:   []Socket{{Name: "docker", From: "docker", Host: "/var/run/docker.sock", Env: "DOCKER_HOST"}},
		Ports:     []Port{{Guest: OnePort(80), Host: OnePort(8080)}, {Guest: PortRange{8000, 8010}, Host: PortRange{9000, 9010}, Protocol: "udp", Address: "0.0.0.0"}, {Guest: OnePort(5432), Host: OnePort(5432)}},
	}
	text, err := Write(p, Remarks{"": "Made here.\nOf several lines.", "resources.cpus": "as it was", "sockets": "forwarded", "lima.sshPort": ""})
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Made here.
# Of several lines.
version: 1
name: vm
host: {os: linux, user: ada}

lima:
  instance: default
  sshPort: 0
  extra:
    hostResolver:
      enabled: false
    dns:
      - 1.1.1.1
    message: "a\n\n"

guest:
  system: debian
  release: "13"
  user: {shell: zsh}
  packages: [git, {apt: fd-find}]
  env:
    A: "yes"
    B: "1:30"
    C: '{{x}} # ''"'

resources:
  # as it was
  cpus: 4
  memory: {share: 50%, max: 8GiB}
  disk: 60GiB

# forwarded
sockets:
  - {name: docker, from: docker}

ports:
  - {guest: 80, host: 8080}
  - {guest: 8000-8010, host: 9000-9010, protocol: udp, address: 0.0.0.0}
  - {guest: 5432}
`
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if _, err := Load("vmloom.yaml", text); err != nil {
		t.Error(err)
	}
}
