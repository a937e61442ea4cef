package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// port is -O with -L: the shared connection has a port of this host lead into the guest, or no more.
func (c sshCall) port() int {
	data, _ := os.ReadFile(c.path("ports"))
	known := strings.Fields(string(data))
	at := slices.Index(known, c.local[0])
	taken, _ := os.ReadFile(c.path("taken"))
	switch {
	case c.control == "cancel" && at < 0:
		return c.say("ControlSocket %s: Port forwarding not found", filepath.Join(filepath.Dir(c.dir), "ssh.sock"))
	case c.control == "cancel":
		known = slices.Delete(known, at, at+1)
	case at >= 0: // it is there already, which ssh does not mind
	case slices.Contains(strings.Fields(string(taken)), strings.Split(c.local[0], ":")[1]):
		return c.say("mux_client_forward: forwarding request failed: Port forwarding failed")
	case strings.HasPrefix(c.local[0], "/") && !c.socketHere():
		return c.say("mux_client_forward: forwarding request failed: Port forwarding failed")
	default:
		known = append(known, c.local[0])
	}
	if c.control == "cancel" && strings.HasPrefix(c.local[0], "/") {
		here, _, _ := strings.Cut(c.local[0], ":")
		os.Remove(here)
	}
	check(os.WriteFile(c.path("ports"), []byte(strings.Join(append(known, ""), "\n")), 0o666))
	return 0
}

// endSockets forgets those of this host, whose files stay.
func (c sshCall) endSockets() {
	data, err := os.ReadFile(c.path("ports"))
	if err == nil {
		left := slices.DeleteFunc(strings.Fields(string(data)), func(l string) bool { return l[0] == '/' })
		check(os.WriteFile(c.path("ports"), []byte(strings.Join(append(left, ""), "\n")), 0o666))
	}
}

// socketHere makes the socket of a forward into the guest, where nothing is in its place. Nobody listens there.
func (c sshCall) socketHere() bool {
	here, _, _ := strings.Cut(c.local[0], ":")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: here, Net: "unix"})
	if err != nil {
		return false
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	return true
}

// tell is -G: the settings of the file that was found, over a connection of its own.
func (c sshCall) tell() int {
	fmt.Printf("host %s\n", c.host)
	if c.dir == "" {
		fmt.Printf("hostname %s\n", c.host)
		return 0
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(c.dir), "ssh.config"))
	check(err)
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(line, " ") && !strings.HasPrefix(key, "Control") {
			fmt.Printf("%s %s\n", strings.ToLower(key), value)
		}
	}
	return 0
}

// listenHere is -L of sockets: what connects here gets to the guest's socket, and what
// listens there is the host's program, unless the guest has one of its own.
func (c sshCall) listenHere() int {
	for _, local := range c.local {
		here, there, _ := strings.Cut(local, ":")
		g, filled := openGuest(filepath.Dir(c.dir))
		l, err := net.Listen("unix", here)
		if !filled || err != nil {
			return c.say("Could not request local forwarding: %v", err)
		}
		go c.lead(l, g, there)
	}
	return 0
}

func (c sshCall) lead(l net.Listener, g *fakeGuest, there string) {
	serve(l, func(from net.Conn) {
		listeners, _ := os.ReadFile(c.path("guest/proc/net/unix"))
		switch {
		case g.state["stranger"] == there:
			io.WriteString(from, "220 another program\n")
		case g.state["refused"] == there, g.state["closed"] == there, !strings.Contains(string(listeners), there+"\n"):
		default:
			if to, err := net.Dial("unix", g.state["leads:"+there]); err == nil {
				go io.Copy(to, from)
				io.Copy(from, to)
			}
		}
	})
}
