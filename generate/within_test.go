package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"vmloom/internal/tooltest"
)

// TestWithinKeepsTheLock: what a script does at its end is not done by the watchdog of a
// command that ends at once, which bash has inherit it for a moment.
func TestWithinKeepsTheLock(t *testing.T) {
	script, err := os.ReadFile("../examples/ascalon/generated/ascalon/scripts/ascalon-apply.sh")
	must(t, err)
	within := regexp.MustCompile(`(?ms)^within\(\) \{.*?^\}$`).Find(script)
	trap := regexp.MustCompile(`(?m)^apart='.*\ntrap .*unlock.* EXIT( #.*)?$`).Find(script)
	if within == nil || trap == nil {
		t.Fatal("the script has no within, or lets its lock go in another way")
	}
	for _, shell := range []string{"bash", "dash"} {
		t.Run(shell, func(t *testing.T) {
			held := filepath.Join(t.TempDir(), "held")
			must(t, os.WriteFile(held, nil, 0o600))
			text := "set -eu\nunlock() { rm -f \"$held\"; }\n" + string(trap) + "\n" + string(within) +
				"\ni=0\nwhile [ $i -lt 30 ]; do within 1 true; [ -e \"$held\" ] || { echo gone; exit 3; }; i=$((i + 1)); done\n"
			cmd := exec.Command(tooltest.Need(t, shell), "-c", text)
			cmd.Env = append(os.Environ(), "held="+held)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v %.300s", err, out)
			}
			if _, err := os.Stat(held); err == nil {
				t.Error("the script's own end does not let the lock go")
			}
		})
	}
}
