package verify

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// sshGuest is a session whose guest is this machine, behind a real sshd, with sockets of these names at both sides: DIR/NAME
// on the host, DIR/NAME.guest in the guest.
func sshGuest(t *testing.T, names ...string) (s *session, p *profile.Profile, dir, log string) {
	t.Helper()
	return sshGuestOf(t, nil, names...)
}

// sshGuestOf is sshGuest with options for sshd.
func sshGuestOf(t *testing.T, options []string, names ...string) (s *session, p *profile.Profile, dir, log string) {
	t.Helper()
	tooltest.Need(t, "ssh")
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux}\nguest: {system: debian, release: \"13\", user: {name: ada}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	config, log := tooltest.SSHD(t, options...)
	dir = filepath.Dir(config)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	site := &Site{LimaHome: dir, Token: "T", Now: time.Now}
	own := filepath.Join(dir, p.Lima.Instance)
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "ssh.config"), []byte(strings.Replace(string(text), "Host t", "Host "+p.SSHAlias(), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var sockets []string
	for _, name := range names {
		at := profile.Socket{Name: name, Host: filepath.Join(dir, name), Guest: filepath.Join(dir, name+".guest"), Env: "SSH_AUTH_SOCK"}
		p.Sockets, sockets = append(p.Sockets, at), append(sockets, at.Guest)
		tooltest.Listen(t, at.Host, agent)
	}
	s = newSession(site)
	s.lanes = newLanes(sockets, time.Now)
	return s, p, dir, log
}

func agent(c net.Conn) { tooltest.Answer(c, false) }

// TestOneConnection: the rows of all sockets, and that of the file itself, go by one connection, and a socket that is dead or hangs is
// nobody else's matter.
func TestOneConnection(t *testing.T) {
	s, p, dir, log := sshGuest(t, "dead", "hangs", "good", "absent")
	defer s.lanes.close()
	asked, answers := make(chan bool, 1), make(chan bool)
	tooltest.Listen(t, filepath.Join(dir, "good.guest"), agent)
	tooltest.Listen(t, filepath.Join(dir, "hangs.guest"), func(c net.Conn) {
		asked <- true
		<-answers
		agent(c)
	})
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "dead.guest"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	row := func(i int) verdict { return answersInGuest(t.Context(), s.forCheck(), p, p.Sockets[i]) }
	hangs := make(chan verdict)
	go func() { hangs <- row(1) }()
	<-asked
	for i, want := range map[int]Status{0: Failed, 2: OK, 3: Failed} {
		if v := row(i); v.status != want {
			t.Errorf("%s: %s: %s, want %s", p.Sockets[i].Name, v.status, v.seen, want)
		}
	}
	close(answers)
	if v := <-hangs; v.status != OK {
		t.Errorf("once it answers: %s: %s", v.status, v.seen)
	}
	want, _ := os.ReadFile(bootID)
	if a := s.forCheck().ask(t.Context(), overSSH(p, s.Site, "cat", bootID)); a.out != string(want) || !a.ok() {
		t.Errorf("%q, %v", a.out, a.err)
	}
	if came := logins(t, log); came != 1 {
		t.Errorf("%d connections", came)
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func logins(t *testing.T, log string) int {
	t.Helper()
	said, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(said), "Accepted publickey")
}

// TestConnectionEnds: where the connection of all rows has ended, or never listened, each socket has one of its own.
func TestConnectionEnds(t *testing.T) {
	for _, how := range []string{"ended", "does not listen"} {
		t.Run(how, func(t *testing.T) {
			s, p, dir, log := sshGuest(t, "good")
			defer s.lanes.close()
			tooltest.Listen(t, filepath.Join(dir, "good.guest"), agent)
			if a := s.forCheck().ask(t.Context(), overSSH(p, s.Site, "cat", bootID)); !a.ok() {
				t.Fatal(a.err)
			}
			if how == "ended" {
				s.lanes.leads.stop()
				<-s.lanes.leads.ended
			} else if err := os.Remove(s.lanes.at(0)); err != nil {
				t.Fatal(err)
			}
			if v := answersInGuest(t.Context(), s.forCheck(), p, p.Sockets[0]); v.status != OK {
				t.Errorf("%s: %s", v.status, v.seen)
			}
			if came := logins(t, log); came != 2 {
				t.Errorf("%d connections", came)
			}
		})
	}
}

// TestSilentConnection: a question that hangs in the shell of the connection that leads to sockets does not take these along.
func TestSilentConnection(t *testing.T) {
	s, p, dir, _ := sshGuest(t, "good")
	defer s.lanes.close()
	tooltest.Listen(t, filepath.Join(dir, "good.guest"), agent)
	s.forCheck().ask(t.Context(), overSSH(p, s.Site, "cat", bootID))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, fmt.Errorf("no answer in time"))
	defer cancel()
	if a := s.forCheck().ask(ctx, overSSH(p, s.Site, "sleep", "600")); a.lost == "" {
		t.Errorf("%+v", a)
	}
	if _, _, ok := s.lanes.leadsTo(p.Sockets[0].Guest); !ok {
		t.Error("the socket is reached no more")
	}
	if a := s.forCheck().ask(t.Context(), overSSH(p, s.Site, "echo", "after")); a.out != "after\n" {
		t.Errorf("after it: %q, %v", a.out, a.err)
	}
}

// TestLanesShareConnection: a second shell goes by the connection of the first, which is made in this run, as long as that answers.
func TestLanesShareConnection(t *testing.T) {
	for how, want := range map[string]int{"answers": 1, "the next hangs": 1, "does not answer": 3, "has ended": 3, "takes no further": 2} {
		t.Run(how, func(t *testing.T) {
			s, p, dir, log := sshGuest(t)
			ask := func(line string, limit time.Duration) answer {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				return s.forCheck().askAgain(ctx, overSSH(p, s.Site, "sh", "-c", line))
			}
			answers := func(line, want string) {
				t.Helper()
				if a := ask(line, time.Minute); a.out != want || !a.ok() {
					t.Errorf("%q, %v, want %q", a.out, a.err, want)
				}
			}
			answers("echo first", "first\n")
			switch how {
			case "does not answer":
				ask("sleep 60", 300*time.Millisecond)
			case "has ended":
				s.lanes.leads.stop()
				<-s.lanes.leads.ended
			case "takes no further":
				if err := os.Remove(filepath.Join(s.lanes.dir, "ssh")); err != nil {
					t.Fatal(err)
				}
			}
			begun, over, slow := filepath.Join(dir, "begun"), filepath.Join(dir, "over"), make(chan bool)
			go func() {
				defer close(slow)
				answers("touch "+begun+"; until test -e "+over+"; do sleep 0.1; done; echo slow", "slow\n")
			}()
			for !exists(begun) {
				time.Sleep(10 * time.Millisecond)
			}
			if how == "the next hangs" {
				if a := ask("sleep 60", 5*time.Second); a.lost == "" {
					t.Errorf("%+v", a)
				}
			} else {
				answers("echo second", "second\n")
			}
			if err := os.WriteFile(over, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			<-slow
			began := time.Now()
			s.lanes.close()
			if took := time.Since(began); took >= lanePatience {
				t.Errorf("closed after %s", took)
			}
			if exists(s.lanes.dir) {
				t.Errorf("left behind: %s", s.lanes.dir)
			}
			if came := logins(t, log); came != want {
				t.Errorf("%d connections, want %d", came, want)
			}
		})
	}
}

// TestSameSettings: what the real ssh makes of the generated file is what it makes of Lima's, until somebody sets otherwise.
func TestSameSettings(t *testing.T) {
	ssh, dir := tooltest.Need(t, "ssh"), t.TempDir()
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux}\nguest: {system: debian, release: \"13\", user: {name: ada}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	settings := func(words ...string) string {
		out, err := exec.Command(ssh, words...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	alias := p.SSHAlias()
	lima := write("lima", "Host "+alias+"\n  IdentityFile \"/home/ada/.lima/_config/user\"\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  NoHostAuthenticationForLocalhost yes\n  PreferredAuthentications publickey\n  GSSAPIAuthentication no\n  Compression no\n  BatchMode yes\n  IdentitiesOnly yes\n  Ciphers \"^aes128-gcm@openssh.com,aes256-gcm@openssh.com\"\n  User ada\n  ControlMaster auto\n  ControlPath \"/home/ada/.lima/dev/ssh.sock\"\n  ControlPersist yes\n  Hostname 127.0.0.1\n  Port 60022\n")
	generated := write("config", "Host "+alias+"\n  ControlMaster no\n  ControlPath none\n  ServerAliveInterval 15\nInclude "+lima+"\nHost *\n")
	mine := sshBy(p, lima)
	own := settings(append([]string{"-G"}, mine[1:]...)...)
	for before, want := range map[string]bool{
		"": true, "SendEnv LANG LC_*\nHashKnownHosts yes\n": true, "Host other\n  User eve\nHost *\n": true,
		"User eve\n": false, "Port 22\n": false, "ProxyCommand nc %h %p\n": false, "ControlPath ~/.ssh/%C\n": false, "Ciphers aes128-ctr\n": false, "HostName other\n": false, "IdentityFile ~/.ssh/other\n": false,
	} {
		file := write("user", before+"Include "+generated+"\n")
		if got := sameSettings(own, settings("-F", file, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-G", alias)); got != want {
			t.Errorf("%q: %v", before, got)
		}
	}
	if sameSettings("", "") {
		t.Error("nothing is no settings")
	}
}
