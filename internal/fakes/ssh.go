package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// fakeSSH stands in for ssh as the socket scripts use it. Its state is in fake-ssh
// beside the file that -F names:
//
//	down      is there while the guest cannot be reached
//	master    is there while the shared connection lives; "hangs" in it: it answers no more,
//	          "no forward" in it: only requests for forwards are never answered
//	patient   is made when somebody waited ten seconds for an answer
//	forwards  guest paths that the shared connection knows: it makes none of them twice
//	ports     of this host that lead into the guest: HOST:PORT:GUEST:PORT
//	taken     holds ports of this host that cannot be had
//	refuse    is there while sshd refuses forwards
//	failing   is there while what root is to do fails; provisioned holds what it was
//	cut       is there while the connection breaks amid that; begun holds what arrived
//	no-sftp   is there while sshd has no sftp
//	chatter   is what the start-up files of the user's shell print
//	unfit     holds a word: a probe whose script has it does not hold
//	guest/    the guest's files; guest/proc/net/unix has its listeners
//
// FAKE_SSH_TO=INSTANCE has another instance's guest answer, whatever was asked for.
// FAKE_SSH_LOG=FILE gets each call as a line, an argument with odd characters quoted.
type sshCall struct {
	dir                    string
	control, forward, host string   // -O, -R
	local                  []string // -L
	settings               bool     // -G
	own                    bool     // ControlPath=none: a connection of its own
	socket                 string   // master, or the name of another ControlPath
	others                 string   // a ControlPath of verify's own, at which the call with ControlMaster=yes listens for others
	leads                  bool
	noCommand              bool // -N
	subsystem              bool // -s
	command                []string
}

func fakeSSH() {
	if len(os.Args) == 2 && os.Args[1] == "-V" {
		os.Exit(complain(0, "OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025"))
	}
	recordSSH(os.Args[1:])
	os.Exit(parseSSH(os.Args[1:]).run())
}

func recordSSH(args []string) {
	file := os.Getenv("FAKE_SSH_LOG")
	if file == "" {
		return
	}
	line := "ssh"
	for _, a := range args {
		if strings.ContainsAny(a, " \"'$") {
			a = strconv.Quote(a)
		}
		line += " " + a
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, strings.ReplaceAll(line, os.Getenv("WORK"), "$WORK"))
}

func parseSSH(args []string) sshCall {
	var c sshCall
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		if c.host != "" {
			c.command = append(c.command, a)
			continue
		}
		switch a {
		case "-F":
			c.dir = filepath.Join(filepath.Dir(args[0]), "fake-ssh")
		case "-O":
			c.control = args[0]
		case "-R":
			c.forward = cmp.Or(c.forward, args[0]) // of several, the one that matters comes first
		case "-L":
			c.local = append(c.local, args[0])
		case "-o":
			c.own = c.own || args[0] == "ControlPath=none"
			c.leads = c.leads || args[0] == "ControlMaster=yes"
			if at, ok := strings.CutPrefix(args[0], "ControlPath="); ok && at != "none" {
				c.socket = filepath.Base(at)
				if c.socket == "ssh" {
					c.others = at
				}
			}
		case "-N":
			c.noCommand = true
			continue
		case "-s":
			c.subsystem = true
			continue
		case "-G":
			c.settings = true
			continue
		default:
			if strings.HasPrefix(a, "-") {
				panic("fake ssh: unknown argument " + a)
			}
			c.host = a
			continue
		}
		args = args[1:]
	}
	if to := os.Getenv("FAKE_SSH_TO"); to != "" {
		c.dir, c.own = filepath.Join(os.Getenv("HOME"), ".lima", to, "fake-ssh"), true
		return c
	}
	if c.socket == "" {
		c.socket = "master"
	}
	if c.dir == "" {
		c.dir, c.own = knownHost(c.host), true // the generated ssh/config gives it a connection of its own
	}
	return c
}

// knownHost follows the Include lines of ~/.ssh/config to the file that has the host's
// address, and gives the state beside it; empty: there is none.
func knownHost(alias string) string {
	home := os.Getenv("HOME")
	var find func(file string) string
	find = func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		for line := range strings.Lines(string(data)) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			if rest = strings.Trim(rest, `"`); word != "Include" {
				continue
			}
			if tilde, ok := strings.CutPrefix(rest, "~/"); ok {
				rest = filepath.Join(home, tilde)
			}
			if dir := find(rest); dir != "" {
				return dir
			}
		}
		if strings.Contains(string(data), "Host "+alias+"\n  Hostname ") {
			return filepath.Join(filepath.Dir(file), "fake-ssh")
		}
		return ""
	}
	return find(filepath.Join(home, ".ssh", "config"))
}

func (c sshCall) path(name string) string { return filepath.Join(c.dir, name) }

func (c sshCall) say(format string, args ...any) int {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	return 255
}

