package profile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vmloom/internal/tooltest"
)

// TestSweepCounts: generations are counted as nix and guix would delete them, and of the journal only what is old.
func TestSweepCounts(t *testing.T) {
	ask := func(line, from, to string) string {
		t.Helper()
		out, err := exec.Command("sh", "-c", strings.ReplaceAll(line, from, to)).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	for _, c := range []struct {
		sweep   Sweep
		from    string
		ages    []int // in days, of the generations 1, 2, ...
		current int
		want    string
	}{
		{nixSweep, "/nix/var/nix/profiles", nil, 0, "0"},
		{nixSweep, "/nix/var/nix/profiles", []int{40, 30, 20, 1}, 4, "2"}, // the third ran two weeks ago
		{nixSweep, "/nix/var/nix/profiles", []int{40, 30}, 2, "1"},
		{nixSweep, "/nix/var/nix/profiles", []int{3, 1}, 2, "0"},
		{guixSweep, "/var/guix/profiles", []int{40, 30, 20, 1}, 4, "3"},
		{guixSweep, "/var/guix/profiles", []int{40, 30, 20}, 2, "2"},
	} {
		dir := t.TempDir()
		for i, days := range c.ages {
			link := filepath.Join(dir, fmt.Sprintf("system-%d-link", i+1))
			if err := os.Symlink("/nowhere", link); err != nil {
				t.Fatal(err)
			}
			at := unix.NsecToTimeval(time.Now().AddDate(0, 0, -days).UnixNano())
			if err := unix.Lutimes(link, []unix.Timeval{at, at}); err != nil {
				t.Fatal(err)
			}
		}
		os.Symlink(fmt.Sprintf("system-%d-link", c.current), filepath.Join(dir, "system"))
		if got := ask(c.sweep.Count, c.from, dir); got != c.want {
			t.Errorf("%s, ages %v: %q, want %s", c.from, c.ages, got, c.want)
		}
	}

	logs := t.TempDir()
	for name, days := range map[string]int{"system.journal": 40, "system@0-1.journal": 30, "user@0-1.journal~": 1} {
		file := filepath.Join(logs, name)
		if err := os.WriteFile(file, make([]byte, 64<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().AddDate(0, 0, -days)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(journalSweep.Size, "/var/log/journal", logs); got != "64" {
		t.Errorf("old journal: %q KiB", got)
	}
}

// TestDeadOfStore: the real nix lists what a gc would delete, and deletes nothing; a list that was cut short is no answer.
func TestDeadOfStore(t *testing.T) {
	tooltest.Need(t, "nix-store")
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(line string, env ...string) string {
		t.Helper()
		cmd := exec.Command("sh", "-c", line)
		cmd.Env = append(os.Environ(), "NIX_STORE_DIR="+dir+"/store", "NIX_STATE_DIR="+dir+"/var", "NIX_LOG_DIR="+dir+"/log", "NIX_REMOTE=local")
		cmd.Env = append(cmd.Env, env...)
		out, _ := cmd.Output()
		return strings.TrimSpace(string(out))
	}
	added := run("nix-store --add " + file)
	if got := run(nixSweep.Dead); got != "64" {
		t.Errorf("of %s: %q KiB", added, got)
	}
	if _, err := os.Stat(added); err != nil {
		t.Error(err)
	}
	if got := run(nixSweep.Dead, "NIX_STORE_DIR=/proc/nowhere"); got != "" {
		t.Errorf("of no store: %q", got)
	}
}
