package main

import (
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
	at := slices.Index(known, c.local)
	taken, _ := os.ReadFile(c.path("taken"))
	switch {
	case c.control == "cancel" && at < 0:
		return c.say("ControlSocket %s: Port forwarding not found", filepath.Join(filepath.Dir(c.dir), "ssh.sock"))
	case c.control == "cancel":
		known = slices.Delete(known, at, at+1)
	case at >= 0: // it is there already, which ssh does not mind
	case slices.Contains(strings.Fields(string(taken)), strings.Split(c.local, ":")[1]):
		return c.say("mux_client_forward: forwarding request failed: Port forwarding failed")
	case strings.HasPrefix(c.local, "/") && !c.socketHere():
		return c.say("mux_client_forward: forwarding request failed: Port forwarding failed")
	default:
		known = append(known, c.local)
	}
	if c.control == "cancel" && strings.HasPrefix(c.local, "/") {
		here, _, _ := strings.Cut(c.local, ":")
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
	here, _, _ := strings.Cut(c.local, ":")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: here, Net: "unix"})
	if err != nil {
		return false
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	return true
}
