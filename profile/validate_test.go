package profile

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule is what with makes a profile of, and what Load says of that; nothing
// where it is legal.
type rule struct{ yaml, want string }

func testRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		_, err := Load("vmloom.yaml", []byte(with(r.yaml)))
		if d := cmp.Diff(often.Replace(r.want), report(err)); d != "" {
			t.Errorf("%s\n-want +got:\n%s", r.yaml, d)
		}
	}
}

// often writes out what occurs again and again in the tables.
var often = strings.NewReplacer(
	"SHARE", "must be a share of the host's, from 1% to 100%, or half",
	"LABEL", "must be lower-case letters, digits and single inner dashes, starting with a letter",
	"SYSTEM_PATH", "system directory of the guest [give guest: another path, such as /mnt/work]",
	"WEZTERM_KEY", "must be modifiers and a key, such as CMD+SHIFT+T [modifiers: CMD, CTRL, ALT, SHIFT, LEADER; keys: one character or a name such as Enter, F5, LeftArrow]",
	"BY_HAND", ByHand(),
	"COLUMNS", strings.Join(PackageColumns(), ", "),
	"SYSTEMS", strings.Join(fieldsOf(reflect.TypeFor[Guest]()).byName["system"].enum, ", "),
	"PRESETS_BY_NAME", strings.Join(slices.Sorted(slices.Values(presetNames())), ", "),
	"PRESETS", strings.Join(presetNames(), ", "),
)

func TestRules(t *testing.T) { testRules(t, rules) }

