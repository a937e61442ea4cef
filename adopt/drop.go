package adopt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// drop takes out what stands at the path of a problem, and says what it was.
func (d *draft) drop(path string) string {
	if m := place.FindStringSubmatch(path); m != nil {
		i, _ := strconv.Atoi(m[2])
		switch {
		case m[1] == "mounts" && i < len(d.mounts):
			what := "the mount of " + d.mounts[i].host
			d.mounts = slices.Delete(d.mounts, i, i+1)
			return what
		case m[1] == "sockets" && i < len(d.sockets):
			what := "the forward to " + d.sockets[i].host
			d.sockets = slices.Delete(d.sockets, i, i+1)
			return what
		case m[1] == "ports" && i < len(d.ports):
			what := fmt.Sprintf("the forward of port %d", d.ports[i].guest)
			d.ports = d.ports[:i] // those behind keep their order behind it
			return what
		}
	}
	if name, ok := strings.CutPrefix(path, "guest.env."); ok {
		if _, there := d.env[name]; there {
			delete(d.env, name)
			return "the variable " + name
		}
	}
	for prefix, list := range map[string]func(){
		"guest.env": func() { clear(d.env) }, "guest.packages": func() { d.packages = nil }, "guest.user.authorizedKeys": func() { d.keys = nil },
	} {
		if strings.HasPrefix(path, prefix) && (prefix != "guest.env" || len(d.env) > 0) && (prefix != "guest.packages" || len(d.packages) > 0) && (prefix != "guest.user.authorizedKeys" || len(d.keys) > 0) {
			list()
			return strings.TrimPrefix(prefix, "guest.")
		}
	}
	return d.dropField(path)
}

func (d *draft) dropField(path string) string {
	texts := map[string]struct {
		field *string
		plain string
	}{
		"host.user": {&d.host.User, ""}, "host.home": {&d.host.Home, ""}, "guest.timezone": {&d.timezone, ""}, "guest.locale": {&d.locale, ""},
		"guest.user.name": {&d.user.name, "lima"}, "guest.user.home": {&d.user.home, ""}, "guest.arch": {&d.arch, ""},
		"lima.vmType": {&d.vmType, ""}, "lima.instance": {&d.instance, ""}, "name": {&d.name, "vm"},
		"resources.memory": {&d.memory, "4GiB"}, "resources.disk": {&d.disk, "100GiB"},
		"wezterm": {&d.wezterm.name, ""}, "wezterm.domain": {&d.wezterm.name, ""}, "wezterm.keys.domains": {&d.wezterm.domains, ""},
	}
	if strings.HasPrefix(path, "guest.image") && d.image.location != "" {
		d.image.location = ""
		return "the image"
	}
	if path == "autostart" && d.autostart == "boot" {
		d.autostart = "login"
		return "autostart: boot"
	}
	if path == "autostart" && d.autostart != "" {
		d.autostart = ""
		return "autostart"
	}
	if strings.HasPrefix(path, "wezterm.keys.newTab") && len(d.wezterm.newTab) > 0 {
		d.wezterm.newTab = nil
		return "the keys of WezTerm's new tab"
	}
	if t, ok := texts[path]; ok && *t.field != t.plain {
		*t.field = t.plain
		return path
	}
	switch {
	case path == "resources.cpus" && d.cpus != 4:
		d.cpus = 4
		return path
	case path == "lima.sshPort" && d.sshPort != 0:
		d.sshPort = 0
		return path
	case path == "host" && len(d.sockets) > 0:
		d.sockets = nil
		return "every socket"
	case path == "guest.user.uid" && d.user.uid != 1000:
		d.user.uid = 1000
		return path
	}
	return ""
}
