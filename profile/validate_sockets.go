package profile

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"vmloom/lima"
)

func (p *Profile) validateSockets(d *decoder) {
	names, guests, hosts, vars := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	mounts := p.mountPoints(d)
	taken := func(m map[string]int, at, key, what string, i int) {
		if j, ok := m[key]; ok && key != "" {
			d.bad(at, fmt.Sprintf("%s %s, as sockets[%d] does", what, key, j))
			return
		}
		m[key] = i
	}
	for i, s := range p.Sockets {
		at := item("sockets", i)
		taken(names, at+".name", s.Name, "has the name", i)
		p.validateHostSocket(d, at, s)
		p.validateDirection(d, at, s)
		if s.ToHost() {
			taken(hosts, at+".host", s.Host, "has the host path", i)
		}
		if d.given(at+".guest") || !d.wrong[at+".name"] { // the default holds the name
			p.validateGuestSocket(d, at+".guest", s, mounts)
			taken(guests, at+".guest", s.Guest, "has the guest path", i)
		}
		if slices.Contains(sessionVars, s.Env) || s.Env == "PATH" {
			d.bad(at+".env", s.Env+" means something else to every program")
		}
		taken(vars, at+".env", s.Env, "sets", i)
		if _, both := p.Guest.Env[s.Env]; both && s.Env != "" {
			d.bad(join("guest.env", s.Env), "is set by "+at+" too", "remove one of them")
		}
		if p.Autostart == "boot" && s.Agent() {
			d.bad("autostart", "boot starts the VM before anybody is logged in, when the socket "+strconv.Quote(s.Name)+" does not exist", "write login, or remove "+at)
		}
	}
}

func (p *Profile) validateHostSocket(d *decoder, at string, s Socket) {
	pre, known := s.Preset()
	switch {
	case d.wrong[at+".from"] || d.wrong[at+".host"] || d.wrong[at+".direction"]:
		return
	case s.ToHost() && !d.given(at+".host") && d.wrong[at+".name"]: // the default holds it
		return
	case s.Host == "" && !known:
		d.bad(at+".host", "is required where from is not set", "from knows "+strings.Join(slices.Sorted(slices.Values(presetNames())), ", "))
		return
	case s.Host == "" && known:
		d.bad(at+".from", s.From+" has no fixed socket path on "+p.Host.OS, "give host: as well ("+pre.ByHand+")")
		return
	}
	at += ".host"
	d.hostPath(at, s.Host)
	if n, limit := len(p.HostPath(s.Host)), p.On().MaxSocket; n > limit {
		d.bad(at, fmt.Sprintf("is %d bytes long, a socket's path may have %d", n, limit))
	}
	for _, f := range forwardMarks {
		switch {
		case strings.Contains(s.Host, f.mark):
			d.bad(at, "must not hold "+f.why)
		case strings.Contains(p.HostPath(s.Host), f.mark):
			d.bad("host.home", "must not hold "+f.why)
		}
	}
}

