package profile

import "testing"

func TestPlaces(t *testing.T) { testRules(t, places) }

// places are the rules of validate_places.go, and those of WezTerm.
var places = []rule{
	// mounts
	{`host: {os: linux, user: u}
mounts: [{host: ~/src}, {host: /srv/data, guest: /mnt/data, writable: true}, {host: ~/, guest: /mnt/home}]`, ""},
	{"mounts: [{host: ~}, {host: ~u/src}, {host: src}, {host: ./src}]", `5:17: mounts[0].host: must be text [a lone ~ is nothing in YAML: write ~/, or quotes around it]
5:28: mounts[1].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ~/src]
5:44: mounts[2].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./src]
5:50: mounts[3]: needs guest: a path relative to the profile is another one for everybody [write {host: ./src, guest: /work}]`},
	{"mounts: [{host: ., guest: /w}, {host: .., guest: /up}, {host: ./src, guest: /src}, {host: ../../x y, guest: /x}]", ""},
	{"mounts: [{host: ./, guest: /a}, {host: ./a/../b, guest: /b}, {host: .src, guest: /c}, {host: .a/b, guest: /d}, {host: ../., guest: /e}]", `5:17: mounts[0].host: must be written plainly: .
5:40: mounts[1].host: must be written plainly: ./b
5:69: mounts[2].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./.src]
5:94: mounts[3].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./.a/b]
5:119: mounts[4].host: must be written plainly: ..`},
	{"sockets: [{name: a, host: ./run/a.sock}, {name: b, host: .}]", ""},
	{"mounts: [{host: ./.config, guest: /a}, {host: ./..b, guest: /b}, {host: ../.c, guest: /c}, {host: ./x/../.d, guest: /d}]", `5:99: mounts[3].host: must be written plainly: ./.d`},
	{"mounts: [{host: /a/}, {host: /a/../b}, {host: ~/a//b}, {host: ~//a}]", `5:17: mounts[0].host: must be written plainly, without . or .. or a slash at the end
5:30: mounts[1].host: must be written plainly, without . or .. or a slash at the end
5:47: mounts[2].host: must be written plainly, without . or .. or a slash at the end
5:63: mounts[3].host: must be written plainly, without . or .. or a slash at the end`},
	{"mounts: [{host: /a, guest: b}, {host: /a, guest: /b/}, {host: /a, guest: ~/b}]", `5:28: mounts[0].guest: must be an absolute path [begin it with a slash]
5:50: mounts[1].guest: must be written plainly: /b
5:74: mounts[2].guest: must be an absolute path [a home is written out here: /home/NAME]`},
	{`mounts: [{host: ~/it's here}]
host: {os: linux, user: u}`, "5:17: mounts[0].host: guest path must be letters, digits and . _ / @ + - [give guest: a plain path, such as /mnt/1]"},
	{"mounts: [{host: ~/it's here, guest: /mnt/here}]", ""},
	{"mounts: [{host: /a}, {host: /b, guest: /a}]", "5:40: mounts[1].guest: mounts[0] is already at /a"},
	{"mounts: [{host: /}, {host: /a, guest: /usr}, {host: /b, guest: /home}]", `5:17: mounts[0].host: / is a SYSTEM_PATH
5:39: mounts[1].guest: /usr is a SYSTEM_PATH
5:64: mounts[2].guest: /home is a SYSTEM_PATH`},
	{"mounts: [{host: /a, guest: /var/lib}, {host: /b, guest: /var/log}, {host: /c, guest: /var/lib/dpkg}]", `5:28: mounts[0].guest: /var/lib is a SYSTEM_PATH
5:57: mounts[1].guest: /var/log is a SYSTEM_PATH
5:86: mounts[2].guest: /var/lib/dpkg is a SYSTEM_PATH`},
	{"mounts: [{host: /a, guest: /var/lib/docker}, {host: /b, guest: /var/www}, {host: /c, guest: /var/cache/ccache}]", ""},
	{"mounts: [{host: /a, guest: /usr/local/a}, {host: /b, guest: /tmp/lima}, {host: /c, guest: /opt/c}]", ""},
	{"mounts: [{host: /a, guest: /proc/a}, {host: /b, guest: /nix/store}, {host: /dev/shm}]", `5:28: mounts[0].guest: /proc/a is inside a SYSTEM_PATH
5:56: mounts[1].guest: /nix/store is inside a SYSTEM_PATH
5:76: mounts[2].host: /dev/shm is inside a SYSTEM_PATH`},
	{"mounts: [{host: /a, guest: /mnt/lima-cidata}]", "5:28: mounts[0].guest: /mnt/lima-* is Lima's own [give guest: another path, such as /mnt/work]"},
	{"mounts: [{host: ~/src, guest: /mnt/src}]", ""},
	{`nix: {}
mounts: [{host: ~/src, guest: /mnt/src}]`, "6:17: mounts[0].host: needs the host's home: the flake names the mount by its absolute path [set host.user or host.home]"},
	// a mount in or around the home
	{"mounts: [{host: /a, guest: /home/u.guest}]", "5:28: mounts[0].guest: would be inside the guest's home /home/u.guest [give guest: a path outside it, such as /mnt/u.guest: cloud-init would make the home as root before the user exists]"},
	{"mounts: [{host: /a, guest: /home/u.guest/src}]", "5:28: mounts[0].guest: would be inside the guest's home /home/u.guest [give guest: a path outside it, such as /mnt/src: cloud-init would make the home as root before the user exists]"},
	{"mounts: [{host: /a, guest: /home/u.guest2}]", ""},
	{`host: {os: linux, user: u}
guest: {system: nixos, user: {home: /home/u}}
mounts: [{host: ~/src}]`, "5:17: mounts[0].host: would be inside the guest's home /home/u [give guest: a path outside it, such as /mnt/src: cloud-init would make the home as root before the user exists]"},
	{`guest: {system: nixos, user: {name: u, home: /srv/home/u}}
mounts: [{host: /srv}]`, "5:17: mounts[0].host: would hold the guest's home /srv/home/u [the home must not come from the host: give guest: another path]"},
	{`guest: {system: nixos, user: {name: u, home: /srv/home/u}}
mounts: [{host: /srv/home2}]`, ""},
	// sockets: where from
	{`host: {os: macos, user: u}
sockets: [{name: a, from: colima}, {name: b, from: 1password}, {name: c, from: gpg-agent}, {name: d, host: /x/y.sock}]`, ""},
	{"sockets: [{name: a, from: docker-desktop}, {name: b, from: ssh-agent}]", ""},
	{"sockets: [{name: a}]", "5:11: sockets[0].host: is required where from is not set [from knows PRESETS_BY_NAME]"},
	{"sockets: [{name: a, from: colimaa}]", "5:27: sockets[0].from: must be one of PRESETS [did you mean colima?]"},
	{"sockets: [{name: a, from: orbstack}, {name: b, from: podman, env: B}, {name: c, from: gpg-agent}]", `5:27: sockets[0].from: orbstack has no fixed socket path on linux [give host: as well (OrbStack runs on macOS only)]
5:54: sockets[1].from: podman has no fixed socket path on linux [give host: as well (podman info --format '{{.Host.RemoteSocket.Path}}' shows it)]
5:87: sockets[2].from: gpg-agent has no fixed socket path on linux [give host: as well (gpgconf --list-dirs agent-extra-socket shows it)]`},
	{"sockets: [{name: a, from: podman, host: /run/user/1000/podman/podman.sock}]", ""},
	{"sockets: [{name: A}, {name: b_, host: /b}]", `5:11: sockets[0].host: is required where from is not set [from knows PRESETS_BY_NAME]
5:18: sockets[0].name: LABEL [write a]
5:29: sockets[1].name: LABEL [write b]`},
	// What a second reader takes for more than a path: ssh, and QEMU under Lima.
	{`sockets: [{name: a, host: "~/a%hb"}, {name: b, host: "/a${HOME}"}, {name: c, host: '/a\b'}, {name: d, host: "/$a {b} [c] 'd' \"e\" #;&~é"}]`, `5:27: sockets[0].host: must not hold %: ssh expands it in the path of a socket
5:54: sockets[1].host: must not hold ${: ssh expands it in the path of a socket
5:84: sockets[2].host: must not hold a backslash: ssh takes it for an escape in the path of a socket`},
	{`host: {os: linux, home: "/home/50%"}
sockets: [{name: a, host: ~/a}]`, "3:25: host.home: must not hold %: ssh expands it in the path of a socket"},
	{`sockets: [{name: a, host: "/a\uFFFE"}, {name: b, host: "/\uFDD0"}, {name: c, host: "/\U0001FFFF"}]`, `5:27: sockets[0].host: must be one line without control characters [write it on the line of its key]
5:56: sockets[1].host: must be one line without control characters [write it on the line of its key]
5:84: sockets[2].host: must be one line without control characters [write it on the line of its key]`},
	{`mounts: [{host: "/a,b", guest: /mnt/a}]`, "5:17: mounts[0].host: must not hold a comma: Lima hands QEMU the path as it is, and QEMU ends it there [mount a directory above it, or rename it]"},
	{`guest: {system: debian, release: "13", user: {name: u}}
mounts: [{host: "/a,b", guest: /mnt/a}]`, ""},
	{`host: {os: macos, user: u}
mounts: [{host: "/a,b", guest: /mnt/a}]`, ""},
	{`sockets: [{name: a, host: a.sock}, {name: b, host: "/a:b"}, {name: c, host: /a/../b}]`, `5:27: sockets[0].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./a.sock]
5:52: sockets[1].host: must not hold a colon: ssh -R separates the two paths by one
5:77: sockets[2].host: must be written plainly, without . or .. or a slash at the end`},
	{"sockets: [{name: a, host: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]", "5:27: sockets[0].host: is 115 bytes long, a socket's path may have 107"},
	{`host: {os: macos, home: /Users/u}
sockets: [{name: a, host: ~/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]`, "5:27: sockets[0].host: is 105 bytes long, a socket's path may have 103"},
	// sockets: of the guest
	{"sockets: [{name: d, from: docker, direction: toHost}, {name: p, from: podman, direction: toHost}, {name: x, guest: /srv/x.sock, host: ./run/x.sock, direction: toHost, check: 'true'}]", ""},
	{"host: {os: macos}\nsockets: [{name: g, from: gpg-agent, direction: toGuest, start: login}, {name: c, from: colima, start: login}, {name: d, from: docker, host: /d, start: off}]", "5:112: sockets[2].guest: has the guest path /run/host-services/docker.sock, as sockets[1] does\n5:112: sockets[2].env: sets DOCKER_HOST, as sockets[1] does"},
	{"sockets: [{name: c, from: colima, direction: toHost}, {name: n, direction: toHost}, {name: e, guest: /run/e, direction: toHost, env: E, start: login}]", `5:46: sockets[0].direction: colima is a program of the host, and its socket can only go to the guest [remove the line; a program of the guest is from: docker or podman, or guest: its socket's path]
5:55: sockets[1].guest: is required with direction toHost: where the guest's program listens [from: docker or podman knows it]
5:134: sockets[2].env: is of the guest, and the programs of this socket are on the host [remove it: the guide has the command that tells them]
5:144: sockets[2].start: starts a program of the host, and this socket's is in the guest [remove the line]`},
	{"host: {os: linux, home: /home/u}\nsockets: [{name: a, guest: /run/a, host: ~/.colima/default/docker.sock, direction: toHost}, {name: b, guest: /run/b, host: /home/u/s, direction: toHost}, {name: c, host: ~/s}, {name: d, guest: /run/d, host: /run/d, direction: toHost}, {name: e, guest: /run/user/7/e, host: ~/e, direction: toHost}, {name: f, guest: /run/d, host: ~/e, direction: toHost}]", `5:42: sockets[0].host: is the socket of colima on this host, which would lose it [give host: a path of its own, or none: it is in ~/.local/state/vmloom/sockets.d then]
5:124: sockets[1].host: is what sockets[2] brings into the guest: it cannot go both ways [give host: a path of its own, or none: it is in ~/.local/state/vmloom/sockets.d then]
5:208: sockets[3].host: /run is root's on the host, where ssh makes the socket as you [give host: a path of its own, or none: it is in ~/.local/state/vmloom/sockets.d then]
5:253: sockets[4].guest: is not in the guest user's /run/user/1000
5:316: sockets[5].guest: has the guest path /run/d, as sockets[3] does
5:330: sockets[5].host: has the host path ~/e, as sockets[4] does`},
	{"sockets: [{name: a, host: /a, start: login}, {name: d, from: docker, start: login}]", `5:38: sockets[0].start: needs from: which program to start is not known [from knows colima, podman, gpg-agent; remove the line, and have your own job start the program]
5:77: sockets[1].start: is not for docker [the host's own system starts it: sudo systemctl enable docker]`},
	// sockets: where to
	{"sockets: [{name: a, host: /a, guest: /run/mine/a.sock}, {name: b, host: /b, guest: /run/user/1000/b.sock}]", ""},
	{"sockets: [{name: a, host: /a, guest: a.sock}, {name: b, host: /b, guest: /tmp/b.sock}, {name: c, host: /c, guest: /run/c.sock}]", `5:38: sockets[0].guest: must be an absolute path [begin it with a slash]
5:74: sockets[1].guest: must be in a directory below /run [/run/host-services/NAME.sock is the usual place]
5:115: sockets[2].guest: must be in a directory below /run [/run/host-services/NAME.sock is the usual place]`},
	{"sockets: [{name: a, host: /a, guest: /run/x/../a/b}, {name: b, host: /b, guest: /run/my dir/b}]", `5:38: sockets[0].guest: must be written plainly: /run/a/b
5:81: sockets[1].guest: must be an absolute path of letters, digits and . _ / @ + -`},
	{"sockets: [{name: a, host: /a, guest: /run/user/501/a.sock}, {name: b, host: /b, guest: /run/user/b.sock}]", `5:38: sockets[0].guest: is not in the guest user's /run/user/1000
5:88: sockets[1].guest: is not in the guest user's /run/user/1000`},
	{"sockets: [{name: a, host: /a, guest: /run/sshd/a.sock}, {name: b, host: /b, guest: /run/systemd/x/b.sock}]", `5:38: sockets[0].guest: /run/sshd belongs to the guest's system, and a socket's directory is given to the user [/run/host-services/a.sock is the usual place]
5:84: sockets[1].guest: /run/systemd belongs to the guest's system, and a socket's directory is given to the user [/run/host-services/b.sock is the usual place]`},
	{"sockets: [{name: a, host: /a, guest: /run/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/a}]", "5:38: sockets[0].guest: is 109 bytes long, a socket's path may have 107"},
	{`mounts: [{host: /a, guest: /run/mine}]
sockets: [{name: a, host: /a, guest: /run/mine/a.sock}]`, "6:38: sockets[0].guest: is inside mounts[0]: a socket cannot be made on a shared directory"},
	// sockets: two at one place
	{"sockets: [{name: a, host: /a}, {name: a, host: /b}]", "5:39: sockets[1].name: has the name a, as sockets[0] does"},
	{"sockets: [{name: a, host: /a, guest: /run/x/s}, {name: b, host: /b, guest: /run/x/s}]", "5:76: sockets[1].guest: has the guest path /run/x/s, as sockets[0] does"},
	{"sockets: [{name: a, from: colima}, {name: b, from: docker-desktop}]", `5:36: sockets[1].guest: has the guest path /run/host-services/docker.sock, as sockets[0] does
5:36: sockets[1].env: sets DOCKER_HOST, as sockets[0] does`},
	{"sockets: [{name: a, host: /a, env: X}, {name: b, host: /b, env: X}]", "5:65: sockets[1].env: sets X, as sockets[0] does"},
	{"sockets: [{name: a, host: /a, env: X-Y}, {name: b, host: /b, env: PATH}]", `5:36: sockets[0].env: must be the name of a variable
5:67: sockets[1].env: PATH means something else to every program`},
	// sockets: boot
	{`autostart: boot
sockets: [{name: a, from: colima}]`, ""},
	{`autostart: boot
sockets: [{name: a, from: 1password}]`, `5:12: autostart: boot starts the VM before anybody is logged in, when the socket "a" does not exist [write login, or remove sockets[0]]`},
	{`autostart: boot
sockets: [{name: a, host: /a, env: SSH_AUTH_SOCK}]`, `5:12: autostart: boot starts the VM before anybody is logged in, when the socket "a" does not exist [write login, or remove sockets[0]]`},
	{`autostart: login
sockets: [{name: a, from: ssh-agent}]`, ""},
	{"autostart: reboot", "5:12: autostart: must be one of off, login, boot"},
	// ports
	{"ports: [{guest: 80, host: 8080}, {guest: 8080, host: 80}, {guest: 5432}]", ""},
	{"ports: [{guest: 80, host: 8080}, {guest: 80, host: 8081}]", "5:42: ports[1].guest: ports[0] already forwards 80"},
	{"ports: [{guest: 8080}, {guest: 80, host: 8080}]", "5:42: ports[1].host: ports[0] already takes the host's 8080"},
	{"ports: [{guest: 80, host: 8080}, {guest: 8080}]", "5:34: ports[1].host: ports[0] already takes the host's 8080"},
	{"ports: [{host: 80}]", "5:9: ports[0].guest: is required [write guest: 8080]"},
	{`lima: {sshPort: 8022}
ports: [{guest: 80, host: 8022}]`, "6:27: ports[0].host: is lima.sshPort"},
	{`lima: {sshPort: 8022}
ports: [{guest: 8022, host: 80}]`, "6:17: ports[0].guest: Lima never forwards the number that is lima.sshPort [choose another lima.sshPort]"},
	{"ports: [{guest: 22, host: 2222}]", "5:17: ports[0].guest: Lima never forwards port 22 [lima.sshPort is where SSH answers on the host]"},
	{`guest: {system: guix, user: {name: u}}
ports: [{guest: 22, host: 2222}]`, ""},
	{"ports: [{guest: 8000-8010}, {guest: 53, protocol: udp}, {guest: 53, protocol: tcp, address: 0.0.0.0}, {guest: 9000-9001, host: 19000-19001, address: 192.168.1.2}]", ""},
	{"ports: [{guest: 8010-8000}, {guest: 9000 - 9010}, {guest: 0-5}, {guest: 80-70000}, {guest: 1:30}]", `5:17: ports[0].guest: ends before it begins [write 8000-8010]
5:37: ports[1].guest: must be a range of ports [write 9000-9010]
5:59: ports[2].guest: must be between 1 and 65535
5:73: ports[3].guest: must be between 1 and 65535
5:92: ports[4].guest: must be a port, or a range of ports [write guest: 30, host: 1]`},
	{"ports: [{guest: 80-70000}, {guest: 90, host: 0-80}]", "5:17: ports[0].guest: must be between 1 and 65535\n5:46: ports[1].host: must be between 1 and 65535"},
	{"ports: [{guest: 8000-8010, host: 9000}, {guest: 80, host: 9100-9101}]", `5:34: ports[0].host: has 1 of the host's ports for 11 of the guest's [write host: 9000-9010]
5:59: ports[1].host: has 2 of the host's ports for 1 of the guest's [write host: 9100]`},
	{"ports: [{guest: 8000-8010}, {guest: 8005-8020, host: 9005-9020}, {guest: 8005, host: 9005, protocol: udp}]", "5:37: ports[1].guest: ports[0] already forwards 8005-8010"},
	{"ports: [{guest: 8000-8010}, {guest: 80, host: 8003}, {guest: 81, host: 8004, protocol: udp}, {guest: 82, host: 8005, address: 0.0.0.0}]", `5:47: ports[1].host: ports[0] already takes the host's 8003
5:112: ports[3].host: ports[0] already takes the host's 8005`},
	{"ports: [{guest: 80, address: 127.0.0.1}, {guest: 81, host: 80, address: 192.168.1.2}, {guest: 80, host: 80, address: localhost}, {guest: 1000, address: 1.2.3.400}, {guest: 1001, address: \"::1\"}]", `5:95: ports[2].guest: ports[0] already forwards 80
5:118: ports[2].address: must be an IPv4 address, such as 127.0.0.1 [write 127.0.0.1]
5:153: ports[3].address: must be an IPv4 address of the host [127.0.0.1 is this machine alone, 0.0.0.0 whoever reaches it]
5:188: ports[4].address: must be an IPv4 address, such as 127.0.0.1 [write 127.0.0.1]`},
	{`lima: {sshPort: 8022}
ports: [{guest: 18000-18030, host: 8000-8030}, {guest: 8000-8100, host: 20000-20100}]`, `6:36: ports[0].host: has 8022, which is lima.sshPort
6:56: ports[1].guest: Lima never forwards the number that is lima.sshPort [choose another lima.sshPort]`},
	{"ports: [{guest: 20-30, host: 2020-2030}, {guest: 1022, protocol: sctp}]", `5:17: ports[0].guest: Lima never forwards port 22 [write an element of ports: for 20-21, and one for 23-30; network: {forward: all} is for every port]
5:66: ports[1].protocol: must be one of tcp, udp`},
	{`guest: {system: guix, user: {name: u}}
ports: [{guest: 1000-1200}, {guest: 2000-2100}]`, "5:37: ports[1].guest: makes 302 ports, and QEMU opens each of them by a rule of its own: 256 at most [ssh -N -D 1080 a is a proxy to all of the guest's]"},
	{"ports: [{guest: 4000..4010}, {guest: [5000, 5010]}, {guest: [1, 2, 3]}, {guest: 53, protocol: tcp/udp}, {guest: 54, protocol: both}, {guest: 55, address: '*'}, {guest: 56, address: '::'}]", `5:17: ports[0].guest: must be a port, or a range of ports [write 4000-4010]
5:38: ports[1].guest: must be a port, or a range of ports [write 5000-5010, or an element of ports: for each]
5:61: ports[2].guest: must be a port, or a range of ports [write an element of ports: for each]
5:95: ports[3].protocol: must be one of tcp, udp [write an element for each: protocol: tcp, and the same with protocol: udp]
5:127: ports[4].protocol: must be one of tcp, udp [write an element for each: protocol: tcp, and the same with protocol: udp]
5:155: ports[5].address: must be an IPv4 address, such as 127.0.0.1 [write 0.0.0.0]
5:182: ports[6].address: must be an IPv4 address, such as 127.0.0.1 [write 0.0.0.0]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, containers: none, proxy: 'http://me:hunter22@p:3128'}\nnetwork: {dns: '1.1.1.1, ::1'}", `4:69: guest.containers: must be one of docker, podman, containerd [remove the line: without it there is none]
4:82: guest.proxy: must be a mapping [write {http: http://p:3128}]
5:16: network.dns: must be a list [write it as a list, even of one: [1.1.1.1, "::1"]]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: 'http://p:1', noProxy: '*.corp,.x'}}", `4:94: guest.proxy.noProxy: must be a list [write it as a list, even of one: ["*.corp", .x]]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, proxy: p:3128, containers: no}", `4:64: guest.proxy: must be a mapping [write {http: http://p:3128}]
4:84: guest.containers: must be one of docker, podman, containerd [remove the line: without it there is none]`},
	{"network: {forward: no}\nports: ['*:80:81', 'localhost:82:83', {guest: 80, host: 0}]", `5:20: network.forward: must be one of none, listed, all [write none]
6:9: ports[0]: must be a mapping [write {guest: 81, host: 80, address: 0.0.0.0}]
6:20: ports[1]: must be a mapping [write {guest: 83, host: 82}]
6:57: ports[2].host: must be between 1 and 65535 [say which, or take it out: then it is the guest's number]`},
	{"guest: {system: guix, user: {name: u}}\nports: [{guest: 1000-1300}, {guest: 2000, host: 2000}]", `5:17: ports[0].guest: makes 301 ports, and QEMU opens each of them by a rule of its own: 256 at most [ssh -N -D 1080 a is a proxy to all of the guest's]`},
	{onVZ + "rosetta: true\nresources: {nested: true}\nguest: {system: debian, release: \"13\", arch: arm64, user: {name: u}}", `4:46: guest.arch: must be one of aarch64, x86_64, host [write aarch64]`},
	{"sockets: [{name: s, guest: /run/user/1000/podman/podman.sock, direction: tohost}]", `5:74: sockets[0].direction: must be one of toGuest, toHost [write toHost]`},
	{"lima: {networks: [{name: vznat}, {name: User_v2}, {name: mine, interface: lo, macAddress: 5255.5512.3456}, {lima: shared}]}", `5:26: lima.networks[0].name: is none of Lima's networks [write vzNAT]
5:41: lima.networks[1].name: is none of Lima's networks [write user-v2]
5:75: lima.networks[2].interface: is the guest's way to itself
5:91: lima.networks[2].macAddress: must be a MAC address, such as 52:55:55:12:34:56 [write 52:55:55:12:34:56]
5:109: lima.networks[3].lima: unknown key [write name]`},
	{"lima: {networks: shared, mountType: [9p]}\ndisks: {data: 5GiB, /srv/db: 1GiB}\nnetwork: listed\nmounts: [{host: /a, guest: /b, 9p: {msize: 131072}}]", `5:18: lima.networks: must be a list [write [{name: shared}]]
5:37: lima.mountType: must be one of reverse-sshfs, 9p, virtiofs [it takes one value: write 9p]
6:8: disks: must be a list [write [{name: data, size: 5GiB, mount: /data}, {name: db, size: 1GiB, mount: /srv/db}]]
7:10: network: must be a mapping [write {forward: listed}]
8:44: mounts[0].9p.msize: needs a unit: KiB, MiB, GiB or TiB [write 128KiB]`},
	{"lima: {networks: [shared]}\ndisks: [db]\nnetwork: {hosts: ['db: 10.0.0.5', '10.0.0.6 x', y=::1]}\nresources: {memory: 8589934592, disk: 65536, nested: {enabled: yes}}", `5:19: lima.networks[0]: must be a mapping [write {name: shared}]
6:9: disks[0]: must be a mapping [write {name: db, size: 20GiB, mount: /db}]
7:18: network.hosts: must be a mapping [write {db: 10.0.0.5, x: 10.0.0.6, y: "::1"}]
8:21: resources.memory: needs a unit: KiB, MiB, GiB or TiB [write 8GiB]
8:39: resources.disk: needs a unit: KiB, MiB, GiB or TiB [write 65536MiB]
8:54: resources.nested: must be true or false [write true]`},
	{"network: {hosts: {db: [10.0.0.5, 10.0.0.6]}}\nhost: {os: linux, limaHome: $HOME/lima}", `3:29: host.limaHome: must be a directory of letters, digits, blanks and . _ @ + -, absolute or starting with ~/ [write ~/lima]
5:23: network.hosts.db: must be text [it takes one value: 10.0.0.5]`},
	{"host: {os: linux, limaHome: /data/lima/}", `3:29: host.limaHome: must be a directory of letters, digits, blanks and . _ @ + -, absolute or starting with ~/ [write /data/lima]`},
	{"guest: {system: debian, release: \"13\", user: {name: u, groups: [a]}, docker: true, provision: [a], certs: [./a], services: [a], containers: [podman]}\nprovision: [a]\ncpu: 4\nlima: {networks: [{vzNAT: true}]}", `4:56: guest.user.groups: unknown key [write guest: {groups: [NAME]}]
4:70: guest.docker: unknown key [write containers: docker]
4:84: guest.provision: unknown key [write setup: {once: [./setup.sh]}, a script beside the profile; NixOS takes nix.modules, Guix guix.modules]
4:100: guest.certs: unknown key [write caCerts]
4:114: guest.services: unknown key [a script of guest.setup starts one; NixOS takes nix.modules, Guix guix.modules]
4:141: guest.containers: must be one of docker, podman, containerd [it takes one value: write podman]
5:1: provision: unknown key [write guest: {setup: {once: [./setup.sh]}}, a script beside the profile; NixOS takes nix.modules, Guix guix.modules]
6:1: cpu: unknown key [write resources: {cpus: 4}]
7:19: lima.networks[0].name: is required [write name: user-v2]
7:20: lima.networks[0].vzNAT: unknown key [write name: vzNAT]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: proxy.corp:3128, https: 'HTTP://Proxy:1/x', noProxy: ['http://x.corp', 10.0.0.0/8, '[::1]', x.corp/a]}}", `4:71: guest.proxy.http: must be the URL of a proxy, such as http://proxy.example.org:3128 [write http://proxy.corp:3128]
4:95: guest.proxy.https: must be the URL of a proxy, such as http://proxy.example.org:3128 [write http://Proxy:1]
4:125: guest.proxy.noProxy[0]: must be one name, domain or address, such as .example.org or 10.0.0.5 [write x.corp]
4:163: guest.proxy.noProxy[3]: must be one name, domain or address, such as .example.org or 10.0.0.5`},
	{"guest: {system: debian, release: \"13\", user: {name: u}, proxy: {http: 'socks5://p:1080'}, setup: ./a.sh}", `4:71: guest.proxy.http: must be the URL of a proxy, such as http://proxy.example.org:3128 [write the URL of one that speaks http; programs that know SOCKS take guest.env: {ALL_PROXY: socks5://…}]
4:98: guest.setup: must be a mapping [write {once: [./a.sh]}]`},
	// network
	{"network: {forward: none}\nports: [{guest: 80}]", "5:20: network.forward: forwards no port, and ports: has some [write listed, or remove ports:]"},
	{"network: {forward: all}\nguest: {system: guix, user: {name: u}}", "5:20: network.forward: QEMU forwards the ports that are listed, and no others [list them in ports:, or for a while: ssh -N -L 3000:127.0.0.1:3000 a]"},
	{"network: {forward: some}", "5:20: network.forward: must be one of none, listed, all"},
	{"network: {dns: [1.1.1.1, 1.1.1.1, dns.example.org, 1.2.3]}", `5:26: network.dns[1]: network.dns[0] is the same
5:35: network.dns[2]: must be an IP address
5:52: network.dns[3]: is no IP address`},
	{"network: {hosts: {db.internal: 10.0.0.5, -x: 10.0.0.6, y: z, v: 'fe80::1%eth0'}}", `5:46: network.hosts.-x: must be a host name, such as db.internal
5:59: network.hosts.y: is no IP address [/etc/hosts takes no second names: write the address that z has]
5:65: network.hosts.v: is no IP address`},
	{"network: {hosts: {h: h, b: c, c: 10.0.0.5, d: host-gateway, e: localhost, f: db.example.org, g: '*'}}", `5:22: network.hosts.h: is no IP address [the name itself stands there: write its address]
5:28: network.hosts.b: is no IP address [write 10.0.0.5, as c has it]
5:47: network.hosts.d: is no IP address [write 192.168.5.2, by which the guest reaches the host]
5:64: network.hosts.e: is no IP address [the guest itself is 127.0.0.1; the host is 192.168.5.2 for it]
5:78: network.hosts.f: is no IP address [/etc/hosts takes no second names: write the address that db.example.org has]
5:97: network.hosts.g: is no IP address`},
	{"lima: {networks: [{name: user-v2}]}\nnetwork: {hosts: {d: host.lima.internal}}", `6:22: network.hosts.d: is no IP address [write 192.168.104.2, by which the guest reaches the host]`},
	{"guest: {system: guix, user: {name: u}}\nnetwork: {hosts: {d: host-gateway}}", `5:22: network.hosts.d: is no IP address [write 10.0.2.2, by which the guest reaches the host]`},
	{"network: {hosts: ['d:host-gateway', 'e=10.0.0.5']}", `5:18: network.hosts: must be a mapping [write {d: host-gateway, e: 10.0.0.5}]`},
	{"resources: {cpuType: host}\ncpuType: {x86_64: max}", `5:13: resources.cpuType: unknown key [Lima's driver qemu takes a model: lima: {extra: {vmOpts: {qemu: {cpuType: {x86_64: max}}}}}; without one it is the host's own, or max]
6:1: cpuType: unknown key [Lima's driver qemu takes a model: lima: {extra: {vmOpts: {qemu: {cpuType: {x86_64: max}}}}}; without one it is the host's own, or max]`},
	{"network: {dns: ['1.1.1.1:53', 8.8.8.8/32, 0.0.0.0, ff02::1, 127.0.0.53]}", `5:17: network.dns[0]: is no IP address [write 1.1.1.1]
5:31: network.dns[1]: must be an IP address [write 8.8.8.8]
5:43: network.dns[2]: is the address of no server
5:52: network.dns[3]: is the address of no server`},
	{"network: {hosts: {A: 10.0.0.1, Localhost: 10.0.0.1, x.localhost: 10.0.0.1, host.lima.internal: 10.0.0.1, db: 10.0.0.1, DB: 10.0.0.2}}", `5:22: network.hosts.A: is the guest's own name [write guest: {hostname: NAME} where another machine has this one]
5:43: network.hosts.Localhost: Localhost is the name every machine has for itself
5:66: network.hosts.x.localhost: x.localhost is the name every machine has for itself
5:96: network.hosts.host.lima.internal: is the host's name in every guest of Lima [write another name for this address]
5:110: network.hosts.db: DB is the same name [remove one of them]`},
	{"network: {hosts: {10.0.0.1: db, '*.x': 10.0.0.1, a_b: 10.0.0.1, db.: 10.0.0.1, bücher.de: 10.0.0.1, v: 10.0.0.5/24, w: '[::1]:53'}}", `5:29: network.hosts.10.0.0.1: is an address, and its name comes first [write db: 10.0.0.1]
5:40: network.hosts.*.x: must be a host name, such as db.internal [a list of names has no patterns: write each name]
5:55: network.hosts.a_b: must be a host name, such as db.internal [no host has an underscore in its name]
5:70: network.hosts.db.: must be a host name, such as db.internal [write db]
5:91: network.hosts.bücher.de: must be a host name, such as db.internal [write it as servers know it: xn--…]
5:104: network.hosts.v: is no IP address [write 10.0.0.5]
5:120: network.hosts.w: is no IP address [write ::1]`},
	{"network: {dns: [1.1.1.1], hosts: {b: 10.0.0.1}}", ""},
	{"network: {dns: [1.1.1.1], hosts: {host.lima.internal: 10.0.0.1}}\nguest: {system: nixos, user: {name: u}}", ""},
	{"network: {dns: [1.1.1.1], hosts: {b: 10.0.0.1}}\nguest: {system: guix, user: {name: u}}", `5:16: network.dns: QEMU has the guest ask this machine, which asks its own servers [take it out, or have a file of guix.modules choose the guest's]`},
	{"network: {hosts: {b: 10.0.0.1}}\nguest: {system: guix, user: {name: u}}", ""},
	{"network: {hosts: {b: 10.0.0.1}}\nguest: {system: guix, user: {name: u}}\nguix: {version: '1.4'}", `5:18: network.hosts: needs hosts-service-type, which Guix 1.4 does not have [write guix: {version: "1.5"}, or set hosts-file in a file of guix.modules]`},
	{`lima: {networks: [{name: user-v2, interface: lan0, metric: 250}]}`, ""},
	{`lima: {networks: [{name: user-v2, interface: eth0}, {name: a, interface: b}, {name: c, interface: b, metric: 0}]}`, `5:46: lima.networks[0].interface: is the card of Lima's own way out
5:99: lima.networks[2].interface: is that of lima.networks[1] too
5:110: lima.networks[2].metric: must be between 1 and 4294967295`},
	{"lima: {networks: [{name: user-v2, metric: 50}]}\nguest: {system: nixos, user: {name: u}}", "5:43: lima.networks[0].metric: is told to cloud-init, which a NixOS guest does not have [systemd.network in a file of nix.modules names cards and their routes]"},
	{`lima: {networks: [{name: vzNAT}, {name: shared}, {name: user-v2, macAddress: "53:55:55:12:34:56"}, {name: user-v2}, {macAddress: "1"}]}`, `5:26: lima.networks[0].name: vzNAT is of lima.vmType vz alone [write user-v2, which works everywhere]
5:41: lima.networks[1].name: Lima has this network on macOS alone [write user-v2, which works everywhere]
5:78: lima.networks[2].macAddress: is the address of a group: its first number must be even [52:55:55 is Lima's own beginning]
5:107: lima.networks[3].name: lima.networks[2] is the same
5:117: lima.networks[4].name: is required [write name: user-v2]
5:130: lima.networks[4].macAddress: must be a MAC address, such as 52:55:55:12:34:56`},
	{`lima: {networks: [{name: a, macAddress: "52:55:55:12:34:5A"}, {name: b, macAddress: "52:55:55:12:34:5a"}]}`, "5:85: lima.networks[1].macAddress: is that of lima.networks[0] too"},
	{"rosetta: true\nresources: {nested: true}\nguest: {system: debian, release: \"13\", arch: aarch64, user: {name: u}}", `5:10: rosetta: is Apple's, and this host is Linux [take it out; an emulator runs programs for x86_64: packages: [{apt: qemu-user-static}]]
6:21: resources.nested: QEMU gives a guest of aarch64 no virtualization of its own [take it out]`},
	{onVZ + "rosetta: true\nresources: {nested: true}\nlima: {vmType: qemu}", `5:10: rosetta: is of lima.vmType vz alone [write lima: {vmType: vz}, or take it out]
6:21: resources.nested: on a Mac it is of lima.vmType vz alone [write lima: {vmType: vz}: it takes an M3 or newer, and macOS 15]`},
	{onVZ + "rosetta: true\nresources: {nested: true}\nguest: {system: guix, user: {name: u}}", `5:10: rosetta: is for guests under Lima, and QEMU has none of it [take it out, or have a file of guix.modules add qemu-binfmt-service-type, which emulates]
6:21: resources.nested: on a Mac it is of Lima's vz alone, and this guest runs by QEMU [take it out]`},
	{onVZ + "rosetta: true\nguest: {system: debian, release: \"13\", arch: host, user: {name: u}}", "5:10: rosetta: translates programs for x86_64 in a guest of aarch64, and this one's processor is host [write guest: {arch: aarch64}, or take it out]"},
	{onVZ + "rosetta: true\nresources: {nested: true}", ""},
	{"host: {os: macos, arch: x86_64}\nrosetta: true\nresources: {nested: true}", `5:10: rosetta: is of Apple silicon, and this host is x86_64 [take it out]
6:21: resources.nested: on a Mac it is of Apple silicon, from the M3 on, and this host is x86_64 [take it out]`},
	{"resources: {nested: true}\nguest: {system: guix, user: {name: u}}", ""},
	{"lima: {mountType: nfs, mountInotify: 1}", `5:19: lima.mountType: must be one of reverse-sshfs, 9p, virtiofs
5:38: lima.mountInotify: must be true or false [write true]`},
	{onVZ + "lima: {mountType: 9p}\nmounts: [{host: /src, sshfs: {cache: false}}]", `5:19: lima.mountType: vz mounts by virtiofs or reverse-sshfs [remove it: virtiofs is vz's own]
6:30: mounts[0].sshfs: are options of reverse-sshfs, and this guest mounts by 9p [take them out, or write lima: {mountType: reverse-sshfs}]`},
	{"guest: {system: debian, release: \"13\", user: {name: u}}\nlima: {mountType: 9p}", "5:19: lima.mountType: the image of Debian 13 has no 9p [remove it: reverse-sshfs is taken]"},
	{"guest: {system: ubuntu, release: \"24.10\", user: {name: u}}\nlima: {mountType: 9p}", "5:19: lima.mountType: the image of Ubuntu 24.10 has no 9p [remove it: reverse-sshfs is taken]"},
	{"guest: {system: nixos, user: {name: u}}\nlima: {mountType: reverse-sshfs}\nmounts: [{host: /src, 9p: {msize: 1MiB}}]", `5:19: lima.mountType: is mounted by nobody in a NixOS guest: nixos-lima has no sshfs [remove it]
6:35: mounts[0].9p.msize: must be between 4KiB and 512KiB`},
	{onVZ + "guest: {system: debian, release: \"13\", user: {name: u}}\nlima: {mountType: reverse-sshfs}\nnix: {}\nmounts: [{host: /src, sshfs: {followSymlinks: true, sftpDriver: builtin}}]", ""},
	{"guest: {system: guix, user: {name: u}}\nmounts: [{host: /src, 9p: {cache: loose, securityModel: x}, sshfs: {cache: true}}]", `5:57: mounts[0].9p.securityModel: must be one of none, passthrough, mapped-xattr, mapped-file
5:68: mounts[0].sshfs: are options of reverse-sshfs, and QEMU mounts by 9p [take them out]`},
	// wezterm
	{"wezterm: {domain: a.b, via: mux, keys: {domains: CMD+S, newTab: [LEADER+t, F5, OPT+Enter, CTRL++]}}", ""},
	{`wezterm: {domain: "SSH:a", via: telnet}`, `5:19: wezterm.domain: must be letters, digits, dots, dashes and underscores, 63 at most
5:33: wezterm.via: must be one of exec, ssh, mux`},
	{"wezterm: {domain: unix}", "5:19: wezterm.domain: unix is WezTerm's own domain [give domain: another name]"},
	{`wezterm: {keys: {domains: S, newTab: [CMD+, HYPER+a, CMD+SUPER+a, CMD+F25, ""]}}`, `5:27: wezterm.keys.domains: WEZTERM_KEY
5:39: wezterm.keys.newTab[0]: WEZTERM_KEY
5:45: wezterm.keys.newTab[1]: WEZTERM_KEY
5:54: wezterm.keys.newTab[2]: WEZTERM_KEY
5:67: wezterm.keys.newTab[3]: WEZTERM_KEY
5:76: wezterm.keys.newTab[4]: must not be empty`},
	{"wezterm: {keys: {domains: CMD+SHIFT+t, newTab: [SUPER+SHIFT+T]}}", "5:49: wezterm.keys.newTab[0]: is bound by wezterm.keys.domains already"},
	// what follows from another mistake is not said
	{`name: a_b
wezterm: {}
sockets: [{name: a_b, host: /a}]`, `2:7: name: LABEL [write a-b]
6:18: sockets[0].name: LABEL [write a-b]`},
	{`host: {os: macos, user: 1}
guest: {system: nixos}
autostart: login`, `3:25: host.user: must be text [write it in quotes: "1"]`},
	{`mounts: [{host: x}, {}, x]
sockets: [{name: a, host: /a, guest: /run/a/a}]`, `5:17: mounts[0].host: must be absolute, or start with ~/, or with ./ for a place relative to the profile [write ./x]
5:21: mounts[1].host: is required [write host: ~/src]
5:25: mounts[2]: must be a mapping [write {host: ~/src, writable: true}]`},
	{"ports: [{guest: 80}, {guest: 80}]", "5:30: ports[1].guest: ports[0] already forwards 80"},
	{`guest: {system: nixos, user: {name: u, uid: 501}}
sockets: [{name: a, host: /a, guest: /run/user/1000/a}]`, "4:45: guest.user.uid: must be at least 1000: NixOS refuses a normal user below that [Lima's default is the Mac's 501; the profile's 1000 replaces it on both sides]"},
}
