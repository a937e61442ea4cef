package profile

// Other programs' words for the keys of a profile, by the mapping that they stand
// in, [] for each element of a list. Case, dashes and underscores count for nothing.

// renamed are keys that have another name in the same mapping.
var renamed = map[string]map[string]string{
	"":                {"vmname": "name", "volumes": "mounts", "additionaldisks": "disks", "datadisks": "disks", "extradisks": "disks", "shares": "mounts", "portforwards": "ports", "publish": "ports", "provider": "runner", "driver": "runner"},
	"guest":           {"certificates": "caCerts", "certs": "caCerts", "ca": "caCerts", "cas": "caCerts", "cacertificates": "caCerts", "containerengine": "containers", "engine": "containers", "runtime": "containers", "containerruntime": "containers", "extragroups": "groups", "usergroups": "groups", "httpproxies": "proxy", "distro": "system", "distribution": "system", "os": "system", "image": "system", "version": "release", "architecture": "arch", "tz": "timezone", "lang": "locale", "pkgs": "packages", "environment": "env", "users": "user", "account": "user"},
	"guest.user":      {"username": "name", "login": "name", "sshkeys": "authorizedKeys", "sshauthorizedkeys": "authorizedKeys", "publickeys": "authorizedKeys", "keys": "authorizedKeys", "homedir": "home", "id": "uid"},
	"host":            {"username": "user", "system": "os", "platform": "os"},
	"resources":       {"nestedvirtualization": "nested", "nestedvirt": "nested", "kvm": "nested", "cpu": "cpus", "ram": "memory", "mem": "memory", "cores": "cpus", "vcpus": "cpus", "processors": "cpus", "storage": "disk", "disksize": "disk"},
	"home":            {"size": "disk"},
	"network":         {"nameservers": "dns", "servers": "dns", "resolvers": "dns", "dnsservers": "dns", "dnshosts": "hosts", "extrahosts": "hosts", "hostnames": "hosts", "ports": "forward"},
	"guest.proxy":     {"httpproxy": "http", "url": "http", "server": "http", "httpsproxy": "https", "exceptions": "noProxy", "bypass": "noProxy"},
	"guest.setup":     {"script": "once", "scripts": "once", "provision": "once", "first": "once", "firstboot": "once", "root": "once", "system": "boot", "always": "boot", "everyboot": "boot", "onboot": "boot", "login": "user", "onlogin": "user"},
	"lima.networks[]": {"lima": "name", "network": "name", "mac": "macAddress", "card": "interface", "device": "interface"},
	"disks[]":         {"mountpoint": "mount", "guest": "mount", "path": "mount", "target": "mount", "capacity": "size", "disk": "size", "label": "name"},
	"mounts[]":        {"location": "host", "source": "host", "src": "host", "path": "host", "hostpath": "host", "from": "host", "mountpoint": "guest", "target": "guest", "destination": "guest", "dst": "guest", "guestpath": "guest", "to": "guest", "rw": "writable"},
	"ports[]":         {"guestport": "guest", "containerport": "guest", "target": "guest", "container": "guest", "hostport": "host", "published": "host", "local": "host", "proto": "protocol", "hostip": "address", "ip": "address", "bind": "address", "bindaddress": "address", "guestportrange": "guest", "hostportrange": "host"},
	"sockets[]":       {"path": "host", "hostsocket": "host", "guestsocket": "guest", "preset": "from", "variable": "env"},
	"lima":            {"name": "instance", "ssh": "sshPort", "driver": "vmType"},
	"build":           {"where": "on", "host": "on", "builder": "on"},
	"wezterm":         {"name": "domain"},
}

