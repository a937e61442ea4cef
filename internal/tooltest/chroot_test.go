package tooltest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGuixApart: tests of several packages run at once, and one of them takes the daemon's socket
// away: the daemon of another must still answer, and be no answer to the one without.
func TestGuixApart(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: asks the real Guix, for some seconds")
	}
	guix, _ := Guix(t)
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	const ask = "guix archive --missing </dev/null"
	with := guix.Guix(dir, "sh", "-euc", ">up; until [ -e done ]; do sleep 0.1; done; "+ask)
	var said strings.Builder
	with.Stdout, with.Stderr = &said, &said
	if err := with.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = with.Process.Kill() })
	waitFor(ctx, t, filepath.Join(dir, "up"))
	out, _ := guix.Command(dir, "sh", "-c", ask+"; rm -f /var/guix/daemon-socket/socket").CombinedOutput()
	if want := "guix archive: error: failed to connect to `/var/guix/daemon-socket/socket': No such file or directory\n"; string(out) != want {
		t.Errorf("without a daemon: %s", out)
	}
	if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := with.Wait(); err != nil || said.String() != "" {
		t.Errorf("with a daemon: %v\n%s", err, said.String())
	}
}

// waitFor waits for a file that another process makes.
func waitFor(ctx context.Context, t *testing.T, file string) {
	t.Helper()
	for {
		if _, err := os.Stat(file); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: never came", file)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