// rules are those of validate.go and validate_guest.go; places_test.go has the others.
var rules = []rule{
	// names
	{"name: a-1", ""},
	{"name: Ascalon", "2:7: name: LABEL [write ascalon]"},
	{"name: 1a", "2:7: name: LABEL [write a]"},
	{"name: a_b", "2:7: name: LABEL [write a-b]"},
	{"name: a-", "2:7: name: LABEL [write a]"},
	{"name: a--b", "2:7: name: LABEL [write a-b]"},
	{"name: localhost", "2:7: name: localhost is the name every machine has for itself"},
	{"name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "2:7: name: is longer than 40 characters"},
	{`name: local
wezterm: {}`, "5:10: wezterm.domain: local is WezTerm's own domain [give domain: another name]"},
	{`name: unix
wezterm: {domain: unix-vm}`, ""},
	// shares of the host
	{"resources: {cpus: half, memory: 50%}", ""},
	{"resources: {cpus: {share: 100%, min: 2, max: 8}, memory: {share: half, min: 2GiB, max: 90GiB}}", ""},
	{"resources: {cpus: 0%, memory: 150%}", `5:19: resources.cpus: SHARE
5:31: resources.memory: SHARE`},
	{"resources: {cpus: 12.5%, memory: -5%}", `5:19: resources.cpus: SHARE
5:34: resources.memory: SHARE`},
	{"resources: {cpus: 050%, memory: '%'}", `5:19: resources.cpus: SHARE
5:33: resources.memory: SHARE`},
	{"resources: {cpus: {share: 50}, memory: {share: 0.5}}", `5:27: resources.cpus.share: SHARE [write 50%]
5:48: resources.memory.share: SHARE [write 50%]`},
	{"resources: {cpus: {min: 2}, memory: {max: 4GiB, share: [half]}}", `5:19: resources.cpus.share: is required
5:56: resources.memory.share: SHARE`},
	{"resources: {cpus: {share: half, min: 4, max: 2}, memory: {share: half, min: 4GiB, max: 2GiB}}", `5:38: resources.cpus.min: must not be more than max
5:77: resources.memory.min: must not be more than max`},
	{"resources: {cpus: {share: half, min: 0, max: 300}, memory: {share: 95%, min: 1MiB, max: 4}}", `5:38: resources.cpus.min: must be between 1 and 256
5:46: resources.cpus.max: must be between 1 and 256
5:68: resources.memory.share: must leave the host some: 90% at most
5:78: resources.memory.min: must be at least 512MiB
5:89: resources.memory.max: needs a unit: KiB, MiB, GiB or TiB [write 4GiB]`},
	{"resources: {memory: {share: half, max: 1048577KiB}}", "5:40: resources.memory.max: must be a whole number of MiB: Apple's hypervisor takes no other"},
	{"resources: {memory: 100%}", "5:21: resources.memory: must leave the host some: 90% at most"},
	{"resources: {memory: {share: half, limit: 2GiB}}", "5:35: resources.memory.limit: unknown key [keys here: share, min, max]"},
	// other flakes
	{"nix: {inputs: {sops-nix: {url: github:Mic92/sops-nix, follows: {nixpkgs: nixpkgs}}, d: {url: github:a/b, flake: false}}, modules: [sops-nix#nixosModules.sops, ./a.nix], overlays: [sops-nix#overlays.default], substituters: [https://c.example.org], allowUnfree: [all]}", ""},
	{"nix: {inputs: {sops-nix: {follows: {nixpkgs: nixpkgs}}}}", "5:26: nix.inputs.sops-nix.url: is required [write url: github:OWNER/REPO]"},
	{"nix: {inputs: {a: github:me/a, b: {url: github:me}, c: {url: \"gitlab:/x\"}, d: {url: github:me/d, follows: {darwin: \"\"}}}}", `5:19: nix.inputs.a: must be a mapping [write {url: github:me/a}]
5:41: nix.inputs.b.url: names no repository [write it as github:OWNER/REPO]
5:62: nix.inputs.c.url: names no repository [write it as github:OWNER/REPO]`},
	{"nix: {nixpkgs: github:NixOS}", "5:16: nix.nixpkgs: names no repository [write it as github:NixOS/nixpkgs/BRANCH]"},
	{"nix: {inputs: {s: {url: sops-nix}, a_1: {url: 'path:../x'}}}", `5:25: nix.inputs.s.url: must be a flake reference, such as github:NixOS/nixpkgs/nixos-26.05 [github:OWNER/REPO, git+ssh://git@HOST/PATH, or flake:NAME of nix's registry; nix flake metadata URL tells whether nix knows it]
5:47: nix.inputs.a_1.url: a relative path means something else in the guest [name its files in nix.modules, or publish it: git+https://…, github:OWNER/REPO]`},
	{"nix: {inputs: {nixpkgs: {url: github:a/b}, self: {url: github:a/b}, 1a: {url: github:a/b}}}", `5:25: nix.inputs.nixpkgs: is said by nix.nixpkgs [write the URL there]
5:50: nix.inputs.self: self is the flake itself [choose another name]
5:73: nix.inputs.1a: name must be letters, digits, dashes and underscores, starting with a letter`},
	{"nix: {inputs: {a: {url: github:a/b, follows: {x: b/y}}, b: {url: github:a/b, follows: {y: a/x}}}}",
		`5:50: nix.inputs.a.follows.x: goes in a circle: a/x follows b/y follows a/x [one of them must follow an input itself]
5:91: nix.inputs.b.follows.y: goes in a circle: b/y follows a/x follows b/y [one of them must follow an input itself]`},
	{"build: {machines: [{uri: ssh-ng://builder@bld1}]}", "5:9: build.machines: unknown key [write builders: in vmloom.fleet.yaml (docs/fleets.md)]"},
	{"nix: {inputs: {a: {url: github:a/b, follows: {x: a/x/y}}}}", "5:50: nix.inputs.a.follows.x: goes in a circle: a/x follows a/x/y [one of them must follow an input itself]"},
	{"nix: {inputs: {a: {url: 'git+ssh://git@github.com:me/x.git'}, b: {url: 'ssh://git@h/x'}, c: {url: 'indirect:x'}, d: {url: 'github:o/r#x'}}}", `5:25: nix.inputs.a.url: is an address of ssh, and no URL [write git+ssh://git@github.com/me/x.git]
5:72: nix.inputs.b.url: nix fetches nothing by ssh: alone [write git+ssh://git@h/x]
5:99: nix.inputs.c.url: is written in another way [write flake:x]
5:123: nix.inputs.d.url: an input is the whole flake [take the # and what follows out; modules and overlays name it: INPUT#ATTRIBUTE]`},
	{"nix: {nixpkgs: 'https://github.com/NixOS/nixpkgs', inputs: {a: {url: 'https://github.com/o/r.git'}, b: {url: 'path:x'}, c: {url: 's3://x/y'}}}", `5:16: nix.nixpkgs: is a web page to nix, and no repository [write github:NixOS/nixpkgs]
5:70: nix.inputs.a.url: is a web page to nix, and no repository [write github:o/r]
5:110: nix.inputs.b.url: a relative path means something else in the guest [name its files in nix.modules, or publish it: git+https://…, github:OWNER/REPO]
5:130: nix.inputs.c.url: nix fetches nothing by s3: [such as github:, git+https:// and git+ssh://]`},
	{"nix: {inputs: {a: {url: 'git+ssh://git@github.com/me/x.git'}, b: {url: 'git+ssh://git@h:2222/x'}, c: {url: 'flake:home-manager/release-26.05'}, d: {url: 'https://flakehub.com/f/a/b/0.1.tar.gz'}, e: {url: 'https://github.com/o/r/archive/main.tar.gz'}, f: {url: 'github:o/r?dir=sub', flake: false}, g: {url: 'sourcehut:~me/x'}, h: {url: 'gitlab:group%2Fsub/repo'}}}", ""},
	{"nix: {inputs: {a: {url: github:a/b, follows: {nixpkgs: nixpgs}}}}", "5:56: nix.inputs.a.follows.nixpkgs: no input is called nixpgs [inputs are a, nixos-lima, nixpkgs]"},
	{"nix: {inputs: {a: {url: github:a/b, flake: false}}, modules: [a#x, sops#y, a#let.x], homeModules: [./h.nix]}",
		`5:63: nix.modules[0]: a is no flake, and has no attributes [a module of yours imports its files: (inputs.a + "/FILE.nix")]
5:68: nix.modules[1]: no input is called sops [nix: {inputs: {sops: {url: ...}}}]
5:76: nix.modules[2]: a is no flake, and has no attributes [a module of yours imports its files: (inputs.a + "/FILE.nix")]
5:99: nix.homeModules: needs home-manager [nix: {homeManager: true}]`},
	{"nix: {modules: [nixpkgs#let.x], trustedPublicKeys: [abc], substituters: [c.example.org]}", `5:17: nix.modules[0]: let is a keyword of Nix, and no attribute
5:53: nix.trustedPublicKeys[0]: must be a key as NAME:BASE64, such as nix-community.cachix.org-1:mB9F…=
5:74: nix.substituters[0]: must be the URL of a binary cache, such as https://nix-community.cachix.org`},
	{"nix: {settings: {max-jobs: 4, keep-outputs: true, system-features: [kvm, big-parallel]}}", ""},
	{"nix: {settings: {substituters: [https://a.b], max-jobs: 1.5, A: b, x: {y: z}}}", `5:32: nix.settings.substituters: is said by nix.substituters [write it there]
5:57: nix.settings.max-jobs: must be a text, a whole number, true, false, or a list of these
5:65: nix.settings.A: must be the name of a setting of nix.conf
5:71: nix.settings.x: must be a text, a whole number, true, false, or a list of these`},
	{"nix: {inputs: {a: {url: github:a/b, flake: false, follows: {x: a}}}}", "5:60: nix.inputs.a.follows: what is no flake has no inputs [take the line out]"},
	// what the flake reads
	{"nix: {modules: [../a.nix, ./b.nix], root: ..}", ""},
	{"nix: {modules: [../../a.nix], root: ..}", "5:17: nix.modules[0]: lies outside of nix.root [nix: {root: ../..} has all of them]"},
	{"nix: {root: /etc}", "5:13: nix.root: must be ., .. or ../.. and so on: the profile's directory or one above it"},
	// Fedora
	{`guest: {system: fedora, release: "44", user: {name: u}, packages: [git, docker-client, {dnf: ShellCheck}]}`, ""},
	{`guest: {system: fedora, release: "40", user: {name: u}}`, `4:34: guest.release: must be one of 41, 42, 43, 44 for fedora`},
	{`guest: {system: fedora, release: "44", user: {name: u}, packages: [eza, {apt: fd-find}, {dnf: "a b"}]}`, `4:68: guest.packages[0]: the package map has no name of "eza" for fedora [it is packaged for nixos, guix, debian 13; if you know its name there, write {dnf: NAME}]
4:73: guest.packages[1]: the mapping has no package for fedora [if you know its name there, write {dnf: NAME}]
4:95: guest.packages[2].dnf: must be a package name of Fedora, or several separated by |`},
	{`guest: {system: fedora, release: "44", user: {name: u, home: /srv/u}}`, "4:62: guest.user.home: must be right below /home: elsewhere SELinux lets sshd read no keys"},
	// containers and groups
	{`guest: {system: debian, release: "13", user: {name: u}, containers: containerd, groups: [video, a_b-2]}`, ""},
	{`guest: {system: guix, user: {name: u}, containers: docker, groups: [docker]}
guix: {version: "1.4"}`, ""},
	{`guest: {system: guix, user: {name: u}, containers: podman}
guix: {version: "1.4"}`, `4:52: guest.containers: Guix 1.4 has no service of it [write docker, or guix: {version: "1.5"}]`},
	{`guest: {system: guix, user: {name: u}, containers: containerd}`, "4:52: guest.containers: Guix has no nerdctl, by which one works with it [write podman, or docker]"},
	{`guest: {system: ubuntu, release: "20.04", user: {name: u}, containers: podmn}`, "4:72: guest.containers: must be one of docker, podman, containerd [did you mean podman?]"},
	{`guest: {system: debian, release: "13", user: {name: u}, groups: [video, root, video, My Group]}`, `4:73: guest.groups[1]: root is the group of what nobody else may change [the user may do everything by sudo already]
4:79: guest.groups[2]: video is named before [remove one of them]
4:86: guest.groups[3]: must be lower-case letters, digits, dashes and underscores, starting with a letter or underscore [write mygroup]`},
	// locale
	{`guest: {system: debian, release: "13", user: {name: u}, locale: en_US.UTF-8}`, ""},
	{`guest: {system: nixos, user: {name: u}, locale: C.UTF-8, env: {LC_TIME: C}}`, ""},
	{`guest: {system: nixos, user: {name: u}, locale: de_DE.UTF-8, env: {LANG: C.UTF-8}}`, "4:74: guest.env.LANG: is set by guest.locale too [remove one of them]"},
	{`guest: {system: guix, user: {name: u}, locale: C.UTF-8}`, "4:48: guest.locale: a Guix System builds its locales from sources, and C has none [remove the line: its default is en_US.UTF-8]"},
	{`guest: {system: guix, user: {name: u}, locale: en_US}`, "4:48: guest.locale: must be a locale in UTF-8, such as en_US.UTF-8 or C.UTF-8 [write en_US.UTF-8]"},
	// host
	{"host: {os: macos, user: ann.lee, home: /Volumes/ann}", ""},
	{"host: {os: windows}", "3:12: host.os: must be one of macos, linux [on Windows vmloom runs in WSL 2: write linux]"},
	{"host: {os: mac}", "3:12: host.os: must be one of macos, linux [write macos]"},
	{"host: {os: linux, user: 1st}", "3:25: host.user: must be a login name"},
	{"host: {os: linux, arch: amd64}", "3:25: host.arch: must be one of aarch64, x86_64 [write x86_64]"},
	{"host: {os: linux, limaHome: lima}", "3:29: host.limaHome: must be a directory of letters, digits, blanks and . _ @ + -, absolute or starting with ~/"},
	{"host: {os: linux, limaHome: '~/vms,1'}", "3:29: host.limaHome: must be a directory of letters, digits, blanks and . _ @ + -, absolute or starting with ~/"},
	{"host: {os: linux, limaHome: ~/a/../b}", "3:29: host.limaHome: must be written plainly, without . or .. or a slash at the end"},
	{"host: {os: macos, limaHome: /Volumes/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaa}", "3:29: host.limaHome: is 1 characters too long: Lima's sockets would be at /Volumes/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaa/a/ssh.sock.1234567890123456 [a shorter directory, or a shorter lima.instance]"},
	{"host: {os: linux, home: home/u}", "3:25: host.home: must be an absolute path [begin it with a slash]"},
	{"host: {os: linux, home: ~/u}", "3:25: host.home: must be an absolute path [a home is written out here: /home/NAME]"},
	{"host: {os: linux, home: /home/u/}", "3:25: host.home: must be written plainly: /home/u"},
	{"host: {os: linux, home: /}", "3:25: host.home: / is no home directory"},
	{"host: {os: macos}", ""},
	{`host: {os: macos}
autostart: login`, ""},
	{`host: {os: macos}
sockets: [{name: d, from: colima}]`, ""},
	{`host: {os: macos, home: /Users/u}
autostart: login`, ""},
	{`host: {os: macos, home: /Users/u}
autostart: boot`, "3:7: host.user: is required for autostart boot: launchd starts the VM as root unless told whose it is [autostart: login is for everybody]"},
	{`host: {os: macos, user: u}
autostart: boot`, ""},
	// lima and runner
	{"lima: {instance: a.b_c-1, sshPort: 60022, vmType: qemu, extra: {cpus: 3}}", ""},
	{"lima: {instance: a..b}", "5:18: lima.instance: must be letters and digits, with single dots, dashes or underscores between them [write a]"},
	{"lima: {instance: -a}", "5:18: lima.instance: must be letters and digits, with single dots, dashes or underscores between them [write a]"},
	{"lima: {instance: dev.yaml}", "5:18: lima.instance: must not end in .yaml or .yml: limactl takes such a name for a file"},
	{"lima: {instance: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "5:18: lima.instance: is longer than 63 characters"},
	{`name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
host: {os: macos, home: /Users/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa}`, "2:7: name: is 6 characters too long: Lima's sockets would be at /Users/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/.lima/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/ssh.sock.1234567890123456 [lima.instance may be shorter than name]"},
	{`name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
host: {os: linux, home: /Users/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa}`, "2:7: name: is 2 characters too long: Lima's sockets would be at /Users/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/.lima/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/ssh.sock.1234567890123456 [lima.instance may be shorter than name]"},
	{"lima: {sshPort: 65536}", "5:17: lima.sshPort: must be between 0 and 65535"},
	{"lima: {vmType: vz}", "5:16: lima.vmType: vz exists on macOS only [write qemu, or remove the line]"},
	{`host: {os: macos}
lima: {vmType: vz}`, ""},
	{"runner: qemu", "5:9: runner: qemu runs Guix guests; ubuntu needs lima"},
	{`runner: lima
guest: {system: guix, user: {name: u}}`, "5:9: runner: Lima cannot boot a Guix System guest [write qemu, or remove the line]"},
	{"runner: virtualbox", "5:9: runner: must be one of lima, qemu"},
	// guest: system, release, arch, time zone
	{`guest: {system: debian, release: "13", arch: aarch64, timezone: Etc/GMT+1, user: {name: u}}`, ""},
	{"guest: {system: plan9, user: {name: u}}", "4:17: guest.system: must be one of SYSTEMS"},
	{"guest: {system: ubuntu, user: {name: u}}", "4:8: guest.release: is required for ubuntu: one of 20.04, 22.04, 24.04, 24.10, 25.04, 25.10, 26.04"},
	{`guest: {system: ubuntu, release: "25.1", user: {name: u}}`, "4:34: guest.release: must be one of 20.04, 22.04, 24.04, 24.10, 25.04, 25.10, 26.04 for ubuntu [write \"25.10\"]"},
	{`guest: {system: debian, release: "25.10", user: {name: u}}`, "4:34: guest.release: must be one of 11, 12, 13 for debian"},
	{`guest: {system: nixos, release: "26.05", user: {name: u}}`, "4:33: guest.release: does not apply to nixos [nix.nixpkgs chooses the release]"},
	{`guest: {system: guix, release: "1.5", user: {name: u}}`, "4:32: guest.release: does not apply to guix [guix.channels chooses the release]"},
	{"guest: {system: nixos, arch: arm64, timezone: Europe / Berlin, user: {name: u}}", `4:30: guest.arch: must be one of aarch64, x86_64, host [write aarch64]
4:47: guest.timezone: must be a name of the tz database, such as Europe/Berlin`},
	{"guest: {system: nixos, user: {name: u, shell: sh}, timezone: /etc/localtime}", `4:47: guest.user.shell: must be one of bash, zsh, fish [did you mean zsh?]
4:62: guest.timezone: must be a name of the tz database, such as Europe/Berlin`},
	// guest: user
	{"guest: {system: nixos, user: {name: _u-1, uid: 60000, shell: fish}}", ""},
	{"guest: {system: nixos}", "4:8: guest.user.name: is required where host.user is not set"},
	{`host: {os: linux, user: john.doe}
guest: {system: nixos}`, "4:8: guest.user.name: is required: host.user is no name for an account of the guest"},
	{`host: {os: linux, user: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
guest: {system: nixos}`, "4:8: guest.user.name: is required: host.user is no name for an account of the guest"},
	{`host: {os: linux, user: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
guest: {system: nixos}`, ""},
	{"wezterm: {domain: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "5:19: wezterm.domain: is longer than 63 characters"},
	{"guest: {system: nixos, user: {name: John}}", "4:37: guest.user.name: must be lower-case letters, digits, dashes and underscores, starting with a letter or underscore [write john]"},
	{"guest: {system: nixos, user: {name: root}}", "4:37: guest.user.name: root is an account or group of the guest's system [give it another name, such as dev]"},
	{"guest: {system: nixos, user: {name: admin}}", "4:37: guest.user.name: admin is an account or group of the guest's system [give it another name, such as dev]"},
	{"guest: {system: nixos, user: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}", "4:37: guest.user.name: is longer than 31 characters"},
	{"guest: {system: nixos, user: {name: u, uid: 501}}", "4:45: guest.user.uid: must be at least 1000: NixOS refuses a normal user below that [Lima's default is the Mac's 501; the profile's 1000 replaces it on both sides]"},
	{`guest: {system: debian, release: "12", user: {name: u, uid: 501}}`, ""},
	{"guest: {system: nixos, user: {name: u, uid: host}}", ""},
	{"guest: {system: nixos, hostname: localhost, user: {name: u}}\nhome: {name: A}", `4:34: guest.hostname: localhost is the name every machine has for itself
5:14: home.name: must be lower-case letters, digits and single inner dashes, starting with a letter [write a]`},
	{"guest: {system: nixos, user: {name: u, uid: Host}}", "4:45: guest.user.uid: must be between 500 and 60000, or host [did you mean host?]"},
	// words that are nearly one
	{"guest: {system: nixos, arch: hosst, user: {name: u, uid: hots}}", `4:30: guest.arch: must be one of aarch64, x86_64, host [did you mean host?]
4:58: guest.user.uid: must be between 500 and 60000, or host [did you mean host?]`},
	{"guest: {system: nixos, user: {name: u, authorizedKeys: [hots]}}", "4:57: guest.user.authorizedKeys[0]: must be a public key, or host [did you mean host?]"},
	{"resources: {cpus: halv, memory: hlaf}", `5:19: resources.cpus: must be a whole number, or a share of the host's such as 50% or half [did you mean half?]
5:33: resources.memory: must be a size such as 12GiB, or a share of the host's such as 50% or half [did you mean half?]`},
	{"resources: {cpus: {share: Half}, memory: {share: halff}}", `5:27: resources.cpus.share: SHARE [did you mean half?]
5:50: resources.memory.share: SHARE [did you mean half?]`},
	{"resources: {cpus: many, memory: much}", `5:19: resources.cpus: must be a whole number
5:33: resources.memory: needs a unit: KiB, MiB, GiB or TiB`},
	{`guest: {system: debian, release: "12", user: {name: u, uid: host}}
sockets: [{name: a, host: /a, guest: /run/user/1000/a}, {name: gpg, from: gpg-agent, host: /b}]`, `5:38: sockets[0].guest: is in the user's /run/user, and with guest.user.uid host its number is another one for everybody [give guest: /run/host-services/a.sock, or write the uid as a number]
5:57: sockets[1].guest: is in the user's /run/user, and with guest.user.uid host its number is another one for everybody [give guest: /run/host-services/gpg.sock, or write the uid as a number]`},
	{"guest: {system: nixos, user: {name: u, uid: 60001}}", "4:45: guest.user.uid: must be between 500 and 60000, or host"},
	{"guest: {system: nixos, user: {name: u, authorizedKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@here, ecdsa-sha2-nistp256 AAAA==, sk-ssh-ed25519@openssh.com AAAA]}}", ""},
	{"guest: {system: nixos, user: {name: u, authorizedKeys: [AAAA, -----BEGIN OPENSSH PRIVATE KEY-----, ssh-rsa]}}", `4:57: guest.user.authorizedKeys[0]: must be a public key as in id_ed25519.pub: type, base64 text, comment
4:63: guest.user.authorizedKeys[1]: must be a public key as in id_ed25519.pub: type, base64 text, comment
4:100: guest.user.authorizedKeys[2]: must be a public key as in id_ed25519.pub: type, base64 text, comment`},
	// guest: home
	{`guest: {system: nixos, user: {name: u, home: /home/u.linux}}
home: {disk: 40GiB}`, ""},
	{`guest: {system: nixos, user: {name: u, home: /srv/home/u}}
home: {disk: 256MiB}`, ""},
	{"guest: {system: nixos, user: {name: u, home: u}}", "4:46: guest.user.home: must be an absolute path [begin it with a slash]"},
	{"guest: {system: nixos, user: {name: u, home: /home/../u}}", "4:46: guest.user.home: must be written plainly: /u"},
	{"guest: {system: nixos, user: {name: u, home: /home/my home}}", "4:46: guest.user.home: must be an absolute path of letters, digits and . _ / @ + -"},
	{"guest: {system: nixos, user: {name: u, home: /home}}", "4:46: guest.user.home: /home is a system directory"},
	{"guest: {system: nixos, user: {name: u, home: /tmp/u}}", "4:46: guest.user.home: is in a directory of the system, or in one that does not last [use a home below /home]"},
	{"guest: {system: nixos, user: {name: u, home: /run/user/1000}}", "4:46: guest.user.home: is in a directory of the system, or in one that does not last [use a home below /home]"},
	{"guest: {system: nixos, user: {name: u, home: /opt/u}}", ""},
	{`guest: {system: nixos, user: {name: u, home: /opt/u}}
home: {disk: 40GiB}`, "4:46: guest.user.home: the home disk would be mounted over /opt [use a home below /home]"},
	{`guest: {system: nixos, user: {name: u, home: /u}}
home: {disk: 40GiB}`, "4:46: guest.user.home: the home disk would be mounted over / [use a home below /home]"},
	{`guest: {system: nixos, user: {name: u, home: /var/lib/u}}
home: {disk: 40GiB}`, "4:46: guest.user.home: the home disk would be mounted over /var/lib [use a home below /home]"},
	{`guest: {system: debian, release: "13", user: {name: u, home: /var/log/u}}
home: {disk: 40GiB}`, "4:62: guest.user.home: the home disk would be mounted over /var/log [use a home below /home]"},
	{`guest: {system: guix, user: {name: u, home: /var/lib/systemd/u}}
home: {disk: 40GiB}`, "4:45: guest.user.home: the home disk would be mounted over /var/lib/systemd [use a home below /home]"},
	{`guest: {system: guix, user: {name: u, home: /var/u}}
home: {disk: 40GiB}`, "4:45: guest.user.home: the home disk would be mounted over /var [use a home below /home]"},
	{`guest: {system: nixos, user: {name: u, home: /var/home/u}}
home: {disk: 40GiB}`, ""},
	{`guest: {system: guix, user: {name: u, home: /var/users/u}}
home: {disk: 40GiB}`, ""},
	{"guest: {system: nixos, user: {name: u, home: /var/lib/u}}", ""},
	{"guest: {system: nixos, user: {name: u, home: /var/tmp/u}}", "4:46: guest.user.home: is in a directory of the system, or in one that does not last [use a home below /home]"},
	// guest: variables
	{`guest: {system: nixos, user: {name: u}, env: {A: "", _b1: "it's #1"}}`, ""},
	{"guest: {system: nixos, user: {name: u}, env: {1A: x, A-B: x, A.B: x}}", `4:51: guest.env.1A: name must be letters, digits and underscores, not starting with a digit
4:59: guest.env.A-B: name must be letters, digits and underscores, not starting with a digit
4:67: guest.env.A.B: name must be letters, digits and underscores, not starting with a digit`},
	{"guest: {system: nixos, user: {name: u}, proxy: {http: \"http://u:hunter2@proxy:3128\"}}", `4:55: guest.proxy.http: names who asks, and every file that is made of the profile would show it, and so would the VM [remove guest.proxy, and write http_proxy=http://USER:PASSWORD@HOST:PORT, https_proxy and no_proxy into the file of guest.envFile, which login shells read; or give the URL of a proxy on the host that knows the password]`},
	{"guest: {system: nixos, user: {name: u}, proxy: {http: \"http://localhost:3128\", https: \"http://[::1]\"}}", `4:55: guest.proxy.http: localhost is the guest itself there [one on the host is http://host.lima.internal:3128 for the guest]
4:87: guest.proxy.https: ::1 is the guest itself there [one on the host is http://host.lima.internal for the guest]`},
	{"guest: {system: guix, user: {name: u}, proxy: {http: \"http://127.0.0.2:3128/\"}}", `4:54: guest.proxy.http: 127.0.0.2 is the guest itself there [one on the host is http://10.0.2.2:3128 for the guest]`},
	{"guest: {system: nixos, user: {name: u}, proxy: {http: \"http://proxy:66000\", noProxy: [\"a,b\"]}}", `4:55: guest.proxy.http: has a port that is none [ports are 1 to 65535]
4:87: guest.proxy.noProxy[0]: must be one name, domain or address, such as .example.org or 10.0.0.5`},
	{"guest: {system: nixos, user: {name: u}, proxy: {http: \"http://proxy\"}, env: {HTTPS_PROXY: \"http://b\", all_proxy: \"http://b\"}}", "4:91: guest.env.HTTPS_PROXY: is set by guest.proxy too [remove one of them]"},
	{"guest: {system: nixos, user: {name: u}, proxy: {http: \"http://host.lima.internal:3128\"}}\nnetwork: {dns: [1.1.1.1]}", `4:55: guest.proxy.http: only Lima's resolver knows host.lima.internal in a NixOS guest, and network.dns turns it off [write network: {hosts: {host.lima.internal: 192.168.5.2}}]`},
	{"guest: {system: nixos, user: {name: u}, proxy: {https: \"proxy:3128\"}}", "4:48: guest.proxy.http: is required [write http: http://proxy.example.org:3128]\n4:56: guest.proxy.https: must be the URL of a proxy, such as http://proxy.example.org:3128 [write http://proxy:3128]"},
	{"guest: {system: nixos, user: {name: u}, proxy: \"http://proxy:3128\"}", "4:48: guest.proxy: must be a mapping [write {http: http://proxy:3128}]"},
	{"guest: {system: nixos, user: {name: u}, env: {HOME: /x}}", "4:53: guest.env.HOME: is set by each login [guest.user says name, home and shell]"},
	{`guest: {system: nixos, user: {name: u}, env: {DOCKER_HOST: x}}
sockets: [{name: d, from: colima}]`, "4:60: guest.env.DOCKER_HOST: is set by sockets[0] too [remove one of them]"},
	// guest: packages
	{"guest: {system: nixos, user: {name: u}, packages: [git, {nix: python3Packages.pip}, helm]}", ""},
	{`guest: {system: guix, user: {name: u}, packages: [rust, {guix: "openjdk@21:jdk"}]}`, ""},
	{`guest: {system: debian, release: "12", user: {name: u}, packages: [docker-client, {apt: docker-cli|docker.io}]}`, ""},
	{"guest: {system: nixos, user: {name: u}, packages: [fd-find, ripgrpe, python3, zzz]}", `4:52: guest.packages[0]: "fd-find" is not in the package map [did you mean fd? vmloom packages fd-find looks for it; a mapping BY_HAND names it by hand]
4:61: guest.packages[1]: "ripgrpe" is not in the package map [did you mean ripgrep? vmloom packages ripgrpe looks for it; a mapping BY_HAND names it by hand]
4:70: guest.packages[2]: "python3" is not in the package map [did you mean python? vmloom packages python3 looks for it; a mapping BY_HAND names it by hand]
4:79: guest.packages[3]: "zzz" is not in the package map [vmloom packages zzz looks for it; a mapping BY_HAND names it by hand]`},
	{"guest: {system: nixos, user: {name: u}, packages: [rg, golang, docker.io]}", `4:52: guest.packages[0]: "rg" is not in the package map [did you mean ripgrep? vmloom packages rg looks for it; a mapping BY_HAND names it by hand]
4:56: guest.packages[1]: "golang" is not in the package map [did you mean go? vmloom packages golang looks for it; a mapping BY_HAND names it by hand]
4:64: guest.packages[2]: "docker.io" is not in the package map [did you mean docker, docker-client? vmloom packages docker.io looks for it; a mapping BY_HAND names it by hand]`},
	{"guest: {system: guix, user: {name: u}, packages: [helm, {nix: x}]}", `4:51: guest.packages[0]: "helm" has no package for guix [it is packaged for nixos; if you know its name there, write {guix: NAME}]
4:57: guest.packages[1]: the mapping has no package for guix [if you know its name there, write {guix: NAME}]`},
	{`guest: {system: debian, release: "12", user: {name: u}, packages: [rust-analyzer]}`, `4:68: guest.packages[0]: "rust-analyzer" has no package for debian 12 [guest.release: "13" has it; it is packaged for nixos, guix; if you know its name there, write {apt: NAME}]`},
	{`guest: {system: debian, release: "13", user: {name: u}, packages: [rust-analyzer, {apt: nim}, docker-client, upx]}`, ""},
	{`guest: {system: debian, release: "13", user: {name: u}, packages: [nim]}`, `4:68: guest.packages[0]: "nim" has no package for debian 13 [guest.release: "12" has it; it is packaged for nixos, guix; if you know its name there, write {apt: NAME}]`},
	{`guest: {system: debian, release: "12", user: {name: u}, packages: [upx]}`, `4:68: guest.packages[0]: "upx" has no package for debian 12 [guest.release: "13" has it; it is packaged for nixos, guix; if you know its name there, write {apt: NAME}]`},
	{`guest: {system: debian, release: "12", arch: aarch64, user: {name: u}, packages: [ltrace]}`, `4:83: guest.packages[0]: "ltrace" has no package for debian 12 on aarch64 [guest.arch: x86_64 or guest.release: "13" has it; it is packaged for nixos, guix; if you know its name there, write {apt: NAME}]`},
	{"guest: {system: guix, arch: aarch64, user: {name: u}, packages: [shellcheck, git, {guix: pandoc}]}", `4:66: guest.packages[0]: "shellcheck" has no package for guix on aarch64 [guest.arch: x86_64 has it; it is packaged for nixos, debian 13; if you know its name there, write {guix: NAME}]`},
	{"guest: {system: guix, arch: host, user: {name: u}, packages: [git, shellcheck, helm]}", `4:68: guest.packages[1]: "shellcheck" has no package for guix on aarch64, and guest.arch: host is for both processors [guest.arch: x86_64 has it; it is packaged for nixos, debian 13; if you know its name there, write {guix: NAME}]
4:80: guest.packages[2]: "helm" has no package for guix [it is packaged for nixos; if you know its name there, write {guix: NAME}]`},
	{`guest: {system: debian, release: "12", arch: host, user: {name: u}, packages: [git, ltrace]}`, `4:85: guest.packages[1]: "ltrace" has no package for debian 12 on aarch64, and guest.arch: host is for both processors [guest.arch: x86_64 or guest.release: "13" has it; it is packaged for nixos, guix; if you know its name there, write {apt: NAME}]`},
	{"guest: {system: guix, arch: x86_64, user: {name: u}, packages: [shellcheck, pandoc, ghc, cabal, jupyter]}", ""},
	{`nix: {}
guest: {system: ubuntu, release: "24.04", user: {name: u}, packages: [nim, eza, neofetch]}`, `4:81: guest.packages[2]: "neofetch" has no package for nixos (the nix section makes a flake) [it is packaged for guix; if you know its name there, write {nix: NAME}]`},
	{`guest: {system: nixos, user: {name: u}, packages: ["", {}, {nix: a b}, {apt: A, nix: a}, {guix: "a:", nix: a}, {gux: a}]}`, `4:52: guest.packages[0]: names no package
4:56: guest.packages[1]: names no package
4:66: guest.packages[2].nix: must be an attribute path of nixpkgs
4:78: guest.packages[3].apt: must be an apt package name, or several separated by |
4:97: guest.packages[4].guix: must be a Guix package specification
4:113: guest.packages[5].gux: unknown key [did you mean guix?]`},
	{"guest: {system: nixos, user: {name: u}, packages: [{nix: a.with.b}, {nix: withal}]}", "4:58: guest.packages[0].nix: with is a keyword of Nix, and no attribute [an attribute of that name stands in quotes: \"with\"]"},
	{`guest: {system: nixos, user: {name: u}, packages: [{nix: 'a."with"'}, {nix: 'emacsPackages."2bit"'}, {nix: 'vimPlugins."sourcemap.vim"'}]}`, ""},
	{`guest: {system: nixos, user: {name: u}, packages: [{nix: 'own#a."b.c"'}, {nix: 'nixpkgs#a."b.c"'}]}`, `4:58: guest.packages[0].nix: must be an attribute path of nixpkgs [a module of yours takes a package of an input: environment.systemPackages = [ inputs.INPUT.packages.${pkgs.system}.NAME ];]
4:80: guest.packages[1].nix: must be an attribute path of nixpkgs [write a."b.c"]`},
	{`guest: {system: nixos, user: {name: u}, packages: [{nix: 'a."${b}"'}]}`, "4:58: guest.packages[0].nix: must be an attribute path of nixpkgs"},
	// resources
	{"resources: {cpus: 256, memory: 512MiB, disk: 2GiB}", ""},
	{"resources: {cpus: 0, memory: 511MiB, disk: 2047MiB}", `5:19: resources.cpus: must be between 1 and 256
5:30: resources.memory: must be at least 512MiB
5:44: resources.disk: must be at least 2GiB`},
	{"resources: {memory: 1048577KiB}", "5:21: resources.memory: must be a whole number of MiB: Apple's hypervisor takes no other"},
	{"home: {disk: 255MiB}", "5:14: home.disk: must be at least 256MiB"},
	// a nix section: what a NixOS guest would need holds already
	{`nix: {}
guest: {system: debian, release: "12", user: {name: u, uid: 501}, packages: [git, {apt: x}]}`, `4:61: guest.user.uid: must be at least 1000: NixOS refuses a normal user below that (the nix section makes a flake) [Lima's default is the Mac's 501; the profile's 1000 replaces it on both sides]
4:83: guest.packages[1]: the mapping has no package for nixos (the nix section makes a flake) [if you know its name there, write {nix: NAME}]`},
	{`nix: {base: own, ld: true}
targets: [lima]
guest: {system: debian, release: "12", user: {name: u, uid: 501}}`, ""},
	{"guest: {system: debian, release: \"12\", user: {name: u}}\nhome: {disk: 10GiB}\nnix: {keepStore: true}", `6:18: nix.keepStore: does not apply to debian [guest: {system: nixos} has a store]`},
	{"guest: {system: nixos, user: {name: u}}\nlima: {instance: it}\nbuild: {on: lima:it, switch: true}", `6:30: build.switch: build.on is the guest itself, which builds its system without it [take it out, or build on another machine]`},
	{"guest: {system: nixos, user: {name: u}}\nbuild: {on: lima:other, switch: true}", ""},
	{"guest: {system: nixos, user: {name: u}}\nnix: {keepStore: true}", `5:18: nix.keepStore: keeps the store on the home's disk, and the home has none [home: {disk: 40GiB}]`},
	{"guest: {system: debian, release: \"12\", user: {name: u}}\nnix: {hostStore: true}", `5:18: nix.hostStore: does not apply to debian [guest: {system: nixos} has a nix that reads it]`},
	{"nix: {base: mine}", "5:13: nix.base: must be one of released, own"},
	// what comes from outside
	{`nix: {nixpkgs: "git+ssh://git@example.org/n?ref=x", stateVersion: "26.05", modules: [./a.nix, ../b/c.nix]}`, ""},
	{`nix: {nixpkgs: nixpkgs, stateVersion: "26.5", modules: [a.nix, ./a, /a.nix]}`, `5:16: nix.nixpkgs: must be a flake reference, such as github:NixOS/nixpkgs/nixos-26.05
5:39: nix.stateVersion: must be a release as text, such as "26.05"
5:57: nix.modules[0]: must be a path relative to the profile, such as ./local.nix, or INPUT#ATTRIBUTE of nix.inputs, such as sops-nix#nixosModules.sops [write ./a.nix]
5:64: nix.modules[1]: must be a path relative to the profile, such as ./local.nix, or INPUT#ATTRIBUTE of nix.inputs, such as sops-nix#nixosModules.sops [write ./a/default.nix]
5:69: nix.modules[2]: must be a path relative to the profile, such as ./local.nix, or INPUT#ATTRIBUTE of nix.inputs, such as sops-nix#nixosModules.sops`},
	{`nix: {modules: ['a#m."b.c"'], inputs: {a: {url: "github:o/r", inputs: {nixpkgs: {follows: nixpkgs}}}}}`, `5:17: nix.modules[0]: must be a path relative to the profile, such as ./local.nix, or INPUT#ATTRIBUTE of nix.inputs, such as sops-nix#nixosModules.sops [a module of yours imports what has another name: imports = [ inputs.INPUT.ATTRIBUTE ];]
5:63: nix.inputs.a.inputs: unknown key [write follows: {nixpkgs: nixpkgs} for inputs: {nixpkgs: {follows: nixpkgs}}]`},
	{"guix: {manifest: ../manifest.scm, modules: [./a.scm], channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}", ""},
	{"guix: {project: ../guix.scm, check: make check}", ""},
	{"guix: {check: make check}", "5:15: guix.check: needs guix.project: it runs in the environment of that package"},
	{"guix: {manifest: manifest.scm, modules: [./a.nix]}", `5:18: guix.manifest: must be a path relative to the profile, such as ./local.scm [write ./manifest.scm]
5:42: guix.modules[0]: must be a path relative to the profile, such as ./local.scm`},
	{`guix: {channels: [{name: x, url: "https://example.org/x.git", branch: main, commit: 230aa373f315f247852ee07dff34146e9b480aec, introduction: {commit: 230aa373f315f247852ee07dff34146e9b480aec, fingerprint: BBB0 2DDF 2CEA F6A8 0D1D  E643 A2A0 6DF2 A33A 54FA}}]}`, ""},
	{"guix: {channels: [{name: x, commit: 230aa37, introduction: {commit: main, fingerprint: BBB0 2DDF}}, {name: Guix, url: example.org, branch: a b}]}", `5:19: guix.channels[0].url: is required for every channel but guix
5:37: guix.channels[0].commit: must be the full commit, 40 hexadecimal digits [git rev-parse, or guix describe -f channels, prints it]
5:69: guix.channels[0].introduction.commit: must be the full commit, 40 hexadecimal digits
5:88: guix.channels[0].introduction.fingerprint: must be 40 upper-case hexadecimal digits in groups of four
5:101: guix.channels[1].commit: is required [guix describe shows the commit that you have]
5:108: guix.channels[1].name: must be lower-case letters, digits and dashes
5:119: guix.channels[1].url: must be the URL of a Git repository
5:140: guix.channels[1].branch: must be the name of a branch`},
	{"guix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}, {name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}", "5:90: guix.channels[1].name: channels[0] has this name"},
	{`guix: {channels: ./channels.scm, loadPath: [., .., ./modules, "../it's"], substitutes: [{url: "https://a.example.org:8443/x", key: ./a.pub}, {url: "http://b.example.org", key: "(public-key (ecc (curve Ed25519) (q #11#)))"}]}`, ""},
	{`guix: {channels: channels.scm}`, `5:18: guix.channels: must be a list of channels, or a path relative to the profile, such as ./channels.scm [write ./channels.scm]`},
	{`guix: {channels: ./channels.txt}`, `5:18: guix.channels: must be a list of channels, or a path relative to the profile, such as ./channels.scm`},
	{`guix: {channels: /etc/guix/channels.scm}`, `5:18: guix.channels: must be a list of channels, or a path relative to the profile, such as ./channels.scm`},
	{`guix: {channels: 5}`, `5:18: guix.channels: must be a list [write it as a list, even of one: [5]]`},
	{`guix: {channels: [./channels.scm]}`, `5:19: guix.channels[0]: must be a mapping`},
	{`guix: {loadPath: [modules, /srv/modules]}`, `5:19: guix.loadPath[0]: must be a directory relative to the profile, such as ./modules [write ./modules]
5:28: guix.loadPath[1]: must be a directory relative to the profile, such as ./modules`},
	{`guix: {loadPath: ./modules}`, `5:18: guix.loadPath: must be a list [write it as a list, even of one: [./modules]]`},
	{`guix: {substitutes: [{url: "https://a.example.org"}, {key: ./a.pub}]}`, `5:22: guix.substitutes[0].key: is required
5:54: guix.substitutes[1].url: is required`},
	{`guix: {substitutes: [{url: a.example.org, key: a.pub}, {url: "https://a b", key: "(private-key (ecc (curve Ed25519) (d #11#)))"}, {url: "https://a.example.org", key: ssh-ed25519 AAAA}]}`, `5:28: guix.substitutes[0].url: must be the URL of a server, such as https://guix.example.org [write https://a.example.org]
5:48: guix.substitutes[0].key: must be the text of the server's signing-key.pub, (public-key (ecc (curve Ed25519) (q #…#))), or a path relative to the profile, such as ./keys/server.pub [write ./a.pub]
5:62: guix.substitutes[1].url: must be the URL of a server, such as https://guix.example.org
5:82: guix.substitutes[1].key: must be the text of the server's signing-key.pub, (public-key (ecc (curve Ed25519) (q #…#))), or a path relative to the profile, such as ./keys/server.pub [the server's page names it: (public-key (ecc (curve Ed25519) (q #...#))), or ./keys/NAME.pub]
5:167: guix.substitutes[2].key: must be the text of the server's signing-key.pub, (public-key (ecc (curve Ed25519) (q #…#))), or a path relative to the profile, such as ./keys/server.pub [the server's page names it: (public-key (ecc (curve Ed25519) (q #...#))), or ./keys/NAME.pub]`},
	{`guix: {substitutes: [{url: "https://a.example.org", key: ./a.pub}, {url: "https://a.example.org", key: ./b.pub}]}`, `5:74: guix.substitutes[1].url: substitutes[0] has this URL`},
	// qemu, and what a Guix guest needs
	{`guix: {version: "1.4"}`, ""},
	{`guix: {version: "1.3"}`, "5:17: guix.version: must be one of 1.5, 1.4 [did you mean 1.5?]"},
	{`guest: {system: guix, user: {name: u}, env: {A: a b, B: "it's"}}`, "4:57: guest.env.B: does not fit /etc/environment: quotes, #, backslashes, $ and blanks at its ends do not [set it in the start file of your shell, in the home]"},
	{`guest: {system: guix, user: {name: u}}
qemu: {sshPort: 2222}
ports: [{guest: 80, host: 2222}, {guest: 22, host: 8022}]`, "6:27: ports[0].host: is qemu.sshPort"},
	{`guest: {system: guix, user: {name: u}}
mounts: [{host: ~/src}, {host: /run/vmloom/a}, {host: /a, guest: /run}]`, `5:17: mounts[0].host: needs guest: the same path in the guest is not known without host.user or host.home [give guest: a path, such as /mnt/1]
5:32: mounts[1].host: /run/vmloom is vmloom's own [give guest: another path, such as /mnt/work]
5:66: mounts[2].guest: /run is a system directory of the guest [give guest: another path, such as /mnt/work]`},
	{`guest: {system: guix, user: {name: u}}
sockets: [{name: s, host: /s, guest: /run/vmloom/s}]`, "5:38: sockets[0].guest: is vmloom's own"},
	{"build: {on: auto}", ""},
	{`build: {on: "ssh://me@builder"}`, ""},
	{`build: {on: "lima:nix.1"}`, ""},
	{"build: {switch: true}", "5:17: build.switch: does not apply to ubuntu [guest: {system: nixos} switches to a system that others may build]"},
	{"build: {on: here}", "5:13: build.on: must be auto, local, ssh://user@host or lima:INSTANCE"},
	{`build: {on: "ssh://-oProxyCommand=x"}`, "5:13: build.on: must be auto, local, ssh://user@host or lima:INSTANCE"},
	{`build: {on: "lima:a..b"}`, "5:13: build.on: must be auto, local, ssh://user@host or lima:INSTANCE"},
	{"targets: [lima, launchd, systemd, ssh, wezterm, scripts, docs]", ""},
	{"targets: [limaa, giux]", `5:11: targets[0]: must be one of nix, guix, lima, launchd, systemd, ssh, wezterm, scripts, docs [did you mean lima?]
5:18: targets[1]: must be one of nix, guix, lima, launchd, systemd, ssh, wezterm, scripts, docs [did you mean guix?]`},
}

// TestManyMistakes holds that one run tells all that is wrong, in file order.
func TestManyMistakes(t *testing.T) {
	testLoad(t, []loadCase{{"at least twelve", `version: 1
name: Ascalon
host: {os: osx, user: rbha18}
guest:
  system: ubuntu
  release: 25.10
  user: {name: rbha18, uid: 80000, home: home}
  packages: [git, ripgerp]
  env: {EDITOR: vim, EDITOR: nano}
resources: {cpus: 6, memory: 12, disk: 50GB}
mounts:
  - {host: ~/src, guest: /usr}
  - {hots: ~/work}
sockets:
  - {name: docker, from: colima}
  - {name: agent, from: 1password}
ports: [{guest: 8080}, {guest: 8080, host: 8081}]
autostart: boot
wezterm: {keys: {newTab: [CMD-T]}}
`, often.Replace(`2:7: name: LABEL [write ascalon]
3:12: host.os: must be one of macos, linux [write macos]
6:12: guest.release: must be text [write it in quotes: "25.10"]
7:29: guest.user.uid: must be between 500 and 60000, or host
7:42: guest.user.home: must be an absolute path [begin it with a slash]
8:19: guest.packages[1]: "ripgerp" is not in the package map [did you mean ripgrep? vmloom packages ripgerp looks for it; a mapping BY_HAND names it by hand]
9:22: guest.env.EDITOR: key is already set in line 9 [keep one of the two]
10:30: resources.memory: needs a unit: KiB, MiB, GiB or TiB [write 12GiB]
10:40: resources.disk: needs a unit: KiB, MiB, GiB or TiB [write 50GiB]
12:26: mounts[0].guest: /usr is a SYSTEM_PATH
13:5: mounts[1].host: is required [write host: ~/src]
13:6: mounts[1].hots: unknown key [did you mean host?]
17:32: ports[1].guest: ports[0] already forwards 8080
18:12: autostart: boot starts the VM before anybody is logged in, when the socket "agent" does not exist [write login, or remove sockets[1]]
19:27: wezterm.keys.newTab[0]: WEZTERM_KEY`)}})
}