// elsewhere are keys that a profile says otherwise: how.
var elsewhere = map[string]map[string]string{
	"": {
		"environment": envInstead, "containerenv": envInstead, "remoteenv": envInstead, "hostname": "write guest: {hostname: NAME}; without it the guest is called as the VM is", "forwardports": "write ports: [{guest: 3000}]", "appport": "write ports: [{guest: 3000}]", "oncreatecommand": setupInstead, "postcreatecommand": setupInstead, "updatecontentcommand": setupInstead, "poststartcommand": setupInstead, "postattachcommand": setupInstead, "remoteuser": userInstead, "containeruser": userInstead, "hostrequirements": "write resources: {cpus: 4, memory: 8GiB, disk: 50GiB}", "workspacefolder": mountInstead, "workspacemount": mountInstead, "restart": "write autostart: login", "autoactivate": "sockets: and guest.containers say which Docker is used: remove it", "portforwarder": "Lima's own is taken, which its variable LIMA_SSH_PORT_FORWARDER changes: remove it", "rootdisk": "write resources: {disk: 50GiB}", "diskimage": "write guest: {image: {location: …}}", "box": "guest.system and guest.release choose the image", "rootful": "write guest: {containers: docker}, whose daemon is root's; podman runs without root", "swapdevices": "a script of guest.setup makes a file of swap; NixOS takes nix.modules", "filesystems": "write disks: [{name: data, size: 20GiB, mount: /data}] for one of the VM's own; mounts: for the host's", "swap": swapInstead, "usb": "neither Lima nor the scripts of QEMU hand USB devices over",
		"cores": "write resources: {cpus: N}", "ram": "write resources: {memory: 8GiB}", "mem": "write resources: {memory: 8GiB}",
		"docker": "an engine in the guest: write guest: {containers: docker}; the host's: sockets: [{name: docker, from: docker}]", "podman": "an engine in the guest: write guest: {containers: podman}; the host's: sockets: [{name: podman, from: podman}]", "kubernetes": noKubernetes, "k3s": noKubernetes,
		"provision": setupInstead, "scripts": setupInstead, "runcmd": setupInstead, "cloudinit": setupInstead, "userdata": setupInstead, "shellscript": setupInstead,
		"hosts": "host: is this machine; for names of others write network: {hosts: {db.internal: 10.0.0.5}}", "dnshosts": hostsInstead, "hostresolver": hostsInstead, "extrahosts": hostsInstead, "nameservers": "write network: {dns: [1.1.1.1]}", "httpproxy": proxyInstead, "httpsproxy": proxyInstead,
		"cpu": "write resources: {cpus: 4}", "forwardagent": "write sockets: [{name: agent, from: ssh-agent}]", "arch": "write guest: {arch: aarch64}; that of the host is host.arch", "forwardedport": "write ports: [{guest: 80, host: 8080}]", "forwardedports": "write ports: [{guest: 80, host: 8080}]", "syncedfolder": "write mounts: [{host: ~/src, guest: /mnt/src, writable: true}]", "syncedfolders": "write mounts: [{host: ~/src, guest: /mnt/src, writable: true}]",
		"networkmode": bridgedInstead, "hostaddress": "write lima: {networks: [{name: user-v2}]}", "networkaddress": "write lima: {networks: [{name: vzNAT}]}", "macaddress": "write lima: {networks: [{name: user-v2, macAddress: …}]}", "user": "the guest's: guest: {user: {name: NAME}}; the host's: host: {user: NAME}", "ssh": "keys: guest.user.authorizedKeys; the host's agent: sockets: [{name: agent, from: ssh-agent}]",
		"image": "guest.system and guest.release choose the image; guest.image names one of your own", "images": "guest.system and guest.release choose the image; guest.image names one of your own", "os": "write guest: {system: ubuntu, release: \"26.04\"}, or host: {os: linux}",
		"distro": "write guest: {system: ubuntu, release: \"26.04\"}", "networks": "ports: forwards ports of the guest; lima.networks are those of Lima's that it is in", "dns": "write network: {dns: [1.1.1.1]}",
		"nestedvirtualization": "write resources: {nested: true}", "cputype": cpuInstead, "cpumodel": cpuInstead, "cpumode": cpuInstead, "containerd": "write guest: {containers: containerd}",
		"include": "write extends: [FILE]", "imports": "write extends: [FILE]", "username": userInstead,
	},
	"guest": {
		"virtualisation": "write containers: docker, podman or containerd; other options of NixOS: nix.modules", "openssh": "sshd is there already: remove the line", "ssh": "sshd is there already; further keys: user: {authorizedKeys: [host]}", "swap": swapInstead,
		"name": "the name of the VM is the name: at the top", "hostname": "the name of the VM is the name: at the top", "cpus": "belongs below resources:", "memory": "belongs below resources:",
		"services": servicesInstead, "provision": setupInGuest, "scripts": setupInGuest, "init": setupInGuest, "onboot": setupInGuest, "onstart": setupInGuest, "runcmd": setupInGuest, "cloudinit": setupInGuest, "userdata": setupInGuest,
		"docker": "write containers: docker", "podman": "write containers: podman", "containerd": "write containers: containerd", "kubernetes": noKubernetes, "k3s": noKubernetes,
		"ports": "belongs to the top: ports:", "mounts": "belongs to the top: mounts:", "disks": "belongs to the top: disks:", "sockets": "belongs to the top: sockets:", "rosetta": "belongs to the top: rosetta:", "networks": "belongs below lima:", "httpproxy": "write proxy: {http: http://proxy.example.org:3128}", "sudo": "the account has sudo: remove the line", "kvm": "write resources: {nested: true}",
		"snaps":    "packages are those of the system's own manager",
		"username": "write user: {name: NAME}",
	},
	"resources":       {"cputype": cpuInstead, "cpumodel": cpuInstead, "cpumode": cpuInstead, "cpupins": cpuInstead, "swap": swapInstead},
	"lima":            {"cputype": cpuInstead, "nestedvirtualization": "write resources: {nested: true}"},
	"guest.user":      {"password": "accounts have no password: authorizedKeys lets further keys in", "sudo": "the account has sudo: remove the line", "groups": "write guest: {groups: [NAME]}", "docker": "write guest: {containers: docker}"},
	"build":           {"machines": "write builders: in vmloom.fleet.yaml (docs/fleets.md)", "builders": "write builders: in vmloom.fleet.yaml (docs/fleets.md)"},
	"nix.inputs.*":    {"inputs": "write follows: {nixpkgs: nixpkgs} for inputs: {nixpkgs: {follows: nixpkgs}}", "ref": "write it into the url: github:OWNER/REPOSITORY/REF", "rev": "write it into the url: github:OWNER/REPOSITORY/REV"},
	"nix":             {"flakes": "remove it: the system is a flake", "experimentalfeatures": "write settings: {experimental-features: nix-command flakes}", "configuration": "write modules: [./local.nix]", "imports": "write modules: [./local.nix]", "extraconfig": "write modules: [./local.nix]"},
	"home":            {"path": "the directory is guest.user.home", "dir": "the directory is guest.user.home"},
	"mounts[]":        {"disabled": "remove the whole element", "create": "the scripts make no directory of yours: mkdir -p makes it; remove the line", "owner": "files belong to the guest's user: remove the line", "group": "files belong to the guest's user: remove the line", "consistency": "remove it", "readonly": "remove it: a mount is read-only unless it says writable: true", "ro": "remove it: a mount is read-only unless it says writable: true", "type": "lima.mountType is that of all mounts", "options": "write sshfs: or 9p:, by lima.mountType", "cache": "write sshfs: {cache: false} or 9p: {cache: mmap}, by lima.mountType"},
	"network":         {"privatenetwork": "write lima: {networks: [{name: user-v2}]}, or vzNAT on a Mac", "publicnetwork": bridgedInstead, "bridged": bridgedInstead, "type": "the guest has a way out by itself; lima.networks are further ones", "mode": "the guest has a way out by itself; lima.networks are further ones", "firewall": "network.forward and ports say what the host has of the guest; NixOS' own is nix.modules'", "lima": "write lima: {networks: [{name: user-v2}]}", "networks": "write lima: {networks: [{name: user-v2}]}", "address": "an address is the network's to give: lima.networks[].macAddress keeps one where that goes by it"},
	"lima.networks[]": {"vznat": "write name: vzNAT", "socket": "a socket of another program: lima.extra.networks", "address": "the network gives it: a fixed macAddress keeps one where that goes by it", "ip": "the network gives it: a fixed macAddress keeps one where that goes by it"},
	"disks[]": {"format": "it is ext4, made once, where the disk is blank: remove the line", "type": "it is ext4, made once, where the disk is blank: remove the line", "fs": "it is ext4, made once, where the disk is blank: remove the line", "fstype": "it is ext4, made once, where the disk is blank: remove the line", "filesystem": "it is ext4, made once, where the disk is blank: remove the line",
		"owner": "its root belongs to the guest's user: remove the line", "mode": "its root belongs to the guest's user, who changes it once: remove the line", "readonly": "the guest's user may write there: remove the line", "encrypted": "it is a plain file of the host, as the host's own disk is kept: remove the line"},
	"ports[]": {"from": "write guest: for the VM's, host: for this machine's", "to": "write guest: for the VM's, host: for this machine's", "autocorrect": "remove it: a port that is taken is said at the start, and changed by hand", "id": commentInstead, "name": commentInstead, "label": commentInstead, "description": commentInstead, "mode": "remove it", "appprotocol": "write protocol: tcp", "onautoforward": "remove it", "port": "write guest: for the VM's, host: for this machine's"},
}