// forwardMarks are what ssh reads in the path of a forward, which Lima and the
// scripts hand it: as a mark, a token, a variable or an escape.
var forwardMarks = []struct{ mark, why string }{
	{":", "a colon: ssh -R separates the two paths by one"},
	{"%", "%: ssh expands it in the path of a socket"},
	{"${", "${: ssh expands it in the path of a socket"},
	{`\`, "a backslash: ssh takes it for an escape in the path of a socket"},
}

func (p *Profile) validateGuestSocket(d *decoder, at string, s Socket, mounts map[string]int) {
	d.plainly(at, s.Guest)
	d.matches(at, s.Guest, "plain path")
	if s.ToHost() {
		p.ofUser(d, at, s, "")
		return
	}
	if f := forms["run path"]; !f.ok(s.Guest) {
		d.bad(at, "must be "+f.words, "/run/host-services/NAME.sock is the usual place")
	}
	if len(s.Guest) >= lima.PathMaxLinux {
		d.bad(at, fmt.Sprintf("is %d bytes long, a socket's path may have %d", len(s.Guest), lima.PathMaxLinux-1))
	}
	// sshd binds the socket as the user, so its directory must be the user's.
	dir := path.Dir(s.Guest)
	if top, _, _ := strings.Cut(strings.TrimPrefix(dir, "/run/"), "/"); slices.Contains(runDirs, top) {
		d.bad(at, "/run/"+top+" belongs to the guest's system, and a socket's directory is given to the user", "/run/host-services/"+s.Name+".sock is the usual place")
	}
	p.ofUser(d, at, s, "give guest: /run/host-services/"+s.Name+".sock, or ")
	for dir := s.Guest; ; dir = path.Dir(dir) { // a mount at / is refused as such
		if i, shared := mounts[dir]; shared {
			d.bad(at, fmt.Sprintf("is inside mounts[%d]: a socket cannot be made on a shared directory", i))
		}
		if len(dir) <= 1 {
			return
		}
	}
}

// ofUser refuses a path in the /run/user of another one than the guest's.
func (p *Profile) ofUser(d *decoder, at string, s Socket, other string) {
	uid, dir := p.Guest.User.UID, path.Dir(s.Guest)
	user, ok := strings.CutPrefix(dir, "/run/user/")
	switch {
	case ok && uid.OfHost():
		d.bad(at, "is in the user's /run/user, and with guest.user.uid host its number is another one for everybody", other+"write the uid as a number")
	case ok && !inside("/"+user, "/"+uid.String()) && !d.wrong["guest.user.uid"] || dir == "/run/user":
		d.bad(at, "is not in the guest user's /run/user/"+uid.String())
	}
}

// validateDirection refuses what is of the other direction.
func (p *Profile) validateDirection(d *decoder, at string, s Socket) {
	if !s.ToHost() {
		p.validateStart(d, at+".start", s)
		return
	}
	pre, known := s.Preset()
	if s.Start != "" {
		d.bad(at+".start", "starts a program of the host, and this socket's is in the guest", "remove the line")
	}
	switch {
	case known && pre.InGuest == "":
		d.bad(at+".direction", s.From+" is a program of the host, and its socket can only go to the guest", "remove the line; a program of the guest is from: "+strings.Join(guestPresets(), " or ")+", or guest: its socket's path")
	case s.Guest == "":
		d.bad(at+".guest", "is required with direction toHost: where the guest's program listens", "from: "+strings.Join(guestPresets(), " or ")+" knows it")
	}
	if d.given(at + ".env") {
		d.bad(at+".env", "is of the guest, and the programs of this socket are on the host", "remove it: the guide has the command that tells them")
	}
	p.validateOnHost(d, at+".host", s)
}

// validateStart refuses to start what no job can.
func (p *Profile) validateStart(d *decoder, at string, s Socket) {
	pre, known := s.Preset()
	switch {
	case s.Start == "":
	case !known:
		d.bad(at, "needs from: which program to start is not known", "from knows "+strings.Join(loginPresets(), ", ")+"; remove the line, and have your own job start the program")
	case pre.NotAtLogin != "":
		d.bad(at, "is not for "+s.From, pre.NotAtLogin)
	}
}

// validateOnHost keeps a socket that is made on the host away from those that are there.
func (p *Profile) validateOnHost(d *decoder, at string, s Socket) {
	const hint = "give host: a path of its own, or none: it is in ~/.local/state/vmloom/sockets.d then"
	for _, pre := range SocketPresets() {
		if own := pre.Path(p.On()); own != "" && p.sameOnHost(own, s.Host) {
			d.bad(at, "is the socket of "+pre.From+" on this host, which would lose it", hint)
			return
		}
	}
	for j, other := range p.Sockets {
		if !other.ToHost() && p.sameOnHost(other.Host, s.Host) {
			d.bad(at, fmt.Sprintf("is what sockets[%d] brings into the guest: it cannot go both ways", j), hint)
			return
		}
	}
	if host := p.HostPath(s.Host); inside(host, "/var/run") || inside(host, "/run") && !inside(host, "/run/user") {
		d.bad(at, path.Dir(host)+" is root's on the host, where ssh makes the socket as you", hint)
	}
}

// sameOnHost compares two paths of the host, one of which may start with ~/.
func (p *Profile) sameOnHost(a, b string) bool {
	return a != "" && (a == b || p.HostPath(a) != "" && p.HostPath(a) == p.HostPath(b))
}
