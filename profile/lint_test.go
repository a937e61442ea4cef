package profile

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const disk = "home: {disk: 40GiB}\n" // without it there is always home-on-system-disk

// lintCases name what Lint finds in a profile: "LINE:COL: path: id", a line each.
var lintCases = []struct{ yaml, want string }{
	{"", "1:1: home: home-on-system-disk"},
	{disk, ""},
	{disk + "guest: {system: guix, user: {name: u}}\nguix: {manifest: ./gone.scm, modules: [./there.nix.scm]}\nnix: {modules: [./there.nix, ../gone.nix]}", "6:18: guix.manifest: missing-file\n6:40: guix.modules[0]: missing-file\n7:6: nix: unused-nix\n7:30: nix.modules[1]: missing-file"},
	{disk + "guest: {system: guix, user: {name: u}}\nguix: {version: \"1.4\", channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}]}", "6:56: guix.channels[0].commit: guix-version"},
	{disk + "guest: {system: guix, user: {name: u}}\nguix: {channels: ./gone.scm, loadPath: [./gone], substitutes: [{url: https://a.example.org, key: ./gone.pub}]}", "6:18: guix.channels: missing-file\n6:41: guix.loadPath[0]: missing-file\n6:98: guix.substitutes[0].key: missing-file"},
	{disk + "guix: {version: \"1.5\"}", "6:7: guix: unused-guix"},
	{disk + "lima: {extra: {env: {GH_TOKEN: ghp_0123456789abcdefghijABCDEFGHIJ012345}, provision: [{mode: system, script: 'echo DB_PASSWORD=hunter22'}]}}", "6:32: lima.extra.env.GH_TOKEN: secret\n6:110: lima.extra.provision[0].script: secret"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, env: {AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMIK7MDENGbPx, DB: "postgres://u:hunter2@db/x", KEY_TOKEN_FILE: /run/t, MAX_TOKENS: "100000"}}`, "4:86: guest.env.AWS_SECRET_ACCESS_KEY: secret\n4:115: guest.env.DB: secret"},
	{disk + "guix: {channels: [{name: x, url: \"https://me:hunter22@example.org/x\", commit: 230aa373f315f247852ee07dff34146e9b480aec}]}", "6:7: guix: unused-guix\n6:34: guix.channels[0].url: secret"},
	{disk + "nix: {ld: true}\ntargets: [lima]", "6:6: nix: unused-nix"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, timezone: Europe/Berlinn}`, "4:67: guest.timezone: unknown-timezone"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, timezone: Asia/Calcutta}`, ""}, // a link counts
	{disk + `guest: {system: debian, release: "13", user: {name: u}, locale: de_GE.UTF-8, env: {LC_TIME: xx_YY.UTF-8, LC_ALL: en_GB.UTF-8, LESS: de_GE.UTF-8}}`, "4:65: guest.locale: unknown-locale\n4:93: guest.env.LC_TIME: unknown-locale"},
	{disk + `guest: {system: guix, user: {name: u}, locale: en_IN.UTF-8}`, ""}, // without .UTF-8 in glibc's list
	{disk + `guest: {system: debian, release: "13", user: {name: u}, locale: C.UTF-8, env: {LC_ALL: C, LC_TIME: de_DE@euro}}`, ""},
	{disk + "mounts: [{host: ~/.colima/default, guest: /mnt/c}]", "6:17: mounts[0].host: socket-mount"},
	{disk + "mounts: [{host: /Users/u/Library/Group Containers/2BUA8C4S2C.com.1password/t, guest: /mnt/c}]", "6:17: mounts[0].host: socket-mount"},
	{disk + "mounts: [{host: ~/.colima2, guest: /mnt/c}, {host: ~/.orbstack, guest: /mnt/d}]", ""},
	{disk + "host: {os: linux, user: u}\nmounts: [{host: ~/, writable: true, guest: /mnt/home}]", "6:17: mounts[0].host: whole-home"},
	{disk + "host: {os: linux, user: u}\nmounts: [{host: ~/, guest: /mnt/home}, {host: ~/src, writable: true}]", ""},
	{disk + "mounts: [{host: ~/src, writable: true, guest: /mnt/src}]", ""},
	{disk + "sockets: [{name: s, host: /Users/u/Library/Group Containers/2BUA8C4S2C.com.1password/t/s.sock}]", "6:27: sockets[0].host: 1password-app-socket"},
	{disk + "sockets: [{name: s, host: /s, check: op whoami}, {name: o, host: /o, check: operate}]", "6:38: sockets[0].check: 1password-op"},
	{disk + "sockets: [{name: s, host: /private/tmp/com.apple.launchd.x/Listeners}]", "6:27: sockets[0].host: session-socket"},
	{disk + "sockets: [{name: s, host: /tmp/ssh-XX/agent.1}]", "6:27: sockets[0].host: session-socket"},
	{disk + "sockets: [{name: s, from: gpg-agent, host: /run/user/1000/gnupg/S.gpg-agent}, {name: t, from: gpg-agent, host: ~/.gnupg/S.gpg-agent.extra, guest: /run/t/s}]", "6:44: sockets[0].host: whole-agent"},
	{disk + "host: {os: macos, user: u}\nsockets: [{name: s, host: /var/run/docker.sock}]", "6:27: sockets[0].host: docker-link"},
	{disk + "sockets: [{name: s, host: /var/run/docker.sock}]", ""},
	{disk + "sockets: [{name: s, host: /s, guest: /run/podman/podman.sock}]", "6:11: sockets[0]: daemon-socket"},
	{disk + "onepassword: {tokenFile: ~/.config/op/token}\nmounts: [{host: ~/.config, guest: /mnt/c}]", "6:14: onepassword: op-package\n6:26: onepassword.tokenFile: token-in-mount"},
	{disk + "resources: {memory: 8GiB}\nonepassword: {tokenFile: ~/t}\nguest: {system: nixos, user: {name: u}}", "7:14: onepassword: op-package"},
	{disk + "resources: {memory: 8GiB}\nonepassword: {tokenFile: ~/t}\nguest: {system: nixos, user: {name: u}, packages: [onepassword-cli]}", ""},
	{disk + "onepassword: {tokenFile: ~/t}\nguest: {system: guix, user: {name: u, shell: zsh}}", "4:46: guest.user.shell: op-shell\n6:14: onepassword: op-package"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, envFile: ~/.config/e}\nmounts: [{host: ~/.config, guest: /mnt/c}]", "4:66: guest.envFile: env-in-mount"},
	{disk + "guest: {system: guix, user: {name: u, shell: zsh}, envFile: ~/e}", "4:46: guest.user.shell: env-shell"},
	{disk + "lima: {sshPort: 60022}", "6:17: lima.sshPort: fixed-port"},
	{disk + "lima: {sshPort: 922}\nhost: {os: linux, user: u}", "6:17: lima.sshPort: privileged-port"},
	{disk + "lima: {sshPort: 60022}\nhost: {os: linux, user: u}", ""},
	{disk + "ports: [{guest: 8080, host: 80}, {guest: 443}, {guest: 25, host: 2525}]", "6:9: ports[0]: privileged-port\n6:34: ports[1]: privileged-port"},
	{disk + "ports: [{guest: 1020-1030}, {guest: 443, host: 8443, address: 0.0.0.0}, {guest: 80, host: 8080, address: 127.0.0.2}]", "6:9: ports[0]: privileged-port\n6:63: ports[1].address: open-port"},
	{disk + "host: {os: macos, user: u}\nports: [{guest: 80}, {guest: 81, address: 0.0.0.0}, {guest: 82, address: 192.168.1.2}]", "6:43: ports[1].address: open-port\n6:53: ports[2]: privileged-port\n6:74: ports[2].address: open-port"},
	{disk + "host: {os: macos, user: u}\nlima: {networks: [{name: vzNAT}, {name: shared}]}", "6:41: lima.networks[1].name: vmnet"},
	{disk + "sockets: [{name: d, from: docker, direction: toHost}, {name: p, from: podman, direction: toHost}, {name: x, from: docker, guest: /run/x/x.sock, direction: toHost}]\nguest: {system: debian, release: \"13\", user: {name: u}, containers: podman}", "6:11: sockets[0]: socket-unserved"},
	{disk + "sockets: [{name: d, from: docker, direction: toHost}]\nguest: {system: debian, release: \"13\", user: {name: u}, packages: [{apt: docker-ce}]}", ""},
	{disk + "sockets: [{name: p, from: podman, direction: toHost}]\nguest: {system: guix, user: {name: u}, containers: podman}", "6:11: sockets[0]: socket-unserved"},
	{disk + "network: {dns: [1.1.1.1, 127.0.0.53, '::1']}", "6:26: network.dns[1]: dns-loopback\n6:38: network.dns[2]: dns-loopback"},
	{disk + "network: {forward: listed}\nlima: {extra: {portForwards: [{guestPort: 80}, {guestPort: 81, ignore: true}, {guestSocket: /run/x.sock, hostSocket: '{{.Home}}/x.sock'}]}}", "7:31: lima.extra.portForwards[0]: extra-slip"},
	{disk + "host: {os: macos, user: u}\nguest: {system: guix, user: {name: u}}\nports: [{guest: 80}]", "6:9: ports[0]: privileged-port"},
	{disk + `guest: {system: debian, release: "13", user: {name: u, uid: 501}}`, "4:61: guest.user.uid: system-uid"},
	{disk + `guest: {system: debian, release: "13", user: {name: u, uid: host}}`, ""},
	{disk + "host: {os: macos}\nresources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u, uid: host}}", "4:45: guest.user.uid: host-uid"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, env: {A: "it's", B: b, C: "#c", PATH: /bin}}`, "4:66: guest.env.A: env-login-only\n4:83: guest.env.C: env-login-only\n4:95: guest.env.PATH: env-path"},
	{disk + "guest: {system: nixos, user: {name: u}}", "1:1: resources.memory: nixos-memory"},
	{disk + "guest: {system: nixos, user: {name: u}, image: {location: \"https://a.b/x.qcow2\"}}\nresources: {memory: 8GiB}", "4:59: guest.image.location: image-digest"},
	{disk + "guest: {system: nixos, user: {name: u}}\nresources: {memory: 8GiB}\nnix: {substituters: [https://a.b], inputs: {mine: {url: path:/src/mine}}}", "7:21: nix.substituters: nix-cache-key\n7:57: nix.inputs.mine.url: nix-local-input"},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}}\nlima: {extra: {caCerts: {files: [/a]}, additionalDisks: [a], mountType: reverse-sshfs}}", "7:16: lima.extra.caCerts: nixos-extra\n7:40: lima.extra.additionalDisks: nixos-extra\n7:62: lima.extra.mountType: extra-overrides\n7:73: lima.extra.mountType: extra-slip"},
	{disk + "host: {os: macos}\nmounts: [{host: /src}]\nsockets: [{name: s, host: /s}]\nlima: {extra: {plain: true, vmOpts: {qemu: {minimumVersion: 8.2.1}}}}", "8:23: lima.extra.plain: extra-slip\n8:44: lima.extra.vmOpts.qemu: extra-slip"},
	{disk + "lima: {extra: {plain: true}}", "6:23: lima.extra.plain: extra-slip"},
	{disk + "ports: [{guest: 8080}, {guest: 9000-9010, protocol: udp}]\nlima: {sshPort: 60022, extra: {portForwards: [{guestPort: 8080, hostPort: 81}, {guestPort: 3000, hostPort: 8080}, {guestPort: 9005}, {guestPort: 3001, hostPort: 60022}, {guestPort: 82}, {guestPort: 3002}]}}",
		"7:17: lima.sshPort: fixed-port\n7:47: lima.extra.portForwards[0]: extra-slip\n7:80: lima.extra.portForwards[1]: extra-slip\n7:115: lima.extra.portForwards[2]: extra-slip\n7:134: lima.extra.portForwards[3]: extra-slip\n7:170: lima.extra.portForwards[4]: extra-slip"},
	{disk + "ports: [{guest: 8080}]\nlima: {sshPort: 60022, extra: {ssh: {localPort: 8080, overVsock: true}}}", "7:17: lima.sshPort: fixed-port\n7:49: lima.extra.ssh.localPort: extra-slip\n7:49: lima.extra.ssh.localPort: extra-slip\n7:66: lima.extra.ssh.overVsock: extra-slip"},
	{disk + "host: {os: linux, home: /home/u}\nmounts: [{host: ~/src}]\nlima: {extra: {mounts: [{location: /other, mountPoint: /home/u/src}, {location: ~/src, writable: true}, {location: /x, 9p: {cache: mmap}, sshfs: {cache: false}}]}}", "7:56: lima.extra.mounts[0].mountPoint: extra-slip\n7:139: lima.extra.mounts[2].sshfs: extra-slip"},
	{disk + "sockets: [{name: s, host: /s, env: S}]\nguest: {system: ubuntu, release: \"26.04\", user: {name: u}, env: {A: b}}\nlima: {extra: {os: Darwin, vmType: vz, vmOpts: {krunkit: {a: b}}, env: {A: c, S: d, E: f}, portForwards: [{guestSocket: /run/host-services/s.sock, hostSocket: /o.sock, reverse: true}]}}", "7:20: lima.extra.os: extra-slip\n7:28: lima.extra.vmType: extra-overrides\n7:36: lima.extra.vmType: extra-slip\n7:58: lima.extra.vmOpts.krunkit: extra-slip\n7:73: lima.extra.env.A: extra-slip\n7:79: lima.extra.env.S: extra-slip\n7:121: lima.extra.portForwards[0].guestSocket: extra-slip"},
	{disk + "lima: {extra: {mounts: [{location: /src, mountPoint: '{{.Home}}/src'}]}}", "6:54: lima.extra.mounts[0].mountPoint: extra-slip"},
	{disk + "lima: {extra: {networks: [{vzNAT: true}], vmOpts: {qemu: {cpuType: {aarch64: max, x86_64: max}}}}}", "6:35: lima.extra.networks[0].vzNAT: extra-slip\n6:69: lima.extra.vmOpts.qemu.cpuType.aarch64: extra-slip"},
	{disk + "network: {forward: none}\nlima: {extra: {plain: true}}", ""},
	{disk + "host: {os: macos}\nlima: {extra: {hostResolver: {hosts: {db: 10.0.0.5, a.internal: fd00::5, b.internal: 10.0.0.5, c.internal: b.internal, d.internal: e.org, f.org: 10.0.0.5, g.h: g.h, i.internal: host.lima.internal, j.internal: lima-a.internal}}}}", "6:39: lima.extra.hostResolver.hosts.db: extra-slip\n6:65: lima.extra.hostResolver.hosts.a.internal: extra-slip\n6:132: lima.extra.hostResolver.hosts.d.internal: extra-slip\n6:139: lima.extra.hostResolver.hosts.f.org: extra-slip\n6:161: lima.extra.hostResolver.hosts.g.h: extra-slip"},
	{disk + "lima: {extra: {hostResolver: {hosts: {db: 10.0.0.5, f.org: g.org}}}}", ""},
	{disk + "lima: {extra: {hostResolver: {enabled: false, hosts: {db: 10.0.0.5}}}}", "6:54: lima.extra.hostResolver.hosts: extra-slip"},
	{disk + "network: {dns: [1.1.1.1]}\nlima: {extra: {hostResolver: {hosts: {db: 10.0.0.5}}}}", "7:38: lima.extra.hostResolver.hosts: extra-slip"},
	{disk + "host: {os: macos}\nnetwork: {dns: [1.1.1.1, '2606:4700:4700::1111'], hosts: {a.internal: fd00::5, b.internal: ::1}}\nguest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: 'http://[fd00::5]:3128'}}", "4:71: guest.proxy.http: no-ipv6\n6:26: network.dns[1]: no-ipv6\n6:71: network.hosts.a.internal: no-ipv6"},
	{disk + "host: {os: macos}\nnetwork: {dns: ['2606:4700:4700::1111']}\nlima: {networks: [{name: vzNAT}]}", ""},
	{disk + "network: {dns: ['2606:4700:4700::1111']}", ""},
	{disk + "lima: {networks: [{name: user-v2}], extra: {dns: ['fd00::5', 10.0.0.5], hostResolver: {enabled: false}}}", "6:51: lima.extra.dns[0]: extra-slip"},
	{disk + "lima: {extra: {containerd: {system: true, user: true}}}", "6:49: lima.extra.containerd.user: extra-slip"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, containers: docker}\nlima: {extra: {containerd: {system: true, user: true, archives: []}}}", "6:37: lima.extra.containerd.system: extra-slip\n6:49: lima.extra.containerd.user: extra-slip"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, containers: containerd}\nlima: {extra: {containerd: {system: true, user: false}}}", "6:37: lima.extra.containerd.system: extra-slip\n6:49: lima.extra.containerd.user: extra-slip"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, containers: containerd}\nlima: {extra: {containerd: {system: false, user: true}}}", ""},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}}\nlima: {extra: {containerd: {user: true}}}", "7:16: lima.extra.containerd: nixos-extra"},
	{disk + "network: {forward: none}\nguest: {system: debian, release: \"13\", user: {name: u}, timezone: Europe/Berlin}\nlima: {extra: {plain: true}}", "7:23: lima.extra.plain: extra-slip"},
	{disk + "lima: {extra: {additionalDisks: [{name: x, fsType: ntfs}], mounts: [{location: /src, 9p: {cache: fasst}, sshfs: {sftpDriver: own}}], networks: [{lima: 5}]}}", "6:16: lima.extra.additionalDisks: extra-disks\n6:52: lima.extra.additionalDisks[0].fsType: extra-slip\n6:98: lima.extra.mounts[0].9p.cache: extra-slip\n6:106: lima.extra.mounts[0].sshfs: extra-slip\n6:126: lima.extra.mounts[0].sshfs.sftpDriver: extra-slip\n6:152: lima.extra.networks[0].lima: extra-slip"},
	{disk + "lima: {extra: {env: {A: 1.50, B: \"1.50\"}, portForwards: [{guestPort: \"80\", hostPort: 80.5}]}}", "6:25: lima.extra.env.A: extra-slip\n6:58: lima.extra.portForwards[0]: extra-slip\n6:86: lima.extra.portForwards[0].hostPort: extra-slip"},
	{disk + "host: {os: macos}\nlima: {extra: {vmOpts: {vz: {rosetta: {enabled: 1}}}}}", "6:49: lima.extra.vmOpts.vz.rosetta.enabled: extra-slip"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: http://p, https: http://10.0.2.2:1, noProxy: ['*', '*.corp', 10.*, .corp]}}", "4:71: guest.proxy.http: proxy-port\n4:88: guest.proxy.https: proxy-host\n4:122: guest.proxy.noProxy[1]: proxy-pattern\n4:132: guest.proxy.noProxy[2]: proxy-pattern"},
	{disk + "guest: {system: guix, user: {name: u}, proxy: {http: http://host.lima.internal:3128, https: https://p}}", "4:54: guest.proxy.http: proxy-host"},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: http://p:3128}}\nlima: {extra: {propagateProxyEnv: true}}", "6:35: lima.extra.propagateProxyEnv: extra-slip"},
	{disk + "host: {os: linux}\nlima: {extra: {video: {display: 'gtk,gl=on'}, audio: {device: vz}}}", "6:63: lima.extra.audio.device: extra-slip"},
	{disk + "host: {os: macos}\nlima: {extra: {video: {display: vz}, audio: {device: pa}}}", "6:54: lima.extra.audio.device: extra-slip"},
	{disk + "lima: {extra: {memory: 12}}", "6:16: lima.extra.memory: extra-overrides\n6:24: lima.extra.memory: extra-slip"},
	{disk + "lima: {extra: {nestedVirtualisation: true, ssh: {forwardagent: true}, rosetta: {enabled: true}}}", "6:16: lima.extra.nestedVirtualisation: extra-unknown-key\n6:50: lima.extra.ssh.forwardagent: extra-unknown-key\n6:71: lima.extra.rosetta: extra-old-key"},
	{disk + "lima: {extra: {vmOpts: {qemu: {cpuTyp: {x86_64: host}, cpuType: {amd64: host}}}}}", "6:32: lima.extra.vmOpts.qemu.cpuTyp: extra-unknown-key\n6:66: lima.extra.vmOpts.qemu.cpuType.amd64: extra-slip"},
	{disk + "lima: {extra: {portForwards: [{guestSocket: /run/x.sock, hostSocket: ~/x.sock, reverse: true}], provision: [{script: 'docker ps --format {{.Names}}'}]}}", "6:70: lima.extra.portForwards[0].hostSocket: extra-slip\n6:118: lima.extra.provision[0].script: extra-slip"},
	{disk + "lima: {extra: {mountType: virtiofs, mounts: [{location: /src}]}}", "6:16: lima.extra.mountType: extra-overrides\n6:27: lima.extra.mountType: extra-slip"},
	{disk + "host: {os: macos, user: u}\nresources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}}\nlima: {extra: {vmOpts: {vz: {rosetta: {enabled: true, binfmt: true}}}}}", "7:15: lima.extra: nixos-extra"},
	{disk + "lima: {mountType: virtiofs, mountInotify: true}\nmounts: [{host: /src}]", "6:19: lima.mountType: mount-type\n6:43: lima.mountInotify: mount-inotify"},
	{disk + "guest: {system: guix, user: {name: u}}\nmounts: [{host: /src, 9p: {securityModel: passthrough}}]", "6:43: mounts[0].9p.securityModel: mount-type"},
	{disk + "lima: {mountInotify: true}\nmounts: [{host: /src, writable: true, guest: /s}]", "6:22: lima.mountInotify: mount-inotify"},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}}\nlima: {extra: {provision: [{mode: system, script: a}, {mode: boot, script: a}, {script: a}]}}", "7:56: lima.extra.provision[1].mode: nixos-provision"},
	{disk + `guest: {system: ubuntu, release: "24.04", user: {name: u}, packages: [git, eza, nim, pipx, {apt: eza}]}`, "4:76: guest.packages[1]: package-unverified\n4:81: guest.packages[2]: package-unverified"},
	{disk + `guest: {system: ubuntu, release: "26.04", user: {name: u}, packages: [eza, nim]}`, "4:76: guest.packages[1]: package-unverified"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, packages: [{apt: nim}, {apt: nim|x}, {apt: "docker-cli|docker.io"}]}`, "4:68: guest.packages[0]: package-lacking"},
	{disk + "guest: {system: guix, arch: aarch64, user: {name: u}, packages: [{guix: shellcheck}, {guix: git}]}", "4:66: guest.packages[0]: package-lacking"},
	{disk + "guest: {system: guix, user: {name: u}, packages: [mold]}\nguix: {version: \"1.4\"}", "6:17: guix.version: package-unverified"},
	{disk + "guest: {system: guix, user: {name: u}, packages: [{guix: mold}]}\nguix: {version: \"1.4\"}", ""},
	{disk + "guest: {system: guix, user: {name: u}, packages: [mold]}\nguix: {version: \"1.5\"}", ""},
	{disk + `guest: {system: ubuntu, release: "26.04", user: {name: u}, packages: [docker, podman, docker-client]}`, "4:71: guest.packages[0]: containers-bare\n4:79: guest.packages[1]: containers-bare"},
	{disk + `guest: {system: fedora, release: "44", user: {name: u}, packages: [docker, podman]}`, "4:68: guest.packages[0]: containers-bare"},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}, packages: [docker]}", "4:52: guest.packages[0]: containers-bare"},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}, packages: [docker]}\nnix: {modules: [./docker.nix]}", "7:17: nix.modules[0]: missing-file"},
	{disk + "guest: {system: guix, user: {name: u}, packages: [docker]}", "4:51: guest.packages[0]: containers-bare"},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, packages: [docker], containers: docker}`, ""},
	{disk + `guest: {system: debian, release: "13", user: {name: u}, containers: docker}` + "\nsockets: [{name: d, host: /d.sock, env: DOCKER_HOST}]", "6:11: sockets[0]: containers-shadowed"},
	{disk + "qemu: {sshPort: 0}", "6:7: qemu: unused-qemu"},
	{disk + "qemu: {sshPort: 60022}\nguest: {system: guix, user: {name: u}, env: {A: b}}", ""},
	{disk + "host: {os: macos}\nguest: {system: guix, arch: x86_64, user: {name: u}}", ""},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, caCerts: [./server.pem, ./self.pem, ./corp.pem]}", ""},
	{disk + "guest: {system: debian, release: \"13\", user: {name: u}, caCerts: [./server.pem, ./self.pem]}", "4:67: guest.caCerts[0]: ca-leaf"},
	{disk + "guest: {system: fedora, release: \"44\", user: {name: u}, caCerts: [./server.pem, ./self.pem]}", "4:67: guest.caCerts[0]: ca-leaf\n4:81: guest.caCerts[1]: ca-leaf"},
	{disk + "guest: {system: guix, user: {name: u}, caCerts: [./chain.pem, ./old.pem, ./next.pem]}", "4:63: guest.caCerts[1]: ca-expired\n4:74: guest.caCerts[2]: ca-expired"},
	{disk + "host: {os: macos}\nlima: {extra: {cpuType: {aarch64: max}}}", "6:16: lima.extra.cpuType: extra-old-key\n6:25: lima.extra.cpuType: extra-slip"},
	{disk + `guest: {system: debian, release: "11", user: {name: u}}`, "4:34: guest.release: release-ended"},
	{disk + `guest: {system: ubuntu, release: "25.04", user: {name: u}}`, "4:34: guest.release: release-ended"},
	{disk + `guest: {system: ubuntu, release: "20.04", user: {name: u}}`, "4:34: guest.release: release-ended"},
	{disk + `guest: {system: fedora, release: "43", user: {name: u}}`, "4:34: guest.release: release-ending"},
	{disk + `guest: {system: fedora, release: "44", user: {name: u}}`, ""},
	{disk + "resources: {memory: 8GiB}\nguest: {system: nixos, user: {name: u}}\nnix: {nixpkgs: 'github:NixOS/nixpkgs/nixos-25.11'}", "7:16: nix.nixpkgs: release-ended"},
	{disk + "lima: {sshPort: 0}\nguest: {system: guix, user: {name: u}}", "6:7: lima: unused-lima"},
	{disk + `host: {os: macos}` + "\n" + `guest: {system: debian, release: "13", arch: x86_64, user: {name: u}}`, "4:46: guest.arch: foreign-arch"},
	{disk + `host: {os: macos, arch: x86_64}` + "\n" + `guest: {system: debian, release: "13", arch: x86_64, user: {name: u}}`, ""},
	{disk + `host: {os: macos, arch: x86_64}` + "\n" + `guest: {system: debian, release: "13", user: {name: u}}`, ""},
	{disk + `host: {os: macos, arch: x86_64}` + "\n" + `guest: {system: debian, release: "13", arch: aarch64, user: {name: u}}`, "4:46: guest.arch: foreign-arch"},
	{disk + `host: {os: linux, limaHome: ~/lima}` + "\n" + `guest: {system: guix, user: {name: u}}`, "3:29: host.limaHome: unused-lima"},
	{disk + `host: {os: linux, limaHome: ~/lima}` + "\n" + `guest: {system: guix, user: {name: u}}` + "\nbuild: {on: 'lima:builder'}", ""},
	{disk + `host: {os: linux, arch: aarch64}` + "\n" + `guest: {system: debian, release: "13", arch: x86_64, user: {name: u}}`, "4:46: guest.arch: foreign-arch"},
	{disk + "host: {os: linux, arch: aarch64}\nlima: {extra: {vmOpts: {qemu: {cpuType: {x86_64: 'host,-x'}}}}}\nguest: {system: debian, release: \"13\", arch: x86_64, user: {name: u}}", "4:46: guest.arch: foreign-arch\n6:50: lima.extra.vmOpts.qemu.cpuType.x86_64: extra-slip"},
	{disk + `host: {os: linux, arch: aarch64}` + "\n" + `guest: {system: debian, release: "13", arch: host, user: {name: u}}`, ""},
	{disk + "lima: {extra: {cpus: 8, env: {A: b}, user: {name: v}}}", "6:16: lima.extra.cpus: extra-overrides\n6:38: lima.extra.user: extra-overrides"},
	{disk + "wezterm: {keys: {domains: CMD+T, newTab: [CTRL+SHIFT+t, CMD+3, CMD+S]}}", "6:27: wezterm.keys.domains: wezterm-shadow\n6:43: wezterm.keys.newTab[0]: wezterm-shadow\n6:57: wezterm.keys.newTab[1]: wezterm-shadow"},
	{disk + "wezterm: {via: mux}", "6:16: wezterm.via: wezterm-mux"},
	{disk + "wezterm: {via: ssh}", "6:16: wezterm.via: wezterm-ssh"},
}

