package generate_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// within is that of the generated scripts, and how they let their lock go.
func within(t *testing.T) (within, trap string) {
	script, err := os.ReadFile("../examples/ascalon/generated/ascalon/scripts/ascalon-apply.sh")
	must(t, err)
	within = string(regexp.MustCompile(`(?ms)^within\(\) \{.*?^\}$`).Find(script))
	trap = string(regexp.MustCompile(`(?m)^trap .*unlock.* EXIT( #.*)?$`).Find(script))
	if within == "" || trap == "" {
		t.Fatal("the script has no within, or lets its lock go in another way")
	}
	return within, trap
}

// TestWithinEnds: a command that ends is not waited for until its time is over where a
// signal does not reach the watchdog. A shell that was just forked loses one, and those
// that were ignored when it started are ignored by all that it forks.
func TestWithinEnds(t *testing.T) {
	within, _ := within(t)
	for _, shell := range []string{"bash", "dash"} {
		t.Run(shell, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			sh := tooltest.Need(t, shell)
			cmd := exec.CommandContext(ctx, sh, "-c", `trap '' HUP INT TERM; exec "$@"`, "sh", sh, "-euc", within+"\nwithin 3600 echo said")
			cmd.WaitDelay = time.Second
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != "said\n" {
				t.Errorf("%v %.300q", err, out)
			}
		})
	}
}

// TestWithinKeepsTheLock: what a script does at its end is not done by the watchdog of a
// command that ends at once, which bash has inherit it for a moment.
func TestWithinKeepsTheLock(t *testing.T) {
	within, trap := within(t)
	for _, shell := range []string{"bash", "dash"} {
		t.Run(shell, func(t *testing.T) {
			held := filepath.Join(t.TempDir(), "held")
			must(t, os.WriteFile(held, nil, 0o600))
			text := "set -eu\nunlock() { rm -f \"$held\"; }\n" + trap + "\n" + within +
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
