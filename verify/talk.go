package verify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"vmloom/atomic"
	"vmloom/process"
	"vmloom/profile"
)

// A program at a socket is known by what it answers: neither a listener that is there
// nor a connection that is taken says whose they are.

// protocol is what a kind of program is asked, and whether an answer is one of its.
type protocol struct {
	name  string
	ask   []byte
	known func(answer []byte) bool
	// most is how much of an answer is waited for, which tells programs apart; what follows may differ from time to
	// time. of leaves out what differs before that.
	most int
	of   func(answer []byte) []byte
	// patience is how long an answer may take: a program that waits for more says nothing.
	patience time.Duration
}

// protocolOf is that of a socket, by the variable that names it to its programs. A
// socket of one's own is asked as an agent would be: whoever does not understand
// closes, waits, or says so.
func protocolOf(s profile.Socket) protocol {
	agent := []byte{0, 0, 0, 1, 11} // SSH_AGENTC_REQUEST_IDENTITIES
	switch s.Variable() {
	case "SSH_AUTH_SOCK":
		// SSH_AGENT_IDENTITIES_ANSWER, or SSH_AGENT_FAILURE of one that is locked.
		return protocol{name: "agent of ssh", ask: agent, known: func(a []byte) bool { return len(a) >= 5 && (a[4] == 12 || a[4] == 5) }, most: few, of: all, patience: 5 * time.Second}
	case "DOCKER_HOST", "CONTAINER_HOST":
		ask := []byte("GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n")
		return protocol{name: "API over HTTP", ask: ask, known: func(a []byte) bool { return bytes.HasPrefix(a, []byte("HTTP/")) }, most: few, of: all, patience: 5 * time.Second}
	}
	if pre, _ := s.Preset(); pre.GnuPG {
		return assuan
	}
	return protocol{ask: agent, most: few, of: all, patience: 12 * time.Second}
}

const few = 5

func all(answer []byte) []byte { return answer }

// said is what came back from a socket: bytes, a closed connection, or neither.
type said struct {
	first  []byte
	closed bool
	err    error // of the connection itself
}

func dial(ctx context.Context, path string) (net.Conn, error) {
	return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
}

// reach only connects: whoever takes the connection is not known by an answer.
func reach(ctx context.Context, path string) said {
	c, err := dial(ctx, path)
	if err == nil {
		c.Close()
	}
	return said{err: err}
}

func (q protocol) put(ctx context.Context, s *session, path string, patience time.Duration) said {
	c, err := dial(ctx, path)
	if err != nil {
		return said{err: err}
	}
	defer c.Close()
	c.SetDeadline(s.Now().Add(patience))
	c.Write(q.ask)
	buffer := make([]byte, q.most)
	n, err := io.ReadFull(c, buffer)
	over := err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	return said{first: buffer[:n], closed: over}
}

// putThrough is put by a socket of ssh's, which is there a moment before ssh listens at it.
func (q protocol) putThrough(ctx context.Context, s *session, way string, patience time.Duration) (got said) {
	for range 100 {
		if got = q.put(ctx, s, way, patience); !errors.Is(got.err, syscall.ECONNREFUSED) {
			break
		}
		select {
		case <-ctx.Done():
			return got
		case <-time.After(50 * time.Millisecond):
		}
	}
	return got
}

// dialed is why a connection failed, without the path that stands before it.
func dialed(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return strings.TrimPrefix(op.Err.Error(), "connect: ")
	}
	return err.Error()
}

// answersOnHost connects to a socket of the host and hears whose it is.
func answersOnHost(ctx context.Context, s *session, p *profile.Profile, socket profile.Socket) verdict {
	path, q := s.path(socket.Host), protocolOf(socket)
	got := reach(ctx, path)
	if q.known != nil && got.err == nil {
		got = q.put(ctx, s, path, q.patience)
	}
	switch {
	case got.err != nil:
		return bad("%s: %s", path, dialed(got.err))
	case q.known == nil:
		return good("%s", path)
	case len(got.first) == 0 && !got.closed:
		return unknown("%s: no answer", path).since(say("its program takes connections and does not answer: it is busy, or locked"), startProgram(p, socket))
	case !q.known(got.first):
		return bad("%s: no %s answers there", path, q.name).since(say("another program has its place"), startProgram(p, socket))
	}
	return good("%s", path)
}