// lintInNovember are the warnings of a profile on a day.
func lintInNovember(t *testing.T, src string) []Problem {
	p, err := Layers{Read: besideLints}.Load("vmloom.yaml", []byte(src))
	if err != nil {
		t.Fatalf("%s\n%s", src, report(err))
	}
	day := time.Date(2026, time.November, 26, 22, 0, 0, 0, time.UTC)
	return Lint(p, func(file string) bool { return file == "./there.nix" }, Ending(p, day)...)
}

// TestEnding: a release is told of three months before its end and ever after, with the next one that its makers lead to.
func TestEnding(t *testing.T) {
	for _, c := range []struct{ guest, day, want string }{
		{`{system: ubuntu, release: "22.04"`, "2027-02-28", ""},
		{`{system: ubuntu, release: "22.04"`, "2027-03-02", `release-ending Ubuntu 22.04 gets its last update on 2027-06-01 [guest.release: "24.04", then vmloom apply --upgrade; and from there to "26.04" alike]`},
		{`{system: ubuntu, release: "22.04"`, "2027-06-01", `release-ending Ubuntu 22.04 gets its last update on 2027-06-01 [guest.release: "24.04", then vmloom apply --upgrade; and from there to "26.04" alike]`},
		{`{system: ubuntu, release: "22.04"`, "2027-06-02", `release-ended Ubuntu 22.04 gets no updates since 2027-06-01 [guest.release: "24.04", then vmloom apply --upgrade; and from there to "26.04" alike]`},
		{`{system: debian, release: "12"`, "2028-07-01", `release-ended Debian 12 gets no updates since 2028-06-30 [guest.release: "13", then vmloom apply --upgrade]`},
		{`{system: fedora, release: "43"`, "2026-09-03", `release-ending Fedora 43 gets its last update on 2026-12-02 [guest.release: "44", then vmloom apply --upgrade]`},
		{`{system: debian, release: "13"`, "2030-07-01", `release-ended Debian 13 gets no updates since 2030-06-30 [a newer vmloom may know a newer release]`},
		{`{system: ubuntu, release: "25.10"`, "2027-01-01", ""}, {`{system: nixos`, "2027-01-02", "release-ended NixOS 26.05 gets no updates since 2026-12-31 [name a newer branch, then vmloom lock and vmloom apply]"},
		{`{system: guix`, "2040-01-01", ""},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range Ending(mustLoad(t, with("guest: "+c.guest+", user: {name: u}}")), day) {
			got += w.ID + " " + w.Reason + " [" + w.Hint + "]"
		}
		if got != c.want {
			t.Errorf("%s on %s:\n%s\nwant\n%s", c.guest, c.day, got, c.want)
		}
	}
	for _, s := range Systems() {
		for _, r := range s.Releases {
			if _, err := time.Parse(time.DateOnly, r.Ends); r.Ended == "" && err != nil {
				t.Errorf("%s %s: %v", s.Name, r.Name, err)
			}
		}
	}
}

