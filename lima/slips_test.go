package lima

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestSlips holds what is refused here to what limactl refused, line by line.
func TestSlips(t *testing.T) {
	for name, text := range recorded(t, "slips.txtar") {
		part, said, _ := strings.Cut(strings.TrimSpace(text), "\n= ")
		var doc yaml.Node
		if err := yaml.Load([]byte(part), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var why []string
		for _, p := range Check(doc.Content[0]) {
			if p.Refused() {
				why = append(why, string(p.Fault))
			}
		}
		for _, s := range Slips(doc.Content[0], Around{}) {
			if s.Refused {
				why = append(why, s.Reason)
			}
		}
		if refused := said != "OK"; refused != (len(why) > 0) {
			t.Errorf("%s: %q\nlimactl: %s\nhere: %q", name, part, said, why)
		}
	}
}

// TestSlipsTaken are those that Lima takes, and does otherwise than they seem to say.
func TestSlipsTaken(t *testing.T) {
	for part, want := range map[string]string{
		`provision: [{script: "docker ps --format {{.Names}} {{.User}}"}]`:                                         "{{.Names}} is no word of Lima's",
		`provision: [{script: "docker ps --format '{{json .}}' {{.User}}"}]`:                                       `{{.User}} stays as it is: function "json" not defined`,
		`provision: [{script: "docker ps --format '{{json .}}'"}]`:                                                 "",
		"provision: [{script: \"{{.Home}} {{if .User}}{{.UID}}{{else}}{{.Nope}}{{end}}{{`{{.Names}}`}}\"}]":        "{{.Nope}} is no word of Lima's",
		`{param: {x: y}, provision: [{script: "{{.Param.x}} {{.Param.z}} {{.Param.ours}}"}]}`:                      "{{.Param.z}} is no parameter",
		`{base: "template:docker", provision: [{script: "{{.Param.z}}"}]}`:                                         "",
		`portForwards: [{guestSocket: /run/x.sock, hostSocket: "~/x.sock", reverse: true}]`:                        "is not expanded",
		`portForwards: [{guestSocket: "/run/{{.UID}}/x.sock", hostSocket: "{{.GlobalTempDir}}/x", reverse: true}]`: "",
		`portForwards: [{guestSocket: "{{.Dir}}/x.sock", hostSocket: "{{.Hostname}}"}]`:                            "must be an absolute path, and Lima fills in <no value>/x.sock",
		`networks: [{lima: 5}]`:                                          "is none of Lima's own networks",
		`networks: [{lima: bridged}]`:                                    "",
		`cpus: -1`:                                                       "is no number of processors",
		`cpuType: {x86: host}`:                                           "is no processor of Lima's",
		`vmOpts: {qemu: {cpuType: {arm64: host}}}`:                       "is no processor of Lima's",
		`user: {home: "/home/{{.Usr}}"}`:                                 "{{.Usr}} is no word of Lima's",
		`user: {home: "/home/{{.User}}"}`:                                "",
		`provision: [{script: "{{range .Parm}}{{.x}}{{end}}"}]`:          "{{.Parm}} is no word of Lima's",
		`provision: [{script: "{{with .Param}}{{.x}}{{$.Hom}}{{end}}"}]`: "{{.Hom}} is no word of Lima's",
		`message: "{{.SSHLocalPort}} {{range .Networks}}{{.Lima}}{{$.Name}}{{else}}{{.Dir}}{{end}}{{with .Config}}{{.CPUs}}{{end}}"`: "",
		`message: "{{range .Networks}}{{$.User}}{{else}}{{.Home}}{{end}}"`:                                                           "{{.User}} is no word of a message",
		`provision: [{mode: data, path: /x, content: a, format: yaml}]`:                                                              "does nothing in the mode data",
		`provision: [{mode: yq, path: /x, expression: ., overwrite: false}]`:                                                         "does nothing in the mode yq",
		`provision: [{script: a, expression: .}]`:                                                                                    "does nothing in the mode system",
		`minimumLimaVersion: 2.3.0`:  "is newer than Lima 2.2.0",
		`minimumLimaVersion: v2.2.0`: "",
		`networks: [{lima: user-v2, interface: a}, {lima: user-v2, interface: a}]`:                                       "names a card a second time",
		`networks: [{lima: user-v2, macAddress: "01:00:5e:00:00:01"}]`:                                                   "is the address of a group",
		`networks: [{lima: user-v2, macAddress: "52:55:55:00:00:01"}, {lima: user-v2, macAddress: "52:55:55:00:00:01"}]`: "is the address of another network's card",
		`hostResolver: {hosts: {a.b: a.b}}`:                                                                              "leads back to a.b",
		`hostResolver: {hosts: {a.b: c.d, c.d: e.f, e.f: a.b}}`:                                                          "leads back to a.b",
		`hostResolver: {hosts: {a.b: c.d, c.d: e.f, e.f: 1.2.3.4}}`:                                                      "",
		`vmOpts: {qemu: {cpuType: {x86_64: cortex-a72}}}`:                                                                "is a model of aarch64: the VM of x86_64",
		`vmOpts: {qemu: {cpuType: {aarch64: "Skylake-Client-v4,+avx"}}}`:                                                 "is a model of x86_64: the VM of aarch64",
		`vmOpts: {qemu: {cpuType: {x86_64: "skylake-client-v4,+avx"}}}`:                                                  "is no model of QEMU's",
		`vmOpts: {qemu: {cpuType: {x86_64: host-passthrough}}}`:                                                          "is no model of QEMU's",
		`vmOpts: {qemu: {cpuType: {x86_64: "EPYC-v3,-x", aarch64: max, riscv64: rv64}}}`:                                 "",
		`vmOpts: {qemu: {cpuType: {x86_64: "host,-pdpe1gb", aarch64: cortex-a720}}}`:                                     "",
		`hostResolver: {hosts: {"a b": 1.2.3.4}}`:                                                                        "is no name of a host",
		`hostResolver: {hosts: {a.b: 1.2.3.4, c: d.e}}`:                                                                  "",
		`portForwards: [{guestPort: 3000}, {guestPort: 3000, hostPort: 3001}]`:                                           "is never reached: a rule before it is for 3000",
		`portForwards: [{guestPort: 3000, proto: udp}, {guestPort: 3000}]`:                                               "",
		`portForwards: [{guestPort: 3000, hostPort: 4000}, {guestPort: 3001, hostPort: 4000}]`:                           "wants a port of the host that a rule before it has",
		`portForwards: [{guestPortRange: [3000, 3010]}, {guestPortRange: [4000, 4010], hostPortRange: [3005, 3015]}]`:    "wants a port of the host",
		`portForwards: [{guestPort: 3000, hostPort: 4000}, {guestPort: 3001, hostPort: 4000, hostIP: "127.0.0.2"}]`:      "",
		`portForwards: [{guestPort: 3000}, {guestPortRange: [1, 65535], ignore: true}]`:                                  "",
		`portForwards: [{guestSocket: /a, hostSocket: /tmp/x.sock}, {guestSocket: /b, hostSocket: /tmp/x.sock}]`:         "is the socket of a rule before it",
		`mounts: [{location: /a, mountPoint: mnt/x}]`:                                                                    "is no absolute path",
		`mounts: [{location: /a, mountPoint: /mnt/lima-cidata}]`:                                                         "is Lima's own",
		`mounts: [{location: /a}, {location: /b, mountPoint: /a}]`:                                                       "is where another one of them is mounted",
		`mounts: [{location: /a, 9p: {msize: 100}}]`:                                                                     "is less than 4KiB",
		`mounts: [{location: "{{.Param.ours}}"}]`:                                                                        "",
		`{param: {x: /srv}, mounts: [{location: "{{.Param.x}}/a"}]}`:                                                     "",
		`{base: template:docker, mounts: [{location: "{{.Param.theirs}}"}]}`:                                             "",
		`provision: [{mode: boot, script: "true\nexit 0\n"}]`:                                                            "exit 0 ends the boot scripts",
		`provision: [{mode: boot, script: "set -eux"}]`:                                                                  "set -eux holds for the boot scripts",
		`provision: [{mode: system, script: "set -eu\nexit 0"}]`:                                                         "",
		`copyToHost: [{guest: /x}]`:                                                                                      "has no host",
		`copyToHost: [{guest: /x, host: /y, skipIfMissing: true}]`:                                                       "is of Limas after 2.2.0",
		`base: template:nosuch`:                                               "is none of the templates of Lima",
		`images: [{location: ./x.img}]`:                                       "is looked for in the directory that limactl is started in",
		`caCerts: {files: [x.pem]}`:                                           "is looked for in the directory",
		`caCerts: {certs: [x]}`:                                               "is no certificate in PEM",
		`vmOpts: {qemu: {minimumVersion: 8.2}}`:                               "is no version of three numbers",
		`{cpuType: {x86_64: host}, vmOpts: {qemu: {cpuType: {x86_64: max}}}}`: "does nothing: vmOpts.qemu.cpuType says max",
		`guestInstallPrefix: usr/local`:                                       "is no absolute path",
		`user: {name: a b}`:                                                   "is no name for an account",
		`user: {uid: 0}`:                                                      "is root's",
		`user: {home: ~/x}`:                                                   "is no directory of a home",
		`env: {"A B": x}`:                                                     "is no name of a variable",
		`env: {A: "x\ny"}`:                                                    "ends with its first line",
		`{param: {x: null}, mounts: [{location: "{{.Param.x}}"}]}`:            "is nothing as long as param.x is",
		`memory: 12`:                                                          "is a number of bytes",
		`disk: "100"`:                                                         "is a number of bytes",
	} {
		var doc yaml.Node
		if err := yaml.Load([]byte(part), &doc); err != nil {
			t.Fatalf("%s: %v", part, err)
		}
		found := Slips(doc.Content[0], Around{Params: map[string]string{"ours": "/x"}})
		if want == "" && len(found) > 0 || want != "" && (len(found) == 0 || !strings.Contains(found[0].Reason, want)) {
			t.Errorf("%s: %+v, not %q", part, found, want)
		}
	}
}
