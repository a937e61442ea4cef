package generate

import (
	"strings"

	"vmloom/profile"
)

// guestAsks is what a guest that runs is asked before a change in place: whether it still has what it once got.
type guestAsks struct {
	List      []string // the command that prints what is installed
	Lister    string   // its program
	Packages  []guestAsk
	Variables []guestAsk // lines of /etc/environment
	Shell     []guestAsk // one at most
	Zone      []guestAsk
	Sockets   []guestAsk
	Ports     []guestAsk // of which a runner can say what it forwards, in lines of it
	System    string     // the link to the system that it boots; empty: it has none
}

// guestAsk is one thing of it, and the row of the plan where it is gone.
type guestAsk struct{ What, Row string }

// newGuestAsks takes the packages, variables, shell and time zone of a guest that is told them while it runs.
func newGuestAsks(from source, live bool) guestAsks {
	var v guestAsks
	p := from.Profile
	sockets, ports := map[string]profile.Socket{}, map[string]profile.Port{} // by their rows
	for _, s := range p.ToGuest() {
		sockets["sockets["+s.Name+"]"] = s
	}
	for _, port := range p.Ports {
		ports["ports["+port.Called()+"]"] = port
	}
	for _, a := range from.applied() {
		ask := func(what, has string) guestAsk {
			var costs []string
			for _, c := range a.Costs {
				costs = append(costs, string(c))
			}
			return guestAsk{what, strings.Join([]string{strings.Join(costs, ","), a.Path, has, a.Value}, "\t")}
		}
		if s, ok := sockets[a.Path]; ok {
			v.Sockets = append(v.Sockets, ask(s.Guest, "not forwarded"))
		}
		if port, ok := ports[a.Path]; ok {
			v.Ports = append(v.Ports, ask(forwardLines(port), "not forwarded"))
		}
		if !live {
			continue
		}
		name, variable := strings.CutPrefix(a.Path, "guest.env.")
		value := p.Guest.Env[name]
		switch {
		case strings.HasPrefix(a.Path, "guest.packages["):
			v.Packages = append(v.Packages, ask(a.Value, "not in the guest"))
		case variable && profile.PAMCarries(value):
			v.Variables = append(v.Variables, ask(name+"="+value, "otherwise in the guest"))
		case a.Path == "guest.user.shell":
			v.Shell = append(v.Shell, ask(p.Guest.User.Name+":"+p.Guest.User.Shell, "another in the guest"))
		case a.Path == "guest.timezone":
			v.Zone = append(v.Zone, ask(p.Guest.Timezone, "another in the guest"))
		}
	}
	if len(v.Packages) > 0 {
		v.List = p.System().Manager.List
		v.Lister = v.List[0]
	}
	v.System = p.System().BootLink()
	return v
}

// Any reports whether there is something to ask.
func (v guestAsks) Any() bool {
	return v.System != "" || len(v.Packages)+len(v.Variables)+len(v.Shell)+len(v.Zone)+len(v.Sockets) > 0
}
