package main

import (
	"os/exec"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestMan: the manual page has each command that is shown, with its flags, and man reads it without a warning.
func TestMan(t *testing.T) {
	var page, talk strings.Builder
	if status := run([]string{"vmloom", "man"}, &page, &talk); status != 0 {
		t.Fatal(talk.String())
	}
	plain := strings.ReplaceAll(page.String(), `\-`, "-")
	for _, cmd := range commands(&ui{}) {
		if !cmd.Hidden && !strings.Contains(plain, ".SH "+cmd.Name+"\n") {
			t.Errorf("%s: is not in the page", cmd.Name)
		}
		for _, f := range cmd.Flags {
			if !cmd.Hidden && !strings.Contains(plain, "--"+f.Names()[0]) {
				t.Errorf("%s: --%s is not in the page", cmd.Name, f.Names()[0])
			}
		}
	}
	cmd := exec.Command(tooltest.Need(t, "groff"), "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page.String())
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