// How a profile says what has other names elsewhere.
const (
	setupInstead    = "write guest: {setup: {once: [./setup.sh]}}, a script beside the profile; NixOS takes nix.modules, Guix guix.modules"
	setupInGuest    = "write setup: {once: [./setup.sh]}, a script beside the profile; NixOS takes nix.modules, Guix guix.modules"
	servicesInstead = "a script of guest.setup starts one; NixOS takes nix.modules, Guix guix.modules"
	hostsInstead    = "write network: {hosts: {db.internal: 10.0.0.5}}"
	proxyInstead    = "write guest: {proxy: {http: http://proxy.example.org:3128}}"
	cpuInstead      = "Lima's driver qemu takes a model: lima: {extra: {vmOpts: {qemu: {cpuType: {x86_64: max}}}}}; without one it is the host's own, or max"
	swapInstead     = "a script of guest.setup makes a file of swap"
	bridgedInstead  = "write lima: {networks: [{name: bridged}]}, which takes a Mac with socket_vmnet"
	envInstead      = "write guest: {env: {NAME: value}}"
	commentInstead  = "remove it: a comment tells what a port is for"
	userInstead     = "write guest: {user: {name: NAME}}"
	mountInstead    = "write mounts: [{host: ., guest: /work, writable: true}]"
	noKubernetes    = "no field sets it up: a script of guest.setup may, or services.k3s of a file of nix.modules"
)
