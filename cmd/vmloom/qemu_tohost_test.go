package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// guestServer is a service of the guest's user behind a socket of its own.
const guestServer = `[Service]
User=dev
RuntimeDirectory=out
ExecStart=/usr/bin/perl -e 'use IO::Socket::UNIX; my $l = IO::Socket::UNIX->new(Local => "/run/out/out.sock", Listen => 9); while (my $c = $l->accept) { print $c "from the guest\\n"; close $c }'
[Install]
WantedBy=multi-user.target
`

// vmToHost has a program of the guest serve this host by a socket.
func vmToHost(t *testing.T, v *vm) {
	if said := v.offered(); said != "" {
		t.Errorf("it says %q before its program is there", said)
	}
	v.do("ssh", "sh", "-c", `printf %s "$0" | sudo tee /etc/systemd/system/out.service && sudo systemctl enable --now out && until test -S /run/out/out.sock; do sleep 1; done`, guestServer)
	v.offers("its program has come")
	if info, err := os.Stat(v.outSocket()); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may use it: %v, %v", info.Mode(), err)
	}
	v.do("ssh", "sudo", "systemctl", "restart", "out")
	v.offers("its program was started again")
}

// outSocket is where this host has the guest's socket.
func (v *vm) outSocket() string {
	return filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(v.state))), "out.sock")
}

// offered is what the guest's program says through that.
func (v *vm) offered() string {
	c, err := net.DialTimeout("unix", v.outSocket(), 5*time.Second)
	if err != nil {
		return ""
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	said, _ := io.ReadAll(c)
	return string(said)
}

// offers holds it to answer, once its program is up.
func (v *vm) offers(when string) {
	v.t.Helper()
	said := ""
	for range 60 {
		if said = v.offered(); said == "from the guest\n" {
			return
		}
		time.Sleep(time.Second)
	}
	v.t.Errorf("the guest's socket, when %s: %q", when, said)
}

// offersNothing holds a VM that is gone to leave no socket behind.
func (v *vm) offersNothing(when string) {
	v.t.Helper()
	if _, err := os.Lstat(v.outSocket()); !os.IsNotExist(err) {
		v.t.Errorf("the guest's socket, when %s, is left: %v", when, err)
	}
}
