package generate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// TestGuideInclude runs the guide's lines for ~/.ssh/config twice, as people do: one Include, and the backup is of
// what was there before the first time. A file that is a link stays one.
func TestGuideInclude(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	guide, err := os.ReadFile("../examples/ascalon/generated/ascalon/docs/ascalon.md")
	must(t, err)
	lines := regexp.MustCompile("(?ms)^(mkdir -p ~/.ssh.*?)^ssh ").FindSubmatch(guide)
	if lines == nil {
		t.Fatal("the guide has no such lines")
	}
	home := t.TempDir()
	must(t, os.Mkdir(filepath.Join(home, ".ssh"), 0o700))
	must(t, os.WriteFile(filepath.Join(home, "dotfiles"), []byte("Host mine\n"), 0o600))
	must(t, os.Symlink("../dotfiles", filepath.Join(home, ".ssh", "config")))
	for range 2 {
		cmd := exec.Command(sh, "-euc", string(lines[1]))
		cmd.Dir, cmd.Env = home, append(os.Environ(), "HOME="+home, "PWD="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for file, want := range map[string]string{
		"dotfiles":                  "Include \"" + home + "/ssh/config\"\n\nHost mine\n",
		".ssh/config.before-vmloom": "Host mine\n",
	} {
		if got, err := os.ReadFile(filepath.Join(home, file)); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", file, err, got)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(home, ".ssh", "*")); len(left) != 2 {
		t.Errorf("it leaves %s", strings.Join(left, ", "))
	}
}
