package host

import (
	"path/filepath"

	"vmloom/atlogin"
	"vmloom/cure"
	"vmloom/profile"
)

// notTwice keeps a job that starts a socket's program away where something else starts it at login already.
func notTwice(layout Layout, s profile.Socket, w wanted) wanted {
	pre, _ := s.Preset()
	if own := atlogin.Starts(pre.Program, w.Name, layout.startDirs()...); own != "" {
		w.never = true
		w.why, w.hint = own+": starts "+pre.Program+" at login already: vmloom's job stays away", cure.Say("it is enough: remove %s of the socket %s; or remove that job, then: %s", "start: login", s.Name, cure.Vmloom("up"))
	}
	return w
}

// startDirs are where jobs of the user's own would be that start something at login.
func (p Layout) startDirs() []string {
	return []string{p.agentDir(), filepath.Join(filepath.Dir(p.Daemons), "LaunchAgents"), p.Daemons, p.unitDir()}
}