func TestLint(t *testing.T) {
	for _, c := range lintCases {
		src := with(c.yaml)
		problems := lintInNovember(t, src)
		var got []string
		for _, p := range problems {
			bare := p
			bare.Reason = p.ID
			got = append(got, bare.String())
			checkProblem(t, src, p)
			if p.Hint == "" {
				t.Errorf("%s: no hint", p.ID)
			}
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%s\n-want +got:\n%s", src, d)
		}
	}
}

// TestLintCases fails for a lint that has no case above.
func TestLintCases(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range lintCases {
		for line := range strings.Lines(c.want) {
			tested[strings.TrimSpace(line[strings.LastIndex(line, ": ")+2:])] = true
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`(?:\.warn\(|unusedLint: +)("?[^",]*"?)`).FindAllStringSubmatch(string(src), -1) {
			if m[1] == "r.unusedLint" { // each runner's row has its own
				continue
			}
			found++
			if id := strings.Trim(m[1], `"`); id == m[1] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(id) {
				t.Errorf("%s: the id %s is not written out, or not of lower-case words and dashes", file, m[1])
			} else if !tested[id] {
				t.Errorf("%s: the lint %s has no case", file, id)
			}
		}
	}
	if found < len(tested) {
		t.Errorf("found %d lints in the source, %d in the cases", found, len(tested))
	}
}
