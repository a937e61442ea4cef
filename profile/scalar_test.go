package profile

import "testing"

func TestScalars(t *testing.T) { testLoad(t, scalarCases) }

var scalarCases = []loadCase{
	{"a number for everything", with(`name: 5
host: {os: 1, user: 2}
guest: {system: ubuntu, release: 25.10, user: 3, packages: [4, [], {nix: 5}], env: {A: 6, B: 7.50}}
lima: {instance: 8, extra: 9}
mounts: [{host: 10, writable: 1}]
autostart: 11
resources: {disk: 12, memory: 1.5}
targets: [13]`), `2:7: name: must be text [write it in quotes: "5"]
3:12: host.os: must be one of macos, linux
3:21: host.user: must be text [write it in quotes: "2"]
4:34: guest.release: must be text [write it in quotes: "25.10"]
4:47: guest.user: must be a mapping [write {name: NAME}]
4:61: guest.packages[0]: must be text [write it in quotes: "4"]
4:64: guest.packages[1]: must be a package name or a mapping with COLUMNS
4:74: guest.packages[2].nix: must be text [write it in quotes: "5"]
4:88: guest.env.A: must be text [write it in quotes: "6"]
4:94: guest.env.B: must be text [write it in quotes: "7.50"]
5:18: lima.instance: must be text [write it in quotes: "8"]
5:28: lima.extra: must be a mapping [write {KEY: VALUE}, in Lima's words]
6:17: mounts[0].host: must be text [write it in quotes: "10"]
6:31: mounts[0].writable: must be true or false [write true]
7:12: autostart: must be one of off, login, boot
8:19: resources.disk: needs a unit: KiB, MiB, GiB or TiB [write 12GiB]
8:31: resources.memory: needs a unit: KiB, MiB, GiB or TiB
9:11: targets[0]: must be text [write it in quotes: "13"]`},
	{"booleans", with(`name: true
guest: {system: ubuntu, release: true, user: {name: u}, env: {A: yes, B: true}}
mounts: [{host: /a, writable: yes}, {host: /b, writable: "true"}, {host: /c, writable: False}, {host: /d, writable: maybe}]
autostart: false`), `2:7: name: must be text [write it in quotes: "true"]
4:34: guest.release: must be text [write it in quotes: "true"]
4:74: guest.env.B: must be text [write it in quotes: "true"]
5:31: mounts[0].writable: must be true or false [write true]
5:58: mounts[1].writable: must be true or false [write true]
5:117: mounts[3].writable: must be true or false
6:12: autostart: must be one of off, login, boot [write off]`},
	{"quoted numbers", with(`version: "1"
ports: [{guest: "80"}]`), `1:10: version: must be a whole number [write it without quotes: 1]
5:17: ports[0].guest: must be a whole number [write it without quotes: 80]`},
	{"dates are text", with("guest: {system: nixos, user: {name: u}, env: {A: 2026-01-02}}"), ""},
	{"whole numbers", with(`ports:
- guest: 0x50
- guest: 0o120
- guest: 080
- guest: 0b11
- guest: 8_0
- guest: +80
- guest: -80
- guest: 8e1
- guest: 80.0
- guest: .inf
- guest: 99999999999999999999
- guest: 0
- guest: 65536
- guest: eighty
- guest: 1:30
- guest: true`), `6:10: ports[0].guest: must be a whole number in plain decimal digits [write 80]
7:10: ports[1].guest: must be a whole number in plain decimal digits [write 80]
8:10: ports[2].guest: must be a whole number in plain decimal digits
9:10: ports[3].guest: must be a whole number in plain decimal digits [write 3]
10:10: ports[4].guest: must be a whole number in plain decimal digits [write 80]
11:10: ports[5].guest: must be a whole number in plain decimal digits [write 80]
12:10: ports[6].guest: must be between 1 and 65535
13:10: ports[7].guest: must be a whole number in plain decimal digits [write 80]
14:10: ports[8].guest: must be a whole number in plain decimal digits [write 80]
15:10: ports[9].guest: must be a whole number in plain decimal digits
16:10: ports[10].guest: must be between 1 and 65535
17:10: ports[11].guest: must be between 1 and 65535
18:10: ports[12].guest: must be between 1 and 65535
19:10: ports[13].guest: must be a whole number
20:10: ports[14].guest: must be a port, or a range of ports [write guest: 30, host: 1]
21:10: ports[15].guest: must be a whole number`},
	{"numbers in range", with(`version: 2
resources: {cpus: 257}
lima: {sshPort: -1}
guest: {system: ubuntu, release: "25.10", user: {name: u, uid: 499}}`), `1:10: version: must be 1 [a higher one is for a newer vmloom; vmloom version says what this is]
4:64: guest.user.uid: must be between 500 and 60000, or host
5:19: resources.cpus: must be between 1 and 256
6:17: lima.sshPort: must be between 0 and 65535`},
	{"null for everything", with(`version:
name: ~
host:
guest: null
runner:
lima:
mounts: [null, {host: }, {host: /a, writable: ~}]
resources: {memory: , disk: null}
wezterm:
targets: ["", ~]`), `1:9: version: must be a whole number, not empty [remove the key, or give it a value]
2:7: name: must be text [a lone ~ is nothing in YAML: write ~/, or quotes around it]
3:6: host: must be a mapping, not empty [remove the key, or give it a value]
4:8: guest: must be a mapping, not empty [remove the key, or give it a value]
5:8: runner: must be text, not empty [remove the key, or give it a value]
6:6: lima: must be a mapping, not empty [remove the key, or give it a value]
7:10: mounts[0]: must be a mapping, not empty [remove the key, or give it a value]
7:23: mounts[1].host: must be text, not empty [remove the key, or give it a value]
7:47: mounts[2].writable: must be true or false, not empty [remove the key, or give it a value]
8:21: resources.memory: must be text, not empty [remove the key, or give it a value]
8:29: resources.disk: must be text, not empty [remove the key, or give it a value]
9:9: wezterm: must be a mapping, not empty [remove the key, or give it a value]
10:11: targets[0]: must not be empty
10:15: targets[1]: must be text [a lone ~ is nothing in YAML: write ~/, or quotes around it]`},
	{"empty texts", with(`name: ""
runner: ""
host: {os: "", user: ""}
guest: {system: "", release: "", user: {name: "", authorizedKeys: [""]}, env: {A: ""}, packages: [{apt: ""}]}
mounts: [{host: "", guest: ""}]
sockets: [{name: "", check: ""}]
resources: {memory: ""}`), `2:7: name: must not be empty [remove the key, or give it a value]
3:12: host.os: must not be empty [remove the key, or give it a value]
3:22: host.user: must not be empty [remove the key, or give it a value]
4:17: guest.system: must not be empty [remove the key, or give it a value]
4:30: guest.release: must not be empty [remove the key, or give it a value]
4:47: guest.user.name: must not be empty [remove the key, or give it a value]
4:68: guest.user.authorizedKeys[0]: must not be empty
4:105: guest.packages[0].apt: must not be empty [remove the key, or give it a value]
5:9: runner: must not be empty [remove the key, or give it a value]
6:17: mounts[0].host: must not be empty [remove the key, or give it a value]
6:28: mounts[0].guest: must not be empty [remove the key, or give it a value]
7:11: sockets[0].host: is required where from is not set [from knows PRESETS_BY_NAME]
7:18: sockets[0].name: must not be empty [remove the key, or give it a value]
7:29: sockets[0].check: must not be empty [remove the key, or give it a value]
8:21: resources.memory: needs a unit: KiB, MiB, GiB or TiB`},
	{"sizes: no unit, another's unit, negative", with(`resources: {memory: 12, disk: 50GB}
home: {disk: -1GiB}`), `5:21: resources.memory: needs a unit: KiB, MiB, GiB or TiB [write 12GiB]
5:31: resources.disk: needs a unit: KiB, MiB, GiB or TiB [write 50GiB]
6:14: home.disk: must be a whole number and a unit, such as 12GiB`},
	{"sizes: overflow, fraction, blank", with(`resources: {memory: 9999999999TiB, disk: 1.5GiB}
home: {disk: "40 GiB"}`), `5:21: resources.memory: does not fit 64 bits
5:42: resources.disk: must be a whole number and a unit, such as 12GiB [write 1536MiB]
6:14: home.disk: must be a whole number and a unit, such as 12GiB [write 40GiB]`},
	{"sizes: no number, Lima's letter, plus", with(`resources: {memory: GiB, disk: 40G}
home: {disk: +40GiB}`), `5:21: resources.memory: must be a whole number and a unit, such as 12GiB
5:32: resources.disk: needs a unit: KiB, MiB, GiB or TiB [write 40GiB]
6:14: home.disk: must be a whole number and a unit, such as 12GiB`},
	{"sizes: lower case, nothing, hexadecimal", with(`resources: {memory: 512mib, disk: 0GiB}
home: {disk: 0x40}`), `5:21: resources.memory: needs a unit: KiB, MiB, GiB or TiB [write 512MiB]
5:35: resources.disk: must be more than 0
6:14: home.disk: needs a unit: KiB, MiB, GiB or TiB`},
	{"sizes: digits beyond 64 bits, bytes, exponent", with(`resources: {memory: 99999999999999999999GiB, disk: 1000B}
home: {disk: 1e3GiB}`), `5:21: resources.memory: does not fit 64 bits
5:52: resources.disk: needs a unit: KiB, MiB, GiB or TiB
6:14: home.disk: must be a whole number and a unit, such as 12GiB`},
	{"a lone tilde", with("mounts: [{host: ~}]"), "5:17: mounts[0].host: must be text [a lone ~ is nothing in YAML: write ~/, or quotes around it]"},
}
