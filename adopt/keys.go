package adopt

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

// limaKeys are the keys that Lima 2.2 knows, by place: its JSON Schema in short.
// [] is an element of a list, a place that is missing is free. Lima itself only
// warns of others, in its log.
var limaKeys = map[string]string{
	"":                      "base minimumLimaVersion vmType vmOpts os arch images cpuType cpus memory disk additionalDisks mounts mountTypesUnsupported mountType mountInotify ssh firmware audio video provision upgradePackages containerd guestInstallPrefix probes portForwards copyToHost message networks env param dns hostResolver propagateProxyEnv caCerts rosetta plain timezone nestedVirtualization user tpm osOpts",
	"base[]":                "url digest",
	"images[]":              "location arch digest kernel initrd variant archVariant",
	"images[].kernel":       "location arch digest cmdline",
	"images[].initrd":       "location arch digest",
	"additionalDisks[]":     "name format fsType fsArgs",
	"mounts[]":              "location mountPoint writable sshfs 9p virtiofs",
	"mounts[].sshfs":        "cache followSymlinks sftpDriver",
	"mounts[].9p":           "securityModel protocolVersion msize cache",
	"mounts[].virtiofs":     "queueSize",
	"ssh":                   "localPort loadDotSSHPubKeys forwardAgent forwardX11 forwardX11Trusted overVsock",
	"firmware":              "legacyBIOS images",
	"firmware.images[]":     "location arch digest vmType",
	"audio":                 "device interface",
	"video":                 "display vnc",
	"video.vnc":             "display",
	"provision[]":           "mode skipDefaultDependencyResolution script file playbook content overwrite owner path permissions expression format",
	"containerd":            "system user archives",
	"containerd.archives[]": "location arch digest",
	"probes[]":              "mode description script file hint",
	"portForwards[]":        "guestIPMustBeZero guestIP guestPort guestPortRange guestSocket hostIP hostPort hostPortRange hostSocket proto reverse ignore static",
	"copyToHost[]":          "guest host skipIfMissing deleteOnStop",
	"networks[]":            "lima socket vzNAT macAddress interface metric",
	"hostResolver":          "enabled ipv6 hosts",
	"caCerts":               "removeDefaults files certs",
	"rosetta":               "enabled binfmt",
	"user":                  "name comment home shell uid passwordlessSudo",
}

// deprecated keys still work, and go away some day.
var deprecated = map[string]string{
	"cpuType":          "vmOpts: {qemu: {cpuType: …}}",
	"rosetta":          "vmOpts: {vz: {rosetta: …}}",
	"mountInotify":     "nothing: it is an experiment, and its events break chmod (lima#2450)",
	"useHostResolver":  "hostResolver: {enabled: …}",
	"network":          "networks",
	"propagateProxies": "propagateProxyEnv",
}

// checkKeys finds keys that Lima does not know.
func (a *Adoption) checkKeys(n *yaml.Node, place string) {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			a.checkKeys(c, place+"[]")
		}
	case yaml.MappingNode:
		list, strict := limaKeys[place]
		if !strict {
			return
		}
		names := strings.Fields(list)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, value := n.Content[i], n.Content[i+1]
			if !knownKey(place, k.Value) {
				cure := "remove it"
				if near := profile.Near(k.Value, names, 1); len(near) > 0 {
					cure = "write " + near[0] + " if that is meant"
				}
				a.at(k, "unknown-key", clean(k.Value)+": no key of Lima: it does nothing, and limactl validate still says OK", cure)
				continue
			}
			if instead := deprecated[k.Value]; instead != "" && place == "" {
				a.at(k, "deprecated", k.Value+": deprecated or experimental", "instead: "+instead)
			}
			a.checkKeys(value, join(place, k.Value))
		}
	}
}

// knownKey reports whether Lima knows a key at a place such as mounts[].
func knownKey(place, name string) bool {
	list, strict := limaKeys[place]
	return !strict || strings.Contains(" "+list+" ", " "+name+" ") && name != ""
}

func join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}
