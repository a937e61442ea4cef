package profile

import (
	"slices"
	"strings"
	"testing"

	"vmloom/lima"
)

func TestExtraRules(t *testing.T) { testRules(t, extraRules) }

const onVZ = "host: {os: macos}\n"

// extraRules are what limactl refuses of lima.extra; the tests of package lima have more of them.
var extraRules = []rule{
	{"lima: {extra: {memory: lots, cpus: 4, disk: 12GiB}}", `5:24: lima.extra.memory: Lima refuses it: is no size [write 12GiB]`},
	{"lima: {extra: {mounts: {location: ~/src}, hostResolver: {enabled: \"no\"}, dns: 10.0.0.53}}", `5:24: lima.extra.mounts: Lima refuses it: must be a list [begin each of its elements with a - and a blank]
5:67: lima.extra.hostResolver.enabled: Lima refuses it: must be true or false [write false, without quotes]
5:79: lima.extra.dns: Lima refuses it: must be a list [write [10.0.0.53]]`},
	{"lima: {extra: {provision: [{mode: sytem, script: a}, {mode: boot}]}}", `5:35: lima.extra.provision[0].mode: Lima refuses it: must be one of system, user, boot, dependency, ansible, data, yq [did you mean system?]
5:54: lima.extra.provision[1]: Lima refuses it: has no script [script: |]`},
	{"lima: {extra: {dns: [10.0.0.53], param: {x: y}}}", `5:21: lima.extra.dns: Lima refuses it: must be empty while Lima's own resolver answers [hostResolver: {enabled: false} beside it]
5:42: lima.extra.param.x: Lima refuses it: is used by no script [{{.Param.x}} in a script, or $PARAM_x, uses it]`},
	{"lima: {extra: {portForwards: [{guestPort: 22}, {guestPort: 80, reverse: true, hostIP: localhost}]}}", `5:43: lima.extra.portForwards[0].guestPort: Lima refuses it: must not be 22 [ssh.localPort is where SSH answers on the host]
5:48: lima.extra.portForwards[1]: Lima refuses it: reverse is for a guestSocket and a hostSocket
5:87: lima.extra.portForwards[1].hostIP: Lima refuses it: is no IP address [127.0.0.1 is this machine alone, 0.0.0.0 everybody]`},
	{"lima: {extra: {mountType: nfs, networks: [{lima: shared}]}}", `5:27: lima.extra.mountType: Lima refuses it: must be one of reverse-sshfs, 9p, virtiofs, wsl2
5:50: lima.extra.networks[0].lima: Lima refuses it: Lima has this network on macOS alone [{lima: user-v2} works everywhere]`},
	{onVZ + "lima: {extra: {mountType: 9p, networks: [{lima: shared}]}}", `5:27: lima.extra.mountType: Lima refuses it: vz mounts by virtiofs or reverse-sshfs [remove it: virtiofs is vz's own]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}}\nlima: {extra: {mountType: 9p, mounts: [{location: /src, mountPoint: /home/u.guest}]}}", `5:27: lima.extra.mountType: Lima refuses it: the image of Debian 13 has no 9p [remove it: reverse-sshfs is taken]
5:69: lima.extra.mounts[0].mountPoint: Lima refuses it: is the guest's home [write another one, such as /mnt/work]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, image: {location: /x.img}}\nlima: {extra: {mountType: 9p}}", ""},
	{"lima: {extra: {images: [{arch: aarch64}], additionalDisks: [{name: a b}]}}", `5:25: lima.extra.images[0]: Lima refuses it: needs location
5:68: lima.extra.additionalDisks[0].name: Lima refuses it: is no name of a disk [letters, digits, and single . _ - between them]`},
	{"home: {disk: 1GiB}\ndisks: [{name: data, size: 1GiB, mount: /data}]\nlima: {extra: {additionalDisks: [{name: a-home}, a-data, {name: mine}, data]}}", `7:41: lima.extra.additionalDisks[0]: home.disk is this disk: Lima would attach it twice [remove it here, or give it another name]
7:50: lima.extra.additionalDisks[1]: disks[0] is this disk: Lima would attach it twice [remove it here, or give it another name]`},
	{"home: {name: b}\ndisks: [{name: data, size: 1GiB, mount: /data}]\nlima: {extra: {additionalDisks: [a-data, b-home, {format: false}]}}", `7:50: lima.extra.additionalDisks[2]: Lima refuses it: needs name`},
	{"lima: {extra: {message: \"{{.Nope}} {{.Name}}\", rosetta: {enabled: 1}, ssh: {localPort: \"22.5\"}}}", `5:25: lima.extra.message: Lima refuses it: {{.Nope}} is no word of a message, which breaks the instance [its words are those of limactl list --format: Name, Hostname, Dir, SSHLocalPort, Param and more]
5:67: lima.extra.rosetta.enabled: Lima refuses it: must be true or false [write true, without quotes]
5:88: lima.extra.ssh.localPort: Lima refuses it: must not be 22 [ssh.localPort is where SSH answers on the host]`},
	{"lima: {extra: {message: \"{{.Name\", cpuType: {x86_64: [5]}, user: {uid: -1}}}", "5:25: lima.extra.message: Lima refuses it: is no template, which breaks the instance: unclosed action [write {{`{{…}}`}} for what is to be seen]\n5:54: lima.extra.cpuType.x86_64: Lima refuses it: must be text\n5:72: lima.extra.user.uid: Lima refuses it: must be between 0 and 4294967295"},
	{"lima: {extra: {provision: [{mode: data, path: /x, permissions: 9}, {script: a, skipDefaultDependencyResolution: true}], mounts: [{location: /x, 9p: {msize: lots}}], dns: [abc], hostResolver: {enabled: false}}}", `5:64: lima.extra.provision[0].permissions: Lima refuses it: is no octal number [write "644"]
5:113: lima.extra.provision[1].skipDefaultDependencyResolution: Lima refuses it: is for the mode dependency alone [write mode: dependency]
5:157: lima.extra.mounts[0].9p.msize: Lima refuses it: is no size [write 128KiB]
5:172: lima.extra.dns[0]: Lima refuses it: is no IP address`},
	{"lima: {extra: {vmOpts: {qemu: {minimumVersion: [8]}, vz: 5}}}", "5:48: lima.extra.vmOpts.qemu.minimumVersion: Lima refuses it: must be text"},
	{"lima: {extra: {provision: [{script: a, format: yaml}, {script: a, path: /x}, {script: a, playbook: /x.yaml}]}}", `5:48: lima.extra.provision[0].format: Lima refuses it: is for the mode yq alone [write mode: yq]
5:73: lima.extra.provision[1].path: Lima refuses it: is for the mode data or yq alone [write mode: data]
5:100: lima.extra.provision[2].playbook: Lima refuses it: is for the mode ansible alone [write mode: ansible]`},
	{onVZ + "lima: {extra: {vmOpts: {qemu: 5}}}", ""},
	{"lima: {extra: {cpuType: host, vmOpts: {qemu: {cpuType: [max]}}}}", `5:25: lima.extra.cpuType: Lima refuses it: must be a mapping [name the processor before it: {x86_64: host}]
5:56: lima.extra.vmOpts.qemu.cpuType: Lima refuses it: must be a mapping [name the processor before it: {x86_64: max}]`},
	{"lima: {networks: [{name: user-v2}], extra: {networks: [{lima: user-v2, interface: lima0}]}}", `5:83: lima.extra.networks[0].interface: Lima refuses it: is the name of another network's card [another name, such as lima5]`},
	{"lima: {extra: {networks: [{lima: user-v2, interface: lima1}, {lima: user-v2}]}}", `5:62: lima.extra.networks[1]: Lima refuses it: has no interface, and the name that Lima would give it is another network's [interface: lima6]`},
	{"guest: {system: ubuntu, release: \"26.04\", user: {name: u}}\nmounts: [{host: /src}]\nlima: {extra: {mountTypesUnsupported: [9p]}}", `6:40: lima.extra.mountTypesUnsupported[0]: Lima refuses it: rules out what the directories are mounted by [lima: {mountType: reverse-sshfs}, or remove it]`},
	{"lima: {extra: {mountType: 9p, mountTypesUnsupported: [9p]}, vmType: qemu}\nguest: {system: ubuntu, release: \"26.04\", user: {name: u}}", `5:55: lima.extra.mountTypesUnsupported[0]: Lima refuses it: is the mountType [remove one of them]`},
	{"lima: {extra: {param: {x: a}, mounts: [{location: \"{{.Param.x}}\"}, {location: \"~bob/x\"}], copyToHost: [{guest: \"{{.Nope}}/x\", host: /x}]}}", `5:51: lima.extra.mounts[0].location: Lima refuses it: must be an absolute path, or start with ~, and Lima fills in a [write it out: only mounts of a profile may be relative to it, as {host: ./src, guest: /mnt/src}]
5:79: lima.extra.mounts[1].location: Lima refuses it: is the home of somebody else, which Lima does not look up [write it out, or ~/ for your own]
5:112: lima.extra.copyToHost[0].guest: Lima refuses it: must be an absolute path, and Lima fills in <no value>/x`},
	{"guest: {system: debian, release: \"13\", user: {name: u}}\nlima: {extra: {mounts: [{location: /src, mountPoint: \"{{.Home}}\"}], base: []}}", `5:54: lima.extra.mounts[0].mountPoint: Lima refuses it: is the guest's home [write another one, such as /mnt/work]
5:75: lima.extra.base: Lima refuses it: leaves the template without an image [remove it, or say guest.image]`},
	{"lima: {extra: {portForwards: [{guestSocket: /x}, {hostSocket: /x}, {guestPort: 80, hostSocket: /x}], probes: [{description: x}, {file: /x.sh}], provision: [{file: ./x.sh}, {file: /x, script: y}]}}", `5:31: lima.extra.portForwards[0]: Lima refuses it: has a guestSocket, and no hostSocket [hostSocket: {{.Dir}}/sock/NAME.sock]
5:50: lima.extra.portForwards[1]: Lima refuses it: has a hostSocket, and neither a guestSocket nor one guestPort [guestSocket: /run/…]
5:111: lima.extra.probes[0]: Lima refuses it: has no script [script: |, and #!/bin/sh in its first line]
5:136: lima.extra.probes[1].file: Lima refuses it: is not read for a probe [script: | takes its text]
5:164: lima.extra.provision[0].file: Lima refuses it: is looked for beside the generated template, where vmloom puts no file [an absolute path, or its text]
5:180: lima.extra.provision[1].file: Lima refuses it: stands beside a script [keep one of them]`},
	{onVZ + "lima: {extra: {tpm: true}}", `5:21: lima.extra.tpm: Lima refuses it: vz has none [remove it]`},
	{"lima: {extra: {env: {A: 1, B: true}, cpus: \"4\", newKey: {of: [a, later, Lima]}}}", ""},
}

// TestMountTypes holds every release's type of mount to what the image of it can.
func TestMountTypes(t *testing.T) {
	for _, s := range Systems() {
		for _, r := range s.Releases {
			image, known := lima.StockTemplateAt(lima.ImageTemplate(s.Name, r.Name))
			if !known {
				t.Errorf("%s %s: Lima has no such image", s.Name, r.Name)
			}
			if kind := s.Mounts(r.Name); slices.Contains(strings.Fields(image.Sets["mountTypesUnsupported[]"]), kind) {
				t.Errorf("%s %s: Lima refuses %s", s.Name, r.Name, kind)
			}
		}
	}
}

// TestExtraStays: what is made of a profile leaves its lima.extra as it was read, with the types of its values.
func TestExtraStays(t *testing.T) {
	p, err := Load("p.yaml", []byte("version: 1\nname: n\nhost: {os: linux, user: u}\nguest: {system: debian, release: \"13\"}\nmounts: [{host: /src}]\nlima: {extra: {plain: true, env: {A: 5}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	before := Lint(p, nil)
	p.Applied()
	if after := Lint(p, nil); !slices.EqualFunc(before, after, func(a, b Problem) bool { return a.Path == b.Path }) || len(before) != 2 {
		t.Errorf("%+v, then %+v", before, after)
	}
}