// answersInGuest goes the way round: a connection of ssh's own into the guest, from there
// to the guest's socket, and so back to the program on this host. That must answer as
// it does when it is asked here.
func answersInGuest(ctx context.Context, s *session, p *profile.Profile, socket profile.Socket) verdict {
	if s.connect(ctx, p) {
		if at, took, ok := s.lanes.leadsTo(socket.Guest); ok {
			v := sameAnswer(ctx, s, protocolOf(socket), at, s.path(socket.Host), wayTries*took)
			if _, _, ok = s.lanes.leadsTo(socket.Guest); ok { // else it may have ended amid that
				return v
			}
		}
	}
	return answersBy(ctx, s, p, socket)
}

// answersBy does that over a connection of this row's alone.
func answersBy(ctx context.Context, s *session, p *profile.Profile, socket profile.Socket) verdict {
	dir, done, err := atomic.Stage("/tmp", "s") // a socket's path has 104 characters at most
	if err != nil {
		return noWord("a socket of vmloom's own", err.Error())
	}
	defer done()
	way := filepath.Join(dir, "s")
	ssh := runBy(p).ssh(p, s.Site)
	args := slices.Concat(ssh[:len(ssh)-1], []string{"-o", "ExitOnForwardFailure=yes", "-N", "-L", way + ":" + socket.Guest}, ssh[len(ssh)-1:])
	began := s.Now()
	forwarding, stop := context.WithCancel(ctx)
	ended := make(chan answer, 1)
	go func() { ended <- s.command(forwarding, process.Cmd{Args: args}) }()
	defer func() { stop(); <-ended }()
	for !isSocket(way) {
		select {
		case a := <-ended:
			ended <- a
			return noWay(a)
		case <-ctx.Done():
			return noWay(answer{err: context.Cause(ctx)})
		case <-time.After(50 * time.Millisecond):
		}
	}
	return sameAnswer(ctx, s, protocolOf(socket), way, s.path(socket.Host), wayTries*s.Now().Sub(began))
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == os.ModeSocket
}

// noWay: ssh did not forward, which says nothing of the socket.
func noWay(a answer) verdict { return unknown("ssh makes no way to it: %s", a.why()) }

// wayTries is how many times as long as the way took to be made an answer may take on it, beside the program's own
// time: an emulated guest takes seconds for a connection alone.
const wayTries = 10

// sameAnswer asks by both ways at once; far is what the one through the guest takes beside the program.
func sameAnswer(ctx context.Context, s *session, q protocol, way, host string, far time.Duration) verdict {
	round := make(chan said, 1)
	go func() { round <- q.putThrough(ctx, s, way, q.patience+far) }()
	here, there := q.put(ctx, s, host, q.patience), <-round
	switch {
	case ctx.Err() != nil:
		return unknown("%v", context.Cause(ctx))
	case there.err != nil:
		return unknown("ssh makes no way to it: %v", there.err)
	case here.err != nil:
		return bad("its program on the host is gone: %v", here.err)
	case len(there.first) == 0 && there.closed && !(len(here.first) == 0 && here.closed):
		return bad("what connects in the guest is closed at once").since(say("the forward died with a sleep or a change of network"), callRepair)
	case len(there.first) == 0 && !there.closed && len(here.first) > 0: // a slow way is no answer
		return unknown("the host's program answers, and nothing has come through the guest yet")
	case !bytes.Equal(q.of(here.first), q.of(there.first)) || here.closed != there.closed && len(here.first) == 0:
		return bad("another program answers in the guest").since(say("something in the guest has taken the socket's place"), callRepair)
	case len(here.first) > 0:
		return good("the host's program answers")
	case here.closed:
		return good("closes what it does not understand, as on the host")
	}
	return good("takes connections, as on the host")
}
