package profile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const topKeys = "keys here: version, name, extends, host, runner, lima, qemu, guest, resources, rosetta, home, disks, mounts, sockets, onepassword, ports, network, autostart, wezterm, nix, guix, build, targets"

// loadCase is a profile and what Load says of it: a line for each problem, its
// hint in brackets.
type loadCase struct{ name, src, want string }

// with is the least profile with lines replaced or, from line 5 on, added.
func with(text string) string {
	lines := []string{"version: 1", "name: a", "host: {os: linux}", `guest: {system: ubuntu, release: "26.04", user: {name: u}}`}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		key, _, _ := strings.Cut(line, ":")
		replaced := false
		for i, l := range lines {
			if strings.HasPrefix(l, key+":") {
				lines[i], replaced = strings.TrimSuffix(line, "\n"), true
			}
		}
		if !replaced {
			rest.WriteString(line)
		}
	}
	return strings.Join(lines, "\n") + "\n" + rest.String()
}

func report(err error) string {
	var ps Problems
	if !errors.As(err, &ps) && err != nil {
		return err.Error()
	}
	var out []string
	for _, p := range ps {
		s := p.String()
		if p.Hint != "" {
			s += " [" + p.Hint + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func testLoad(t *testing.T, cases []loadCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load("vmloom.yaml", []byte(c.src))
			if d := cmp.Diff(often.Replace(c.want), report(err)); d != "" {
				t.Errorf("%s\n-want +got:\n%s", c.src, d)
			}
		})
	}
}

func TestLoad(t *testing.T) { testLoad(t, loadCases) }

