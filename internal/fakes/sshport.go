package main

import (
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
	default:
		known = append(known, c.local)
	}
	check(os.WriteFile(c.path("ports"), []byte(strings.Join(append(known, ""), "\n")), 0o666))
	return 0
}
