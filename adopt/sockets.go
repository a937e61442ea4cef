package adopt

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
	"vmloom/profile"
)

// onePasswordApp is the socket between 1Password's app and op; the SSH agent's is
// agent.sock beside it.
const onePasswordApp = "2BUA8C4S2C.com.1password/t/s.sock"

// colimaDir holds the socket of one of Colima's profiles, or all of them.
var colimaDir = pattern.New(`/\.colima(/[^/]+)?$`)

// socketDir reports whether a host path is a directory that is there for a
// program's socket: where from: of the profile looks for it, or above, below home.
func socketDir(location string) (from, dir string, ok bool) {
	for _, p := range profile.SocketPresets() {
		if !p.OnlySocket {
			continue
		}
		for _, h := range profile.HostOSes() {
			file := p.Path(h)
			if file != "" && strings.HasSuffix(location, "/"+path.Dir(strings.TrimPrefix(file, "~/"))) {
				return p.From, location, true
			}
		}
	}
	if colimaDir().MatchString(location) {
		return "colima", location, true
	}
	return "", "", false
}

// usualName is what people call the socket of a program that from: knows.
func usualName(from string) string {
	p, _ := profile.SocketPresetNamed(from)
	return p.Usual
}

// preset is what from: stands for on the host, its guest path for this user.
func (a *Adoption) preset(from string) (host, guest, env string) {
	p, ok := profile.SocketPresetNamed(from)
	if !ok {
		return "", "", ""
	}
	return p.Path(profile.HostNamed(a.host.OS)), a.ofUser(p.Guest), p.Env
}

// ofUser is a preset's path of the guest for this user.
func (a *Adoption) ofUser(path string) string {
	return strings.Replace(path, "/UID/", "/"+strconv.Itoa(a.uid)+"/", 1)
}

// socketMount turns a mount that cannot work into a forward.
func (a *Adoption) socketMount(n *yaml.Node, location, from, dir string) {
	host, guest, env := a.preset(from)
	own := host
	if from == "colima" && path.Base(dir) != ".colima" {
		own = dir + "/docker.sock"
	}
	cure := "sockets: [{name: " + usualName(from) + ", from: " + from + "}] forwards it"
	if from == "1password" {
		cure += "; the op program needs onepassword: of the profile instead, since the app refuses relayed connections on s.sock"
	}
	a.at(child(n, "location"), "socket-mount", clean(location)+": holds a socket, and a socket cannot be reached through a mount: connection refused", cure)
	s := profile.Socket{Name: usualName(from), From: from, Host: own, Guest: guest, Env: env}
	if own == "" {
		return // no fixed path on this host: the mount stays as it is
	}
	if !slices.ContainsFunc(a.made.Sockets, func(o profile.Socket) bool { return o.Host == s.Host || o.Env == s.Env }) {
		a.made.Sockets = append(a.made.Sockets, s)
		a.mounted[s.Name] = true
	}
}

var notInSocket = pattern.New(`[^a-z0-9]+`)

func (a *Adoption) takeForwards(ours ours) {
	a.hiddenForwards()
	foreign := false // a rule that has no field: what follows it keeps its place behind it
	for _, n := range items(child(a.root, "portForwards")) {
		if scalar(n, "hostSocket") != "" || scalar(n, "guestSocket") != "" {
			a.takeSocket(n, ours)
			continue
		}
		if !foreign && listedAlone(n) {
			if a.made.Network.Forward = "listed"; len(a.made.Ports) == 0 {
				a.made.Network.Forward = "none"
			}
			foreign = true // what follows is never reached
			continue
		}
		port, ok := plainPort(n)
		if foreign = foreign || !ok; foreign {
			continue
		}
		a.made.Ports = append(a.made.Ports, port)
	}
}

// plainPort is a rule that ports: of the profile can say.
func plainPort(n *yaml.Node) (p profile.Port, ok bool) {
	if p.Guest, ok = portsOf(n, "guest"); !ok {
		return p, false
	}
	if p.Host, ok = portsOf(n, "host"); !ok {
		p.Host = p.Guest
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := n.Content[i+1].Value
		switch n.Content[i].Value {
		case "guestPort", "hostPort", "guestPortRange", "hostPortRange":
		case "hostIP":
			if value != "127.0.0.1" {
				p.Address = value
			}
		case "guestIP":
			if value != "127.0.0.1" {
				return p, false
			}
		case "proto":
			if value != "any" {
				p.Protocol = value
			}
		case "reverse", "ignore", "static", "guestIPMustBeZero":
			if value != "false" {
				return p, false
			}
		default:
			return p, false
		}
	}
	return p, p.Guest.Len() == p.Host.Len()
}

// portsOf are the ports of a rule on one side.
func portsOf(n *yaml.Node, side string) (r profile.PortRange, ok bool) {
	if both := items(child(n, side+"PortRange")); len(both) == 2 {
		first, err := strconv.Atoi(both[0].Value)
		last, err2 := strconv.Atoi(both[1].Value)
		return profile.PortRange{First: first, Last: last}, err == nil && err2 == nil && 1 <= first && first <= last && last <= 65535
	}
	port, err := strconv.Atoi(scalar(n, side+"Port"))
	return profile.OnePort(port), err == nil && port > 0
}

