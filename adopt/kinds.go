package adopt

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
)

// isInstance refuses what is a file of Lima's world and no template, and says what
// becomes of it.
func isInstance(name string, root *yaml.Node) error {
	switch {
	case isColima(root):
		return refuse(colimaCure(root), "%s: Colima's own configuration, and no template of Lima", name)
	case child(root, "paths") != nil && child(root, "networks") != nil && child(root, "networks").Kind == yaml.MappingNode:
		return refuse("lima.extra.networks of a profile names one: [{lima: shared}]", "%s: Lima's networks for the whole host, and no template", name)
	case !hasOwnKey(root):
		return refuse("vmloom init writes a profile to start from; vmloom adopt takes an instance of Lima: ~/.lima/NAME", "%s: no template of Lima: it has none of its keys", name)
	case isConfig(name):
		return refuse("Lima merges it into each instance by itself; vmloom adopt takes an instance: ~/.lima/NAME", "%s: Lima's values for every instance, and no template", name)
	}
	return nil
}

// hasOwnKey reports whether a mapping has any key of Lima's; one that has no key at all is a template of defaults.
func hasOwnKey(root *yaml.Node) bool {
	own := false
	for k := range lima.Entries(root) {
		own = own || lima.Knows("", k.Value)
	}
	return own || len(root.Content) == 0
}

// isConfig reports whether a file is one that Lima merges into every template.
func isConfig(name string) bool {
	return path.Base(path.Dir(name)) == "_config" && slices.Contains([]string{"default.yaml", "override.yaml", "base.yaml"}, path.Base(name))
}

// ofColima are keys of colima.yaml (abiosoft/colima, embedded/defaults/colima.yaml) that Lima has not.
var ofColima = strings.Fields("cpu runtime kubernetes autoActivate network forwardAgent docker portForwarder sshConfig sshPort diskImage rootDisk modelRunner")

func isColima(root *yaml.Node) bool {
	n := 0
	for _, k := range ofColima {
		if !lima.Knows("", k) && key(root, k) != root {
			n++
		}
	}
	return n >= 2 && !hasItems(root, "images") && child(root, "base") == nil
}

// colimaCure says which of Colima's values a profile takes. Its sizes are in GiB.
func colimaCure(root *yaml.Node) string {
	var takes []string
	add := func(field, from, unit string) {
		if v := scalar(root, from); v != "" {
			takes = append(takes, field+": "+clean(v)+unit)
		}
	}
	var resources []string
	for _, r := range [][3]string{{"cpus", "cpu", ""}, {"memory", "memory", "GiB"}, {"disk", "disk", "GiB"}} {
		if v := scalar(root, r[1]); v != "" {
			resources = append(resources, r[0]+": "+clean(v)+r[2])
		}
	}
	if resources != nil {
		takes = append(takes, "resources: {"+strings.Join(resources, ", ")+"}")
	}
	if t := scalar(root, "vmType"); t == "vz" || t == "qemu" {
		takes = append(takes, "lima: {vmType: "+t+"}")
	}
	add("guest.hostname", "hostname", "")
	if hasItems(root, "mounts") {
		takes = append(takes, "its mounts")
	}
	if scalar(root, "runtime") == "docker" {
		takes = append(takes, "sockets: [{name: docker, from: colima}], which brings Colima's Docker into the guest")
	}
	return "vmloom init writes a profile; of these values it takes " + strings.Join(takes, "; ")
}

// isLinux refuses a template whose guest is no Linux, by its own word or by that of a file it builds on.
func isLinux(name string, root *yaml.Node) error {
	if os := scalar(root, "os"); os != "" && os != "Linux" && os != "default" {
		return refuse("go on with Lima's own template for it", "%s: os: %s: guests of a profile are Linux", name, clean(os))
	}
	return nil
}