// loadCases are about keys and aliases. Elsewhere: numbers, sizes and the like in
// scalar_test.go, text and YAML in text_test.go, meaning in validate_test.go and
// places_test.go.
var loadCases = []loadCase{
	{"unknown key", with("zebra: 1"), "5:1: zebra: unknown key [" + topKeys + "]"},
	{"near name", with(`nme: b
resources: {mem: 4GiB, cpu: 2}
mounts: [{hosst: /a, gest: /b}]`), `5:1: nme: unknown key [did you mean name?]
6:13: resources.mem: unknown key [write memory]
6:24: resources.cpu: unknown key [write cpus]
7:10: mounts[0].host: is required [write host: ~/src]
7:11: mounts[0].hosst: unknown key [did you mean host?]
7:22: mounts[0].gest: unknown key [did you mean guest?]`},
	{"no near name", with("build: {where: here}"), "5:9: build.where: unknown key [write on]"},
	{"duplicate keys", with(`name: b
ports:
- guest: 80
  guest: 81`), "7:3: ports[0].guest: key is already set in line 6 [keep one of the two]"},
	{"duplicate keys hide no other problem", with(`runner: none
runner: lima
home: {disk: 1KiB, disk: 2KiB}`), `5:9: runner: must be one of lima, qemu
6:1: runner: key is already set in line 5 [keep one of the two]
7:14: home.disk: must be at least 256MiB
7:20: home.disk: key is already set in line 7 [keep one of the two]`},
	{"a text for everything", with(`host: x
guest: x
runner: lima
lima: instance:x
resources: x
mounts: x
ports: x
wezterm: x
targets: lima`), `3:7: host: must be a mapping [write {os: x}]
4:8: guest: must be a mapping [write {system: x}]
6:7: lima: must be a mapping [put a blank after the colon]
7:12: resources: must be a mapping [write {cpus: 4, memory: 8GiB, disk: 50GiB}]
8:9: mounts: must be a list [write [{host: ~/src, writable: true}]]
9:8: ports: must be a list [write [{guest: 8080, host: 18080}]]
10:10: wezterm: must be a mapping [write {}]
11:10: targets: must be a list [write it as a list, even of one: [lima]]`},
	{"a list for everything", with(`host: []
name: []
guest: [x]
runner: [lima]
lima: []
autostart: []
mounts: [[]]
ports: [[]]
guix: {channels: [[]]}`), `2:7: name: must be text
3:7: host: must be a mapping [write {os: linux}]
4:8: guest: must be a mapping [write {system: ubuntu, release: "26.04"}]
5:9: runner: must be one of lima, qemu [it takes one value: write lima]
6:7: lima: must be a mapping [write {instance: NAME}]
7:12: autostart: must be one of off, login, boot
8:10: mounts[0]: must be a mapping
9:9: ports[0]: must be a mapping
10:19: guix.channels[0]: must be a mapping`},
	{"a mapping for everything", with(`version: {}
name: {}
runner: {}
mounts: {}
sockets: {host: /a}
targets: {}
nix: {nixpkgs: {}, modules: {}, homeManager: {}}`), `1:10: version: must be a whole number
2:7: name: must be text
5:9: runner: must be one of lima, qemu
6:9: mounts: must be a list [put brackets around it: [{…}]]
7:10: sockets: must be a list [put brackets around it: [{…}]]
8:10: targets: must be a list [put brackets around it: [{…}]]
9:16: nix.nixpkgs: must be text
9:29: nix.modules: must be a list [put brackets around it: [{…}]]
9:46: nix.homeManager: must be true or false`},
	{"required keys", `version: 1
`, `1:1: name: is required [write name: dev]
1:1: host: is required [write host: {os: linux}]
1:1: guest: is required [write guest: {system: ubuntu, release: "26.04"}]`},
	{"required keys, in what is there", `host: {user: u}
guest: {user: {shell: zsh}}
mounts: [{guest: /a}]
guix: {channels: [{url: "https://example.org/x", introduction: {}}]}
`, `1:1: version: is required: 1
1:1: name: is required [write name: dev]
1:7: host.os: is required: one of macos, linux
2:8: guest.system: is required: one of SYSTEMS
3:10: mounts[0].host: is required [write host: ~/src]
4:19: guix.channels[0].name: is required
4:19: guix.channels[0].commit: is required [guix describe shows the commit that you have]
4:64: guix.channels[0].introduction.commit: is required
4:64: guix.channels[0].introduction.fingerprint: is required`},
	{"merge key", with(`guest: {system: ubuntu, release: "25.10", user: {<<: {name: u}, shell: zsh}}`), `4:49: guest.user.name: is required where host.user is not set
4:50: guest.user: merge key << is not YAML 1.2 [repeat the fields, or use an alias for a whole value]`},
	{"keys that are no text", with(`1: x
true: x
~: x
? [a]
: x
"": x
"a\e[31mb": x
lima: {extra: {"a\nb": 1, 2: 3}}`), `5:1: key must be text
6:1: key must be text
7:1: key must be text
8:3: key must be text
10:1: key must be text, not empty
11:1: key must be one line of at most 256 bytes without control characters
12:16: lima.extra: key must be one line of at most 256 bytes without control characters
12:27: lima.extra: key must be text`},
	{"texts of several lines or with control characters", with(`lima: {instance: "a\nb"}
nix:
  modules:
  - |
    ./a.nix
sockets: [{name: a, host: "/\e[31m"}]
build: {on: "\u2028"}`), `5:18: lima.instance: must be one line without control characters [write it on the line of its key]
8:5: nix.modules[0]: must be one line without control characters [write it on the line of its key]
10:27: sockets[0].host: must be one line without control characters [write it on the line of its key]
11:13: build.on: must be one line without control characters [write it on the line of its key]`},
	{"anchors and aliases", with(`host: {os: &o linux}
guest: {system: guix, user: {name: &n u}}
runner: &r qemu
mounts: [&m {host: /a}]
lima: {vmType: *r, extra: {a: &x {b: 1}, c: *x, d: [*x, *x]}}`), ""},
	{"aliases stand where they are used", with(`mounts: [{host: &bad relative}, {host: *bad}, &m {host: /a, gest: 1}, *m]
lima: {vmType: *bad}`), `5:17: mounts[0].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./relative]
5:40: mounts[1].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./relative]
5:57: mounts[3].host: mounts[2] is already at /a
5:61: mounts[2].gest: unknown key [did you mean guest?]
5:61: mounts[3].gest: unknown key [did you mean guest?]
6:16: lima.vmType: must be one of vz, qemu`},
	{"alias cycles", with(`lima: {extra: &a {b: *a, c: {d: [*a]}}}
mounts: &m [*m]
zebra: &z {z: *z}`), `5:22: alias stands inside the value it names
5:34: alias stands inside the value it names
6:13: alias stands inside the value it names
7:15: alias stands inside the value it names`},
	{"unknown alias", with("lima: *nope"), "5:7: YAML: unknown anchor [a text that starts with * needs quotes]"},
	{"tags", with(`lima: {instance: !!str a, extra: {a: !foo b, c: !!binary aGk=}}
mounts: !!seq [{host: /a, writable: !!bool yes}]`), `5:38: unknown tag [remove it: a profile needs none; a text that begins with ! needs quotes]
5:49: unknown tag [remove it: a profile needs none; a text that begins with ! needs quotes]`},
}