func (c sshCall) run() int {
	if c.settings {
		return c.tell()
	}
	if c.dir == "" {
		return c.say("ssh: Could not resolve hostname %s: Name or service not known", c.host)
	}
	if c.others != "" && c.control != "" {
		return c.askLead()
	}
	master, err := os.ReadFile(c.path(c.socket))
	alive, hangs := err == nil, strings.HasPrefix(string(master), "hangs")
	noMaster := "Control socket connect(" + filepath.Join(filepath.Dir(c.dir), "ssh.sock") + "): No such file or directory"
	switch {
	case c.control != "" && !alive:
		return c.say("%s", noMaster)
	case c.control == "check":
		c.say("Master running (pid=4711)")
		return 0
	case c.control == "exit":
		os.Remove(c.path(c.socket))
		os.Remove(c.path("forwards"))
		c.endSockets()
		c.say("Exit request sent.")
		return 0
	case !c.own && hangs, c.control == "forward" && string(master) == "no forward\n":
		time.Sleep(10 * time.Second)
		os.WriteFile(c.path("patient"), nil, 0o666)
		return 255
	case c.local != nil && c.control != "":
		return c.port()
	case c.control == "cancel":
		return c.cancel()
	case c.control == "forward":
		return c.listen()
	case exists(c.path("down")):
		return c.say("ssh: connect to host 127.0.0.1 port 60022: Connection refused")
	case !c.own && !alive: // ControlMaster auto
		os.MkdirAll(c.dir, 0o777)
		os.WriteFile(c.path(c.socket), nil, 0o666)
		os.Remove(c.path("forwards"))
	}
	if c.subsystem {
		if exists(c.path("no-sftp")) {
			return c.say("subsystem request failed on channel 0")
		}
		return 0 // stdin is empty
	}
	switch {
	case c.noCommand && c.local == nil:
		return c.listenTCP()
	case c.local != nil && c.listenHere() != 0:
		return 255
	case c.noCommand:
		time.Sleep(time.Hour) // until the signal; without cgo an empty select is a deadlock
	case c.leads:
		c.listenForOthers()
	}
	return c.guest()
}

// guest runs a command here; absolute paths that stand alone are the guest's.
func (c sshCall) guest() int {
	switch strings.Join(c.command, " ") {
	case "exec sh -s":
		return c.probe()
	case "exec sudo sh -s":
		return c.provision()
	case "exec test -e /etc/vmloom-profile":
		if hasProfile(filepath.Dir(c.dir)) {
			return 0
		}
		return 1
	}
	chatter, _ := os.ReadFile(c.path("chatter"))
	os.Stdout.Write(chatter)
	if g, ok := openGuest(filepath.Dir(c.dir)); ok {
		words := []string{"sh", "-c", strings.Join(c.command, " ")}
		if words[2] == "exec sh -s lane" {
			words = []string{"sh", "-s", "lane"}
		}
		if exit, ok := g.command(words).Run().(*exec.ExitError); ok {
			return exit.ExitCode()
		}
		return 0
	}
	command := strings.ReplaceAll(" "+strings.Join(c.command, " "), " /", " "+c.path("guest")+"/")
	cmd := exec.Command("sh", "-c", command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if exit, ok := cmd.Run().(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return 0
}

// provision keeps what root is to do in the guest, in provisioned; it fails where failing is there.
func (c sshCall) provision() int {
	script, _ := io.ReadAll(os.Stdin)
	if exists(c.path("cut")) {
		check(os.WriteFile(c.path("begun"), script[:len(script)*2/3], 0o666))
		return c.say("client_loop: send disconnect: Broken pipe")
	}
	if exists(c.path("failing")) {
		fmt.Fprintln(os.Stderr, "E: Unable to locate package")
		return 100
	}
	check(os.WriteFile(c.path("provisioned"), script, 0o666))
	return 0
}

func (c sshCall) listen() int {
	socket, _, _ := strings.Cut(c.forward, ":")
	known, _ := os.ReadFile(c.path("forwards"))
	if strings.Contains(string(known), socket+"\n") {
		return 0
	}
	if exists(c.path("refuse")) || !exists(filepath.Join(c.path("guest"), filepath.Dir(socket))) {
		c.say("Error: remote port forwarding failed for listen path %s", socket)
		return c.say("mux_client_forward: forwarding request failed: remote port forwarding failed for listen path %s", socket)
	}
	addListener(c.dir, socket)
	return 0
}

// cancel makes the shared connection forget a forward, and its listener end.
func (c sshCall) cancel() int {
	socket, _, _ := strings.Cut(c.forward, ":")
	known, _ := os.ReadFile(c.path("forwards"))
	if !strings.Contains(string(known), socket+"\n") {
		return c.say("ControlSocket %s: Port forwarding not found", filepath.Join(filepath.Dir(c.dir), "ssh.sock"))
	}
	for _, file := range []string{c.path("forwards"), filepath.Join(c.path("guest"), "proc", "net", "unix")} {
		data, _ := os.ReadFile(file)
		kept := ""
		for line := range strings.Lines(string(data)) {
			if !strings.HasSuffix(line, socket+"\n") {
				kept += line
			}
		}
		os.WriteFile(file, []byte(kept), 0o666)
	}
	return 0
}

// addListener makes a socket in the guest on which somebody listens for the
// shared connection.
func addListener(dir, socket string) {
	inGuest := filepath.Join(dir, "guest", socket)
	os.MkdirAll(filepath.Dir(inGuest), 0o777)
	// A name of its own length: a socket's path may have 108 bytes only.
	short := filepath.Join(os.TempDir(), fmt.Sprintf("fake-ssh-%d", os.Getpid()))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		panic(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := os.Rename(short, inGuest); err != nil {
		panic(err)
	}
	for file, line := range map[string]string{
		filepath.Join(dir, "guest", "proc", "net", "unix"): "0000000000000000: 00000002 00000000 00010000 0001 01 4711 " + socket,
		filepath.Join(dir, "forwards"):                     socket,
	} {
		os.MkdirAll(filepath.Dir(file), 0o777)
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(f, line)
		f.Close()
	}
}
