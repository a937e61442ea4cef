package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocsFleets does what docs/fleets.md says, in its order: each block of YAML becomes the
// file that it names, each command runs.
func TestDocsFleets(t *testing.T) {
	page := blocks(t, "../../docs/fleets.md")
	t.Chdir(t.TempDir())
	n := 0
	for _, b := range page {
		if b.info == "yaml" {
			first, text, _ := strings.Cut(b.text, "\n")
			file := strings.TrimPrefix(first, "# ")
			must(t, os.MkdirAll(filepath.Dir(file), 0o755))
			must(t, os.WriteFile(file, []byte(text), 0o644))
			continue
		}
		if b.info != "sh" { // a part of somebody's workflow, or TestDocsFleetsRoot's
			continue
		}
		for line := range strings.Lines(b.text) {
			line, _, _ = strings.Cut(line, "#")
			if strings.TrimSpace(line) == "" {
				continue
			}
			n++
			var stdout, stderr strings.Builder
			if status := run(strings.Fields(line), &stdout, &stderr); status != 0 {
				t.Errorf("%s: status %d\n%s%s", line, status, stdout.String(), stderr.String())
			}
		}
	}
	if n != 8 {
		t.Errorf("%d commands", n)
	}
	// Each file that the page speaks of is there, and no other.
	src, err := os.ReadFile(filepath.Join(repo, "../../docs/fleets.md"))
	must(t, err)
	for _, file := range []string{"flake.nix", "nix/machines", "nix/builders.nix", "nix/nix.conf", "nix/push.sh", "guix/machines.scm", "guix/guix.scm", "ssh/builders.conf", "ssh/known_hosts", "github/action.yml"} {
		if _, err := os.Stat(filepath.Join("generated/fleet", file)); err != nil || !strings.Contains(string(src), file) {
			t.Errorf("%s: %v, or the page does not name it", file, err)
		}
	}
}
