package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestRemembering: however many ask a host, and at once, it is asked each question once, and by one connection.
func TestRemembering(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	script := "#!/bin/sh\necho \"$*\" >> '" + log + "'\necho nix 2.31\n"
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	at := Place{Kind: SSH, Host: "me@host:2222", Control: "/tmp/control/%C"}
	ctx := Remembering(context.Background())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := askAt(ctx, at, "nix", "--version"); err != nil || got != "nix 2.31" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if _, err := askAt(ctx, at, "guix", "--version"); err != nil {
		t.Error(err)
	}
	at.Disconnect(ctx)
	at.Disconnect(ctx)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[2], "-oControlPath=/tmp/control/%C -O exit me@host") {
		t.Errorf("calls:\n%s", text)
	}
	for _, line := range lines[:2] {
		if !strings.Contains(line, "-oControlMaster=auto -oControlPath=/tmp/control/%C -oControlPersist=60 me@host ") {
			t.Errorf("opens a connection of its own: %s", line)
		}
	}
}
