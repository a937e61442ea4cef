package verify

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestSlowWay: through an emulated guest an answer takes longer than a program may, and is one all the same.
func TestSlowWay(t *testing.T) {
	dir := t.TempDir()
	serve := func(name string, wait time.Duration) string {
		path := filepath.Join(dir, name)
		tooltest.Listen(t, path, func(c net.Conn) {
			c.Read(make([]byte, 64))
			time.Sleep(wait)
			c.Write([]byte("HTTP/1.1 200 OK"))
		})
		return path
	}
	s := &session{Site: &Site{Now: time.Now}}
	q := protocolOf(profile.Socket{Env: "DOCKER_HOST"})
	q.patience = time.Second
	host, way := serve("host", 0), serve("way", 1500*time.Millisecond)
	for far, want := range map[time.Duration]Status{0: Unknown, time.Minute: OK} {
		if v := sameAnswer(t.Context(), s, q, way, host, far); v.status != want {
			t.Errorf("a way that takes %v more: %s: %s", far, v.status, v.seen)
		}
	}
}