// listedAlone is the rule behind which Lima forwards nothing more.
func listedAlone(n *yaml.Node) bool {
	from, to := guestPorts(n)
	return scalar(n, "ignore") == "true" && from == 1 && to == 65535 && scalar(n, "guestIP") == "0.0.0.0" && scalar(n, "guestIPMustBeZero") == "false" && cmp.Or(scalar(n, "proto"), "any") == "any"
}

func (a *Adoption) takeSocket(n *yaml.Node, ours ours) {
	hostNode, raw := child(n, "hostSocket"), scalar(n, "hostSocket")
	if strings.HasPrefix(raw, "~") {
		a.at(hostNode, "socket-tilde", clean(raw)+": Lima expands no ~ here: this is a file below the instance's folder, where nobody listens, and limactl validate says OK", `write "{{.Home}}`+clean(strings.TrimPrefix(raw, "~"))+`"`)
	}
	if rest, below := strings.CutPrefix(raw, "{{.Home}}/"); below {
		raw = "~/" + rest
	}
	host, ok1 := unescaped(besideProfile(raw))
	guest, ok2 := unescaped(a.inGuest(scalar(n, "guestSocket")))
	if host = a.host.tilde(host); !ok1 || !ok2 || host == "" || guest == "" {
		return
	}
	s := profile.Socket{Host: host, Guest: guest, Name: ours.sockets[guest]}
	if scalar(n, "reverse") != "true" {
		if !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "~/") && !profile.Beside(host) {
			return // below the instance's own directory
		}
		s.Direction = profile.DirectionToHost
	}
	for _, p := range profile.SocketPresets() {
		if file, _, _ := a.preset(p.From); s.ToHost() && guest == a.ofUser(p.InGuest) || !s.ToHost() && file == host {
			s.From = p.From
		}
	}
	wrong := strings.HasSuffix(host, onePasswordApp)
	if wrong {
		a.at(hostNode, "1password-app-socket", "s.sock is the app's, for the op program of this host alone: it refuses relayed connections", "agent.sock beside it is the SSH agent's, which the profile forwards; op in the guest needs onepassword: of the profile")
		s.From = "1password"
		s.Host, s.Guest, s.Env = a.preset("1password")
		if slices.ContainsFunc(a.made.Sockets, func(o profile.Socket) bool { return o.Host == s.Host }) {
			return
		}
	}
	if s.Name == "" {
		base := strings.TrimSuffix(path.Base(guest), ".sock")
		s.Name = cmp.Or(usualName(s.From), machineName(notInSocket().ReplaceAllString(base, "-")), "socket")
	}
	for i, name := 2, s.Name; slices.ContainsFunc(a.made.Sockets, func(o profile.Socket) bool { return o.Name == s.Name }); i++ {
		s.Name = name + "-" + strconv.Itoa(i)
	}
	a.made.Sockets = append(a.made.Sockets, s)
	a.mounted[s.Name] = wrong
}

// settle decides what of the sockets' presets holds: one whose variable means
// something else in this guest is written by hand.
func (a *Adoption) settle(ours ours) {
	for i := range a.made.Sockets {
		s := &a.made.Sockets[i]
		host, guest, env := a.preset(s.From)
		_, other := a.made.Guest.Env[env]
		if s.From == "1password" && s.Host != "" && host == "" {
			s.From = ""
		}
		if s.From != "" && (other && s.Env == "" || ours.boot && s.Env == "" && env != "" && a.made.System().SetUp != profile.ByFlake) {
			s.From = ""
		}
		if s.From == "" {
			continue
		}
		if s.ToHost() {
			p, _ := profile.SocketPresetNamed(s.From)
			guest, env = a.ofUser(p.InGuest), ""
		}
		// The preset says the rest.
		if s.Guest == guest {
			s.Guest = ""
		}
		if s.Host == host {
			s.Host = ""
		}
		if s.Env == env {
			s.Env = ""
		}
	}
}

// hiddenForwards finds rules that are never reached: the first that matches wins.
func (a *Adoption) hiddenForwards() {
	list := items(child(a.root, "portForwards"))
	for i, n := range list {
		if scalar(n, "guestSocket") != "" || scalar(n, "hostSocket") != "" {
			continue
		}
		from, to := guestPorts(n)
		for _, earlier := range list[:i] {
			lo, hi := guestPorts(earlier)
			if scalar(earlier, "guestSocket") == "" && scalar(earlier, "hostSocket") == "" && lo <= from && to <= hi && scalar(earlier, "guestIP") == scalar(n, "guestIP") &&
				(scalar(earlier, "proto") == "" || scalar(earlier, "proto") == "any" || scalar(earlier, "proto") == scalar(n, "proto")) && scalar(earlier, "guestIPMustBeZero") == scalar(n, "guestIPMustBeZero") {
				a.at(n, "forward-order", "this rule is never reached: the one of line "+strconv.Itoa(earlier.Line)+" takes its ports first", "put the narrower rule first")
				break
			}
		}
	}
}

// guestPorts is a rule's range of ports in the guest; Lima takes all where it names none.
func guestPorts(n *yaml.Node) (from, to int) {
	if r := items(child(n, "guestPortRange")); len(r) == 2 {
		from, _ = strconv.Atoi(r[0].Value)
		to, _ = strconv.Atoi(r[1].Value)
		return from, to
	}
	if p, err := strconv.Atoi(scalar(n, "guestPort")); err == nil && p > 0 {
		return p, p
	}
	return 1, 65535
}
