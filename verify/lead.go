package verify

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// The first lane by ssh leads: further ones share its connection, and so do the ways to sockets of the guest and the listeners there.

// connecting has the ssh of a lane share its connection with the next, or go by the one that is there. That is one of this run alone
// and has answered; where a lane that goes by it does not answer, it may be dead, and the next has its own.
func (ls *lanes) connecting(ssh []string, w *way, l *lane) []string {
	switch {
	case ls.leads == nil:
		return ls.leading(ssh, l)
	case ls.leads.cost == 0 || ls.leads.lost || w.opened >= lanesAtOnce:
		return ssh
	}
	return ls.sharing(ssh, "no") // without it, as where it has ended, this ssh connects by itself
}

// leading has an ssh listen for further ones, and for the guest's sockets. One of these that it cannot listen for is no reason to end.
func (ls *lanes) leading(ssh []string, l *lane) []string {
	dir, done, err := atomic.Stage("/tmp", "s") // a socket's path has 104 characters at most
	if err != nil {
		return ssh
	}
	ls.leads, ls.dir, ls.done = l, dir, done
	last := len(ssh) - 2 // ssh … alias LINE
	args := append(slices.Clone(ssh[:last]), "-o", "ExitOnForwardFailure=no")
	for i, socket := range ls.sockets {
		args = append(args, "-L", ls.at(i)+":"+socket)
	}
	return ls.sharing(append(args, ssh[last:]...), "yes")
}

// sharing is an ssh that leads, or does not, the connection of all. Of an option ssh takes the first; it stays no longer than its lane.
func (ls *lanes) sharing(ssh []string, leads string) []string {
	return slices.Insert(slices.Clone(ssh), 1, "-o", "ControlMaster="+leads, "-o", "ControlPath="+filepath.Join(ls.dir, "ssh"), "-o", "ControlPersist=no")
}

func (ls *lanes) at(i int) string { return filepath.Join(ls.dir, strconv.Itoa(i)) }

// connect makes the connection of all rows where it is not there yet; false: this session has none.
func (s *session) connect(ctx context.Context, p *profile.Profile) bool {
	if s.run != nil || s.lanes == nil {
		return false
	}
	s.forCheck().ask(ctx, overSSH(p, s.Site, "cat", bootID))
	return true
}

// lead is the lane whose connection others have; nil where it has not answered yet, or is over.
func (ls *lanes) lead() *lane {
	if ls == nil {
		return nil
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.leads == nil || ls.leads.cost == 0 {
		return nil
	}
	select {
	case <-ls.leads.ended:
		return nil
	default:
		return ls.leads
	}
}

// leadsTo is where this host reaches a socket of the guest, and what the connection took to be made. ssh listens before it
// starts the shell, so ok is false until that has answered; and where ssh has ended, or could not listen there.
func (ls *lanes) leadsTo(socket string) (at string, took time.Duration, ok bool) {
	l := ls.lead()
	if l == nil {
		return "", 0, false
	}
	i := slices.Index(ls.sockets, socket)
	if i < 0 {
		return "", 0, false
	}
	return ls.at(i), l.cost, isSocket(ls.at(i))
}

// request is an ssh that has the connection of the lead do something; ended is closed once that is over. ok is false where there is none.
func (ls *lanes) request(ssh []string, words ...string) (c process.Cmd, ended <-chan struct{}, ok bool) {
	l := ls.lead()
	if l == nil {
		return c, nil, false
	}
	return process.Cmd{Args: slices.Insert(ls.sharing(ssh, "no"), len(ssh)+5, words...)}, l.ended, true
}
