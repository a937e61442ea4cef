package tooltest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// SSHDPath is the sshd of this machine, which wants to be called by its path: on Debian it is not on everybody's PATH.
func SSHDPath(t testing.TB) string {
	t.Helper()
	const debian = "/usr/sbin/sshd"
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	return Need(t, "sshd")
}

// SSHD starts an sshd on this machine, for its user, until the test is over. Config is a file for ssh, in which it is the host t;
// log, which is read when the server has begun, says who came.
func SSHD(t testing.TB, options ...string) (config, log string) {
	t.Helper()
	sshd, keygen := SSHDPath(t), Need(t, "ssh-keygen")
	dir, err := os.MkdirTemp("/tmp", "vmloom") // short, as sockets want it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, key := range []string{"host", "user"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where sshd locks itself in
			t.Fatal(err)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	config, log = filepath.Join(dir, "config"), filepath.Join(dir, "sshd.log")
	for file, text := range map[string]string{
		filepath.Join(dir, "sshd_config"): fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s/host\nPidFile none\nAuthorizedKeysFile %s/user.pub\nStrictModes no\nUsePAM no\n%s\n", port, dir, dir, strings.Join(options, "\n")),
		config:                            fmt.Sprintf("Host t\n  HostName 127.0.0.1\n  Port %d\n  IdentityFile %s/user\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  ControlPath %s/master\n  BatchMode yes\n", port, dir, dir),
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	server := exec.Command(sshd, "-D", "-f", filepath.Join(dir, "sshd_config"), "-E", log)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	for range 200 {
		if c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			c.Close()
			return config, log
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, _ := os.ReadFile(log)
	t.Fatalf("sshd does not listen: %s", said)
	return "", ""
}
