package lima

// defaults are what Lima fills in whatever the host is, by place
// (limayaml/defaults.go); fewer CPUs and less memory on a host that has no more.
var defaults = map[string]string{
	"os": "Linux", "cpus": "4", "memory": "4GiB", "disk": "100GiB", "user.shell": "/bin/bash",
	"ssh.localPort": "0", "ssh.loadDotSSHPubKeys": "false", "ssh.forwardAgent": "false", "ssh.forwardX11": "false", "ssh.forwardX11Trusted": "false",
	"containerd.system": "false", "containerd.user": "true", "plain": "false", "upgradePackages": "false", "propagateProxyEnv": "true", "mountInotify": "false",
	"nestedVirtualization": "false", "hostResolver.enabled": "true", "hostResolver.ipv6": "false", "firmware.legacyBIOS": "false", "video.display": "none",
	"audio.device": "", "caCerts.removeDefaults": "false", "rosetta.enabled": "false", "rosetta.binfmt": "false", "user.passwordlessSudo": "true",
	"guestInstallPrefix": "/usr/local", "images[].variant": "", "additionalDisks[].fsType": "ext4", "mounts[].sshfs.cache": "true", "mounts[].sshfs.followSymlinks": "false",
	"mounts[].9p.securityModel": "none", "mounts[].9p.protocolVersion": "9p2000.L", "mounts[].9p.msize": "128KiB", "message": "",
	"mounts[].writable": "false", "additionalDisks[].format": "true", "provision[].mode": "system", "probes[].mode": "readiness",
	"portForwards[].reverse": "false", "portForwards[].ignore": "false", "portForwards[].static": "false", "portForwards[].proto": "any",
	"portForwards[].guestIP": "127.0.0.1", "portForwards[].hostIP": "127.0.0.1",
}

// DefaultAt is what Lima takes where a template has nothing at a place; ok is false
// where that depends on the host, or there is none.
func DefaultAt(place string) (text string, ok bool) {
	text, ok = defaults[place]
	return text, ok
}
