package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"
)

// listenTCP is -N -R of a port: sshd listens in the guest until the signal.
func (c sshCall) listenTCP() int {
	if _, why := c.hostPorts(); why != "" {
		return c.say("Error: %s", why)
	}
	time.Sleep(time.Hour) // without cgo an empty select is a deadlock
	return 0
}

// hostPorts has sshd listen at a port of the guest: Lima's guest agent sees it, and the host's port of lima.yaml leads there, and on
// to where -R goes.
func (c sshCall) hostPorts() (open []net.Listener, why string) {
	parts := strings.Split(c.forward, ":")
	instance := filepath.Dir(c.dir)
	if exists(c.path("refuse")) || len(parts) != 4 {
		return nil, "remote port forwarding failed for listen port " + parts[1]
	}
	data, _ := os.ReadFile(filepath.Join(instance, "lima.yaml"))
	var y struct {
		PortForwards []struct {
			GuestPort int `yaml:"guestPort"`
			HostPort  int `yaml:"hostPort"`
		} `yaml:"portForwards"`
	}
	if err := yaml.Unmarshal(data, &y); err != nil {
		panic(err)
	}
	for _, f := range y.PortForwards {
		g, _ := openGuest(instance)
		if fmt.Sprint(f.GuestPort) != parts[1] || g.state["listen"] != "yes" {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", f.HostPort))
		if err != nil {
			panic(err)
		}
		open = append(open, l)
		go serve(l, func(from net.Conn) {
			if to, err := net.Dial("tcp", parts[2]+":"+parts[3]); err == nil {
				io.Copy(from, to)
			}
		})
	}
	return open, ""
}

// listenForOthers has further calls ask this one, which has a connection, for a listener: "forward SPEC" or "cancel SPEC". It
// answers with a line, which is empty where that is done.
func (c sshCall) listenForOthers() {
	l, err := net.Listen("unix", c.others)
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	open := map[string][]net.Listener{}
	go serve(l, func(from net.Conn) {
		line, _ := bufio.NewReader(from).ReadString('\n')
		what, forward, _ := strings.Cut(strings.TrimSpace(line), " ")
		mu.Lock()
		defer mu.Unlock()
		why := ""
		if what == "forward" {
			c.forward = forward
			open[forward], why = c.hostPorts()
		} else {
			for _, l := range open[forward] {
				l.Close()
			}
			delete(open, forward)
		}
		fmt.Fprintln(from, why)
	})
}

// askLead is -O to a call that listens for others.
func (c sshCall) askLead() int {
	lead, err := net.Dial("unix", c.others)
	if err != nil {
		return c.say("Control socket connect(%s): %v", c.others, err)
	}
	defer lead.Close()
	fmt.Fprintln(lead, c.control, c.forward)
	answer, _ := bufio.NewReader(lead).ReadString('\n')
	if why := strings.TrimSpace(answer); why != "" {
		c.say("mux_client_forward: forwarding request failed: %s", why)
		return c.say("muxclient: master forward request failed")
	}
	return 0
}
