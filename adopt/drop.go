package adopt

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/pattern"
	"vmloom/profile"
)

var element = pattern.New(`^(mounts|sockets|ports|lima\.networks)\[([0-9]+)\]`)

// drop takes out of the profile what it refuses, and says so. What a profile cannot be
// without gets a plain value.
func (a *Adoption) drop(p profile.Problem) bool {
	what := a.dropAt(p.Path)
	if what == "" {
		return false
	}
	a.note("%s has no place in the profile: %s", what, p.Reason)
	return true
}

// index counts in lima.extra, where other elements than the template's come before one.
var index = pattern.New(`\[[0-9]+\]`)

// unsayable is what no profile can say, at its place in the template if it is of lima.extra.
func (a *Adoption) unsayable(p profile.Problem) error {
	at := a.in.Lima.Name
	path, extra := strings.CutPrefix(p.Path, "lima.extra.")
	n := below(a.extra, "", path)
	if n != nil && n.Line == 0 { // it was put together here
		first, _, _ := strings.Cut(index().ReplaceAllString(path, ""), ".")
		n = child(a.root, first)
	}
	if extra && n != nil {
		at += ":" + strconv.Itoa(n.Line) + ":" + strconv.Itoa(n.Column)
	}
	return refuse(p.Hint, "%s: cannot become a profile: %s: %s", at, clean(index().ReplaceAllString(path, "")), p.Reason)
}

// below is what stands at a path such as mounts[0].location; nil: nothing.
func below(n *yaml.Node, at, path string) *yaml.Node {
	if at == path {
		return n
	}
	for i, c := range n.Content {
		sub := at + "[" + strconv.Itoa(i) + "]"
		if n.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			sub = lima.Join(at, n.Content[i-1].Value)
		}
		if found := below(c, sub, path); found != nil {
			return found
		}
	}
	return nil
}

// sections stand and fall as one.
var sections = []string{"guest.image", "guest.proxy", "guest.packages", "guest.user.authorizedKeys", "wezterm.keys.newTab"}

func (a *Adoption) dropAt(path string) (what string) {
	p := a.made
	if m := element().FindStringSubmatch(path); m != nil {
		return a.dropElement(m[1], m[2])
	}
	for _, s := range sections {
		if strings.HasPrefix(path, s) && p.Unset(s) {
			return s
		}
	}
	switch {
	case path == "autostart" && p.Autostart == "boot":
		p.Autostart = "login"
		return "autostart: boot"
	case path == "name" && p.Name != "vm":
		p.Name = "vm"
	case path == "guest.user.name" && p.Guest.User.Name != lima.GuestUser(""):
		p.Guest.User.Name = lima.GuestUser("")
	case path == "host" && len(p.Sockets) > 0:
		p.Sockets = nil
		return "every socket"
	case path == "wezterm.domain":
		path = "wezterm"
		fallthrough
	default:
		if !p.Unset(path) {
			return ""
		}
	}
	delete(a.remarks, path)
	return strings.TrimPrefix(path, "guest.env.")
}

func (a *Adoption) dropElement(list, number string) string {
	p := a.made
	i, _ := strconv.Atoi(number)
	switch {
	case list == "mounts" && i < len(p.Mounts):
		what := "the mount of " + p.Mounts[i].Host
		p.Mounts = slices.Delete(p.Mounts, i, i+1)
		return what
	case list == "sockets" && i < len(p.Sockets):
		host, _, _ := a.preset(p.Sockets[i].From)
		what := "the forward to " + cmp.Or(p.Sockets[i].Host, host)
		p.Sockets = slices.Delete(p.Sockets, i, i+1)
		return what
	case list == "lima.networks" && i < len(p.Lima.Networks):
		what := "the network " + p.Lima.Networks[i].Name
		p.Lima.Networks = p.Lima.Networks[:i]
		return what
	case list == "ports" && i < len(p.Ports):
		what := "the forward of port " + p.Ports[i].Guest.String()
		p.Ports = p.Ports[:i] // those behind keep their order behind it
		return what
	}
	return ""
}
