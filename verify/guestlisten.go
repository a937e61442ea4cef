package verify

import (
	"context"
	"slices"
	"strings"

	"vmloom/process"
)

// guestListener is sshd, which listens in the guest for this process until it is stopped.
type guestListener struct {
	refused <-chan answer   // it does not, or has ended
	lost    <-chan struct{} // closed where the connection of all rows has ended, and this with it
	stop    func()
}

// cannotListen begins what ssh says of a port at which sshd may not listen.
const cannotListen = "remote port forwarding failed"

// listenInGuest has sshd listen as words for ssh say: over the connection that all rows share, else over one of its own.
func listenInGuest(ctx context.Context, s *session, ssh []string, words ...string) guestListener {
	if request, lost, ok := s.lanes.request(ssh, append([]string{"-O", "forward"}, words...)...); ok {
		a := s.command(ctx, request)
		cancel, _, _ := s.lanes.request(ssh, append([]string{"-O", "cancel"}, words...)...)
		switch {
		case a.ok():
			return guestListener{lost: lost, stop: func() { s.tidy(ctx, cancel) }}
		case strings.Contains(a.talk, cannotListen):
			refused := make(chan answer, 1)
			refused <- a
			return guestListener{refused: refused, stop: func() {}}
		}
	}
	args := slices.Concat(ssh[:len(ssh)-1], []string{"-o", "ExitOnForwardFailure=yes", "-N"}, words, ssh[len(ssh)-1:])
	forwarding, stop := context.WithCancel(ctx)
	ended, over := make(chan answer, 1), make(chan struct{})
	go func() {
		defer close(over)
		ended <- s.command(forwarding, process.Cmd{Args: args})
	}()
	return guestListener{refused: ended, stop: func() { stop(); <-over }}
}

// refusedAs is what ssh said of it, over whichever connection.
func refusedAs(a answer) string {
	if _, what, ok := strings.Cut(a.talk, cannotListen); ok {
		what, _, _ = strings.Cut(what, "\n")
		return cannotListen + what
	}
	return a.why()
}
