package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestForwardPaths has the real ssh forward sockets of odd names, as the scripts
// and Lima do: a path that a profile may have arrives, and one that ssh would
// read as something else is refused.
func TestForwardPaths(t *testing.T) {
	ssh := newSSHD(t)
	for _, name := range []string{
		"plain", "a b", "a,b", "[a]b", "a]b", "a[b", "'a'", `"a"`, "#a;b&c", "$a", "a$", "$$", "{a}", "~a", "日本", "-a", "=", "*?", "`a`",
		"a%hb", "%", "%%", "a${HOME}b", "${", `a\b`, `\\`, "a:b",
	} {
		host, guest := filepath.Join(ssh.dir, name), filepath.Join(ssh.dir, "guest.sock")
		_, err := profile.Load("vmloom.yaml", fmt.Appendf(nil, "version: 1\nname: a\nhost: {os: linux}\nguest: {system: guix, user: {name: u}}\nsockets: [{name: a, host: '%s'}]\n", strings.ReplaceAll("/tmp/"+name, "'", "''")))
		var ps profile.Problems
		if refused, arrives := errors.As(err, &ps), ssh.forwards(t, host, guest); refused == arrives {
			t.Errorf("%q arrives: %v; the profile says %v", name, arrives, err)
		}
	}
}

// sshServer is an sshd on this machine, and a shared connection to it.
type sshServer struct{ dir, ssh, config string }

func newSSHD(t *testing.T, options ...string) sshServer {
	t.Helper()
	config, log := tooltest.SSHD(t, options...)
	s := sshServer{filepath.Dir(config), tooltest.Need(t, "ssh"), config}
	if out, err := s.run("-M", "-f", "-N", "t"); err != nil {
		said, _ := os.ReadFile(log)
		t.Fatalf("%s\n%s", out, said)
	}
	t.Cleanup(func() { s.run("-O", "exit", "t") })
	return s
}

func (s sshServer) run(args ...string) (string, error) {
	cmd := exec.Command(s.ssh, append([]string{"-F", s.config}, args...)...)
	if args[0] == "-M" { // it stays, and would keep a pipe open
		log, err := os.Create(filepath.Join(s.dir, "log"))
		if err != nil {
			return "", err
		}
		defer log.Close()
		cmd.Stderr = log
		err = cmd.Run()
		out, _ := os.ReadFile(log.Name())
		return string(out), err
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// forwards reports whether what connects to the guest's path reaches the host's.
func (s sshServer) forwards(t *testing.T, host, guest string) bool {
	t.Helper()
	l, err := net.Listen("unix", host)
	must(t, err)
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "here")
			c.Close()
		}
	}()
	os.Remove(guest)
	if _, err := s.run("-O", "forward", "-R", guest+":"+host, "t"); err != nil {
		return false
	}
	defer s.run("-O", "cancel", "-R", guest+":"+host, "t")
	c, err := net.Dial("unix", guest)
	if err != nil {
		return false
	}
	defer c.Close()
	answer, _ := io.ReadAll(c)
	return string(answer) == "here"
}
