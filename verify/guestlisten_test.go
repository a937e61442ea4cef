package verify

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vmloom/profile"
)

// TestGuestListeners: ports at which nothing listens in the guest are tried over the connection of all rows, and by one each where
// that has ended; one at which sshd may not listen makes none.
func TestGuestListeners(t *testing.T) {
	for name, tt := range map[string]struct {
		sshd   []string
		ends   bool
		logins int
		status Status
		seen   string
	}{
		"shared":  {logins: 1, status: OK, seen: "tried from end to end, with a listener of ssh"},
		"ended":   {ends: true, logins: 4, status: OK, seen: "tried from end to end, with a listener of ssh"},
		"refused": {sshd: []string{"AllowTcpForwarding local"}, logins: 1, status: Skipped, seen: "nothing listens in the guest, and ssh may not listen there: remote port forwarding failed for listen port "},
	} {
		t.Run(name, func(t *testing.T) {
			s, p, dir, log := sshGuestOf(t, tt.sshd)
			bin := filepath.Join(dir, "bin")
			if err := os.Mkdir(bin, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(bin, "limactl"), []byte("#!/bin/sh\nshift 4\nexec \"$@\"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
			if tt.ends {
				s.connect(t.Context(), p)
				s.lanes.leads.stop()
				<-s.lanes.leads.ended
			}
			var all sync.WaitGroup
			for range 3 {
				port := freePort(t)
				all.Go(func() {
					v := limaPort(t.Context(), s.forCheck(), p, port)
					if v.status != tt.status || !strings.HasPrefix(v.seen, tt.seen) {
						t.Errorf("%s: %s", v.status, v.seen)
					}
					for range 100 { // ssh does not wait for the end of what it has sshd give up
						c, err := net.Dial("tcp", onHost(port, port.Guest.First))
						if err != nil {
							return
						}
						c.Close()
						time.Sleep(50 * time.Millisecond)
					}
					t.Errorf("port %d: something listens there still", port.Guest.First)
				})
			}
			all.Wait()
			s.lanes.close()
			if came := logins(t, log); came != tt.logins {
				t.Errorf("%d connections, want %d", came, tt.logins)
			}
		})
	}
}

// freePort is one of the guest that is this machine, and so that of the host.
func freePort(t *testing.T) profile.Port {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := profile.OnePort(l.Addr().(*net.TCPAddr).Port)
	return profile.Port{Guest: at, Host: at}
}
