package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A fake guest is the folder guest of an instance of the fake limactl, once `fill PROFILE`
// has made it one that keeps every promise of the profile. Its
// files are there: absolute paths in the commands that reach it lead to them. What no file
// can say is in etc/fake, as NAME=VALUE, which `fill PROFILE NAME=VALUE...` changes, and
// the programs of guest-bin answer by that.
type fakeGuest struct {
	dir   string // of the instance
	state map[string]string
}

func openGuest(instance string) (*fakeGuest, bool) {
	data, err := os.ReadFile(filepath.Join(instance, "guest", "etc", "fake"))
	g := &fakeGuest{instance, map[string]string{}}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		g.state[name] = value
	}
	return g, err == nil
}

// guestPath finds absolute paths where a command has them: as a word, quoted, or after > and <.
var guestPath = regexp.MustCompile(`(^|[\s'"<>])/(etc|home|mnt|Users|var|srv|run|proc|lib64|lib/ld)\b`)

// inside is a word of a command with its paths in the guest. What the kernel of the guest
// makes again at each start is with the fake ssh, which makes sockets there.
func (g *fakeGuest) inside(word string) string {
	return guestPath.ReplaceAllStringFunc(word, func(m string) string {
		at := strings.IndexByte(m, '/')
		root := filepath.Join(g.dir, "guest")
		if m[at:] == "/run" || m[at:] == "/proc" {
			root = filepath.Join(g.dir, "fake-ssh", "guest")
		}
		return m[:at] + root + m[at:]
	})
}

// command runs words in the guest.
func (g *fakeGuest) command(words []string) *exec.Cmd {
	args := []string{"-c", `PATH=$0:$PATH; exec "$@"`, filepath.Join(g.dir, "guest-bin")}
	for _, w := range words {
		args = append(args, g.inside(w))
	}
	cmd := exec.Command("sh", args...)
	cmd.Dir = filepath.Join(g.dir, "guest")
	cmd.Env = append(os.Environ(), "FAKE_GUEST="+g.dir, "HOME="+g.state["home"])
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "SSH_AUTH_SOCK=") })
	env, _ := os.ReadFile(filepath.Join(g.dir, "guest/etc/environment"))
	cmd.Env = append(cmd.Env, strings.Split(strings.TrimSpace(string(env)), "\n")...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if slices.Equal(words, []string{"sh", "-s", "lane"}) {
		cmd.Stdin = g.lines()
	}
	return cmd
}

// lines are those that a shell reads, with their paths in the guest.
func (g *fakeGuest) lines() *os.File {
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go func() {
		lines := bufio.NewReader(os.Stdin)
		for {
			line, err := lines.ReadString('\n')
			io.WriteString(write, g.inside(line))
			if err != nil {
				write.Close()
				return
			}
		}
	}()
	return read
}

// fakeGuestProgram is each of the programs, by the name that it is called by.
func fakeGuestProgram() {
	g, _ := openGuest(os.Getenv("FAKE_GUEST"))
	os.Exit(g.program(filepath.Base(os.Args[0]), os.Args[1:]))
}

func (g *fakeGuest) program(name string, args []string) int {
	last := ""
	if len(args) > 0 {
		last = args[len(args)-1]
	}
	print := func(text string) int { fmt.Println(text); return 0 }
	switch name {
	case "uname":
		return print(g.state[map[string]string{"-s": "kernel", "-m": "machine", "-n": "host"}[last]])
	case "id":
		if args[0] == "-nG" {
			return print(g.state["groups"])
		}
		return print(g.state[map[string]string{"-un": "user", "-u": "uid"}[last]])
	case "getconf":
		return print(g.state["cpus"])
	case "date":
		ahead, _ := strconv.ParseInt(g.state["clock"], 10, 64)
		return print(strconv.FormatInt(time.Now().Unix()+ahead, 10))
	case "findmnt":
		if label, disk := g.state["disk:"+strings.TrimPrefix(last, filepath.Join(g.dir, "guest"))]; disk {
			return print(label)
		}
		if slices.Contains(args, "--mountpoint") { // a mount of the fake guest is a link to the host's directory
			if _, err := os.Readlink(last); err != nil {
				return 1
			}
			return print(g.state["mounts"])
		}
		return print(g.state["label"])
	case "df":
		free := g.state["free"]
		if last != "/" {
			free = g.state["freehome"]
		}
		return print("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 50000000 30000000 " + free + " " + g.state["used"] + "% /")
	case "dpkg-query":
		data, _ := os.ReadFile(filepath.Join(g.dir, "guest/etc/packages"))
		return print(string(data))
	case "wezterm":
		return print(g.state["wezterm"])
	case "sudo":
		if len(args) > 1 && args[0] == "-n" { // a question, whose paths are the fake guest's by now
			return g.runs(args[1], args[2:]...)
		}
		// What a script does as root is for the stand-in that the test has for it, and never for this machine.
		for _, dir := range filepath.SplitList(os.Getenv("PATH"))[1:] {
			if other := filepath.Join(dir, "sudo"); strings.HasPrefix(dir, os.Getenv("WORK")) && exists(other) {
				return g.runs(other, args...)
			}
		}
		return complain(1, "sudo: the fake guest does not know %q", args)
	case "timeout":
		return g.runs(args[1], args[2:]...)
	case "rm":
		for _, dir := range strings.Fields(g.state["readonly"]) {
			if strings.HasPrefix(last, dir+"/") {
				return complain(1, "rm: cannot remove '%s': Read-only file system", last)
			}
		}
		if err := os.Remove(last); err != nil && args[0] != "-f" {
			return complain(1, "%v", err)
		}
		return 0
	case "stat":
		switch {
		case slices.Contains(args, "%F"):
			if g.state["kvm"] == "" {
				return complain(1, "stat: cannot statx '/dev/kvm': No such file or directory")
			}
			return print(g.state["kvm"])
		case slices.Contains(args, "-f"):
			return print(g.state["token-fs"])
		case slices.Contains(args, "%u"):
			return print(g.state["owner"])
		case slices.Contains(args, "%d"):
			return print("64769")
		}
		return print(g.state["token-mode"])
	case "op":
		if g.state["op"] != "ok" {
			return complain(1, "[ERROR] 2026/01/01 00:00:00 (403) Forbidden: the service account was deleted")
		}
		return print("User Type: SERVICE_ACCOUNT")
	case "nix":
		if last != "show" { // as a nix that knows the newer name
			return complain(1, "error: '%s' is not a recognised command", last)
		}
		return print("substituters = " + g.state["substituters"] + "\nsystem = x86_64-linux")
	case "locale":
		return print(g.state["charmap"])
	case "getent":
		return g.getent(args[1:])
	case "ip":
		return g.ip(last)
	case "sync":
		if g.state["sync"] != "ok" {
			return complain(1, "sync: Input/output error")
		}
		return 0
	case "ssh-add":
		return g.sshAdd()
	case "gpg":
		return print("sec:u:255:22:" + g.state["gpg"] + ":1795728290:::u:::scESC:")
	case "docker":
		if len(args) > 0 && args[0] == "version" && g.state["docker"] == "up" {
			return print("28.3.2")
		}
		if g.state["docker"] != "up" {
			return complain(1, "Cannot connect to the Docker daemon at %s. Is the docker daemon running?", os.Getenv("DOCKER_HOST"))
		}
		return print("CONTAINER ID   IMAGE")
	}
	panic("fake guest: " + name)
}

// runs gives a program the place of this one.
func (g *fakeGuest) runs(name string, args ...string) int {
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return complain(127, "%v", err)
	}
	return 0
}

// sshAdd says what OpenSSH's says of a socket that is dead, closes, is another program's, or an agent.
func (g *fakeGuest) sshAdd() int {
	socket := os.Getenv("SSH_AUTH_SOCK")
	listeners, _ := os.ReadFile(filepath.Join(g.dir, "fake-ssh/guest/proc/net/unix"))
	switch {
	case socket == "":
		return complain(2, "Could not open a connection to your authentication agent.")
	case g.state["refused"] == socket || !strings.Contains(string(listeners), socket+"\n"):
		return complain(2, "Error connecting to agent: Connection refused")
	case g.state["closed"] == socket:
		return complain(1, "error fetching identities: communication with agent failed")
	case strings.Contains(socket, "docker"):
		return complain(1, "error fetching identities: invalid format")
	case g.state["keys"] == "":
		fmt.Println("The agent has no identities.")
		return 1
	}
	fmt.Println(g.state["keys"])
	return 0
}

// boots says whether a start makes its forwards; a home that is on the system's disk is
// empty again.
func (g *fakeGuest) boots() (forwards bool) {
	if g.state["home-lost"] == "yes" {
		files, _ := filepath.Glob(filepath.Join(g.dir, "guest", g.state["home"], ".vmloom*"))
		for _, f := range files {
			os.Remove(f)
		}
	}
	return g.state["forwards"] != "no"
}

// fakeSSHAdd is ssh-add of the host: the keys of an agent are in a file beside its socket.
func fakeSSHAdd() {
	socket := os.Getenv("SSH_AUTH_SOCK")
	data, err := os.ReadFile(socket + ".keys")
	if err != nil {
		os.Exit(complain(2, "Error connecting to agent: No such file or directory"))
	}
	fmt.Print(string(data))
	os.Exit(0)
}

// fakeLima is the script lima, which Lima installs beside limactl.
func fakeLima() {
	instance := orElse(os.Getenv("LIMA_INSTANCE"), "default")
	os.Args = slices.Concat([]string{"limactl", "shell", instance}, os.Args[1:])
	fakeLimactl()
}
